/* outline.c - packets of a capture as text. */
#include "outline.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "option.h"
#include "show.h"
#include "text.h"

#define MOST_TEXT 160 /* bytes of a value in a line: what a person reads at a glance */
#define MOST_HEX 16   /* bytes that are shown in hexadecimal in a line */

/* What is written the same for each layer of a plan. */
struct lines {
  bool network;          /* its addresses are those of hosts */
  uint16_t src, dst;     /* slots with addresses; PKT_NONE: none */
  uint16_t sport, dport; /* slots with ports */
  struct pkt_buf text;   /* "IP":{"version":"ihl":... one behind the other... */
  uint32_t head;         /* ...the first of them so long, and those of the ops... */
  const uint32_t *ends;  /* ...up to these bytes */
};

struct pkt_outline {
  const struct pkt_registry *registry;
  struct lines **of; /* by the index of a plan; NULL: not needed so far */
};

struct pkt_outline *pkt_outline_new(const struct pkt_registry *r) {
  struct pkt_outline *o = calloc(1, sizeof *o);
  struct lines **of = calloc(r->len, sizeof(struct lines *));
  if (!o || !of) {
    free(o);
    free(of);
    return NULL;
  }
  o->registry = r;
  o->of = of;
  return o;
}

static void free_lines(struct lines *l) {
  if (!l) return;
  pkt_buf_free(&l->text);
  free((void *)(uintptr_t)l->ends);
  free(l);
}

void pkt_outline_free(struct pkt_outline *o) {
  if (!o) return;
  for (uint32_t i = 0; i < o->registry->len; i++) free_lines(o->of[i]);
  free(o->of);
  free(o);
}

static bool is_address(const struct pkt_op *op) {
  return op->kind == PKT_IPV4 || op->kind == PKT_IPV6 || op->kind == PKT_MAC;
}

static bool is_number(const struct pkt_op *op) { return op->kind == PKT_UINT; }

/* The slot of the field with this id, if it is what is looked for. */
static uint16_t slot_of(const struct pkt_plan *plan, const char *id,
                        bool (*fits)(const struct pkt_op *op)) {
  const struct pkt_op *op = pkt_plan_op(plan, id, strlen(id));
  return op && fits(op) ? (uint16_t)(op - plan->ops) : PKT_NONE;
}

/* The slot of an end's address, by what protocols call it. */
static uint16_t end_slot(const struct pkt_plan *plan, const char *id, const char *on_air) {
  uint16_t slot = slot_of(plan, id, is_address);
  return slot != PKT_NONE ? slot : slot_of(plan, on_air, is_address);
}

static struct lines *make_lines(const struct pkt_plan *plan) {
  struct lines *l = calloc(1, sizeof *l);
  uint32_t *ends = calloc(plan->nops + 1u, sizeof *ends);
  if (!l || !ends) {
    free(l);
    free(ends);
    return NULL;
  }
  l->ends = ends;
  l->network = plan->pseudo_src != PKT_NONE && plan->pseudo_dst != PKT_NONE;
  /* the transmitter and the receiver of a wireless frame: IEEE 802.11-2016 section 9.2.4.3 */
  l->src = l->network ? plan->pseudo_src : end_slot(plan, "src", "addr2");
  l->dst = l->network ? plan->pseudo_dst : end_slot(plan, "dst", "addr1");
  l->sport = slot_of(plan, "sport", is_number);
  l->dport = slot_of(plan, "dport", is_number);
  pkt_buf_fmt(&l->text, "\"%s", plan->id);
  l->head = (uint32_t)l->text.len;
  for (unsigned i = 0; i < plan->nops; i++) {
    pkt_json_string(&l->text, plan->ops[i].id, plan->ops[i].id_len);
    pkt_buf_byte(&l->text, ':');
    ends[i] = (uint32_t)l->text.len;
  }
  if (!l->text.failed) return l;
  free_lines(l);
  return NULL;
}

/* NULL without memory: what is written into 'b' would be wrong without them, and has failed. */
static const struct lines *lines_of(struct pkt_outline *o, struct pkt_buf *b,
                                    const struct pkt_plan *plan) {
  struct lines **l = &o->of[plan->index];
  if (!*l) *l = make_lines(plan);
  if (!*l) b->failed = true;
  return *l;
}

