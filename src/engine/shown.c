/* shown.c - what the reference shows of a value and Python can't read, back to the value. */
#include "shown.h"

#include <arpa/inet.h>

#include "literal.h"
#include "real.h"
#include "text.h"

/* A text being read, or what is left of it. */
struct text {
  const char *p, *end;
};

static size_t left(const struct text *t) { return (size_t)(t->end - t->p); }

static bool skip(struct text *t, const char *s) {
  size_t n = strlen(s);
  if (left(t) < n || memcmp(t->p, s, n) != 0) return false;
  t->p += n;
  return true;
}

static struct pkt_value text_value(const char *p, size_t n) {
  return (struct pkt_value){.type = PKT_V_TEXT, .len = (uint32_t)n, .ptr = p};
}

/* Take away the brackets around it. */
static bool unwrap(struct text *t) {
  if (left(t) < 2 || *t->p != '[' || t->end[-1] != ']') return false;
  t->p++;
  t->end--;
  return true;
}

/* Items gathered in the arena, twice the room when it is used up. */
struct items {
  struct pkt_arena *arena;
  struct pkt_value *at;
  uint32_t len, cap;
};

static bool add(struct items *list, struct pkt_value v) {
  if (list->len == list->cap) {
    uint32_t cap = list->cap ? list->cap * 2 : 8;
    struct pkt_value *more = pkt_alloc(list->arena, cap * sizeof v);
    if (!more || list->len >= PKT_MAX_ITEMS) return false;
    if (list->len) memcpy(more, list->at, list->len * sizeof v);
    list->at = more;
    list->cap = cap;
  }
  list->at[list->len++] = v;
  return true;
}

static struct pkt_value list_value(const struct items *list) {
  return (struct pkt_value){.type = PKT_V_LIST, .len = list->len, .items = list->at};
}

/* -------------------------------------------------------------------------------- single values */

static bool is_address(int family, const char *p, size_t n) {
  char text[INET6_ADDRSTRLEN];
  struct in6_addr a;
  if (n >= sizeof text || memchr(p, 0, n)) return false;
  memcpy(text, p, n);
  text[n] = 0;
  return inet_pton(family, text, &a) == 1;
}

static bool is_mac(const char *p, size_t n) {
  if (n != 17) return false;
  for (size_t i = 0; i < n; i++)
    if (i % 3 == 2 ? p[i] != ':' : pkt_hex_digit(p[i]) < 0) return false;
  return true;
}

/* Decimal digits, no more than those of 2^64-1. */
static bool is_number(const char *p, size_t n) {
  size_t digits = 0;
  while (digits < n && digits < 20 && p[digits] >= '0' && p[digits] <= '9') digits++;
  return n > 0 && digits == n;
}

bool pkt_is_bare_name(const char *p, size_t n) {
  static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  for (size_t i = 0; i < n; i++)
    if (p[i] == 0 || !strchr(known, p[i])) return false;
  bool none = n == 4 && memcmp(p, "None", 4) == 0;
  bool looks = n >= 4 && memcmp(p, "pkt.", 4) == 0; /* as Lua's pkt.IP.src does */
  return !none && !looks;
}

static bool is_single(const struct pkt_op *op, const char *p, size_t n) {
  uint64_t ignored;
  switch (op->kind) {
    case PKT_MAC: return is_mac(p, n);
    case PKT_IPV4: return is_address(AF_INET, p, n);
    case PKT_IPV6: return is_address(AF_INET6, p, n);
    case PKT_NAME: return (op->flags & PKT_OP_NODE) != 0 && pkt_is_bare_name(p, n);
    case PKT_UINT:
      if (op->show == PKT_SHOW_FLOAT) return pkt_is_real_text(p, n, &ignored);
      return is_number(p, n) ||
             (op->names && pkt_names_read(op->names, p, n, UINT64_MAX, &ignored));
    default: return false;
  }
}

/* ---------------------------------------------------------------------------------------- lists */

/* The size of an item up to the comma behind it, or to the end. A name may hold commas itself. */
static size_t item_size(const struct pkt_op *item, const struct text *t) {
  for (size_t n = 0; n <= left(t); n++) {
    bool ends = n == left(t) || (t->p[n] == ',' && n + 1 < left(t) && t->p[n + 1] == ' ');
    if (ends && is_single(item, t->p, n)) return n;
  }
  return 0;
}

