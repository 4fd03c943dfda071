/* literal_fuzz.c - any bytes read as a literal: never a wrong access; what was read is a sound
** value of bounded size and reads the same in parentheses; what is refused as no Lua is no Lua. */
#include <lauxlib.h>

#include "../src/engine/json.h"
#include "../src/engine/literal.h"
#include "../src/engine/text.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_NODES (PKT_MAX_LITERAL + PKT_MAX_REPEATED)

static void walk(const struct pkt_value *v, int depth, size_t *nodes);

static void walk_members(const struct pkt_member *m, uint32_t n, int depth, size_t *nodes) {
  for (uint32_t i = 0; i < n; i++) {
    if (m[i].key) require(m[i].key_len == 0 || pkt_utf8_len(m[i].key, m[i].key_len) > 0);
    walk(&m[i].value, depth, nodes);
  }
}

static void walk_text(const struct pkt_value *v) {
  require(v->ptr != NULL && v->len <= PKT_MAX_LITERAL);
  for (size_t at = 0, n; v->type == PKT_V_TEXT && at < v->len; at += n)
    require((n = pkt_utf8_len(v->ptr + at, v->len - at)) > 0);
}

/* Every part of the value, as whoever uses it meets it. */
static void walk(const struct pkt_value *v, int depth, size_t *nodes) {
  unsigned layers = 0;
  require(depth <= PKT_MAX_DEPTH && ++*nodes <= MOST_NODES);
  switch (v->type) {
    case PKT_V_INT: require(!v->negative || v->num != 0); break;
    case PKT_V_TEXT:
    case PKT_V_BYTES: walk_text(v); break;
    case PKT_V_LIST:
      require(v->len <= PKT_MAX_ITEMS);
      for (uint32_t i = 0; i < v->len; i++) walk(&v->items[i], depth + 1, nodes);
      break;
    case PKT_V_MAP: walk_members(v->members, v->len, depth + 1, nodes); break;
    case PKT_V_LAYER:
      for (const struct pkt_ctor *c = v->layer; c; c = c->above) {
        require(++layers <= PKT_MAX_LAYERS && c->id_len > 0 && c->len <= PKT_MAX_FIELDS);
        walk_members(c->fields, c->len, depth + 1, nodes);
      }
      break;
    default: break;
  }
}

/* Read 'text' and append its value as JSON to 'out'. */
static int read_literal(const char *text, size_t len, struct pkt_buf *out, struct pkt_err *err) {
  struct pkt_arena arena;
  struct pkt_value v;
  size_t nodes = 0;
  pkt_arena_init(&arena, 64u << 20);
  err->code = PKT_ERR_NONE;
  int status = pkt_literal_read(&arena, text, len, &v, err);
  require((status == 0) == (err->code == PKT_ERR_NONE));
  require(status <= 0 || err->code == PKT_ERR_SYNTAX || err->code == PKT_ERR_VALUE);
  require(err->code != PKT_ERR_MEMORY);
  if (status == 0) {
    walk(&v, 0, &nodes);
    pkt_json_write(out, &v);
  }
  pkt_arena_free(&arena);
  return status;
}

/* "return text" compiles, and there is something to return. */
static bool is_lua(const char *text, size_t len) {
  bool blank = true;
  for (size_t i = 0; i < len; i++) blank = blank && strchr(" \t\n\r\f", text[i]) && text[i];
  lua_State *L = luaL_newstate();
  require(L != NULL);
  lua_pushliteral(L, "return ");
  lua_pushlstring(L, text, len);
  lua_concat(L, 2);
  size_t n;
  const char *chunk = lua_tolstring(L, -1, &n);
  bool good = !blank && luaL_loadbufferx(L, chunk, n, "=text", "t") == LUA_OK;
  lua_close(L);
  return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  struct pkt_buf once = {.len = 0}, again = {.len = 0}, wrapped = {.len = 0};
  struct pkt_err err;
  int status = read_literal(text, size, &once, &err);
  if (status < 0 && err.code == PKT_ERR_SYNTAX) require(!is_lua(text, size));
  if (status == 0) {
    pkt_buf_byte(&wrapped, '(');
    pkt_buf_add(&wrapped, text, size);
    pkt_buf_byte(&wrapped, ')');
    status = read_literal(wrapped.data, wrapped.len, &again, &err);
    if (status == 0)
      require(once.len == again.len && memcmp(once.data, again.data, once.len) == 0);
    else
      require(err.code == PKT_ERR_LIMIT); /* one bracket too many, or two bytes */
  }
  pkt_buf_free(&once);
  pkt_buf_free(&again);
  pkt_buf_free(&wrapped);
  return 0;
}