/* --------------------------------------------------------------------------- time and addresses */

void pkt_outline_time(struct pkt_buf *b, int64_t time) {
  uint64_t t = time < 0 ? 0 - (uint64_t)time : (uint64_t)time, rest = t % 1000000000;
  char digits[9];
  size_t n = 9;
  for (size_t i = 9; i-- > 0; rest /= 10) digits[i] = (char)('0' + rest % 10);
  while (n > 1 && digits[n - 1] == '0') n--;
  pkt_buf_i64(b, time < 0, t / 1000000000);
  pkt_buf_byte(b, '.');
  pkt_buf_add(b, digits, n);
}

/* The slot, if there is something in it. */
static const struct pkt_slot *there(const struct pkt_layer *layer, uint16_t slot) {
  if (slot == PKT_NONE) return NULL;
  const struct pkt_slot *s = &layer->slots[slot];
  return s->none || s->state == PKT_ABSENT || s->state == PKT_UNREAD ? NULL : s;
}

static void show_address(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s,
                         bool brackets) {
  if (op->kind == PKT_MAC)
    pkt_show_mac(b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(b, (uint32_t)s->num);
  else {
    if (brackets) pkt_buf_byte(b, '[');
    pkt_show_ipv6(b, s->bytes);
    if (brackets) pkt_buf_byte(b, ']');
  }
}

/* One end of what a packet says: the slots of its address and its port. */
static uint16_t address_slot(const struct lines *l, bool src) { return src ? l->src : l->dst; }
static uint16_t port_slot(const struct lines *l, bool src) { return src ? l->sport : l->dport; }

/* Is it the header of a packet that an ICMP error quotes? */
static bool is_quoted(const struct pkt_plan *plan) {
  return plan->base && plan->pseudo_through && plan->pseudo_src != PKT_NONE;
}

/* The layers up to such a header. */
uint32_t pkt_outline_own(const struct pkt_packet *p) {
  uint32_t n = 0;
  while (n < p->len && !is_quoted(p->layers[n]->plan)) n++;
  return n > 0 ? n : p->len;
}

/* The innermost network layer, or else the lowest with addresses; p->len: there is none. */
static uint32_t find_addressed(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p,
                               bool src) {
  uint32_t lowest = p->len;
  for (uint32_t i = pkt_outline_own(p); i-- > 0;) {
    const struct lines *l = lines_of(o, b, p->layers[i]->plan);
    if (!l || !there(p->layers[i], address_slot(l, src))) continue;
    if (l->network) return i;
    lowest = i;
  }
  return lowest;
}

void pkt_outline_end(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p, bool src,
                     bool port) {
  uint32_t at = find_addressed(o, b, p, src);
  if (at == p->len) return;
  const struct pkt_layer *layer = p->layers[at];
  const struct lines *l = lines_of(o, b, layer->plan);
  const struct pkt_slot *number = NULL;
  for (uint32_t i = at + 1; port && l->network && !number && i < pkt_outline_own(p); i++) {
    const struct lines *upper = lines_of(o, b, p->layers[i]->plan);
    if (upper) number = there(p->layers[i], port_slot(upper, src));
  }
  uint16_t slot = address_slot(l, src);
  show_address(b, &layer->plan->ops[slot], &layer->slots[slot], number != NULL);
  if (!number) return;
  pkt_buf_byte(b, ':');
  pkt_buf_u64(b, number->num);
}

/* ---------------------------------------------------------------------------------------- lines */

/* Is it mere bytes or an option, which tells little without the message that it belongs to? */
static bool tells_little(const struct pkt_plan *plan) {
  return plan->is_raw || plan->is_padding || plan->option;
}

/* The index of the topmost layer that tells something, or of the lowest layer if none does. */
static uint32_t find_top(const struct pkt_packet *p) {
  uint32_t i = pkt_outline_own(p);
  while (i > 0 && tells_little(p->layers[i - 1]->plan)) i--;
  return i > 0 ? i - 1 : 0;
}

/* Does the slot hold what it would if nobody had set it? */
static bool is_default(const struct pkt_layer *layer, unsigned i) {
  const struct pkt_op *op = &layer->plan->ops[i];
  const struct pkt_slot *s = &layer->slots[i], *usual = &layer->plan->defaults[i];
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4: return s->num == usual->num && !usual->none;
    case PKT_LIST:
    case PKT_LAYERS:
    case PKT_LAYER:
    case PKT_OPTIONS: return !s->list || s->list->len == 0;
    case PKT_PHANTOM: return true;
    case PKT_INTEGER:
      if (!pkt_slot_is_big(s)) return s->num == usual->num && !usual->none && usual->len == 0;
      return false;
    default:
      return s->len == usual->len && (s->len == 0 || memcmp(s->bytes, usual->bytes, s->len) == 0);
  }
}