static bool read_list(struct items *list, const struct pkt_op *op, struct text t) {
  if (!unwrap(&t)) return false;
  (void)skip(&t, " ");
  if (left(&t) > 0 && t.end[-1] == ' ') t.end--;
  while (left(&t) > 0) {
    size_t n = item_size(op->item, &t);
    if (n == 0 || !add(list, text_value(t.p, n))) return false;
    t.p += n;
    if (left(&t) > 0 && !skip(&t, ", ")) return false;
  }
  return list->len > 0;
}

/* --------------------------------------------------------------------------------- DHCP options */

static const struct pkt_optdef *find_option(const struct pkt_op *op, const char *p, size_t n) {
  for (uint32_t i = 0; i < op->special->ncodes; i++)
    if (op->special->codes[i].name_len == n && memcmp(op->special->codes[i].name, p, n) == 0)
      return &op->special->codes[i];
  return NULL;
}

static size_t span(const struct text *t, const char *stops) {
  size_t n = 0;
  while (n < left(t) && !(t->p[n] && strchr(stops, t->p[n]))) n++;
  return n;
}

/* b'a\'b': up to the quote that it began with. */
static size_t bytes_size(const struct text *t) {
  if (left(t) < 3 || t->p[0] != 'b' || (t->p[1] != '\'' && t->p[1] != '"')) return 0;
  for (size_t n = 2; n < left(t); n++) {
    if (t->p[n] == t->p[1]) return n + 1;
    if (t->p[n] == '\\') n++;
  }
  return 0;
}

/* What stands behind '=': bytes, or numbers, names and addresses with commas between. */
static bool read_option_value(struct items *option, struct text *t) {
  struct pkt_err ignored;
  struct pkt_value bytes;
  size_t n = bytes_size(t);
  if (n > 0) {
    if (pkt_literal_read(option->arena, t->p, n, &bytes, &ignored) != 0) return false;
    t->p += n;
    return add(option, bytes);
  }
  do {
    n = span(t, ", '\"");
    if (n == 0 || !add(option, text_value(t->p, n))) return false;
    t->p += n;
  } while (skip(t, ","));
  return true;
}

static bool read_option(struct items *list, const struct pkt_op *op, struct text *t) {
  struct items option = {.arena = list->arena};
  size_t n = span(t, "= ");
  if (!find_option(op, t->p, n) && !is_number(t->p, n)) return false; /* 't' is as it was */
  if (!add(&option, text_value(t->p, n))) return false;
  t->p += n;
  if (skip(t, "=") && !read_option_value(&option, t)) return false;
  return add(list, list_value(&option));
}

/* Bytes behind the options are taken as they are. That fails if there is a dot among them, which
** may stand for any byte that can't be printed. */
static bool read_rest(struct items *list, const struct text *t) {
  struct pkt_value rest = text_value(t->p, left(t));
  rest.type = PKT_V_BYTES;
  return !memchr(t->p, '.', left(t)) && add(list, rest);
}

static bool read_options(struct items *list, const struct pkt_op *op, struct text t) {
  if (!unwrap(&t)) return false;
  while (left(&t) > 0) {
    if (!read_option(list, op, &t)) return list->len > 0 && read_rest(list, &t);
    if (left(&t) > 0 && !skip(&t, " ")) return false;
  }
  return list->len > 0;
}

/* --------------------------------------------------------------------------------------- fields */

static bool read_choice(struct pkt_arena *arena, const struct pkt_op *op, const char *text,
                        size_t len, struct pkt_value *out) {
  for (uint32_t i = 0; i < op->nalts; i++)
    if (pkt_shown_read(arena, op->alts[i].op, text, len, out)) return true;
  return false;
}

bool pkt_shown_read(struct pkt_arena *arena, const struct pkt_op *op, const char *text, size_t len,
                    struct pkt_value *out) {
  struct text t = {text, text + len};
  struct items list = {.arena = arena};
  if (len > PKT_MAX_LITERAL) return false;
  bool none =
      op->none_text && strlen(op->none_text) == len && memcmp(op->none_text, text, len) == 0;
  if (none && !is_number(text, len)) {
    *out = (struct pkt_value){.type = PKT_V_NULL};
    return true;
  }
  switch (op->kind) {
    case PKT_CHOICE: return read_choice(arena, op, text, len, out);
    case PKT_LIST:
      if (!read_list(&list, op, t)) return false;
      break;
    case PKT_OPTIONS:
      if (!(op->flags & PKT_OP_DHCP) || !read_options(&list, op, t)) return false;
      break;
    default: *out = text_value(text, len); return op->kind != PKT_UINT && is_single(op, text, len);
  }
  *out = list_value(&list);
  return true;
}
