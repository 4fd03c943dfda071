/* assign_asn1.c - elements of ASN.1: integers, object identifiers, bit strings, and those that have
** several forms. */
#include <math.h>
#include <stdio.h>

#include "../wire/ber.h"
#include "assign_inner.h"
#include "text.h"

/* What the calls that stand for the reference's objects begin with; a type's name is behind it. */
static const char prefix[] = "ASN1_";
enum { PREFIX_LEN = sizeof prefix - 1 };

bool pkt_is_object(const struct pkt_value *v) {
  return v->type == PKT_V_LAYER && v->layer->len > 0 && !v->layer->fields[0].key &&
         v->layer->id_len > PREFIX_LEN && memcmp(v->layer->id, prefix, PREFIX_LEN) == 0;
}

static const struct pkt_value *in_object(const struct pkt_value *v) {
  return &v->layer->fields[0].value;
}

/* Content octets of an INTEGER: kept where they are beyond 64 bits. */
static int set_content(struct pkt_target *t, const uint8_t *p, uint32_t n) {
  if (n > PKT_MAX_PACKET)
    return pkt_fail(t->err, PKT_ERR_LIMIT, "%s.%s: %u bytes are more than the %d of a packet",
                    t->plan->id, pkt_op_name(t->op), n, PKT_MAX_PACKET);
  if (pkt_ber_int_read(p, n, &t->slot->num, &t->slot->negative)) return 0;
  t->slot->bytes = p;
  t->slot->len = n;
  return 0;
}

/* The negative of a number in two's complement. */
static void negate(uint8_t *p, uint32_t n) {
  unsigned carry = 1;
  for (uint32_t i = n; i-- > 0; carry >>= 8) {
    carry += (uint8_t)~p[i];
    p[i] = (uint8_t)carry;
  }
}

/* "0x" and any number of hexadecimal digits, maybe with '-' before them. */
static int set_hex_integer(struct pkt_target *t, const struct pkt_value *v) {
  bool minus = v->len > 0 && v->ptr[0] == '-';
  const char *digits = v->ptr + minus + 2;
  uint32_t n = v->len < minus + 3u ? 0 : v->len - minus - 2, size = n / 2 + 2;
  bool hex = n > 0 && digits[-2] == '0' && (digits[-1] | 32) == 'x';
  uint8_t *content = hex ? pkt_calloc(t->c->arena, size) : NULL;
  if (hex && !content) return pkt_no_memory(t);
  for (uint32_t i = 0; hex && i < n; i++) {
    int digit = pkt_hex_digit(digits[n - 1 - i]);
    hex = digit >= 0;
    if (hex) content[size - 1 - i / 2] |= (uint8_t)(digit << i % 2 * 4);
  }
  if (!hex)
    return pkt_refuse(t, v, "a whole number, in hexadecimal where it has more than 64 bits");
  if (minus) negate(content, size);
  while (size > 1 && content[0] == (content[1] >> 7 ? 0xff : 0)) content++, size--;
  return set_content(t, content, size);
}

static int set_text_integer(struct pkt_target *t, const struct pkt_value *v) {
  uint64_t num;
  bool minus = v->len > 1 && v->ptr[0] == '-';
  if (t->op->names && pkt_names_read(t->op->names, v->ptr, v->len, UINT64_MAX, &num)) {
    t->slot->num = num;
    return 0;
  }
  bool number = pkt_read_number(v->ptr + minus, v->len - minus, &num);
  if (!number || (minus && num > (uint64_t)1 << 63)) return set_hex_integer(t, v);
  t->slot->num = minus ? 0 - num : num;
  t->slot->negative = minus && num > 0;
  return 0;
}

int pkt_set_integer(struct pkt_target *t, const struct pkt_value *v) {
  double whole = v->type == PKT_V_REAL ? floor(v->real) : 0;
  switch (v->type) {
    case PKT_V_INT:
      if (v->negative && v->num > (uint64_t)1 << 63)
        return pkt_refuse(t, v, "a number from -2^63 on");
      t->slot->num = v->negative ? 0 - v->num : v->num;
      t->slot->negative = v->negative && v->num > 0;
      return 0;
    case PKT_V_BOOL: t->slot->num = v->num; return 0;
    case PKT_V_TEXT: return set_text_integer(t, v);
    case PKT_V_BYTES:
      if (v->len == 0) return pkt_refuse(t, v, "a number: its content octets");
      return set_content(t, (const uint8_t *)v->ptr, v->len);
    case PKT_V_REAL:
      if (whole != v->real || fabs(whole) >= 9223372036854775808.0)
        return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: %g is not a whole number", t->plan->id,
                        pkt_op_name(t->op), v->real);
      t->slot->num = (uint64_t)(int64_t)whole;
      t->slot->negative = whole < 0;
      return 0;
    default: return pkt_refuse(t, v, "a number");
  }
}

