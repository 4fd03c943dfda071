/* show.c - slots as fields of replies: their 'value' and 'hvalue'. */
#include "show_inner.h"

#include "json.h"
#include "option.h"
#include "shown.h"
#include "text.h"

static bool is_ascii(const uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i] >= 0x80) return false;
  return true;
}

/* A date of NTP's: bare between a list's commas, nothing could read it. */
static bool is_bare_date(const struct pkt_op *op, const struct pkt_slot *s) {
  return op->show == PKT_SHOW_NTP && s->num >> 32 >= PKT_NTP_TO_UNIX;
}

static void show_list_item(struct pkt_buf *b, const struct pkt_layer *layer,
                           const struct pkt_op *op, const struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_UINT:
      if (op->show == PKT_SHOW_PAIR)
        pkt_show_quoted_pair(b, PKT_PYTHON, s->num);
      else if (is_bare_date(op, s))
        pkt_show_int(b, s);
      else
        (void)pkt_show_number(b, layer, op, s);
      break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: pkt_show_address(b, op, s); break;
    case PKT_NAME:
      if (pkt_is_utf8((const char *)s->bytes, s->len))
        pkt_show_python_text(b, (const char *)s->bytes, s->len);
      else
        pkt_show_literal(b, PKT_PYTHON, layer, op, s);
      break;
    default: pkt_show_literal(b, PKT_PYTHON, layer, op, s);
  }
}

/* A list that is a layer's field, as the reference shows it: its items as a person sees them, those
** of IPv6 addresses with blanks around them: [1.1.1.1, 2.2.2.2], [ ::1 ]. */
static void show_list(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_list *list) {
  bool blanks = op->item->kind == PKT_IPV6 && list && list->len > 0;
  pkt_buf_str(b, blanks ? "[ " : "[");
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    show_list_item(b, layer, op->item, &list->slots[i]);
  }
  pkt_buf_str(b, blanks ? " ]" : "]");
}

static const struct pkt_given *find_given(const struct pkt_layer *layer, const struct pkt_slot *s) {
  const struct pkt_given *g = layer->given;
  while (g && &layer->slots[g->slot] != s) g = g->next;
  return g;
}

/* What is in 'scratch' as a string of JSON; it may be cut where that has failed. */
static void add_scratch(struct pkt_buf *b, const struct pkt_buf *scratch) {
  b->failed |= scratch->failed;
  pkt_json_string(b, scratch->data, scratch->len);
}

/* 'expr' twice: the reference prints the same text as value and for people. */
static void show_expression(struct pkt_buf *b, const struct pkt_buf *scratch) {
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  size_t at = b->len;
  add_scratch(b, scratch);
  size_t n = b->len - at;
  pkt_buf_lit(b, "},\"hvalue\":");
  if (pkt_buf_room(b, n)) {
    memcpy(b->data + b->len, b->data + at, n);
    b->len += n;
  }
}

static void show_none(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op) {
  const char *quote = op->none_text ? "\"" : "", *text = op->none_text ? op->none_text : "null";
  bool usual = strcmp(text, pkt_syntaxes[PKT_PYTHON].none) == 0 ||
               (op->kind == PKT_LAYER && d == PKT_LUA); /* a call would be in Python's form */
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  if (d == PKT_LUA)
    pkt_buf_lit(b, "\"nil\"");
  else
    pkt_buf_fmt(b, "%s%s%s", quote, text, quote);
  if (usual) text = pkt_syntaxes[d].none;
  pkt_buf_fmt(b, "},\"hvalue\":%s%s%s", quote, text, quote);
}

static void show_bytes_value(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"BYTES\",\"base64\":\"");
  pkt_buf_base64(b, p, n);
  pkt_buf_lit(b, "\"}");
}

static void show_bytes(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  show_bytes_value(b, p, n);
  pkt_buf_lit(b, ",\"hvalue\":");
  if (n > 0 && is_ascii(p, n)) {
    pkt_json_string(b, (const char *)p, n);
  } else {
    pkt_buf_lit(b, "\"<binary>\"");
  }
}

/* A fixed-point number: the reference shows steps, or leaves out what isn't whole. */
static void show_fixed_value(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s) {
  int fraction = pkt_op_fraction(op);
  bool whole = d == PKT_PYTHON || s->num % ((uint64_t)1 << fraction) == 0;
  if (!pkt_in_units(d, op, s))
    pkt_show_int(b, s);
  else if (whole)
    pkt_buf_u64(b, s->num >> fraction);
  else
    pkt_show_units(b, op, s);
}

