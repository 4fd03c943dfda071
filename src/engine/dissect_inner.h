/* dissect_inner.h - what the files behind dissect.h share: where reading stands, and what several
** of them need.
**
** dissect.c reads packets, layer by layer; dissect_layer.c one layer, field by field;
** dissect_value.c one value, of which lists are in dissect_list.c and the elements of ASN.1 in
** dissect_asn1.c. */
#ifndef PKT_DISSECT_INNER_H
#define PKT_DISSECT_INNER_H

#include "dissect.h"
#include "quick.h"

/* Where reading stands. Everything is relative to the layer that is being read. */
struct pkt_cursor {
  struct pkt_arena *arena;
  struct pkt_layer *layer;
  const struct pkt_layer *below;
  const uint8_t *p;       /* the layer's first byte */
  uint32_t n;             /* bytes that it and all it carries may take */
  uint32_t bit;           /* the next bit to read */
  const uint8_t *message; /* start of the message that domain names point into */
  uint32_t message_len;
  uint32_t sections; /* the bit where the layer's first section of records begins; 0: none yet */
  uint32_t missing;  /* bytes that were announced, but lie behind the end */
  int depth;
  bool *pointed; /* set when a domain name holds a pointer */
  struct pkt_err *err;
};

/* Fail: without memory; with "IP.ttl: 8 bits at byte 8, but only ..."; with "IP.ttl: 'why' at byte
** 8", where 'op' is NULL for the whole layer. They return -1. */
int pkt_read_no_memory(struct pkt_cursor *c);
int pkt_read_truncated(struct pkt_cursor *c, const struct pkt_op *op, uint32_t bits);
int pkt_read_malformed(struct pkt_cursor *c, const struct pkt_op *op, const char *why);

/* Is this an error that remains however else the bytes are read: no memory, or a limit? */
static inline bool pkt_is_fatal(const struct pkt_err *err) {
  return err->code == PKT_ERR_MEMORY || err->code == PKT_ERR_LIMIT;
}

/* Bytes that haven't been begun. */
static inline uint32_t pkt_bytes_left(const struct pkt_cursor *c) {
  uint32_t at = (c->bit + 7) / 8;
  return at < c->n ? c->n - at : 0;
}

/* Take 'n' whole bytes as they are. */
static inline void pkt_take_bytes(struct pkt_cursor *c, struct pkt_slot *s, uint32_t n) {
  s->bytes = c->p + c->bit / 8;
  s->len = n;
  c->bit += n * 8;
}

/* A number that was read is signed. */
static inline void pkt_read_sign(const struct pkt_op *op, struct pkt_slot *s) {
  s->num = pkt_sign_extend(s->num, op->width);
  s->negative = (int64_t)s->num < 0;
}

/* What rules are asked about, where reading stands; and the value of one. */
struct pkt_scope pkt_read_scope(const struct pkt_cursor *c);
int64_t pkt_read_run(const struct pkt_cursor *c, const struct pkt_rule *rule);
static inline int64_t pkt_read_rule(const struct pkt_cursor *c, const struct pkt_rule *rule) {
  return pkt_rule_is_quick(rule) ? pkt_rule_quick(rule, c->layer) : pkt_read_run(c, rule);
}

/* How many of the 'left' bytes a rule gives to a field. A result below 0, from a length field
** that is too small for what it counts, leaves that many bytes at the end, as the reference
** does. */
static inline uint32_t pkt_read_size(const struct pkt_cursor *c, const struct pkt_rule *rule,
                                     uint32_t left) {
  int64_t v = pkt_read_rule(c, rule);
  if (v >= 0) return v > left ? left : (uint32_t)v;
  return v < -(int64_t)left ? 0 : left - (uint32_t)-v;
}

/* Read the value that begins where reading stands into a slot. All return 0, or -1 with an error;
** pkt_read_value() leaves out what stands around an element of ASN.1. */
int pkt_read_value(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_uint(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_list(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_layers(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_options(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_element(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_integer(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_bits(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_any(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
int pkt_read_form(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s);
static inline int pkt_read_op(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  return op->element ? pkt_read_element(c, op, s) : pkt_read_value(c, op, s);
}

/* The same for one packet that is an element of ASN.1, of at most 'n' bytes: as what another field
** says it is, or as what its bytes do. NULL: it can't be read, or doesn't fill the element that it
** has to. */
struct pkt_layer *pkt_read_packet(struct pkt_cursor *c, const struct pkt_op *op, uint32_t n);
/* ...and for any other, as 'plan' if that is known. */
struct pkt_layer *pkt_read_item(struct pkt_cursor *c, const struct pkt_op *op,
                                const struct pkt_plan *plan, uint32_t n);

/* The bytes of a packet that is an element of ASN.1 and can't be read. */
uint32_t pkt_packet_size(const struct pkt_cursor *c, const struct pkt_op *op, uint32_t left);

/* Enter an element of ASN.1: what is left to read is its content; 'op' is NULL for the one that a
** whole layer is. And leave it for 'whole' bytes: it has to end where the last value in it does. */
int pkt_open_element(struct pkt_cursor *c, const struct pkt_op *op, const struct pkt_element *e);
int pkt_close_element(struct pkt_cursor *c, const struct pkt_op *op, const struct pkt_element *e,
                      uint32_t whole);

/* Read the plan's leading numbers, whose bytes must all be there, through its 8-byte windows. */
void pkt_look_through(const struct pkt_plan *plan, const uint8_t *p, struct pkt_slot *slots);

/* Read the fields of c->layer, which has memory for its slots. Returns 0, or -1 with an error: then
** the slots that weren't read hold defaults. */
int pkt_read_fields(struct pkt_cursor *c); /* all but a trailer */
int pkt_read_body(struct pkt_cursor *c);   /* of one that may have a trailer */
static inline int pkt_read_layer(struct pkt_cursor *c) {
  struct pkt_layer *layer = c->layer;
  const struct pkt_plan *plan = layer->plan;
  if (plan->numbers && c->n >= plan->fixed_size) { /* most headers: no need to go field by field */
    pkt_look_through(plan, c->p, layer->slots);
    layer->raw = c->p;
    layer->avail = c->n;
    layer->size = plan->fixed_size;
    c->bit = layer->size * 8;
    return 0;
  }
  return plan->trailer ? pkt_read_body(c) : pkt_read_fields(c);
}

/* The layer, of which only the plan is known yet, is Raw: the 'n' bytes at 'p', which are some. */
static inline void pkt_read_raw(struct pkt_layer *layer, const uint8_t *p, uint32_t n) {
  layer->raw = p;
  layer->size = layer->avail = n;
  layer->slots[0] =
      (struct pkt_slot){.bytes = layer->raw, .len = n, .nbits = n * 8, .state = PKT_SET};
}

/* Read the trailer of c->layer, of which all bytes are there, at byte 'at'. */
void pkt_read_trailer(struct pkt_cursor *c, uint32_t at);

/* How many of the 'n' bytes from the layer's start belong to it and what it carries, its trailer
** included. */
uint32_t pkt_layer_extent(const struct pkt_layer *layer, const struct pkt_layer *below,
                          const uint8_t *p, uint32_t n);

/* What rides on 'layer', whose payload is p[0..n): of the riders that claim it the one of the
** lowest rank; 'fallback', which may be NULL: none does. */
const struct pkt_plan *pkt_riding_plan(const struct pkt_riders *riders,
                                       const struct pkt_plan *fallback,
                                       const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                       enum pkt_reach reach);

#endif