/* Its name or its numbers as text; its content octets as bytes. */
int pkt_set_oid(struct pkt_target *t, const struct pkt_value *v) {
  uint8_t octets[PKT_MAX_OID];
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  const struct pkt_oid *known = text ? pkt_oids_named(t->op->element->oids, v->ptr, v->len) : NULL;
  ptrdiff_t n = text && !known ? pkt_ber_oid_read(octets, sizeof octets, v->ptr, v->len) : -1;
  if (known) {
    t->slot->bytes = known->bytes;
    t->slot->len = known->len;
  } else if (n >= 0) {
    return pkt_set_copy(t, octets, (uint32_t)n);
  } else if (v->type == PKT_V_BYTES) {
    t->slot->bytes = (const uint8_t *)v->ptr;
    t->slot->len = v->len;
  } else {
    return pkt_refuse(t, v, "an object identifier such as 1.3.6.1");
  }
  return 0;
}

uint8_t *pkt_new_bits(struct pkt_target *t, uint32_t n, unsigned unused) {
  uint8_t *content = pkt_calloc(t->c->arena, (size_t)n + 1);
  if (!content) {
    pkt_no_memory(t);
    return NULL;
  }
  content[0] = (uint8_t)unused;
  t->slot->bytes = content;
  t->slot->len = n + 1;
  return content;
}

static bool made_of(const struct pkt_value *v, const char *characters) {
  for (uint32_t i = 0; i < v->len; i++)
    if (v->ptr[i] == 0 || !strchr(characters, v->ptr[i])) return false;
  return true;
}

