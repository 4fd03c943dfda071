#include "value.h"

#include <string.h>

const struct pkt_value *pkt_value_find(const struct pkt_value *map, const char *key, size_t n) {
  if (!map || map->type != PKT_V_MAP) return NULL;
  for (uint32_t i = 0; i < map->len; i++) {
    const struct pkt_member *m = &map->members[i];
    if (m->key_len == n && memcmp(m->key, key, n) == 0) return &m->value;
  }
  return NULL;
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
