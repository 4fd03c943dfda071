/* value.h - a value on its way into a packet: what JSON, an expression or a script hands over.
**
** A value is a small tree in an arena. It is plain data: no names are looked up, nothing is
** checked against a field; assign.h does that. Text and bytes are kept apart because the
** clients' forms are: "1" is text, {"vtype":"BYTES"} is bytes. */
#ifndef PKT_VALUE_H
#define PKT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pkt_arena;

enum pkt_vtype {
  PKT_V_NULL,
  PKT_V_BOOL,
  PKT_V_INT,   /* num, its sign in 'negative': every integer from -2^64+1 to 2^64-1 */
  PKT_V_REAL,  /* real */
  PKT_V_TEXT,  /* ptr, len: valid UTF-8, may hold NUL */
  PKT_V_BYTES, /* ptr, len */
  PKT_V_LIST,  /* items, len */
  PKT_V_MAP,   /* members, len: a JSON object, keys unique */
  PKT_V_LAYER, /* a nested packet: layer */
};

struct pkt_value {
  uint8_t type;      /* enum pkt_vtype */
  bool negative : 1; /* PKT_V_INT: the value is -num; PKT_V_BOOL: unused */
  bool lua : 1;      /* Lua's: PKT_V_TEXT may be meant as bytes, PKT_V_INT counts modulo 2^64 */
  bool python : 1;   /* PKT_V_TEXT of the python dialect: in an option it is bytes */
  uint8_t address;   /* PKT_V_TEXT that is an address of an expression: so many bytes, which lie
                        right behind the text; 0 for any other */
  uint32_t len;      /* bytes, items or members; PKT_V_REAL of JSON: where it stands in that */
  union {
    uint64_t num; /* PKT_V_INT: magnitude; PKT_V_BOOL: 0 or 1 */
    double real;
    const char *ptr;
    struct pkt_value *items;
    struct pkt_member *members;
    struct pkt_ctor *layer;
  };
};

struct pkt_member {
  const char *key;
  uint32_t key_len;
  struct pkt_value value;
};

/* A constructor call, DNSQR(qname="x.org"): a protocol by name, its fields, and the layer on top
** of it (NULL: none). */
struct pkt_ctor {
  const char *id;
  uint32_t id_len;
  uint32_t len;
  struct pkt_member *fields;
  struct pkt_ctor *above;
};

/* The member 'key' of a map, or NULL: also for a value that is no map. */
const struct pkt_value *pkt_value_find(const struct pkt_value *map, const char *key, size_t len);
static inline const struct pkt_value *pkt_value_get(const struct pkt_value *map, const char *key) {
  return pkt_value_find(map, key, strlen(key));
}

/* The first member of a map that isn't named in 'known', a list that ends with NULL; NULL: there
** is none. */
const struct pkt_member *pkt_value_stray(const struct pkt_value *map, const char *const *known);

/* The member of a map that is meant as 'key', which isn't there: its name is that one in another
** case, shortened to PKT_NEAR_LETTERS at least, or longer by a letter or two ("Field", "fields").
** NULL: there is none, or 'key' is there. */
#define PKT_NEAR_LETTERS 4
const struct pkt_member *pkt_value_near(const struct pkt_value *map, const char *key);

/* Is this text equal to the C string 's'? False for any other type. */
static inline bool pkt_value_is(const struct pkt_value *v, const char *s) {
  size_t n = strlen(s);
  return v && v->type == PKT_V_TEXT && v->len == n && memcmp(v->ptr, s, n) == 0;
}

/* Copy the characters of text or bytes to 'out', NUL-terminated. False: 'room' is too small for
** them, or there is a NUL among them. */
static inline bool pkt_value_string(char *out, size_t room, const struct pkt_value *v) {
  if (v->len >= room || memchr(v->ptr, 0, v->len)) return false;
  memcpy(out, v->ptr, v->len);
  out[v->len] = 0;
  return true;
}

/* The real that 'n' characters spell in JSON's way, underscores passed over: an infinity where it
** is too large. Returns 0, or -1 without memory. */
int pkt_text_to_real(struct pkt_arena *arena, const char *text, size_t n, double *out);

/* What a person calls it: "null", "a number", "an object"... */
const char *pkt_value_kind(const struct pkt_value *v);

#endif
