#include "packed.h"

#include <string.h>

#include "../engine/option.h"
#include "../engine/real.h"
#include "../engine/show.h"
#include "../engine/text.h"

/* ------------------------------------------------------------------------------------- reading */

struct reader {
  const uint8_t *at, *end;
  struct pkt_arena *arena;
  struct pkt_err *err;
  unsigned depth;
  uint32_t items; /* values read so far */
};

static int malformed(struct reader *r) {
  pkt_fail(r->err, PKT_ERR_MALFORMED, "the expression process gave no value");
  return -1; /* said here, so that the compiler sees it */
}

static int no_memory(struct reader *r) { return pkt_fail(r->err, PKT_ERR_MEMORY, "out of memory"); }

static int too_large(struct reader *r) {
  return pkt_fail(r->err, PKT_ERR_LIMIT, "the expression's value is too large");
}

static int take(struct reader *r, void *out, size_t n) {
  if ((size_t)(r->end - r->at) < n) return malformed(r);
  memcpy(out, r->at, n);
  r->at += n;
  return 0;
}

/* A count of things that each take at least a byte. */
static int take_count(struct reader *r, uint32_t *n) {
  if (take(r, n, sizeof *n) != 0) return -1;
  return *n > (size_t)(r->end - r->at) ? malformed(r) : 0;
}

/* A count of values. */
static int take_items(struct reader *r, uint32_t *n) {
  if (take_count(r, n) != 0) return -1;
  return *n > PKT_MAX_RESULT_VALUES - r->items ? too_large(r) : 0;
}

static int take_text(struct reader *r, const char **text, uint32_t *n) {
  if (take_count(r, n) != 0) return -1;
  *text = pkt_memdup(r->arena, r->at, *n);
  r->at += *n;
  return *text ? 0 : no_memory(r);
}

static int read_string(struct reader *r, struct pkt_value *out) {
  if (take_text(r, &out->ptr, &out->len) != 0) return -1;
  out->lua = pkt_is_utf8(out->ptr, out->len);
  out->type = out->lua ? PKT_V_TEXT : PKT_V_BYTES;
  return 0;
}

static int read_address(struct reader *r, struct pkt_value *out) {
  uint8_t width, bytes[16];
  struct pkt_buf text = {0};
  if (take(r, &width, 1) != 0) return -1;
  if (width != 4 && width != 6 && width != 16) return malformed(r);
  if (take(r, bytes, width) != 0) return -1;
  if (width == 6)
    pkt_show_mac(&text, pkt_get_be(bytes, 6));
  else if (width == 4)
    pkt_show_ipv4(&text, pkt_get_be32(bytes));
  else
    pkt_show_ipv6(&text, bytes);
  out->type = PKT_V_TEXT;
  out->len = (uint32_t)text.len;
  out->address = width;
  pkt_buf_add(&text, bytes, width);
  out->ptr = text.failed ? NULL : pkt_memdup(r->arena, text.data, text.len);
  pkt_buf_free(&text);
  return out->ptr ? 0 : no_memory(r);
}

static int read_value(struct reader *r, struct pkt_value *out);

static int read_list(struct reader *r, struct pkt_value *out) {
  out->type = PKT_V_LIST;
  if (take_items(r, &out->len) != 0) return -1;
  out->items = pkt_calloc(r->arena, out->len * sizeof *out->items);
  if (!out->items) return no_memory(r);
  for (uint32_t i = 0; i < out->len; i++)
    if (read_value(r, &out->items[i]) != 0) return -1;
  return 0;
}

/* Keys and values; a key without a character is none, as fields by their place have it. */
static int read_members(struct reader *r, struct pkt_member **members, uint32_t *n) {
  if (take_items(r, n) != 0) return -1;
  struct pkt_member *m = pkt_calloc(r->arena, *n * sizeof *m);
  if (!m) return no_memory(r);
  for (uint32_t i = 0; i < *n; i++) {
    if (take_text(r, &m[i].key, &m[i].key_len) != 0) return -1;
    if (m[i].key_len == 0) m[i].key = NULL;
    if (read_value(r, &m[i].value) != 0) return -1;
  }
  *members = m;
  return 0;
}

static int read_layer(struct reader *r, struct pkt_ctor **out) {
  struct pkt_ctor *layer = pkt_calloc(r->arena, sizeof *layer);
  if (!layer) return no_memory(r);
  *out = layer;
  if (take_text(r, &layer->id, &layer->id_len) != 0) return -1;
  return read_members(r, &layer->fields, &layer->len);
}

