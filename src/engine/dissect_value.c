/* dissect_value.c - the bytes of one value. */
#include <string.h>

#include "dissect_inner.h"
#include "name.h"

int pkt_read_no_memory(struct pkt_cursor *c) {
  return pkt_fail(c->err, PKT_ERR_MEMORY, "out of memory");
}

int pkt_read_truncated(struct pkt_cursor *c, const struct pkt_op *op, uint32_t bits) {
  return pkt_fail(c->err, PKT_ERR_TRUNCATED, "%s.%s: %u bits at byte %u, but only %u are left",
                  c->layer->plan->id, pkt_op_name(op), bits, c->bit / 8, c->n * 8 - c->bit);
}

int pkt_read_malformed(struct pkt_cursor *c, const struct pkt_op *op, const char *why) {
  return pkt_fail(c->err, PKT_ERR_MALFORMED, "%s%s%s: %s at byte %u", c->layer->plan->id,
                  op ? "." : "", op ? pkt_op_name(op) : "", why, c->bit / 8);
}

struct pkt_scope pkt_read_scope(const struct pkt_cursor *c) {
  uint32_t left = pkt_bytes_left(c);
  return (struct pkt_scope){
      .layer = c->layer,
      .below = c->below,
      .peek = c->p + (c->n - left),
      .left = left,
      .total = c->n,
      .header = c->bit / 8,
      .payload = left,
  };
}

int64_t pkt_read_run(const struct pkt_cursor *c, const struct pkt_rule *rule) {
  struct pkt_scope scope = pkt_read_scope(c);
  return pkt_rule_eval(rule, &scope);
}

/* The first bytes of an IPv4 address; the others are zeros. */
static int read_prefix4(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = pkt_bytes_left(c), n = pkt_read_size(c, op->size, left < 4 ? left : 4);
  s->num = n ? pkt_get_be(c->p + (c->n - left), n) << (32 - n * 8) : 0;
  c->bit += n * 8;
  return 0;
}

int pkt_read_uint(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->kind == PKT_IPV4 && op->size) return read_prefix4(c, op, s);
  if (pkt_op_end(op, c->bit) > c->n * 8) return pkt_read_truncated(c, op, op->width);
  s->num = pkt_op_load(op, c->p, c->bit) ^ op->mask;
  if (op->flags & PKT_OP_SIGNED) pkt_read_sign(op, s);
  c->bit += op->width;
  return 0;
}

/* Bytes behind a count of their own, as in a character string of RFC 1035 section 3.3. */
static int read_counted(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (pkt_bytes_left(c) < op->counted) return pkt_read_truncated(c, op, op->counted * 8u);
  uint64_t n = pkt_get_be(c->p + c->bit / 8, op->counted);
  c->bit += op->counted * 8u;
  uint32_t left = pkt_bytes_left(c);
  pkt_take_bytes(c, s, n > left ? left : (uint32_t)n);
  return 0;
}

/* Bytes up to a byte that ends them; where it doesn't come, all that is left, or that the size
** allows. Of a fixed size all bytes are taken. */
static int read_ended(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = pkt_bytes_left(c), start = c->bit;
  if (op->size) left = pkt_read_size(c, op->size, left);
  if (op->fixed_size && op->fixed_size < left) left = op->fixed_size;
  const uint8_t *p = c->p + c->bit / 8;
  const uint8_t *end = memchr(p, op->fill, left);
  pkt_take_bytes(c, s, end ? (uint32_t)(end - p) : left);
  if (op->fixed_size)
    c->bit = start + left * 8;
  else if (end && !(op->flags & PKT_OP_APART))
    c->bit += 8;
  return 0;
}

/* Which of the texts the 'n' bytes begin with, the longest of them; NULL: none. */
static const uint8_t *text_at(const struct pkt_texts *t, const uint8_t *p, uint32_t n,
                              uint32_t *len) {
  const uint8_t *best = NULL;
  *len = 0;
  for (uint32_t i = 0; i < t->len; i++) {
    if (t->lens[i] > n || t->lens[i] <= *len || memcmp(p, t->texts[i], t->lens[i]) != 0) continue;
    best = t->texts[i];
    *len = t->lens[i];
  }
  return best;
}

/* The bytes before one that a text may begin with. */
static uint32_t until_first(const struct pkt_texts *t, const uint8_t *p, uint32_t n) {
  for (uint32_t i = 0; i < t->nfirsts; i++) {
    const uint8_t *at = memchr(p, t->firsts[i], n);
    if (at) n = (uint32_t)(at - p);
  }
  return n;
}

/* Bytes up to the first of some texts, or all that is left; or one of some texts, or nothing. */
static int read_text(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = pkt_bytes_left(c), n = 0;
  const uint8_t *p = c->p + (c->n - left);
  if (op->flags & PKT_OP_ONE_OF) {
    uint32_t len;
    pkt_take_bytes(c, s, text_at(op->special->texts, p, left, &len) ? len : 0);
    return 0;
  }
  for (uint32_t len;; n++) {
    n += until_first(op->special->texts, p + n, left - n);
    if (n == left || text_at(op->special->texts, p + n, left - n, &len)) break;
  }
  pkt_take_bytes(c, s, n);
  return 0;
}