/* Does the number stand for one or more names, and isn't it 0, which tells little? */
static bool is_name(const struct pkt_op *op, const struct pkt_slot *s) {
  bool named = op->names || op->names_by || op->show == PKT_SHOW_FLAGS;
  return op->kind == PKT_UINT && named && s->num != 0;
}

/* Is the field worth a look? Not ports, which stand before it, nor what is worked out. */
static bool is_told(const struct lines *l, const struct pkt_layer *layer, unsigned i) {
  const struct pkt_op *op = &layer->plan->ops[i];
  if (i == l->sport || i == l->dport || op->autorule || op->sum) return false;
  if (l->network && (i == l->src || i == l->dst)) return false;
  if (!there(layer, (uint16_t)i)) return false;
  return is_name(op, &layer->slots[i]) || !is_default(layer, i);
}

/* Cut what was written from 'from' on, and make it fit for a terminal. */
static void tidy(struct pkt_buf *b, size_t from) {
  size_t n = b->len - from;
  char *p = b->data + from;
  if (n > MOST_TEXT) {
    b->len = from + MOST_TEXT;
    pkt_buf_lit(b, "...");
    p = b->data + from;
    n = MOST_TEXT;
  }
  for (size_t i = 0; i < n;) {
    size_t len = pkt_utf8_len(p + i, n - i);
    bool control = (uint8_t)p[i] < ' ' || p[i] == 0x7f || (len == 2 && (uint8_t)p[i] == 0xc2);
    if (len == 0 || control) p[i] = '.';
    if (len == 2 && control) p[i + 1] = '.';
    i += len == 0 ? 1 : len;
  }
}

static bool is_plain_text(const uint8_t *p, uint32_t n) {
  return pkt_plain_run((const char *)p, n) == n;
}

/* A value in a line. Bytes that say nothing to people are cut short. */
static void show_value(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                       const struct pkt_slot *s) {
  const struct pkt_op *form = op->kind == PKT_CHOICE ? op->alts[s->alt].op : op;
  size_t at = b->len;
  if (form->kind == PKT_BYTES && s->len > MOST_HEX && !is_plain_text(s->bytes, s->len)) {
    struct pkt_slot first = *s;
    first.len = MOST_HEX / 2;
    pkt_show_plain(b, layer, op, &first);
    pkt_buf_fmt(b, "... %u bytes", s->len);
  } else {
    pkt_show_plain(b, layer, op, s);
  }
  if (!b->failed) tidy(b, at);
}

/* The bytes above layer 'top', its options and padding left out. */
static uint32_t bytes_above(const struct pkt_packet *p, uint32_t top) {
  uint32_t n = 0;
  for (uint32_t i = top + 1; i < p->len; i++)
    if (!p->layers[i]->plan->is_padding && !p->layers[i]->plan->option) n += p->layers[i]->size;
  return n;
}

/* Will a later field of the same id say the same number? */
static bool told_later(const struct lines *l, const struct pkt_layer *layer, unsigned i) {
  const struct pkt_op *ops = layer->plan->ops, *op = &ops[i];
  if (!(op->flags & PKT_OP_TWIN) || op->kind != PKT_UINT) return false;
  uint64_t num = layer->slots[i].num;
  while ((op = pkt_plan_twin(layer->plan, op))) {
    unsigned k = (unsigned)(op - ops);
    bool same = op->kind == PKT_UINT && layer->slots[k].num == num;
    if (same && is_told(l, layer, k)) return true;
  }
  return false;
}

