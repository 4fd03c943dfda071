/* generate.c - payloads that are made rather than sent. */
#include "generate.h"

#include <math.h>

#include "../wire/base64.h"
#include "../wire/mt19937.h"
#include "buf.h"
#include "build.h"
#include "text.h"

#define FRAME_CHECK 4 /* bytes of Ethernet's frame check sequence (IEEE 802.3 section 3.2.9) */
#define DEFAULT_SEED 12345

/* 32-bit words of a seed, and the decimal digits that they surely hold: 2^1024 has 309. */
#define SEED_WORDS 32
#define SEED_DIGITS 308

/* One request for bytes. */
struct job {
  struct pkt_generator *g;
  const struct pkt_value *spec;
  struct pkt_err *err;
  size_t size; /* bytes to make */
  bool whole;  /* nothing says how many: a template in hex, once */
};

/* Is the value missing, or one that stands for a missing one: null, empty text, the number 0?
** The text "0" isn't. */
static bool says_nothing(const struct pkt_value *v) {
  if (!v || v->type == PKT_V_NULL) return true;
  if (v->type == PKT_V_TEXT) return v->len == 0;
  return (v->type == PKT_V_INT && v->num == 0) || (v->type == PKT_V_REAL && v->real == 0);
}

/* '"seed": "abc" is not a whole number' */
static int refuse(const struct job *j, const char *key, const struct pkt_value *v,
                  const char *wanted) {
  char quote[PKT_QUOTE_ROOM];
  if (!v) return pkt_fail(j->err, PKT_ERR_VALUE, "\"%s\" is missing: %s", key, wanted);
  switch (v->type) {
    case PKT_V_TEXT:
      return pkt_fail(j->err, PKT_ERR_VALUE, "\"%s\": %s is not %s", key,
                      pkt_quote(quote, v->ptr, v->len), wanted);
    case PKT_V_INT:
      return pkt_fail(j->err, PKT_ERR_VALUE, "\"%s\": %s%llu is not %s", key,
                      v->negative ? "-" : "", (unsigned long long)v->num, wanted);
    case PKT_V_REAL:
      return pkt_fail(j->err, PKT_ERR_VALUE, "\"%s\": %g is not %s", key, v->real, wanted);
    default:
      return pkt_fail(j->err, PKT_ERR_VALUE, "\"%s\": %s is not %s", key, pkt_value_kind(v),
                      wanted);
  }
}

static int out_of_memory(const struct job *j) {
  return pkt_fail(j->err, PKT_ERR_MEMORY, "out of memory");
}

/* Count 'n' bytes against the limit of the request: one field takes no more than a packet has,
** and all fields together no more than PKT_MAX_GENERATED. */
static int spend(const struct job *j, size_t n) {
  if (n > PKT_MAX_PACKET)
    return pkt_fail(j->err, PKT_ERR_LIMIT, "more than the %d bytes of a packet", PKT_MAX_PACKET);
  if (n > PKT_MAX_GENERATED - j->g->spent)
    return pkt_fail(j->err, PKT_ERR_LIMIT, "more than the %d bytes that are generated in a request",
                    PKT_MAX_GENERATED);
  j->g->spent += n;
  return 0;
}

/* Decimal text, its sign passed over, as words, the least significant first. False: it is none. */
static bool read_words(const struct pkt_value *v, uint32_t words[SEED_WORDS]) {
  uint32_t i = v->len > 0 && (v->ptr[0] == '-' || v->ptr[0] == '+');
  if (i == v->len || v->len > SEED_DIGITS) return false;
  for (; i < v->len; i++) {
    if (v->ptr[i] < '0' || v->ptr[i] > '9') return false;
    uint64_t carry = (uint64_t)(v->ptr[i] - '0');
    for (int k = 0; k < SEED_WORDS; k++) {
      carry += (uint64_t)words[k] * 10;
      words[k] = (uint32_t)carry;
      carry >>= 32;
    }
  }
  return true;
}

static bool is_whole(const struct pkt_value *v) {
  return v->type == PKT_V_REAL && floor(v->real) == v->real && fabs(v->real) < ldexp(1, 64);
}

