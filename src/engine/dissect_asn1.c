/* dissect_asn1.c - the bytes of values that are elements of ASN.1 (X.690). */
#include <stdio.h>
#include <string.h>

#include "../wire/ber.h"
#include "dissect_inner.h"

/* Pass over an identifier and a length: what is left to read is their content. 'op' is NULL for the
** element that the whole layer is. */
static int open_head(struct pkt_cursor *c, const struct pkt_op *op, uint8_t id) {
  struct pkt_ber_head head;
  char wanted[48];
  uint32_t left = pkt_bytes_left(c);
  switch (pkt_ber_head_read(c->p + c->bit / 8, left, &head)) {
    case PKT_BER_SHORT: break;
    case PKT_BER_BAD: return pkt_read_malformed(c, op, "the length isn't definite");
    default:
      snprintf(wanted, sizeof wanted, "identifier 0x%02x, not 0x%02x, was expected", id, head.id);
      if (head.high || head.id != id) return pkt_read_malformed(c, op, wanted);
      c->bit += head.size * 8;
      if (head.len > left - head.size) break;
      c->n = c->bit / 8 + head.len;
      return 0;
  }
  return pkt_fail(c->err, PKT_ERR_TRUNCATED, "%s%s%s: the element ends behind the last byte, %u",
                  c->layer->plan->id, op ? "." : "", op ? pkt_op_name(op) : "", c->n);
}

int pkt_open_element(struct pkt_cursor *c, const struct pkt_op *op, const struct pkt_element *e) {
  for (unsigned i = 0; i < e->len; i++) {
    if (open_head(c, op, e->ids[i]) != 0) return -1;
    if (!(e->zeros >> i & 1)) continue;
    if (pkt_bytes_left(c) == 0 || c->p[c->bit / 8] != 0)
      return pkt_read_malformed(c, op, "no octet for unused bits is");
    c->bit += 8;
  }
  return 0;
}

int pkt_close_element(struct pkt_cursor *c, const struct pkt_op *op, const struct pkt_element *e,
                      uint32_t whole) {
  if (e->len > 0 && c->bit != c->n * 8)
    return pkt_read_malformed(c, op, "the element has more in it");
  c->n = whole;
  return 0;
}

int pkt_read_integer(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t n = pkt_bytes_left(c);
  const uint8_t *p = c->p + c->bit / 8;
  if (n == 0) return pkt_read_malformed(c, op, "there is no content");
  if (!pkt_ber_int_read(p, n, &s->num, &s->negative)) pkt_take_bytes(c, s, n);
  c->bit = c->n * 8;
  return 0;
}

int pkt_read_bits(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t n = pkt_bytes_left(c);
  uint8_t unused = n > 0 ? c->p[c->bit / 8] : 8;
  if (unused > 7 || (n == 1 && unused > 0))
    return pkt_read_malformed(c, op, "no number of unused bits is");
  pkt_take_bytes(c, s, n);
  return 0;
}

/* Any element, whole. */
int pkt_read_any(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  struct pkt_ber_head head;
  uint32_t left = pkt_bytes_left(c);
  if (pkt_ber_head_read(c->p + c->bit / 8, left, &head) == PKT_BER_BAD)
    return pkt_read_malformed(c, op, "the length isn't definite");
  pkt_take_bytes(c, s, (uint32_t)pkt_ber_size(c->p + c->bit / 8, left));
  return 0;
}

/* The form whose identifier comes next. */
int pkt_read_form(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (pkt_bytes_left(c) == 0) return pkt_read_truncated(c, op, 16);
  uint8_t id = c->p[c->bit / 8];
  for (uint32_t i = 0; i < op->nalts; i++) {
    if (!pkt_op_begins(op->alts[i].op, id)) continue;
    s->alt = (uint8_t)i;
    return pkt_read_op(c, op->alts[i].op, s);
  }
  return pkt_read_malformed(c, op, "none of the identifiers that may be is");
}

/* The plan that another field says the packet has; NULL: it says none. */
static const struct pkt_plan *chosen_plan(const struct pkt_layer *layer, const struct pkt_op *op) {
  const struct pkt_chosen *chosen = op->special->chosen;
  const struct pkt_slot *s = chosen ? &layer->slots[chosen->slot] : NULL;
  for (uint32_t i = 0; chosen && !s->none && i < chosen->len; i++)
    if (chosen->picks[i].len == s->len && memcmp(chosen->picks[i].bytes, s->bytes, s->len) == 0)
      return chosen->picks[i].plan;
  return NULL;
}

/* Must the packet fill its field? It must if it is the whole content of another element. */
static bool is_filled(const struct pkt_op *op) {
  return op->kind == PKT_LAYER && op->element->len > 0;
}

uint32_t pkt_packet_size(const struct pkt_cursor *c, const struct pkt_op *op, uint32_t left) {
  return is_filled(op) ? left : (uint32_t)pkt_ber_size(c->p + c->bit / 8, left);
}

struct pkt_layer *pkt_read_packet(struct pkt_cursor *c, const struct pkt_op *op, uint32_t n) {
  const struct pkt_plan *plan = chosen_plan(c->layer, op);
  struct pkt_layer *item = plan ? pkt_read_item(c, op, plan, n) : NULL;
  if (item && item->size != n && is_filled(op)) item = NULL;
  if (item || (plan && pkt_is_fatal(c->err))) return item;
  item = pkt_read_item(c, op, NULL, n);
  if (!item || item->size == n || !is_filled(op)) return item;
  (void)pkt_read_malformed(c, op, "the packet ends early");
  return NULL;
}

static bool is_left_out(const struct pkt_cursor *c, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_OPTIONAL)) return false;
  return pkt_bytes_left(c) == 0 || !pkt_op_begins(op, c->p[c->bit / 8]);
}

/* Read an element. An optional one that isn't there has no value; any other has to be there. */
int pkt_read_element(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t whole = c->n;
  s->none = is_left_out(c, op);
  if (s->none) return 0;
  if (pkt_bytes_left(c) == 0) return pkt_read_truncated(c, op, 16);
  if (pkt_open_element(c, op, op->element) != 0 || pkt_read_value(c, op, s) != 0) return -1;
  if (op->kind == PKT_LAYER && s->list->len == 0) return pkt_read_truncated(c, op, 16);
  return pkt_close_element(c, op, op->element, whole);
}
