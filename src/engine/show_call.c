/* show_call.c - packets as constructor calls of either dialect: DNSQR(qname=b'x.org.',qtype=1). */
#include "show_inner.h"

#include <ctype.h>

/* Is the field left out of a constructor call? */
static bool field_hidden(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->element && s->none) return false;
  if (s->state == PKT_UNREAD || s->state == PKT_ABSENT) {
    if (op->kind == PKT_LAYER) return !(op->flags & PKT_OP_LISTED);
    return !(op->flags & PKT_OP_LISTED) || !s->list || s->list->len == 0;
  }
  if (op->kind == PKT_PHANTOM) return true;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_OPTIONS;
  return list && (!s->list || s->list->len == 0);
}

/* Will a later field of the same id be shown? An argument is given once. */
static bool shown_later(const struct pkt_layer *layer, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_TWIN)) return false;
  while ((op = pkt_plan_twin(layer->plan, op)))
    if (!field_hidden(op, &layer->slots[op - layer->plan->ops])) return true;
  return false;
}

/* Is the field's default a list or a packet? */
static bool comes_first(const struct pkt_plan *plan, const struct pkt_op *op) {
  bool packet = op->kind == PKT_LAYER && plan->defaults[op - plan->ops].list;
  return packet || op->flags & PKT_OP_LISTED;
}

/* Is this a name in Lua, and none of its own words (manual, section 3.1)? */
static bool is_lua_name(const char *id) {
  static const char *const words[] = {"and",   "break", "do",       "else", "elseif", "end",
                                      "false", "for",   "function", "goto", "if",     "in",
                                      "local", "nil",   "not",      "or",   "repeat", "return",
                                      "then",  "true",  "until",    "while"};
  if (*id >= '0' && *id <= '9') return false;
  for (const char *p = id; *p; p++)
    if (!isalnum((unsigned char)*p) && *p != '_') return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (*id == *words[i] && strcmp(id, words[i]) == 0) return false;
  return true;
}

/* A field's id before its value. */
static void show_key(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op) {
  if (d == PKT_PYTHON || is_lua_name(op->id)) {
    pkt_buf_add(b, op->id, op->id_len);
  } else {
    pkt_buf_byte(b, '[');
    pkt_show_quoted(b, op->id, op->id_len, '"');
    pkt_buf_byte(b, ']');
  }
  pkt_buf_byte(b, '=');
}

/* An argument without a value is None in Python, a value like any other. In Lua it is left out,
** except that bytes without a value are written as empty text. */
static void show_argument(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                          const struct pkt_op *op, const struct pkt_slot *s, bool *any) {
  if (s->none && d == PKT_LUA && (op->kind != PKT_BYTES || op->element)) return;
  if (*any) pkt_buf_str(b, pkt_syntaxes[d].between);
  *any = true;
  show_key(b, d, op);
  if (s->none && d == PKT_LUA)
    pkt_buf_lit(b, "\"\"");
  else if (op->kind == PKT_LAYERS && !s->none && !(s->list && s->list->as_bytes))
    pkt_show_calls(b, d, op, s->list, ","); /* the reference's comma within packets */
  else
    pkt_show_literal(b, d, layer, op, s);
}

/* The reference prints the fields whose default is a list or a packet before the others. */
static void show_call(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer) {
  bool any = false;
  pkt_buf_add(b, layer->plan->id, layer->plan->id_len);
  pkt_buf_byte(b, pkt_syntaxes[d].call[0]);
  for (int pass = 0; pass < 2; pass++) {
    for (unsigned i = 0; i < layer->plan->nops; i++) {
      const struct pkt_op *op = &layer->plan->ops[i];
      const struct pkt_slot *s = &layer->slots[i];
      if (comes_first(layer->plan, op) != (pass == 0) || field_hidden(op, s)) continue;
      if (shown_later(layer, op)) continue;
      show_argument(b, d, layer, op, s, &any);
    }
  }
  pkt_buf_byte(b, pkt_syntaxes[d].call[1]);
}

static bool rides_on_last(const struct pkt_list *list, uint32_t i) {
  return pkt_plan_rides(list->layers[i]->plan, list->layers[i - 1]->plan);
}

void pkt_show_calls(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                    const struct pkt_list *list, const char *comma) {
  bool chain = (op->flags & PKT_OP_CHAIN) != 0 || op->kind == PKT_LAYER;
  if (chain && (!list || list->len == 0)) {
    pkt_buf_str(b, pkt_syntaxes[d].none);
    return;
  }
  if (!chain) pkt_buf_byte(b, pkt_syntaxes[d].list[0]);
  for (uint32_t i = 0; list && i < list->len; i++) {
    bool rides = chain || (op->flags & PKT_OP_STACK && i && rides_on_last(list, i));
    if (i) pkt_buf_str(b, rides ? "/" : comma);
    show_call(b, d, list->layers[i]);
    if (!list->layers[i]->rest) continue;
    pkt_buf_byte(b, '/');
    show_call(b, d, list->layers[i]->rest);
  }
  if (!chain) pkt_buf_byte(b, pkt_syntaxes[d].list[1]);
}