static void show_uint(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s) {
  pkt_buf_lit(b, "\"value\":");
  size_t at = b->len;
  switch (op->show) {
    case PKT_SHOW_FIXED8:
    case PKT_SHOW_FIXED16:
    case PKT_SHOW_NTP: show_fixed_value(b, d, op, s); break;
    case PKT_SHOW_FLOAT: pkt_show_float(b, op, s->num, '"'); break;
    default: pkt_show_int(b, s);
  }
  size_t n = b->len - at;
  pkt_buf_lit(b, ",\"hvalue\":\"");
  if (op->show == PKT_SHOW_DEC && !op->names && !op->names_by) { /* the same digits */
    if (pkt_buf_room(b, n + 1)) memcpy(b->data + b->len, b->data + at, n), b->len += n;
    pkt_buf_byte(b, '"');
    return;
  }
  at = b->len;
  if (pkt_show_number(b, layer, op, s)) {
    pkt_buf_byte(b, '"');
  } else if (!b->failed) { /* a JSON number: take the quote back */
    memmove(b->data + at - 1, b->data + at, b->len - at);
    b->len--;
  }
}

/* An address is text, the same for people. It is an expression if it is the subject of a node
** information query, or if it stands in for an address that wasn't read: the reference prints
** that one bare. */
static void show_field_address(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                               const struct pkt_slot *s) {
  bool node = (op->flags & PKT_OP_NODE) != 0;
  bool expression = node || (s->state == PKT_UNREAD && (op->flags & PKT_OP_LAZY));
  const char *quote = !expression ? "" : d == PKT_LUA ? "\\\"" : node ? "'" : "";
  pkt_buf_str(b, expression ? "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":\"" : "\"value\":\"");
  size_t before = b->len;
  pkt_buf_str(b, quote);
  size_t at = b->len;
  pkt_show_address(b, op, s);
  size_t n = b->len - at;
  pkt_buf_str(b, quote);
  if (d == PKT_PYTHON) { /* for people, too */
    at = before;
    n = b->len - before;
  }
  pkt_buf_str(b, expression ? "\"},\"hvalue\":\"" : "\",\"hvalue\":\"");
  if (pkt_buf_room(b, n)) memcpy(b->data + b->len, b->data + at, n), b->len += n;
  pkt_buf_byte(b, '"');
}

/* A name that is the subject of a node information query: the reference prints it bare, and it
** can be read back only if it looks like a name. What is no ASCII isn't a literal in Lua, where the
** same text in quotes is one of Python's, which has letters, not bytes. */
static void show_node_name(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                           const struct pkt_slot *s) {
  if (d == PKT_LUA && !is_ascii(s->bytes, s->len)) {
    show_bytes_value(b, s->bytes, s->len);
  } else {
    pkt_buf_clear(scratch, SIZE_MAX);
    if (d == PKT_PYTHON && pkt_is_bare_name((const char *)s->bytes, s->len))
      pkt_buf_add(scratch, s->bytes, s->len);
    else
      pkt_show_bytes_literal(scratch, d, s->bytes, s->len);
    pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
    add_scratch(b, scratch);
    pkt_buf_byte(b, '}');
  }
  pkt_buf_lit(b, ",\"hvalue\":");
  pkt_json_string(b, (const char *)s->bytes, s->len);
}

static void show_given(struct pkt_buf *b, const struct pkt_value *v) {
  if (v->type == PKT_V_BYTES) {
    show_bytes(b, (const uint8_t *)v->ptr, v->len);
    return;
  }
  pkt_buf_lit(b, "\"value\":");
  if (v->type == PKT_V_BOOL) {
    pkt_buf_str(b, v->num ? "1,\"hvalue\":\"True\"" : "0,\"hvalue\":\"False\"");
    return;
  }
  pkt_json_write(b, v);
  pkt_buf_lit(b, ",\"hvalue\":");
  pkt_json_write(b, v);
}

/* A list that is bytes. False: it isn't. */
static bool show_list_bytes(struct pkt_buf *b, const struct pkt_op *op,
                            const struct pkt_list *list) {
  bool options = op->kind == PKT_OPTIONS;
  if (list && (options ? pkt_options_are_bytes(op, list) : list->as_bytes))
    show_bytes(b, list->raw, list->raw_len);
  else if (!list && op->kind != PKT_LAYERS)
    show_bytes(b, NULL, 0);
  else
    return false;
  return true;
}

/* To the reference a UUID is an object of Python; otherwise it is text, the same for people. */
static void show_uuid_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                            const struct pkt_op *op, const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  if (d == PKT_PYTHON) {
    pkt_show_uuid_literal(scratch, d, op, s->bytes);
    show_expression(b, scratch);
    return;
  }
  pkt_show_uuid(scratch, op, s->bytes);
  pkt_buf_lit(b, "\"value\":");
  add_scratch(b, scratch);
  pkt_buf_lit(b, ",\"hvalue\":");
  add_scratch(b, scratch);
}