static int read_chain(struct reader *r, struct pkt_value *out) {
  struct pkt_ctor **next = &out->layer;
  uint32_t n;
  out->type = PKT_V_LAYER;
  if (take_count(r, &n) != 0) return -1;
  if (n == 0 || n > PKT_MAX_LAYERS) return malformed(r);
  for (; n > 0; n--, next = &(*next)->above) {
    uint8_t tag;
    if (take(r, &tag, 1) != 0) return -1;
    if (tag != PKT_PACKED_LAYER) return malformed(r);
    if (read_layer(r, next) != 0) return -1;
  }
  return 0;
}

static int read_tagged(struct reader *r, uint8_t tag, struct pkt_value *out) {
  int64_t num;
  switch (tag) {
    case PKT_PACKED_NIL: return 0;
    case PKT_PACKED_TRUE:
    case PKT_PACKED_FALSE:
      out->type = PKT_V_BOOL;
      out->num = tag == PKT_PACKED_TRUE;
      return 0;
    case PKT_PACKED_INT:
      if (take(r, &num, sizeof num) != 0) return -1;
      *out = (struct pkt_value){.type = PKT_V_INT,
                                .lua = true,
                                .negative = num < 0,
                                .num = num < 0 ? 0 - (uint64_t)num : (uint64_t)num};
      return 0;
    case PKT_PACKED_REAL: out->type = PKT_V_REAL; return take(r, &out->real, sizeof out->real);
    case PKT_PACKED_STRING: return read_string(r, out);
    case PKT_PACKED_ADDRESS: return read_address(r, out);
    case PKT_PACKED_LIST: return read_list(r, out);
    case PKT_PACKED_MAP: out->type = PKT_V_MAP; return read_members(r, &out->members, &out->len);
    case PKT_PACKED_LAYER: out->type = PKT_V_LAYER; return read_layer(r, &out->layer);
    case PKT_PACKED_CHAIN: return read_chain(r, out);
    default: return malformed(r);
  }
}

static int read_value(struct reader *r, struct pkt_value *out) {
  uint8_t tag;
  *out = (struct pkt_value){.type = PKT_V_NULL};
  if (take(r, &tag, 1) != 0) return -1;
  if (++r->items > PKT_MAX_RESULT_VALUES || ++r->depth > PKT_MAX_RESULT_DEPTH) return too_large(r);
  int result = read_tagged(r, tag, out);
  r->depth--;
  return result;
}

int pkt_packed_read(struct pkt_arena *arena, const void *data, size_t n, struct pkt_value *out,
                    struct pkt_err *err) {
  struct reader r = {.at = data, .end = (const uint8_t *)data + n, .arena = arena, .err = err};
  if (read_value(&r, out) != 0) return -1;
  return r.at == r.end ? 0 : malformed(&r);
}

/* ----------------------------------------------------------------------------------- appending */

static void put_tag(struct pkt_buf *b, enum pkt_packed_tag tag) { pkt_buf_byte(b, (char)tag); }

static void put_count(struct pkt_buf *b, uint32_t n) { pkt_buf_add(b, &n, sizeof n); }

static void put_text(struct pkt_buf *b, const void *p, uint32_t n) {
  put_count(b, n);
  pkt_buf_add(b, p, n);
}

static void put_string(struct pkt_buf *b, const void *p, uint32_t n) {
  put_tag(b, PKT_PACKED_STRING);
  put_text(b, p, n);
}

static void put_int(struct pkt_buf *b, uint64_t num) {
  put_tag(b, PKT_PACKED_INT);
  pkt_buf_add(b, &num, sizeof num);
}

static void put_real(struct pkt_buf *b, double v) {
  put_tag(b, PKT_PACKED_REAL);
  pkt_buf_add(b, &v, sizeof v);
}

static void put_address(struct pkt_buf *b, uint64_t num, uint8_t width) {
  uint8_t bytes[8];
  pkt_put_be(bytes, width, num);
  put_tag(b, PKT_PACKED_ADDRESS);
  pkt_buf_byte(b, (char)width);
  pkt_buf_add(b, bytes, width);
}

static void put_option(struct pkt_buf *b, const struct pkt_option *o) {
  struct pkt_part part;
  uint32_t n = 0, at = 0, width = pkt_option_said_width(o);
  for (; pkt_option_part(o, at, n, &part); at += part.width) n++;
  bool parts = n > 0 || o->form == PKT_OPTION_FLAG;
  put_tag(b, PKT_PACKED_LIST);
  put_count(b, (parts ? n + 1 : 2) + (width != 0));
  if (o->def)
    put_string(b, o->def->name, o->def->name_len);
  else
    put_int(b, o->code);
  at = 0;
  for (uint32_t i = 0; i < n && pkt_option_part(o, at, i, &part); at += part.width, i++) {
    if (part.address)
      put_address(b, part.num, 4);
    else
      put_int(b, part.num);
  }
  if (!parts) put_string(b, o->data, o->len);
  if (width) put_int(b, width);
}

