/* show_asn1.c - elements of ASN.1 as text: for people, for scripts, as literals. */
#include "show_inner.h"

#include "../wire/ber.h"

/* The magnitude of an INTEGER of any size in hexadecimal: 'p' are its content octets. */
static void show_big(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  bool negative = p[0] >> 7, any = false;
  pkt_buf_str(b, negative ? "-0x" : "0x");
  size_t at = b->len;
  if (!pkt_buf_room(b, (size_t)n * 2)) return;
  unsigned carry = negative ? 1 : 0;
  for (uint32_t i = n; i-- > 0;) { /* the negative of two's complement, from the last octet */
    unsigned byte = negative ? (unsigned)(uint8_t)~p[i] + carry : p[i];
    carry = byte >> 8;
    b->data[at + i * 2] = pkt_hex_char(byte >> 4);
    b->data[at + i * 2 + 1] = pkt_hex_char(byte);
  }
  for (uint32_t i = 0; i < n * 2; i++) {
    any = any || b->data[at + i] != '0';
    if (any) b->data[b->len++] = b->data[at + i];
  }
}

/* An INTEGER as the number that it is, in decimal unless it is large. */
static void show_integer(struct pkt_buf *b, const struct pkt_slot *s) {
  if (pkt_slot_is_big(s))
    show_big(b, s->bytes, s->len);
  else
    pkt_show_int(b, s);
}

void pkt_show_plain_integer(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  bool named = op->names && !pkt_slot_is_big(s) && !s->negative;
  const struct pkt_name *name = named ? pkt_names_find(op->names, s->num) : NULL;
  if (name)
    pkt_buf_add(b, name->text, name->len);
  else
    show_integer(b, s);
}

bool pkt_show_dotted(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  size_t before = b->len, at = 0;
  unsigned index = 0;
  uint64_t number;
  bool bad;
  while (pkt_ber_oid_next(p, n, &at, &index, &number, &bad)) {
    if (index > 1) pkt_buf_byte(b, '.');
    pkt_buf_u64(b, number);
  }
  if (bad) b->len = before;
  return !bad;
}

bool pkt_show_oid(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  const struct pkt_oid *known = pkt_oids_find(op->element->oids, s->bytes, s->len);
  if (!known) return pkt_show_dotted(b, s->bytes, s->len);
  pkt_buf_add(b, known->name, known->name_len);
  return true;
}

/* How many bits a BIT STRING has. */
static uint32_t count_bits(const struct pkt_slot *s) { return (s->len - 1) * 8 - s->bytes[0]; }

static void show_digits(struct pkt_buf *b, const struct pkt_slot *s, uint32_t most) {
  uint32_t n = count_bits(s);
  for (uint32_t i = 0; i < n && i < most; i++)
    pkt_buf_byte(b, s->bytes[1 + i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
  if (n > most) pkt_buf_lit(b, "...");
}

void pkt_show_bits(struct pkt_buf *b, const struct pkt_slot *s) {
  if (s->bytes[0] != 0) {
    show_digits(b, s, UINT32_MAX);
    return;
  }
  pkt_buf_lit(b, "0x");
  for (uint32_t i = 1; i < s->len; i++)
    pkt_buf_add(b, (char[]){pkt_hex_char(s->bytes[i] >> 4), pkt_hex_char(s->bytes[i])}, 2);
}

bool pkt_show_script(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_INTEGER:
      if (!pkt_slot_is_big(s) && (s->negative || s->num <= INT64_MAX)) return false;
      show_integer(b, s);
      return true;
    case PKT_OID: return pkt_show_dotted(b, s->bytes, s->len);
    default: pkt_show_bits(b, s); return true;
  }
}

void pkt_show_boolean_literal(struct pkt_buf *b, const struct pkt_slot *s) {
  if (s->num == 0 || s->num == 0xff)
    pkt_buf_str(b, s->num ? "true" : "false");
  else
    pkt_buf_u64(b, s->num);
}

void pkt_show_integer_literal(struct pkt_buf *b, const struct pkt_slot *s) {
  bool text = pkt_slot_is_big(s) || (!s->negative && s->num > INT64_MAX);
  if (text) pkt_buf_byte(b, '"');
  show_integer(b, s);
  if (text) pkt_buf_byte(b, '"');
}

void pkt_show_oid_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                          const struct pkt_slot *s) {
  size_t before = b->len;
  pkt_buf_byte(b, pkt_syntaxes[d].quote);
  if (d == PKT_LUA ? pkt_show_dotted(b, s->bytes, s->len) : pkt_show_oid(b, op, s)) {
    pkt_buf_byte(b, pkt_syntaxes[d].quote);
    return;
  }
  b->len = before;
  pkt_show_raw_literal(b, d, s->bytes, s->len);
}

void pkt_show_bits_literal(struct pkt_buf *b, const struct pkt_slot *s) {
  pkt_buf_byte(b, '"');
  pkt_show_bits(b, s);
  pkt_buf_byte(b, '"');
}

/* <ASN1_BIT_STRING[0110]=b'`' (4 unused bits)> */
static void show_python_bits(struct pkt_buf *b, const struct pkt_slot *s) {
  unsigned unused = s->bytes[0];
  pkt_buf_byte(b, '[');
  show_digits(b, s, 16);
  pkt_buf_lit(b, "]=");
  pkt_show_bytes_literal(b, PKT_PYTHON, s->bytes + 1, s->len - 1);
  pkt_buf_fmt(b, " (%u unused bit%s)>", unused, unused > 1 ? "s" : "");
}

void pkt_show_python_object(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  bool null = strcmp(op->element->name, "NULL") == 0;
  bool big = op->kind == PKT_INTEGER && pkt_slot_is_big(s);
  if (op->kind == PKT_INTEGER && !big && !s->negative) {
    pkt_buf_hex(b, s->num);
    pkt_buf_byte(b, ' ');
  }
  pkt_buf_fmt(b, "<ASN1_%s", op->element->name);
  if (op->kind == PKT_BITS) {
    show_python_bits(b, s);
    return;
  }
  pkt_buf_byte(b, '[');
  switch (op->kind) {
    case PKT_INTEGER:
      if (big) pkt_buf_byte(b, '\'');
      show_integer(b, s);
      if (big) pkt_buf_byte(b, '\'');
      break;
    case PKT_UINT: pkt_show_int(b, s); break;
    case PKT_OID: pkt_show_oid_literal(b, PKT_PYTHON, op, s); break;
    case PKT_IPV4: pkt_show_quoted_address(b, PKT_PYTHON, op, s); break;
    default:
      if (null && s->len == 0)
        pkt_buf_byte(b, '0');
      else
        pkt_show_bytes_literal(b, PKT_PYTHON, s->bytes, s->len);
  }
  pkt_buf_lit(b, "]>");
}