/* The magnitude of a number or a decimal text. False: it is neither. */
static bool read_magnitude(const struct pkt_value *v, uint32_t words[SEED_WORDS]) {
  memset(words, 0, SEED_WORDS * sizeof *words);
  if (v->type == PKT_V_TEXT) return read_words(v, words);
  if (v->type != PKT_V_INT && !is_whole(v)) return false;
  uint64_t n = v->type == PKT_V_INT ? v->num : (uint64_t)fabs(v->real);
  words[0] = (uint32_t)n;
  words[1] = (uint32_t)(n >> 32);
  return true;
}

static bool is_negative(const struct pkt_value *v) {
  if (v->type == PKT_V_TEXT) return v->len > 0 && v->ptr[0] == '-';
  return v->type == PKT_V_REAL ? v->real < 0 : v->negative;
}

static unsigned count_words(const uint32_t words[SEED_WORDS]) {
  unsigned n = SEED_WORDS;
  while (n > 0 && words[n - 1] == 0) n--;
  return n;
}

/* Read a count of bytes; anything over the limit becomes the limit plus one. */
static int read_size(const struct job *j, const char *key, const struct pkt_value *v, size_t *n) {
  uint32_t words[SEED_WORDS];
  if (!v || !read_magnitude(v, words) || (is_negative(v) && count_words(words) > 0))
    return refuse(j, key, v, "a number of bytes");
  bool large = count_words(words) > 1 || words[0] > PKT_MAX_GENERATED;
  *n = large ? PKT_MAX_GENERATED + 1 : words[0];
  return 0;
}

static int seed(const struct job *j, struct pkt_mt19937 *random) {
  uint32_t words[SEED_WORDS] = {DEFAULT_SEED};
  const struct pkt_value *v = pkt_value_get(j->spec, "seed");
  if (!says_nothing(v) && !read_magnitude(v, words))
    return refuse(j, "seed", v, "a whole number below 2^64, or decimal text");
  unsigned n = count_words(words);
  pkt_mt19937_seed(random, words, n > 0 ? n : 1);
  return 0;
}

/* How many bytes the packet has as it is. A copy is built, since building fills in what is left
** unset. */
static int measure_packet(const struct job *j, size_t *n) {
  const struct pkt_packet *p = j->g->packet;
  struct pkt_packet *copy = pkt_packet_new(j->g->arena);
  if (!copy) return out_of_memory(j);
  for (uint32_t i = 0; i < p->len; i++) {
    const struct pkt_layer *from = p->layers[i];
    struct pkt_layer *layer = pkt_layer_alloc(j->g->arena, from->plan, from->plan->nops);
    if (!layer) return out_of_memory(j);
    struct pkt_slot *slots = layer->slots;
    *layer = *from;
    layer->slots = memcpy(slots, from->slots, from->plan->nops * sizeof *slots);
    copy->layers[copy->len++] = layer;
  }
  struct pkt_buf bytes = {0};
  int status = pkt_build(copy, j->g->arena, &bytes, j->err);
  *n = bytes.len;
  pkt_buf_free(&bytes);
  return status == 0 ? spend(j, *n) : -1;
}

/* How many bytes are wanted. 'needed': something has to say so. */
static int find_size(struct job *j, bool needed) {
  const struct pkt_value *total = pkt_value_get(j->spec, "total_size");
  const struct pkt_value *v = pkt_value_get(j->spec, "size");
  size_t rest = 0, all;
  if (!total) {
    j->whole = says_nothing(v);
    return j->whole && !needed ? 0 : read_size(j, "size", v, &j->size);
  }
  if (total->type == PKT_V_TEXT) return refuse(j, "total_size", total, "a number of bytes");
  if (read_size(j, "total_size", total, &all) != 0 || measure_packet(j, &rest) != 0) return -1;
  rest += FRAME_CHECK;
  j->size = all > rest ? all - rest : 0;
  j->whole = all == rest;
  return 0;
}

static uint8_t *new_bytes(const struct job *j, struct pkt_value *out) {
  if (spend(j, j->size) != 0) return NULL;
  uint8_t *p = pkt_alloc(j->g->arena, j->size + 1);
  if (!p) out_of_memory(j);
  *out = (struct pkt_value){.type = PKT_V_BYTES, .len = (uint32_t)j->size, .ptr = (char *)p};
  return p;
}

static int draw(const struct job *j, unsigned from, unsigned values, struct pkt_value *out) {
  struct pkt_mt19937 random;
  if (seed(j, &random) != 0) return -1;
  uint8_t *p = new_bytes(j, out);
  if (!p) return -1;
  for (size_t i = 0; i < j->size; i++)
    p[i] = (uint8_t)(from + (unsigned)(pkt_mt19937_real(&random) * values));
  return 0;
}