static void put_slot(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);
static void put_layer(struct pkt_buf *b, const struct pkt_layer *layer);

static void put_list(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_list *list) {
  bool options = list && op->kind == PKT_OPTIONS;
  if (list && (options ? pkt_options_are_bytes(op, list) : list->as_bytes)) {
    put_string(b, list->raw, list->raw_len);
    return;
  }
  uint32_t n = list ? list->len : 0;
  put_tag(b, PKT_PACKED_LIST);
  put_count(b, n);
  for (uint32_t i = 0; i < n; i++) {
    switch (op->kind) {
      case PKT_LIST: put_slot(b, op->item, &list->slots[i]); break;
      case PKT_OPTIONS: put_option(b, &list->options[i]); break;
      default: put_layer(b, list->layers[i]);
    }
  }
}

/* Fixed-point numbers in units. */
static void put_number(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->show == PKT_SHOW_FLOAT)
    put_real(b, pkt_float_value(op->width, s->num));
  else if (op->show == PKT_SHOW_FIXED8 && s->num % 256 != 0)
    put_real(b, (double)s->num / 256);
  else if (op->show == PKT_SHOW_FIXED16 && s->num % 65536 != 0)
    put_real(b, (double)s->num / 65536);
  else
    put_int(b, op->show == PKT_SHOW_FIXED8    ? s->num / 256
               : op->show == PKT_SHOW_FIXED16 ? s->num / 65536
                                              : s->num);
}

/* A value of ASN.1: a number, or text. */
static void put_element(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  struct pkt_buf text = {0};
  if (pkt_show_script(&text, op, s))
    put_string(b, text.data, (uint32_t)text.len);
  else if (op->kind == PKT_INTEGER)
    put_int(b, s->num);
  else
    put_string(b, s->bytes, s->len);
  b->failed = b->failed || text.failed;
  pkt_buf_free(&text);
}

/* { type, value }, which says which of several forms it is; a packet does so itself. */
static void put_form(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  const char *name = op->element ? op->element->name : NULL;
  if (name) {
    put_tag(b, PKT_PACKED_LIST);
    put_count(b, 2);
    put_string(b, name, (uint32_t)strlen(name));
  }
  put_slot(b, op, s);
}

static void put_slot(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->none) {
    put_tag(b, PKT_PACKED_UNSET);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: put_number(b, op, s); break;
    case PKT_MAC: put_address(b, s->num, 6); break;
    case PKT_IPV4: put_address(b, s->num, 4); break;
    case PKT_IPV6:
      put_tag(b, PKT_PACKED_ADDRESS);
      pkt_buf_byte(b, 16);
      pkt_buf_add(b, s->bytes, 16);
      break;
    case PKT_BYTES:
    case PKT_NAME: put_string(b, s->bytes, s->len); break;
    case PKT_CHOICE: put_form(b, op->alts[s->alt].op, s); break;
    case PKT_INTEGER:
    case PKT_OID:
    case PKT_BITS: put_element(b, op, s); break;
    default: put_list(b, op, s->list);
  }
}

static void put_layer(struct pkt_buf *b, const struct pkt_layer *layer) {
  const struct pkt_plan *plan = layer->plan;
  put_tag(b, PKT_PACKED_LAYER);
  put_text(b, plan->id, plan->id_len);
  put_count(b, plan->nops);
  for (unsigned i = 0; i < plan->nops; i++) {
    const struct pkt_slot *s = &layer->slots[i];
    const struct pkt_op *op = &plan->ops[i];
    bool waits = s->state == PKT_UNSET && (op->autorule || op->special->digits || op->sum);
    put_text(b, op->id, op->id_len);
    if (waits || s->state == PKT_ABSENT || s->state == PKT_UNREAD)
      put_tag(b, PKT_PACKED_UNSET);
    else
      put_slot(b, op, s);
  }
}

void pkt_packed_layers(struct pkt_buf *b, const struct pkt_packet *p, const struct pkt_layer *top) {
  uint32_t n = p ? p->len : 0;
  put_tag(b, PKT_PACKED_LIST);
  put_count(b, n + (top ? 1 : 0));
  for (uint32_t i = 0; i < n; i++) put_layer(b, p->layers[i]);
  if (top) put_layer(b, top);
}
