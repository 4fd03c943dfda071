/* assign_random.c - random values, and the generator that they are drawn from. */
#include "../wire/bits.h"
#include "assign_inner.h"

static uint64_t rotl(uint64_t x, int k) { return x << k | x >> (64 - k); }

uint64_t pkt_rng_next(struct pkt_rng *rng) {
  uint64_t *s = rng->s;
  uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

void pkt_rng_seed(struct pkt_rng *rng, uint64_t seed) {
  for (int i = 0; i < 4; i++) { /* splitmix64, as the generator's authors advise */
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    rng->s[i] = z ^ z >> 31;
  }
}

static uint64_t random_bits(struct pkt_context *c, unsigned width) {
  return pkt_rng_next(c->rng) >> (64 - width);
}

static int random_bytes(struct pkt_target *t, uint32_t n) {
  uint8_t *p = pkt_alloc(t->c->arena, n + 1);
  if (!p) return pkt_no_memory(t);
  for (uint32_t i = 0; i < n; i++) p[i] = (uint8_t)random_bits(t->c, 8);
  t->slot->bytes = p;
  t->slot->len = n;
  return 0;
}

/* One of the attributes that have names, with a random number. */
static int random_attribute(struct pkt_target *t) {
  struct pkt_list *list = pkt_new_list(t, 1, sizeof(struct pkt_option));
  uint8_t *bytes = pkt_alloc(t->c->arena, 2);
  if (!list || !bytes) return pkt_no_memory(t);
  const struct pkt_optdef *def =
      &t->op->special->codes[random_bits(t->c, 32) % t->op->special->ncodes];
  pkt_put_be16(bytes, (uint16_t)random_bits(t->c, 16));
  list->options[0] = (struct pkt_option){
      .code = def->code, .form = PKT_OPTION_BASIC, .len = 2, .data = bytes, .def = def};
  list->len = 1;
  t->slot->list = list;
  return 0;
}

/* One option of a code that holds numbers or addresses, with random ones. */
static int random_options(struct pkt_target *t) {
  uint32_t fitting = 0, chosen = 0;
  const struct pkt_op *op = t->op;
  for (uint32_t i = 0; i < op->special->ncodes; i++) {
    bool parts =
        op->special->codes[i].form == PKT_FORM_INTS || op->special->codes[i].form == PKT_FORM_IPV4;
    if (parts && random_bits(t->c, 32) % ++fitting == 0) chosen = i;
  }
  struct pkt_list *list = pkt_new_list(t, 1, sizeof(struct pkt_option));
  if (!list) return -1;
  if (fitting > 0) {
    const struct pkt_optdef *def = &op->special->codes[chosen];
    uint32_t n = 0, unit = def->form == PKT_FORM_IPV4 ? 4 : def->width;
    for (uint32_t i = 0; i < (def->count ? def->count : 1u); i++)
      n += unit ? unit : def->widths[i < PKT_MAX_PARTS ? i : 0];
    uint8_t *bytes = pkt_alloc(t->c->arena, n);
    if (!bytes) return pkt_no_memory(t);
    for (uint32_t i = 0; i < n; i++) bytes[i] = (uint8_t)random_bits(t->c, 8);
    list->options[0] = (struct pkt_option){.code = def->code, .len = n, .data = bytes, .def = def};
    list->len = 1;
  }
  t->slot->list = list;
  return 0;
}

/* One to four items. */
static int random_list(struct pkt_target *t) {
  return pkt_set_items(t, NULL, 1 + (uint32_t)random_bits(t->c, 2));
}

/* The highest bit of the exponent. Clearing it leaves a float that is finite and below 2. */
static uint64_t finite_bit(const struct pkt_op *op) { return (uint64_t)1 << (op->width - 2); }

/* An identifier of MIB-2, 1.3.6.1.2.1.x.y. */
static int random_oid(struct pkt_target *t) {
  const uint8_t octets[] = {
      0x2b, 6, 1, 2, 1, (uint8_t)random_bits(t->c, 7), (uint8_t)random_bits(t->c, 7)};
  return pkt_set_copy(t, octets, sizeof octets);
}

/* A name of one to four labels, each of one to eight small letters. */
static int random_name(struct pkt_target *t) {
  char name[4 * (8 + 1)];
  uint32_t len = 0;
  for (uint32_t labels = 1 + (uint32_t)random_bits(t->c, 2); labels > 0; labels--) {
    for (uint32_t n = 1 + (uint32_t)random_bits(t->c, 3); n > 0; n--)
      name[len++] = (char)('a' + random_bits(t->c, 32) % 26);
    name[len++] = '.';
  }
  return pkt_set_copy(t, (const uint8_t *)name, len);
}

int pkt_set_random(struct pkt_target *t) {
  const struct pkt_op *op = t->op;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4:
      t->slot->num = random_bits(t->c, op->width);
      if (op->show == PKT_SHOW_FLOAT) t->slot->num &= ~finite_bit(op);
      if (!(op->flags & PKT_OP_SIGNED)) return 0;
      t->slot->num = pkt_sign_extend(t->slot->num, op->width);
      t->slot->negative = (int64_t)t->slot->num < 0;
      return 0;
    case PKT_OPTIONS:
      return op->flags & PKT_OP_ATTRIBUTES ? random_attribute(t) : random_options(t);
    case PKT_LIST: return random_list(t);
    case PKT_IPV6: return random_bytes(t, 16);
    case PKT_INTEGER: t->slot->num = random_bits(t->c, 31); return 0;
    case PKT_OID: return random_oid(t);
    case PKT_NAME: return random_name(t);
    case PKT_BITS: return pkt_new_bits(t, 1 + (uint32_t)random_bits(t->c, 3), 0) ? 0 : -1;
    case PKT_BYTES:
      return random_bytes(t, op->fixed_size ? op->fixed_size : 1 + (uint32_t)random_bits(t->c, 4));
    case PKT_CHOICE: {
      struct pkt_scope scope = {.layer = t->layer};
      uint32_t i = 0;
      while (i + 1 < op->nalts && op->alts[i].when && !pkt_rule_eval(op->alts[i].when, &scope)) i++;
      t->slot->alt = (uint8_t)i;
      t->op = op->alts[i].op;
      return pkt_set_random(t);
    }
    default:
      return pkt_fail(t->err, PKT_ERR_VALUE,
                      "%s.%s: there are no random values for this kind of field", t->plan->id,
                      pkt_op_name(op));
  }
}
