/* literal_asn1.c - the objects of ASN.1 in literals, as the reference prints them. */
#include "literal_inner.h"

/* Pass over digits, and the dots that stand for more of them. */
static void skip_bit_digits(struct lit_reader *r) {
  while (lit_peek(r, r->at) == '0' || lit_peek(r, r->at) == '1' || lit_peek(r, r->at) == '.')
    r->at++;
}

/* Push the arguments of the call: what is in the brackets or, for a BIT STRING, whose digits
** have been passed over, the bytes that follow them and the number of unused bits in the last
** one. */
static int read_object_bits(struct lit_reader *r) {
  struct pkt_member bytes = {0}, unused = {0};
  skip_bit_digits(r);
  if (!lit_skip(r, ']') || !lit_skip(r, '=')) return lit_unexpected(r, "']='");
  if (lit_read_operand(r, &bytes.value) != 0) return -1;
  lit_skip_space(r);
  if (!lit_skip(r, '(') || !lit_is_digit(lit_peek(r, r->at)))
    return lit_unexpected(r, "'(' and a number");
  if (lit_read_number(r, &unused.value) != 0) return -1;
  while (r->at < r->end && *r->at != ')' && !lit_is_line_end(*r->at)) r->at++; /* unused bits */
  if (!lit_skip(r, ')')) return lit_unexpected(r, "')'");
  return lit_push(r, &bytes, sizeof bytes) == 0 ? lit_push(r, &unused, sizeof unused) : -1;
}

static int read_object_value(struct lit_reader *r) {
  struct pkt_member m = {0};
  if (lit_read_expr(r, &m.value) != 0 || lit_push(r, &m, sizeof m) != 0) return -1;
  return lit_skip(r, ']') ? 0 : lit_unexpected(r, "']'");
}

bool lit_starts_object(const struct lit_reader *r, const char *p) {
  return lit_starts_with(r, p, "<ASN1_");
}

int lit_read_object(struct lit_reader *r, struct pkt_value *out) {
  struct pkt_ctor *call = pkt_calloc(r->arena, sizeof *call);
  size_t base = r->stack.used;
  const char *name = r->at + 1, *end = lit_name_end(r, name);
  void *fields;
  if (!call) return lit_no_memory(r);
  call->id_len = (uint32_t)(end - name);
  if (lit_copy_name(r, name, call->id_len, &call->id) != 0) return -1;
  r->at = end;
  if (lit_peek(r, r->at) != '[') return lit_unexpected(r, "'['");
  if (lit_open_bracket(r) != 0) return -1;
  bool bits = lit_is_word(name, call->id_len, "ASN1_BIT_STRING");
  if ((bits ? read_object_bits(r) : read_object_value(r)) != 0) return -1;
  r->depth--;
  if (!lit_skip(r, '>')) return lit_unexpected(r, "'>'");
  call->len = (uint32_t)((r->stack.used - base) / sizeof(struct pkt_member));
  if (lit_take(r, base, &fields) != 0) return -1;
  call->fields = fields;
  *out = (struct pkt_value){.type = PKT_V_LAYER, .layer = call};
  return 0;
}