void pkt_outline_summary(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p) {
  if (p->len == 0) return;
  uint32_t top = find_top(p), more = bytes_above(p, top);
  const struct pkt_layer *layer = p->layers[top];
  const struct lines *l = lines_of(o, b, layer->plan);
  bool any = false;
  pkt_buf_add(b, layer->plan->id, layer->plan->id_len);
  pkt_buf_byte(b, '(');
  for (unsigned i = 0; l && i < layer->plan->nops; i++) {
    if (!is_told(l, layer, i) || told_later(l, layer, i)) continue;
    if (any) pkt_buf_lit(b, ", ");
    any = true;
    pkt_buf_add(b, layer->plan->ops[i].id, layer->plan->ops[i].id_len);
    pkt_buf_byte(b, '=');
    show_value(b, layer, &layer->plan->ops[i], &layer->slots[i]);
  }
  pkt_buf_byte(b, ')');
  if (more == 0) return;
  pkt_buf_lit(b, " + ");
  pkt_buf_u64(b, more);
  pkt_buf_str(b, more == 1 ? " byte" : " bytes");
}

/* ----------------------------------------------------------------------------------------- JSON */

static void write_fields(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_layer *layer,
                         bool any);

static void write_hex(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  static const char digits[] = "0123456789abcdef";
  if (!pkt_buf_room(b, (size_t)n * 2 + 2)) return;
  char *out = b->data + b->len;
  *out++ = '"';
  for (uint32_t i = 0; i < n; i++) {
    *out++ = digits[p[i] >> 4];
    *out++ = digits[p[i] & 15];
  }
  *out++ = '"';
  b->len = (size_t)(out - b->data);
}

static void write_quoted(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                         const struct pkt_slot *s) {
  size_t at = b->len + 1;
  pkt_buf_byte(b, '"');
  pkt_show_plain(b, layer, op, s);
  if (!b->failed && pkt_plain_run(b->data + at, b->len - at) == b->len - at) {
    pkt_buf_byte(b, '"');
    return;
  }
  struct pkt_buf text = {0};
  if (!b->failed) pkt_buf_add(&text, b->data + at, b->len - at);
  b->failed |= text.failed;
  b->len = at - 1;
  pkt_json_latin1(b, (const uint8_t *)text.data, text.len);
  pkt_buf_free(&text);
}

static void write_uint(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                       const struct pkt_slot *s) {
  switch (op->show) {
    case PKT_SHOW_FLOAT: pkt_show_float(b, op, s->num, '"'); break;
    case PKT_SHOW_FIXED8:
    case PKT_SHOW_FIXED16: pkt_show_plain(b, layer, op, s); break;
    case PKT_SHOW_BOOLEAN: pkt_buf_str(b, s->num ? "true" : "false"); break;
    default: pkt_buf_i64(b, s->negative, s->negative ? 0 - s->num : s->num);
  }
}

static void write_option(struct pkt_buf *b, const struct pkt_option *option) {
  struct pkt_part part;
  pkt_buf_byte(b, '[');
  if (option->def)
    pkt_json_string(b, option->def->name, option->def->name_len);
  else
    pkt_buf_u64(b, option->code);
  if (option->form == PKT_OPTION_FLAG) {
    pkt_buf_byte(b, ']');
    return;
  }
  uint32_t at = 0;
  for (uint32_t i = 0; pkt_option_part(option, at, i, &part); at += part.width, i++) {
    pkt_buf_byte(b, ',');
    if (part.address) pkt_buf_byte(b, '"');
    if (part.address)
      pkt_show_ipv4(b, (uint32_t)part.num);
    else
      pkt_buf_u64(b, part.num);
    if (part.address) pkt_buf_byte(b, '"');
  }
  if (at == 0 && option->len > 0) {
    pkt_buf_byte(b, ',');
    write_hex(b, option->data, option->len);
  }
  pkt_buf_byte(b, ']');
}

static void write_layer(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_layer *layer) {
  pkt_buf_lit(b, "{\"id\":\"");
  pkt_buf_add(b, layer->plan->id, layer->plan->id_len);
  pkt_buf_byte(b, '"');
  write_fields(o, b, layer, true);
  pkt_buf_byte(b, '}');
  if (!layer->rest) return;
  pkt_buf_byte(b, ',');
  write_layer(o, b, layer->rest);
}