static int read_netbios(struct pkt_cursor *c, struct pkt_slot *s) {
  uint32_t left = pkt_bytes_left(c), n = left < PKT_NETBIOS_SIZE ? left : PKT_NETBIOS_SIZE;
  uint8_t *name = pkt_calloc(c->arena, PKT_NETBIOS_SIZE);
  if (!name) return pkt_read_no_memory(c);
  s->bytes = name;
  s->len = pkt_name_netbios_read(name, c->p + c->bit / 8, n);
  c->bit += n * 8;
  return 0;
}

static int read_bytes(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = pkt_bytes_left(c), n = left;
  if (op->flags & PKT_OP_ENDED) return read_ended(c, op, s);
  if (op->special->texts) return read_text(c, op, s);
  if (op->flags & PKT_OP_NETBIOS) return read_netbios(c, s);
  if (op->counted) return read_counted(c, op, s);
  if (op->flags & PKT_OP_EXACT && left < op->fixed_size)
    return pkt_read_truncated(c, op, op->fixed_size * 8);
  if (op->fixed_size)
    n = op->fixed_size < left ? op->fixed_size : left;
  else if (op->size) {
    int64_t wanted = pkt_read_rule(c, op->size);
    n = pkt_read_size(c, op->size, left);
    if (wanted > left && wanted < PKT_MAX_PACKET) c->missing += (uint32_t)wanted - left;
  }
  pkt_take_bytes(c, s, n);
  return 0;
}

/* The first bytes of an address; the others are zeros. */
static int read_prefix(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t left = pkt_bytes_left(c), n = pkt_read_size(c, op->size, left < 16 ? left : 16);
  uint8_t *address = pkt_calloc(c->arena, 16);
  if (!address) return pkt_read_no_memory(c);
  memcpy(address, c->p + c->bit / 8, n);
  s->bytes = address;
  s->len = 16;
  c->bit += n * 8;
  return 0;
}

static int read_ipv6(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->size) return read_prefix(c, op, s);
  if (pkt_bytes_left(c) < 16) return pkt_read_truncated(c, op, 128);
  pkt_take_bytes(c, s, 16);
  return 0;
}

/* The length of a partial name's text: it ends in a dot only if its root label was there. The
** 'n' bytes hold all of its labels. */
static uint32_t partial_len(const char *text, uint32_t len, uint32_t n) {
  bool root = n > len || (n == 1 && text[0] == '.');
  return root ? len : len - 1;
}

static int read_name(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  uint32_t at = (uint32_t)(c->p - c->message) + c->bit / 8, next;
  uint32_t left = pkt_bytes_left(c),
           end = at + (op->size ? pkt_read_size(c, op->size, left) : left);
  const char *text;
  uint32_t len, missing;
  if (pkt_name_read(c->arena, c->message, c->message_len, at, end, &text, &len, &next, &missing,
                    c->pointed) != 0)
    return text ? pkt_fail(c->err, PKT_ERR_MALFORMED, "%s.%s: no domain name at byte %u",
                           c->layer->plan->id, pkt_op_name(op), c->bit / 8)
                : pkt_read_no_memory(c);
  if (op->flags & PKT_OP_NODE && len > 0) {
    /* no dot at the end, so that the fill can be told from it */
    uint32_t fill = pkt_name_node_fill(text, len - 1);
    bool filled = fill <= end - next;
    for (uint32_t i = 0; filled && i < fill; i++) filled = c->message[next + i] == 0;
    if (filled) {
      len--;
      next += fill;
    }
  }
  if (op->flags & PKT_OP_PARTIAL) len = partial_len(text, len, next - at);
  if (op->flags & PKT_OP_OPTIONAL && next == at) len = 0;
  c->missing += missing;
  if (op->size) next = end; /* what is left of a sized name belongs to it */
  s->bytes = (const uint8_t *)text;
  s->len = len;
  c->bit += (next - at) * 8;
  return 0;
}

static int read_choice(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  if (op->element) return pkt_read_form(c, op, s);
  struct pkt_scope scope = pkt_read_scope(c);
  s->alt = (uint8_t)pkt_op_form(op, &scope);
  return pkt_read_op(c, op->alts[s->alt].op, s);
}

int pkt_read_value(struct pkt_cursor *c, const struct pkt_op *op, struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4: return pkt_read_uint(c, op, s);
    case PKT_IPV6: return read_ipv6(c, op, s);
    case PKT_BYTES:
      return op->element && op->element->len == 0 ? pkt_read_any(c, op, s) : read_bytes(c, op, s);
    case PKT_INTEGER: return pkt_read_integer(c, op, s);
    case PKT_OID: pkt_take_bytes(c, s, pkt_bytes_left(c)); return 0;
    case PKT_BITS: return pkt_read_bits(c, op, s);
    case PKT_NAME: return read_name(c, op, s);
    case PKT_LIST: return pkt_read_list(c, op, s);
    case PKT_LAYERS:
    case PKT_LAYER: return pkt_read_layers(c, op, s);
    case PKT_OPTIONS: return pkt_read_options(c, op, s);
    case PKT_CHOICE: return read_choice(c, op, s);
    default: return 0; /* PHANTOM */
  }
}