static int set_digits(struct pkt_target *t, const struct pkt_value *v) {
  uint32_t n = (v->len + 7) / 8;
  uint8_t *content = pkt_new_bits(t, n, n * 8 - v->len);
  if (!content) return -1;
  for (uint32_t i = 0; i < v->len; i++)
    if (v->ptr[i] == '1') content[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
  return 0;
}

static int set_hex_bits(struct pkt_target *t, const struct pkt_value *v) {
  uint8_t *content = pkt_new_bits(t, (v->len - 2) / 2, 0);
  if (!content) return -1;
  for (uint32_t i = 2; i < v->len; i++) {
    int digit = pkt_hex_digit(v->ptr[i]);
    if (digit < 0) return pkt_refuse(t, v, "bytes in hexadecimal");
    content[i / 2] = (uint8_t)(content[i / 2] << 4 | digit);
  }
  return 0;
}

static int set_whole_bits(struct pkt_target *t, const struct pkt_value *v, uint64_t unused) {
  uint8_t *content = unused < 8 ? pkt_new_bits(t, v->len, v->len ? (unsigned)unused : 0) : NULL;
  if (!content) return unused < 8 ? -1 : pkt_refuse(t, v, "bits of which fewer than 8 are unused");
  if (v->len) memcpy(content + 1, v->ptr, v->len);
  return 0;
}

/* Bytes, with none of their bits unused; text: a digit for each bit, or 0x and the bytes. */
int pkt_set_bits(struct pkt_target *t, const struct pkt_value *v) {
  bool text = v->type == PKT_V_TEXT;
  if (text && v->len >= 2 && v->len % 2 == 0 && memcmp(v->ptr, "0x", 2) == 0)
    return set_hex_bits(t, v);
  if (text && made_of(v, "01")) return set_digits(t, v);
  if (v->type == PKT_V_BYTES || (text && v->lua)) return set_whole_bits(t, v, 0);
  return pkt_refuse(t, v, "bits: bytes, or text of the digits 0 and 1");
}

/* <ASN1_BIT_STRING[0110]=b'`' (4 unused bits)>: bytes, and how many bits are unused. */
static int set_bits_object(struct pkt_target *t, const struct pkt_ctor *object) {
  const struct pkt_value *bytes = &object->fields[0].value;
  const struct pkt_value *unused = object->len > 1 ? &object->fields[1].value : NULL;
  bool right = bytes->type == PKT_V_BYTES && unused && unused->type == PKT_V_INT;
  if (!right) return pkt_set_bits(t, bytes);
  return set_whole_bits(t, bytes, unused->num);
}

/* What is in an object of ASN.1; of NULL it is 0. */
int pkt_set_object(struct pkt_target *t, const struct pkt_value *v) {
  static const struct pkt_value nothing = {.type = PKT_V_BYTES, .ptr = ""};
  const struct pkt_value *in = in_object(v);
  bool null = t->op->kind == PKT_BYTES && in->type == PKT_V_INT && in->num == 0;
  if (t->op->kind == PKT_BITS) return set_bits_object(t, v->layer);
  if (pkt_is_object(in)) return pkt_refuse(t, v, "an object of ASN.1");
  return pkt_set_value(t, null ? &nothing : in);
}

static bool is_type(const struct pkt_op *op, const char *name, uint32_t len) {
  const char *own = op->element->name;
  return own && strlen(own) == len && memcmp(own, name, len) == 0;
}

/* The form with this type's name; NULL: there is none. */
static const struct pkt_alternative *find_form(const struct pkt_op *op, const char *name,
                                               uint32_t len) {
  for (uint32_t i = 0; i < op->nalts; i++)
    if (is_type(op->alts[i].op, name, len)) return &op->alts[i];
  return NULL;
}

static int set_form(struct pkt_target *t, const struct pkt_alternative *form,
                    const struct pkt_value *v) {
  struct pkt_target alt = *t;
  alt.op = form->op;
  t->slot->alt = (uint8_t)(form - t->op->alts);
  if (pkt_set_value(&alt, v) != 0) return -1;
  t->odd = alt.odd;
  return 0;
}

/* The first form that takes the value as what it is: bytes aren't meant as those of a number. */
static int set_any_form(struct pkt_target *t, const struct pkt_value *v) {
  struct pkt_err ignored;
  const struct pkt_slot before = *t->slot;
  for (uint32_t i = 0; i < t->op->nalts; i++) {
    struct pkt_target one = *t;
    one.err = &ignored;
    if (v->type == PKT_V_BYTES && t->op->alts[i].op->kind != PKT_BYTES) continue;
    if (set_form(&one, &t->op->alts[i], v) == 0) {
      t->odd = one.odd;
      return 0;
    }
    if (ignored.code == PKT_ERR_MEMORY) return pkt_no_memory(t);
    *t->slot = before; /* a form that refuses may leave anything in it */
  }
  const char *name = t->op->alts[0].op->element->name;
  char wanted[120];
  snprintf(wanted, sizeof wanted, "a value, or its type and value: [\"%s\", ...]",
           name ? name : "NULL");
  return pkt_refuse(t, v, wanted);
}

/* The form that a text names, "STRING: public", and the text behind that; NULL: it names none. */
static const struct pkt_alternative *find_named(const struct pkt_op *op, const struct pkt_value *v,
                                                struct pkt_value *rest) {
  const char *colon = v->type == PKT_V_TEXT ? memchr(v->ptr, ':', v->len) : NULL;
  if (!colon) return NULL;
  uint32_t name = (uint32_t)(colon - v->ptr), behind = name + 1;
  if (behind < v->len && v->ptr[behind] == ' ') behind++;
  *rest = *v;
  rest->ptr += behind;
  rest->len -= behind;
  return find_form(op, v->ptr, name);
}

/* The form of an address, where the value is one; NULL: it is none, or there is no such form. */
static const struct pkt_alternative *find_address(const struct pkt_op *op,
                                                  const struct pkt_value *v) {
  bool address = v->type == PKT_V_TEXT && v->address == 4;
  for (uint32_t i = 0; address && i < op->nalts; i++)
    if (op->alts[i].op->kind == PKT_IPV4) return &op->alts[i];
  return NULL;
}

/* {"COUNTER32", 5}, "COUNTER32: 5", <ASN1_COUNTER32[5]>, or a value whose type tells which form is
** meant. */
int pkt_set_forms(struct pkt_target *t, const struct pkt_value *v) {
  const struct pkt_value *name = v->type == PKT_V_LIST && v->len > 0 ? &v->items[0] : NULL;
  const struct pkt_alternative *form = NULL;
  if (pkt_is_object(v)) {
    form = find_form(t->op, v->layer->id + PREFIX_LEN, v->layer->id_len - PREFIX_LEN);
    if (form) return set_form(t, form, v);
  } else if (name && v->len == 2 && (name->type == PKT_V_TEXT || name->type == PKT_V_BYTES)) {
    form = find_form(t->op, name->ptr, name->len);
    if (form) return set_form(t, form, &v->items[1]);
  }
  struct pkt_value rest;
  form = find_named(t->op, v, &rest);
  if (form) return set_form(t, form, &rest);
  form = find_address(t->op, v);
  if (form) return set_form(t, form, v);
  return set_any_form(t, v);
}