static void write_value(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_layer *layer,
                        const struct pkt_op *op, const struct pkt_slot *s);

static void write_list(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_layer *layer,
                       const struct pkt_op *op, const struct pkt_list *list) {
  if (list && list->as_bytes) {
    write_hex(b, list->raw, list->raw_len);
    return;
  }
  pkt_buf_byte(b, '[');
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_byte(b, ',');
    if (op->kind == PKT_LIST)
      write_value(o, b, layer, op->item, &list->slots[i]);
    else if (op->kind == PKT_OPTIONS)
      write_option(b, &list->options[i]);
    else
      write_layer(o, b, list->layers[i]);
  }
  pkt_buf_byte(b, ']');
}

static void write_value(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_layer *layer,
                        const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (s->none) {
    pkt_buf_lit(b, "null");
    return;
  }
  switch (op->kind) {
    case PKT_UINT: write_uint(b, layer, op, s); break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6:
      pkt_buf_byte(b, '"');
      show_address(b, op, s, false);
      pkt_buf_byte(b, '"');
      break;
    case PKT_NAME: pkt_json_latin1(b, s->bytes, s->len); break;
    case PKT_INTEGER:
      if (pkt_slot_is_big(s))
        write_quoted(b, layer, op, s);
      else
        write_uint(b, layer, op, s);
      break;
    case PKT_OID: write_quoted(b, layer, op, s); break;
    case PKT_BITS: write_hex(b, s->bytes, s->len); break;
    case PKT_BYTES:
      if (op->show == PKT_SHOW_UUID)
        write_quoted(b, layer, op, s);
      else if (pkt_op_is_text(op))
        pkt_json_latin1(b, s->bytes, s->len);
      else
        write_hex(b, s->bytes, s->len);
      break;
    default: write_list(o, b, layer, op, s->list);
  }
}

/* Will a later field of the same id be written? A member is there once. */
static bool written_later(const struct pkt_layer *layer, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_TWIN)) return false;
  while ((op = pkt_plan_twin(layer->plan, op)))
    if (there(layer, (uint16_t)(op - layer->plan->ops))) return true;
  return false;
}

static bool is_called_id(const struct pkt_op *op) {
  return op->id_len == 2 && memcmp(op->id, "id", 2) == 0;
}

/* The members of a layer's object; 'any': its "id" stands before them. */
static void write_fields(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_layer *layer,
                         bool any) {
  const struct pkt_plan *plan = layer->plan;
  const struct lines *l = lines_of(o, b, plan);
  bool within = any; /* an object in a field */
  for (unsigned i = 0; l && i < plan->nops; i++) {
    const struct pkt_op *op = &plan->ops[i];
    const struct pkt_slot *s = &layer->slots[i];
    bool absent = s->state == PKT_ABSENT || s->state == PKT_UNREAD || op->kind == PKT_PHANTOM;
    if (absent || written_later(layer, op)) continue;
    uint32_t from = i ? l->ends[i - 1] : l->head;
    if (any) pkt_buf_byte(b, ',');
    any = true;
    if (within && is_called_id(op))
      pkt_buf_lit(b, "\"id:1\":");
    else
      pkt_buf_add(b, l->text.data + from, l->ends[i] - from);
    write_value(o, b, layer, op, s);
  }
}

/* How many layers of this plan lie below layer 'i'. */
static unsigned nth(const struct pkt_packet *p, uint32_t i) {
  unsigned n = 0;
  for (uint32_t k = 0; k < i; k++) n += p->layers[k]->plan == p->layers[i]->plan;
  return n;
}

void pkt_outline_members(struct pkt_outline *o, struct pkt_buf *b, const struct pkt_packet *p) {
  for (uint32_t i = 0; i < p->len; i++) {
    const struct lines *l = lines_of(o, b, p->layers[i]->plan);
    if (!l) continue;
    pkt_buf_byte(b, ',');
    pkt_buf_add(b, l->text.data, l->head);
    unsigned n = nth(p, i);
    if (n) pkt_buf_fmt(b, ":%u", n);
    pkt_buf_lit(b, "\":{");
    write_fields(o, b, p->layers[i], false);
    pkt_buf_byte(b, '}');
  }
}
