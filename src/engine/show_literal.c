/* show_literal.c - slots as literals of either dialect. */
#include "show_inner.h"

const struct pkt_syntax pkt_syntaxes[PKT_DIALECTS] = {
    [PKT_PYTHON] = {"None", '\'', "[]", "()", "()", ","},
    [PKT_LUA] = {"nil", '"', "{}", "{}", "{}", ", "},
};

/* Both languages know these escapes. */
static void show_escaped(struct pkt_buf *b, uint8_t c, char quote) {
  if (c == '\t')
    pkt_buf_lit(b, "\\t");
  else if (c == '\n')
    pkt_buf_lit(b, "\\n");
  else if (c == '\r')
    pkt_buf_lit(b, "\\r");
  else if (c == '\\' || c == quote)
    pkt_buf_add(b, (char[]){'\\', (char)c}, 2);
  else if (c < 0x20 || c >= 0x7f)
    pkt_buf_add(b, (char[]){'\\', 'x', pkt_hex_char(c >> 4), pkt_hex_char(c)}, 4);
  else
    pkt_buf_byte(b, (char)c);
}

void pkt_show_quoted(struct pkt_buf *b, const void *p, size_t n, char quote) {
  const uint8_t *bytes = p;
  pkt_buf_byte(b, quote);
  for (size_t i = 0; i < n; i++) show_escaped(b, bytes[i], quote);
  pkt_buf_byte(b, quote);
}

/* Does it have apostrophes, and none of the other kind of quotes? Python takes those then. */
static bool wants_quotes(const void *p, size_t n) {
  return n > 0 && memchr(p, '\'', n) && !memchr(p, '"', n);
}

void pkt_show_python_text(struct pkt_buf *b, const char *p, size_t n) {
  char quote = wants_quotes(p, n) ? '"' : '\'';
  pkt_buf_byte(b, quote);
  for (size_t i = 0; i < n; i++)
    if ((uint8_t)p[i] >= 0x80)
      pkt_buf_byte(b, p[i]);
    else
      show_escaped(b, (uint8_t)p[i], quote);
  pkt_buf_byte(b, quote);
}

void pkt_show_bytes_literal(struct pkt_buf *b, enum pkt_dialect d, const uint8_t *p, size_t n) {
  if (d == PKT_PYTHON) pkt_buf_byte(b, 'b');
  pkt_show_quoted(b, p, n, wants_quotes(p, n) ? '"' : pkt_syntaxes[d].quote);
}

void pkt_show_raw_literal(struct pkt_buf *b, enum pkt_dialect d, const uint8_t *p, size_t n) {
  if (d == PKT_PYTHON) {
    pkt_show_bytes_literal(b, d, p, n);
    return;
  }
  pkt_buf_lit(b, "{vtype=\"BYTES\", base64=\"");
  pkt_buf_base64(b, p, n);
  pkt_buf_lit(b, "\"}");
}

void pkt_show_quoted_pair(struct pkt_buf *b, enum pkt_dialect d, uint64_t v) {
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
  pkt_show_pair(b, v);
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
}

void pkt_show_uuid_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                           const uint8_t p[16]) {
  if (d == PKT_PYTHON) pkt_buf_lit(b, "UUID(");
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
  pkt_show_uuid(b, op, p);
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
  if (d == PKT_PYTHON) pkt_buf_byte(b, ')');
}

void pkt_show_quoted_address(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s) {
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
  pkt_show_address(b, op, s);
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
}

bool pkt_in_units(enum pkt_dialect d, const struct pkt_op *op, const struct pkt_slot *s) {
  int fraction = pkt_op_fraction(op);
  return fraction == 8 || (d == PKT_LUA && fraction && s->num >> (op->width - fraction) == 0);
}

void pkt_show_units(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  pkt_show_real(b, (double)s->num / (double)((uint64_t)1 << pkt_op_fraction(op)));
}

/* An integer. Above 2^63-1, where Lua's integers end, it is text in Lua. */
static void show_int_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s) {
  if (op->show == PKT_SHOW_FLOAT) {
    pkt_show_float(b, op, s->num, pkt_syntaxes[d].quote);
    return;
  }
  if (pkt_in_units(d, op, s)) {
    pkt_show_units(b, op, s);
    return;
  }
  bool text = d == PKT_LUA && !s->negative && s->num > INT64_MAX;
  if (text) pkt_buf_byte(b, '"');
  pkt_show_int(b, s);
  if (text) pkt_buf_byte(b, '"');
}

/* The items of a list have a value each: none is left out, and Lua's table has no hole. */
static void show_slots(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                       const struct pkt_op *op, const struct pkt_list *list) {
  pkt_buf_byte(b, pkt_syntaxes[d].list[0]);
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    pkt_show_literal(b, d, layer, op->item, &list->slots[i]);
  }
  pkt_buf_byte(b, pkt_syntaxes[d].list[1]);
}

/* One of several forms says which, in Lua as {"INTEGER", 1}; a packet does so itself. */
static void show_form(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s) {
  const char *name = d == PKT_LUA && op->element ? op->element->name : NULL;
  if (name) pkt_buf_fmt(b, "{\"%s\", ", name);
  pkt_show_literal(b, d, layer, op, s);
  if (name) pkt_buf_byte(b, '}');
}

void pkt_show_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->none) {
    bool packet = d == PKT_PYTHON && op->flags & PKT_OP_LISTED && op->kind == PKT_LAYER;
    pkt_buf_str(b, packet ? op->none_text : pkt_syntaxes[d].none);
    return;
  }
  if (d == PKT_PYTHON && op->element && op->element->name) {
    pkt_show_python_object(b, op, s);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM:
      if (op->element)
        pkt_show_boolean_literal(b, s);
      else if (op->show == PKT_SHOW_PAIR)
        pkt_show_quoted_pair(b, d, s->num);
      else
        show_int_literal(b, d, op, s);
      break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: pkt_show_quoted_address(b, d, op, s); break;
    case PKT_BYTES:
    case PKT_NAME:
      if (pkt_is_uuid(op, s))
        pkt_show_uuid_literal(b, d, op, s->bytes);
      else
        pkt_show_bytes_literal(b, d, s->bytes, s->len);
      break;
    case PKT_LIST: show_slots(b, d, layer, op, s->list); break;
    case PKT_LAYERS:
    case PKT_LAYER:
      if (s->list && s->list->as_bytes)
        pkt_show_raw_literal(b, d, s->list->raw, s->list->raw_len);
      else
        pkt_show_calls(b, d, op, s->list, ", ");
      break;
    case PKT_CHOICE: show_form(b, d, layer, op->alts[s->alt].op, s); break;
    case PKT_OPTIONS: pkt_show_options_literal(b, d, op, s->list); break;
    case PKT_INTEGER: pkt_show_integer_literal(b, s); break;
    case PKT_OID: pkt_show_oid_literal(b, d, op, s); break;
    case PKT_BITS: pkt_show_bits_literal(b, s); break;
  }
}
