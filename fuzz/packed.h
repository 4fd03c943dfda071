/* packed.h - what fuzzers claim of values that pkt_packed_read() has read. */
#ifndef FUZZ_PACKED_H
#define FUZZ_PACKED_H

#include "../src/engine/limits.h"
#include "../src/engine/text.h"
#include "../src/script/packed.h"
#include "require.h"

/* Far more than a value within the limits takes: each of its items, with room for all that could
** be, once for each level. */
#define ARENA_BYTES (64u << 20)

static void walk(const struct pkt_value *v, unsigned depth, size_t *nodes);

static inline void walk_text(const char *p, size_t n, bool utf8) {
  require(p != NULL || n == 0);
  require(n <= PKT_MAX_PACKED);
  for (size_t at = 0; at < n;) {
    size_t len = pkt_utf8_len(p + at, n - at);
    require(!utf8 || len > 0);
    at += len ? len : 1;
  }
}

static inline void walk_members(const struct pkt_member *m, uint32_t n, unsigned depth,
                                size_t *nodes) {
  for (uint32_t i = 0; i < n; i++) {
    require(m[i].key != NULL || m[i].key_len == 0);
    walk_text(m[i].key, m[i].key_len, false);
    walk(&m[i].value, depth, nodes);
  }
}

static inline void walk_layers(const struct pkt_ctor *c, unsigned depth, size_t *nodes) {
  for (unsigned layers = 0; c; c = c->above) {
    require(++layers <= PKT_MAX_LAYERS);
    walk_text(c->id, c->id_len, false);
    walk_members(c->fields, c->len, depth, nodes);
  }
}

static inline void walk(const struct pkt_value *v, unsigned depth, size_t *nodes) {
  require(depth <= PKT_MAX_RESULT_DEPTH && ++*nodes <= PKT_MAX_RESULT_VALUES);
  switch (v->type) {
    case PKT_V_INT: require(!v->negative || v->num != 0); break;
    case PKT_V_TEXT: walk_text(v->ptr, v->len, true); break;
    case PKT_V_BYTES: walk_text(v->ptr, v->len, false); break;
    case PKT_V_LIST:
      for (uint32_t i = 0; i < v->len; i++) walk(&v->items[i], depth + 1, nodes);
      break;
    case PKT_V_MAP: walk_members(v->members, v->len, depth + 1, nodes); break;
    case PKT_V_LAYER: walk_layers(v->layer, depth + 1, nodes); break;
    default: break;
  }
}

/* The value is one that others can use: within the limits, its texts what they say they are. */
static inline void require_sound(const struct pkt_value *v) {
  size_t nodes = 0;
  walk(v, 1, &nodes);
}

#endif
