#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "json.h"
#include "gather.h"
#include "text.h"

/* One text being read. A value is written at once where it lies on 'stack', as an item of a list or
** a member of a map; when the list or map ends, and their number is known, they move to memory of
** their own. The stack moves as it grows, so a place on it ("slot") is an offset. It starts in the
** reader itself and doubles in the arena: all growth together costs less than twice the most it
** ever held. */
struct reader {
  const char *text, *at, *end;
  struct pkt_arena *arena;
  struct pkt_err *err;
  unsigned depth; /* open lists and maps */
  struct pkt_gather stack;
};

static int fail_at(struct reader *r, const char *where, const char *what) {
  return pkt_fail_at(r->err, PKT_ERR_SYNTAX, r->text, where, what);
}

static int no_memory(struct reader *r) {
  return pkt_fail(r->err, PKT_ERR_MEMORY, "no memory to read the text");
}

static void skip_space(struct reader *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
    r->at++;
}

/* Pass over one character if it is 'c'. */
static bool skip(struct reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

/* Take 'size' bytes of the stack as *slot. */
static int push(struct reader *r, size_t size, size_t *slot) {
  *slot = r->stack.used;
  if (pkt_gather_room(&r->stack, size) != 0) return no_memory(r);
  r->stack.used += size;
  return 0;
}

static struct pkt_value *value_at(const struct reader *r, size_t slot) {
  return (struct pkt_value *)(void *)(r->stack.data + slot);
}

static struct pkt_member *member_at(const struct reader *r, size_t slot) {
  return (struct pkt_member *)(void *)(r->stack.data + slot);
}

/* Move what lies on the stack above 'base' to memory of its own: *out, NULL when it is nothing. */
static int take(struct reader *r, size_t base, void **out) {
  return pkt_gather_take(&r->stack, base, out) == 0 ? 0 : no_memory(r);
}

/* Strings. 'at' stays at the opening quote until the string has been read. */

/* The first quote or backslash from 'p' on; NULL when something before it is wrong. */
static const char *skip_plain(struct reader *r, const char *p) {
  for (;;) {
    p += pkt_plain_run(p, (size_t)(r->end - p));
    if (p == r->end) {
      fail_at(r, r->at, "string without an end");
      return NULL;
    }
    if (*p == '"' || *p == '\\') return p;
    size_t n = pkt_utf8_len(p, (size_t)(r->end - p));
    if (n <= 1) {
      fail_at(r, p, n ? "control character in a string" : "invalid UTF-8");
      return NULL;
    }
    p += n;
  }
}

/* The number that four hex digits stand for, or -1. */
static int32_t hex4(const struct reader *r, const char *p) {
  int32_t v = 0;
  if (r->end - p < 4) return -1;
  for (int i = 0; i < 4; i++) {
    char c = p[i], lower = (char)(c | 0x20);
    if (c >= '0' && c <= '9')
      v = v << 4 | (c - '0');
    else if (lower >= 'a' && lower <= 'f')
      v = v << 4 | (lower - 'a' + 10);
    else
      return -1;
  }
  return v;
}

/* The code point of the \u escape at *p, and *p moved behind it; -1 when it is wrong. A pair of
** surrogates is one code point (RFC 8259 section 7). */
static int32_t read_u(struct reader *r, const char **p) {
  const char *start = *p;
  int32_t c = hex4(r, start + 2);
  if (c < 0) return fail_at(r, start, "expected four hex digits after \\u");
  *p += 6;
  if (c < 0xd800 || c > 0xdfff) return c;
  if (c < 0xdc00 && r->end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
    int32_t low = hex4(r, *p + 2);
    if (low >= 0xdc00 && low <= 0xdfff) {
      *p += 6;
      return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  return fail_at(r, start, "lone surrogate");
}

/* Write what the escape at *p stands for, and move *p behind it. Returns the bytes written: never
** more than the escape has; 0 when it is wrong. */
static size_t unescape(struct reader *r, const char **p, char *out) {
  static const char shorts[] = "\"\"\\\\//b\bf\fn\nr\rt\t"; /* pairs: the letter, its character */
  char letter = r->end - *p > 1 ? (*p)[1] : '\0';
  if (letter == 'u') {
    int32_t c = read_u(r, p);
    return c < 0 ? 0 : pkt_utf8_put(out, (uint32_t)c);
  }
  for (const char *s = shorts; *s; s += 2) {
    if (*s != letter) continue;
    *out = s[1];
    *p += 2;
    return 1;
  }
  fail_at(r, *p, "unknown escape");
  return 0;
}

/* The end of a string with escapes: where its closing quote is, or the end of the text. */
static const char *find_end(const struct reader *r, const char *p) {
  while (p < r->end && *p != '"') p += *p == '\\' && r->end - p > 1 ? 2 : 1;
  return p;
}

/* Read on at 'p', the first backslash of the string that starts at 'start', into a copy. */
static int read_escaped(struct reader *r, const char *start, const char *p, const char **ptr,
                        uint32_t *len) {
  char *copy = pkt_alloc(r->arena, (size_t)(find_end(r, p) - start));
  if (!copy) return no_memory(r);
  char *o = copy;
  for (;;) {
    memcpy(o, start, (size_t)(p - start));
    o += p - start;
    if (*p == '"') break;
    size_t n = unescape(r, &p, o);
    if (n == 0) return -1;
    o += n;
    start = p;
    if (!(p = skip_plain(r, start))) return -1;
  }
  r->at = p + 1;
  *ptr = copy;
  *len = (uint32_t)(o - copy);
  return 0;
}

static int read_string(struct reader *r, const char **ptr, uint32_t *len) {
  const char *start = r->at + 1;
  const char *p = skip_plain(r, start);
  if (!p) return -1;
  if (*p == '\\') return read_escaped(r, start, p, ptr, len);
  r->at = p + 1;
  *ptr = start;
  *len = (uint32_t)(p - start);
  return 0;
}

/* Numbers. */

static bool is_digit(const struct reader *r, const char *p) {
  return p < r->end && *p >= '0' && *p <= '9';
}

static const char *skip_digits(const struct reader *r, const char *p) {
  while (is_digit(r, p)) p++;
  return p;
}

/* The text from 'at' to 'p' as a real. */
static int read_real(struct reader *r, const char *p, struct pkt_value *out) {
  *out = (struct pkt_value){.type = PKT_V_REAL, .len = (uint32_t)(r->at - r->text)};
  if (pkt_text_to_real(r->arena, r->at, (size_t)(p - r->at), &out->real) != 0) return no_memory(r);
  if (!isfinite(out->real)) return fail_at(r, r->at, "number too large");
  r->at = p;
  return 0;
}

/* The fraction and the exponent at 'p', checked; NULL when wrong. */
static const char *skip_fraction(struct reader *r, const char *p) {
  if (p < r->end && *p == '.') {
    const char *digits = p + 1;
    if ((p = skip_digits(r, digits)) == digits) goto none;
  }
  if (p < r->end && (*p == 'e' || *p == 'E')) {
    p++;
    if (p < r->end && (*p == '+' || *p == '-')) p++;
    const char *digits = p;
    if ((p = skip_digits(r, digits)) == digits) goto none;
  }
  return p;
none:
  fail_at(r, p, "expected a digit");
  return NULL;
}

static int read_number(struct reader *r, struct pkt_value *out) {
  const char *p = r->at;
  bool negative = *p == '-', fits = true;
  uint64_t v = 0;
  p += negative;
  if (!is_digit(r, p)) return fail_at(r, p, "expected a digit");
  if (*p == '0' && is_digit(r, p + 1)) return fail_at(r, p, "number with a leading zero");
  for (; is_digit(r, p); p++) {
    if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
      fits = false;
  }
  if (!fits || (p < r->end && (*p == '.' || *p == 'e' || *p == 'E'))) {
    if (!(p = skip_fraction(r, p))) return -1;
    return read_real(r, p, out);
  }
  *out = (struct pkt_value){.type = PKT_V_INT, .negative = negative && v != 0, .num = v};
  r->at = p;
  return 0;
}

/* Lists and maps. */

#define FEW_KEYS 12    /* up to here, comparing each with each is faster than a table */
#define LEAST_SLOTS 32 /* a power of two over 2 * FEW_KEYS */

/* A seed that no client can know, so that no text can be made up whose keys collide. */
static uint64_t hash_seed = 0x9e3779b97f4a7c15;

__attribute__((constructor)) static void seed_hash(void) {
  uint64_t random;
  if (getentropy(&random, sizeof(random)) == 0) hash_seed ^= random;
}

static uint64_t hash_key(const struct pkt_member *m) {
  uint64_t h = hash_seed ^ m->key_len;
  for (size_t i = 0; i < m->key_len; i += 8) {
    uint64_t w = 0;
    size_t left = m->key_len - i;
    memcpy(&w, m->key + i, left < 8 ? left : 8);
    __uint128_t product = (__uint128_t)(h ^ w) * 0xa0761d6478bd642f;
    h = ((uint64_t)product ^ (uint64_t)(product >> 64)) + hash_seed;
  }
  return h ^ h >> 32;
}

static bool same_key(const struct pkt_member *a, const struct pkt_member *b) {
  return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* The first member whose key stood before; NULL: none. */
static const struct pkt_member *find_twin(const struct pkt_member *m, uint32_t n) {
  for (uint32_t i = 1; i < n; i++)
    for (uint32_t k = 0; k < i; k++)
      if (same_key(&m[i], &m[k])) return &m[i];
  return NULL;
}

/* The same with a hash table: 'slots' has mask + 1 places, each the number of a member or 0. */
static const struct pkt_member *find_twin_among_many(const struct pkt_member *m, uint32_t n,
                                                     uint32_t *slots, uint64_t mask) {
  for (uint32_t i = 0; i < n; i++) {
    uint64_t at = hash_key(&m[i]) & mask;
    for (; slots[at]; at = (at + 1) & mask)
      if (same_key(&m[i], &m[slots[at] - 1])) return &m[i];
    slots[at] = i + 1;
  }
  return NULL;
}

/* Where a key stands in the text: its quote; the end of its map when it was copied. */
static const char *key_place(const struct reader *r, const struct pkt_member *m) {
  uintptr_t key = (uintptr_t)m->key;
  return key > (uintptr_t)r->text && key < (uintptr_t)r->at ? m->key - 1 : r->at - 1;
}

static int check_keys(struct reader *r, const struct pkt_member *m, uint32_t n) {
  const struct pkt_member *twin;
  if (n <= FEW_KEYS) {
    twin = find_twin(m, n);
  } else {
    size_t size = LEAST_SLOTS; /* a power of two, at most half full */
    while (size / 2 < n) size *= 2;
    uint32_t *slots = pkt_calloc(r->arena, size * sizeof(uint32_t));
    if (!slots) return no_memory(r);
    twin = find_twin_among_many(m, n, slots, size - 1);
  }
  if (!twin) return 0;
  char quote[PKT_QUOTE_ROOM], what[PKT_QUOTE_ROOM + 16] = "duplicate key ";
  return fail_at(r, key_place(r, twin), strcat(what, pkt_quote(quote, twin->key, twin->key_len)));
}

static int read_value(struct reader *r, size_t slot);

static int read_items(struct reader *r) {
  do {
    size_t item;
    if (push(r, sizeof(struct pkt_value), &item) != 0 || read_value(r, item) != 0) return -1;
    skip_space(r);
  } while (skip(r, ','));
  return skip(r, ']') ? 0 : fail_at(r, r->at, "expected ',' or ']'");
}

static int read_list(struct reader *r, size_t slot) {
  size_t base = r->stack.used;
  void *items;
  r->at++;
  skip_space(r);
  if (!skip(r, ']') && read_items(r) != 0) return -1;
  size_t n = (r->stack.used - base) / sizeof(struct pkt_value);
  if (take(r, base, &items) != 0) return -1;
  *value_at(r, slot) = (struct pkt_value){.type = PKT_V_LIST, .len = (uint32_t)n, .items = items};
  return 0;
}

static int read_member(struct reader *r) {
  size_t slot;
  if (push(r, sizeof(struct pkt_member), &slot) != 0) return -1;
  struct pkt_member *m = member_at(r, slot);
  skip_space(r);
  if (r->at == r->end || *r->at != '"') return fail_at(r, r->at, "expected a key in quotes");
  if (read_string(r, &m->key, &m->key_len) != 0) return -1;
  skip_space(r);
  if (!skip(r, ':')) return fail_at(r, r->at, "expected ':'");
  return read_value(r, slot + offsetof(struct pkt_member, value));
}

static int read_members(struct reader *r) {
  do {
    if (read_member(r) != 0) return -1;
    skip_space(r);
  } while (skip(r, ','));
  return skip(r, '}') ? 0 : fail_at(r, r->at, "expected ',' or '}'");
}

static int read_map(struct reader *r, size_t slot) {
  size_t base = r->stack.used;
  void *members;
  r->at++;
  skip_space(r);
  if (!skip(r, '}') && read_members(r) != 0) return -1;
  size_t n = (r->stack.used - base) / sizeof(struct pkt_member);
  if (check_keys(r, member_at(r, base), (uint32_t)n) != 0 || take(r, base, &members) != 0)
    return -1;
  *value_at(r, slot) =
      (struct pkt_value){.type = PKT_V_MAP, .len = (uint32_t)n, .members = members};
  return 0;
}

static int read_nested(struct reader *r, size_t slot) {
  if (r->depth == PKT_MAX_DEPTH) {
    char what[64];
    snprintf(what, sizeof(what), "nested deeper than %d", PKT_MAX_DEPTH);
    return pkt_fail_at(r->err, PKT_ERR_LIMIT, r->text, r->at, what);
  }
  r->depth++;
  int status = *r->at == '[' ? read_list(r, slot) : read_map(r, slot);
  r->depth--;
  return status;
}

static int read_text(struct reader *r, struct pkt_value *out) {
  *out = (struct pkt_value){.type = PKT_V_TEXT};
  return read_string(r, &out->ptr, &out->len);
}

static int read_word(struct reader *r, const char *word, uint8_t type, struct pkt_value *out) {
  size_t n = strlen(word);
  if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
    return fail_at(r, r->at, "expected a value");
  r->at += n;
  *out = (struct pkt_value){.type = type, .num = *word == 't'};
  return 0;
}

static int read_value(struct reader *r, size_t slot) {
  skip_space(r);
  struct pkt_value *out = value_at(r, slot);
  switch (r->at < r->end ? *r->at : '\0') {
    case '{':
    case '[': return read_nested(r, slot);
    case '"': return read_text(r, out);
    case 't': return read_word(r, "true", PKT_V_BOOL, out);
    case 'f': return read_word(r, "false", PKT_V_BOOL, out);
    case 'n': return read_word(r, "null", PKT_V_NULL, out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return read_number(r, out);
    default: return fail_at(r, r->at, "expected a value");
  }
}

int pkt_json_read(struct pkt_arena *arena, const char *text, size_t len, struct pkt_value *out,
                  struct pkt_err *err) {
  if (len > PKT_MAX_TEXT)
    return pkt_fail(err, PKT_ERR_LIMIT, "%zu bytes of text, at most %u are read", len,
                    PKT_MAX_TEXT);
  struct reader r;
  r.text = r.at = text;
  r.end = text + len;
  r.arena = arena;
  r.err = err;
  pkt_gather_init(&r.stack, arena);
  r.stack.used = sizeof(*out); /* slot 0: the whole */
  r.depth = 0;
  if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
    return fail_at(&r, r.at, "byte order mark, expected a value");
  if (read_value(&r, 0) != 0) return -1;
  skip_space(&r);
  if (r.at != r.end) return fail_at(&r, r.at, "text after the value");
  *out = *value_at(&r, 0);
  return 0;
}
