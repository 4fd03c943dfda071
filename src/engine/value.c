#include "value.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"

const struct pkt_value *pkt_value_find(const struct pkt_value *map, const char *key, size_t n) {
  if (!map || map->type != PKT_V_MAP) return NULL;
  for (uint32_t i = 0; i < map->len; i++) {
    const struct pkt_member *m = &map->members[i];
    if (m->key_len == n && memcmp(m->key, key, n) == 0) return &m->value;
  }
  return NULL;
}

const struct pkt_member *pkt_value_stray(const struct pkt_value *map, const char *const *known) {
  for (uint32_t i = 0; i < map->len; i++) {
    const struct pkt_member *m = &map->members[i];
    const char *const *k = known;
    while (*k && (strlen(*k) != m->key_len || memcmp(*k, m->key, m->key_len) != 0)) k++;
    if (!*k) return m;
  }
  return NULL;
}

/* Without the ending of a plural. */
static size_t stem(const char *name, size_t n) {
  return n > 0 && (name[n - 1] == 's' || name[n - 1] == 'S') ? n - 1 : n;
}

static bool is_near(const char *name, size_t n, const char *key) {
  size_t wanted = stem(key, strlen(key));
  n = stem(name, n);
  size_t same = n < wanted ? n : wanted;
  return same >= PKT_NEAR_LETTERS && n <= wanted + 2 && strncasecmp(name, key, same) == 0;
}

const struct pkt_member *pkt_value_near(const struct pkt_value *map, const char *key) {
  if (map->type != PKT_V_MAP || pkt_value_get(map, key)) return NULL;
  for (uint32_t i = 0; i < map->len; i++)
    if (is_near(map->members[i].key, map->members[i].key_len, key)) return &map->members[i];
  return NULL;
}

/* strtod needs a NUL, no underscores, and the point of the C locale. */
int pkt_text_to_real(struct pkt_arena *arena, const char *text, size_t n, double *out) {
  char small[64];
  char *copy = n < sizeof(small) ? small : pkt_alloc(arena, n + 1);
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (copy && c_locale) {
    char *o = copy;
    for (size_t i = 0; i < n; i++)
      if (text[i] != '_') *o++ = text[i];
    *o = '\0';
    *out = strtod_l(copy, NULL, c_locale);
  }
  if (c_locale) freelocale(c_locale);
  return copy && c_locale ? 0 : -1;
}

const char *pkt_value_kind(const struct pkt_value *v) {
  switch (v->type) {
    case PKT_V_NULL: return "null";
    case PKT_V_BOOL: return "a boolean";
    case PKT_V_INT: return "a number";
    case PKT_V_REAL: return "a real number";
    case PKT_V_TEXT: return "a string";
    case PKT_V_BYTES: return "bytes";
    case PKT_V_LIST: return "an array";
    case PKT_V_MAP: return "an object";
    case PKT_V_LAYER: return "a layer";
    default: return "an unknown value";
  }
}
