/* builtins.c - calls of the python dialect that give data. */
#include "builtins.h"

#include "literal.h"

struct applier {
  struct pkt_arena *arena;
  struct pkt_err *err;
  uint32_t made; /* items and bytes so far: at most PKT_MAX_REPEATED, as of a literal's '*' */
};

static int apply(struct applier *a, struct pkt_value *v);

static bool is_call(const struct pkt_value *v, const char *name) {
  size_t n = strlen(name);
  return v->type == PKT_V_LAYER && !v->layer->above && v->layer->id_len == n &&
         memcmp(v->layer->id, name, n) == 0;
}

/* Room for 'n' items of 'size' bytes, or NULL with an error. */
static void *make(struct applier *a, uint32_t n, size_t size) {
  if (n > PKT_MAX_REPEATED - a->made) {
    pkt_fail(a->err, PKT_ERR_LIMIT, "range, bytes: more than %d items and bytes", PKT_MAX_REPEATED);
    return NULL;
  }
  a->made += n;
  void *room = pkt_calloc(a->arena, n * size + 1);
  if (!room) pkt_fail(a->err, PKT_ERR_MEMORY, "out of memory");
  return room;
}

/* A number of range(), which no index of a packet exceeds. */
static bool read_bound(const struct pkt_member *m, int64_t *out) {
  if (m->key || m->value.type != PKT_V_INT || m->value.num > INT32_MAX) return false;
  *out = m->value.negative ? -(int64_t)m->value.num : (int64_t)m->value.num;
  return true;
}

static int apply_range(struct applier *a, struct pkt_value *v) {
  const struct pkt_ctor *call = v->layer;
  int64_t arg[3] = {0, 0, 1}, start = 0;
  bool ok = call->len >= 1 && call->len <= 3;
  for (uint32_t i = 0; ok && i < call->len; i++) ok = read_bound(&call->fields[i], &arg[i]);
  if (!ok || arg[2] == 0)
    return pkt_fail(a->err, PKT_ERR_VALUE, "range: one to three whole numbers were expected");
  int64_t stop = arg[0], step = arg[2];
  if (call->len > 1) start = arg[0], stop = arg[1];
  int64_t n = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  if (n > PKT_MAX_ITEMS)
    return pkt_fail(a->err, PKT_ERR_LIMIT, "range: more than %d numbers", PKT_MAX_ITEMS);
  struct pkt_value list = {.type = PKT_V_LIST, .len = n > 0 ? (uint32_t)n : 0};
  list.items = make(a, list.len, sizeof *list.items);
  if (!list.items) return -1;
  for (uint32_t i = 0; i < list.len; i++) {
    int64_t item = start + (int64_t)i * step;
    list.items[i] = (struct pkt_value){
        .type = PKT_V_INT, .negative = item < 0, .num = (uint64_t)(item < 0 ? -item : item)};
  }
  *v = list;
  return 0;
}

static bool is_byte(const struct pkt_value *v) {
  return v->type == PKT_V_INT && !v->negative && v->num < 256;
}

/* bytes() of a list or of bytes. Called otherwise, the name is that of a word of Lua, and the
** call is left alone. */
static int apply_bytes(struct applier *a, struct pkt_value *v) {
  const struct pkt_ctor *call = v->layer;
  const struct pkt_value *of =
      call->len == 1 && !call->fields[0].key ? &call->fields[0].value : NULL;
  if (!of || (of->type != PKT_V_LIST && of->type != PKT_V_BYTES)) return 0;
  if (of->type == PKT_V_BYTES) {
    *v = *of;
    return 0;
  }
  uint32_t n = of->len;
  for (uint32_t i = 0; i < n; i++)
    if (!is_byte(&of->items[i]))
      return pkt_fail(a->err, PKT_ERR_VALUE, "bytes: a list of numbers up to 255 was expected");
  char *bytes = make(a, n, 1);
  if (!bytes) return -1;
  for (uint32_t i = 0; i < n; i++) bytes[i] = (char)of->items[i].num;
  *v = (struct pkt_value){.type = PKT_V_BYTES, .len = n, .ptr = bytes};
  return 0;
}

/* TCPOptions([...]) is the list: Lua's words of these names take a table. */
static void apply_options(struct pkt_value *v) {
  const struct pkt_ctor *call = v->layer;
  if (call->len == 1 && !call->fields[0].key && call->fields[0].value.type == PKT_V_LIST)
    *v = call->fields[0].value;
}

static int apply_members(struct applier *a, struct pkt_member *m, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    if (apply(a, &m[i].value) != 0) return -1;
  return 0;
}

static int apply(struct applier *a, struct pkt_value *v) {
  switch (v->type) {
    case PKT_V_LIST:
      for (uint32_t i = 0; i < v->len; i++)
        if (apply(a, &v->items[i]) != 0) return -1;
      return 0;
    case PKT_V_MAP: return apply_members(a, v->members, v->len);
    case PKT_V_LAYER: break;
    default: return 0;
  }
  for (struct pkt_ctor *c = v->layer; c; c = c->above)
    if (apply_members(a, c->fields, c->len) != 0) return -1;
  if (is_call(v, "range")) return apply_range(a, v);
  if (is_call(v, "bytes")) return apply_bytes(a, v);
  if (is_call(v, "TCPOptions") || is_call(v, "DHCPOptions")) apply_options(v);
  return 0;
}

int pkt_builtins_apply(struct pkt_arena *arena, struct pkt_value *v, struct pkt_err *err) {
  struct applier a = {.arena = arena, .err = err};
  return apply(&a, v);
}