static int make_bytes(const struct job *j, struct pkt_value *out) { return draw(j, 0, 256, out); }

static int make_ascii(const struct job *j, struct pkt_value *out) { return draw(j, ' ', 95, out); }

static int repeat(const struct job *j, const uint8_t *unit, size_t n, struct pkt_value *out) {
  struct job all = *j;
  if (n == 0) all.size = 0;
  uint8_t *p = new_bytes(&all, out);
  if (!p) return -1;
  for (size_t i = 0; i < all.size; i++) p[i] = unit[i % n];
  return 0;
}

/* The text member 'key' and room for the bytes that it spells; NULL with *err filled in. */
static uint8_t *open_template(const struct job *j, const char *key, const struct pkt_value **text) {
  *text = pkt_value_get(j->spec, key);
  if (!*text || (*text)->type != PKT_V_TEXT) {
    refuse(j, key, *text, "text");
    return NULL;
  }
  uint8_t *bytes = pkt_alloc(j->g->arena, (*text)->len + 3); /* no coding is shorter than itself */
  if (!bytes) out_of_memory(j);
  return bytes;
}

static int make_template(const struct job *j, struct pkt_value *out) {
  const struct pkt_value *text;
  uint8_t *unit = open_template(j, "template_base64", &text);
  size_t bad;
  if (!unit) return -1;
  ptrdiff_t n = pkt_base64_decode(unit, text->ptr, text->len, &bad);
  if (n < 0)
    return pkt_fail(j->err, PKT_ERR_VALUE, "\"template_base64\": no base64 at character %zu",
                    bad + 1);
  return repeat(j, unit, (size_t)n, out);
}

/* Pairs of hex digits, blanks and 0x before any of them. Returns how many, or -1 with *bad at the
** character that doesn't belong. */
static ptrdiff_t read_hex(uint8_t *out, const char *p, size_t len, size_t *bad) {
  ptrdiff_t n = 0;
  for (size_t i = 0; i < len; i++) {
    bool two = i + 1 < len;
    if (strchr(" \t\r\n\v\f", p[i]) && p[i]) continue;
    if (p[i] == '0' && two && (p[i + 1] | 32) == 'x') {
      i++;
      continue;
    }
    *bad = pkt_hex_digit(p[i]) < 0 ? i : i + 1;
    if (*bad == i || !two || pkt_hex_digit(p[i + 1]) < 0) return -1;
    out[n++] = (uint8_t)(pkt_hex_digit(p[i]) << 4 | pkt_hex_digit(p[i + 1]));
    i++;
  }
  return n;
}

static int make_code(const struct job *j, struct pkt_value *out) {
  const struct pkt_value *text;
  uint8_t *unit = open_template(j, "template_code", &text);
  size_t bad;
  if (!unit) return -1;
  ptrdiff_t n = read_hex(unit, text->ptr, text->len, &bad);
  if (n < 0)
    return pkt_fail(j->err, PKT_ERR_VALUE,
                    "\"template_code\": pairs of hex digits expected, not so at character %zu",
                    bad + 1);
  struct job once = *j;
  if (j->whole) once.size = (size_t)n;
  return repeat(&once, unit, (size_t)n, out);
}

static const struct {
  const char *name;
  int (*make)(const struct job *j, struct pkt_value *out);
  bool sized; /* needs a size */
} ways[] = {
    {"random_bytes", make_bytes, true},
    {"random_ascii", make_ascii, true},
    {"template", make_template, true},
    {"template_code", make_code, false},
};

int pkt_generate(struct pkt_generator *g, const struct pkt_value *spec, struct pkt_value *out,
                 struct pkt_err *err) {
  struct job j = {.g = g, .spec = spec, .err = err};
  const struct pkt_value *way = pkt_value_get(spec, "generate");
  bool sized = pkt_value_get(spec, "size") || pkt_value_get(spec, "total_size");
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    if (!pkt_value_is(way, ways[i].name)) continue;
    if (ways[i].sized && !sized)
      return pkt_fail(err, PKT_ERR_VALUE, "\"%s\" needs a \"size\" or a \"total_size\"",
                      ways[i].name);
    return find_size(&j, ways[i].sized) == 0 ? ways[i].make(&j, out) : -1;
  }
  return refuse(&j, "generate", way, "random_bytes, random_ascii, template or template_code");
}