static void show_any_list(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                          const struct pkt_layer *layer, const struct pkt_op *op,
                          const struct pkt_slot *s) {
  if (op->kind != PKT_LIST && show_list_bytes(b, op, s->list)) return;
  pkt_buf_clear(scratch, SIZE_MAX);
  if (op->kind == PKT_LIST && d == PKT_PYTHON)
    show_list(scratch, layer, op, s->list);
  else
    pkt_show_literal(scratch, d, layer, op, s);
  show_expression(b, scratch);
}

/* A number with its name for people; bytes where it is beyond 64 bits. */
static void show_integer_field(struct pkt_buf *b, const struct pkt_op *op,
                               const struct pkt_slot *s) {
  if (pkt_slot_is_big(s)) {
    show_bytes_value(b, s->bytes, s->len);
  } else {
    pkt_buf_lit(b, "\"value\":");
    pkt_show_int(b, s);
  }
  pkt_buf_lit(b, ",\"hvalue\":\"");
  pkt_show_plain_integer(b, op, s);
  pkt_buf_byte(b, '"');
}

/* Its numbers, and its name for people. */
static void show_oid_field(struct pkt_buf *b, struct pkt_buf *scratch, const struct pkt_op *op,
                           const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  if (!pkt_show_dotted(scratch, s->bytes, s->len)) {
    show_bytes(b, s->bytes, s->len);
    return;
  }
  pkt_buf_lit(b, "\"value\":");
  add_scratch(b, scratch);
  pkt_buf_clear(scratch, SIZE_MAX);
  (void)pkt_show_oid(scratch, op, s);
  pkt_buf_lit(b, ",\"hvalue\":");
  add_scratch(b, scratch);
}

/* Bytes where they are filled, else text of digits. */
static void show_bits_field(struct pkt_buf *b, const struct pkt_slot *s) {
  if (s->bytes[0] == 0) {
    show_bytes_value(b, s->bytes + 1, s->len - 1);
  } else {
    pkt_buf_lit(b, "\"value\":\"");
    pkt_show_bits(b, s);
    pkt_buf_byte(b, '"');
  }
  pkt_buf_lit(b, ",\"hvalue\":\"");
  pkt_show_bits(b, s);
  pkt_buf_byte(b, '"');
}

/* STRING: public, as people see one of several forms; bytes that are no text can't be shown so. */
static void show_plain_form(struct pkt_buf *b, const struct pkt_layer *layer,
                            const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_BYTES && !is_ascii(s->bytes, s->len)) {
    pkt_buf_lit(b, "<binary>");
    return;
  }
  if (op->element->name) pkt_buf_fmt(b, "%s: ", op->element->name);
  if (op->kind == PKT_BYTES)
    pkt_buf_add(b, s->bytes, s->len);
  else
    pkt_show_plain(b, layer, op, s);
}

/* One of several forms as an expression. */
static void show_form_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                            const struct pkt_layer *layer, const struct pkt_op *op,
                            const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  pkt_show_literal(scratch, d, layer, op, s);
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  add_scratch(b, scratch);
  pkt_buf_lit(b, "},\"hvalue\":");
  op = op->alts[s->alt].op;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (!list) {
    pkt_buf_clear(scratch, SIZE_MAX);
    show_plain_form(scratch, layer, op, s);
  }
  add_scratch(b, scratch);
}

/* Is the number shown by a name, or as flags? Then it is shown so even if it was given as true
** or false. */
static bool is_named(const struct pkt_layer *layer, const struct pkt_op *op,
                     const struct pkt_slot *s) {
  if (op->kind != PKT_UINT) return false;
  const struct pkt_names *names = pkt_op_names(op, layer);
  return op->show == PKT_SHOW_FLAGS || (names && pkt_names_find(names, s->num));
}

void pkt_show_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                    const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_slot *s) {
  const struct pkt_given *given = layer->given ? find_given(layer, s) : NULL;
  if (op->kind == PKT_CHOICE && !op->element) op = op->alts[s->alt].op;
  if (given && !(given->value.type == PKT_V_BOOL && is_named(layer, op, s))) {
    show_given(b, &given->value);
    return;
  }
  if (s->none) {
    show_none(b, d, op);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: show_uint(b, d, layer, op, s); break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: show_field_address(b, d, op, s); break;
    case PKT_NAME:
      if (op->flags & PKT_OP_NODE)
        show_node_name(b, scratch, d, s);
      else
        show_bytes(b, s->bytes, s->len);
      break;
    case PKT_BYTES:
      if (pkt_is_uuid(op, s))
        show_uuid_field(b, scratch, d, op, s);
      else
        show_bytes(b, s->bytes, s->len);
      break;
    case PKT_INTEGER: show_integer_field(b, op, s); break;
    case PKT_OID: show_oid_field(b, scratch, op, s); break;
    case PKT_BITS: show_bits_field(b, s); break;
    case PKT_CHOICE: show_form_field(b, scratch, d, layer, op, s); break;
    default: show_any_list(b, scratch, d, layer, op, s);
  }
}
