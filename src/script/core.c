/* core.c - the Lua module luapkt.core: what the daemon registers and what stock Lua loads. */
#include "core.h"

#include <stdio.h>
#include <string.h>

#include "../engine/build.h"
#include "../engine/dissect.h"
#include "compile.h"
#include "core_capture.h"
#include "core_inner.h"
#include "core_json.h"
#include "core_literal.h"
#include "core_packet.h"
#include "core_shark.h"
#include "core_socket.h"
#include "core_vm.h"
#include "core_wire.h"
#include "errors.h"
#include "layer_table.h"
#include "load.h"
#include "plan_text.h"
#include "values.h"
#include "vocabulary.h"

#define REGISTRY_MT "luapkt.registry"
#define LINKED_MT "luapkt.linked"

/* A registry and what building and dissecting with it need; its arena for packets is reset with
** every call, so nothing of a packet outlives the call that made it. */
struct core {
  struct pkt_registry registry;
  struct pkt_arena arena;
  struct pkt_buf out, scratch;
  struct pkt_rng rng;
};

/* Raises also where it is finalized, as it can be met while a state is closed. */
static struct core *core_at(lua_State *L, int index) {
  struct core *c = luaL_checkudata(L, index, REGISTRY_MT);
  if (!c->registry.plans) luaL_argerror(L, index, "the registry is finalized");
  return c;
}

static struct core *check_core(lua_State *L) { return core_at(L, 1); }

const struct pkt_registry *pkt_core_registry(lua_State *L, int index) {
  return &core_at(L, index)->registry;
}

void pkt_make_class(lua_State *L, const char *name, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_newtable(L);
  for (; methods->name; methods++) {
    bool meta = strncmp(methods->name, "__", 2) == 0;
    lua_pushcfunction(L, methods->func);
    lua_setfield(L, meta ? -3 : -2, methods->name);
  }
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void pkt_lua_set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

struct pkt_workshop pkt_core_workshop(lua_State *L, int index) {
  struct core *c = core_at(L, index);
  return (struct pkt_workshop){&c->registry, &c->arena, &c->out, &c->scratch, &c->rng};
}

static int l_gc(lua_State *L) {
  struct core *c = luaL_checkudata(L, 1, REGISTRY_MT);
  pkt_registry_free(&c->registry);
  c->registry.plans = NULL;
  pkt_arena_free(&c->arena);
  pkt_buf_free(&c->out);
  pkt_buf_free(&c->scratch);
  return 0;
}

/* registry = core.compile(linked): declarations as luapkt.compile links them, with core.linked as
** their metatable. Their links are taken for right, whatever they are. */
static int l_compile(lua_State *L) {
  luaL_getmetatable(L, LINKED_MT);
  luaL_argexpected(L, lua_getmetatable(L, 1) && lua_rawequal(L, -1, -2), 1,
                   "declarations linked by luapkt.compile");
  struct core *c = lua_newuserdatauv(L, sizeof *c, 0);
  memset(c, 0, sizeof *c);
  pkt_arena_init(&c->arena, 0);
  pkt_rng_seed(&c->rng, 1);
  luaL_setmetatable(L, REGISTRY_MT); /* from here on the collector frees what is allocated */
  pkt_compile(L, 1, &c->registry);
  return 1;
}

static const struct pkt_plan *check_plan(lua_State *L, struct core *c, int index) {
  size_t n;
  const char *id = luaL_checklstring(L, index, &n);
  const struct pkt_plan *plan = pkt_registry_find(&c->registry, id, n);
  if (!plan) luaL_error(L, "there is no protocol '%s'", id);
  return plan;
}

/* The fields of one layer, those whose form depends on others last. */
static int set_fields(struct pkt_context *ctx, struct pkt_layer *layer, const struct pkt_value *v,
                      struct pkt_err *err) {
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < v->len; i++) {
      const struct pkt_member *m = &v->members[i];
      const struct pkt_op *op = m->key ? pkt_plan_op(layer->plan, m->key, m->key_len) : NULL;
      if (!m->key) return pkt_fail(err, PKT_ERR_VALUE, "%s: fields are named", layer->plan->id);
      if (!op)
        return pkt_fail(err, PKT_ERR_UNKNOWN, "%s has no field '%s'", layer->plan->id, m->key);
      if (pkt_op_is_late(op) == (pass == 1) && pkt_assign(ctx, layer, op, &m->value, err) != 0)
        return -1;
    }
  }
  return 0;
}

/* One layer { "IP", { ttl = 1 } } or { id = "IP", fields = {...} }, at the top of the stack. */
static int add_layer(lua_State *L, struct core *c, struct pkt_packet *p, struct pkt_err *err) {
  int t = lua_gettop(L);
  if (!lua_istable(L, t)) return pkt_fail(err, PKT_ERR_VALUE, "a layer is a table");
  if (lua_rawgeti(L, t, 1) != LUA_TSTRING) lua_getfield(L, t, "id");
  size_t n;
  const char *id = lua_tolstring(L, -1, &n);
  if (!id) return pkt_fail(err, PKT_ERR_VALUE, "a layer needs a protocol's id");
  const struct pkt_plan *plan = pkt_registry_find(&c->registry, id, n);
  if (!plan || plan->abstract)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol '%s'", id);
  struct pkt_layer *layer = pkt_layer_new(&c->arena, plan->builds ? plan->builds : plan);
  if (!layer) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  struct pkt_context ctx = {.arena = &c->arena, .registry = &c->registry, .rng = &c->rng};
  lua_getfield(L, t, "compress");
  layer->compress = lua_toboolean(L, -1);
  if (lua_rawgeti(L, t, 2) == LUA_TNIL) lua_getfield(L, t, "fields");
  if (!lua_istable(L, -1) && !lua_isnil(L, -1))
    return pkt_fail(err, PKT_ERR_VALUE, "%s: a table of fields expected, got %s", plan->id,
                    luaL_typename(L, -1));
  if (lua_istable(L, -1)) {
    struct pkt_value v;
    if (pkt_lua_to_map(L, -1, &c->arena, &v, err) != 0)
      return pkt_fail(err, err->code, "%s.%s", plan->id, err->message);
    if (set_fields(&ctx, layer, &v, err) != 0) return -1;
  }
  return pkt_packet_push(p, layer, err);
}

static int push_out(lua_State *L, const struct core *c) {
  lua_pushlstring(L, c->out.data ? c->out.data : "", c->out.len);
  return 1;
}

/* The packet's bytes, or nil and an error. */
static int push_built(lua_State *L, struct core *c, struct pkt_packet *p) {
  struct pkt_err err = {0};
  if (pkt_build(p, &c->arena, &c->out, &err) != 0) return pkt_lua_push_error(L, &err);
  return push_out(L, c);
}

/* The bytes at argument 2 read as the protocol at 3. NULL with *err filled in. */
static struct pkt_packet *dissect(lua_State *L, struct core *c, enum pkt_reach reach,
                                  struct pkt_err *err) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  const struct pkt_plan *plan = check_plan(L, c, 3);
  pkt_arena_reset(&c->arena);
  return pkt_dissect(&c->arena, plan, (const uint8_t *)bytes, n, reach, err);
}

/* The packet of the layers at 2. NULL with *err filled in. */
static struct pkt_packet *read_layers(lua_State *L, struct core *c, struct pkt_err *err) {
  luaL_checktype(L, 2, LUA_TTABLE);
  pkt_arena_reset(&c->arena);
  struct pkt_packet *p = pkt_packet_new(&c->arena);
  if (!p) luaL_error(L, "out of memory");
  lua_Integer n = luaL_len(L, 2);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, i);
    if (add_layer(L, c, p, err) != 0) return NULL;
    lua_settop(L, 2);
  }
  return p;
}

/* bytes = registry:build(layers), or nil and an error */
static int l_build(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  struct pkt_packet *p = read_layers(L, c, &err);
  return p ? push_built(L, c, p) : pkt_lua_push_error(L, &err);
}

/* places = registry:places(layers): where they lie once they are built, as luapkt.field_engine
** takes a packet; or nil and an error */
static int l_places(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  struct pkt_packet *p = read_layers(L, c, &err);
  if (!p || pkt_build(p, &c->arena, &c->out, &err) != 0) return pkt_lua_push_error(L, &err);
  pkt_push_places(L, p);
  return 1;
}

/* layers = registry:dissect(bytes, id [, usual]), or nil and an error; with 'usual' not as extra
** protocols */
static int l_dissect(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  enum pkt_reach reach = lua_toboolean(L, 4) ? PKT_REACH_USUAL : PKT_REACH_ALL;
  struct pkt_packet *p = dissect(L, c, reach, &err);
  if (!p) return pkt_lua_push_error(L, &err);
  lua_createtable(L, (int)p->len, 0);
  for (uint32_t i = 0; i < p->len; i++) {
    pkt_lua_push_layer(L, p->layers[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* bytes = registry:rebuild(bytes, id [, forget]): dissected and built again; with 'forget' from the
** fields' values, as if the layers had been changed. Or nil and an error. */
static int l_rebuild(lua_State *L) {
  struct core *c = check_core(L);
  struct pkt_err err = {0};
  bool forget = lua_toboolean(L, 4);
  struct pkt_packet *p = dissect(L, c, PKT_REACH_ALL, &err);
  if (!p) return pkt_lua_push_error(L, &err);
  for (uint32_t i = 0; forget && i < p->len; i++) p->layers[i]->raw = NULL;
  return push_built(L, c, p);
}

/* text = registry:plan(id): what a protocol was compiled to */
static int l_plan(lua_State *L) {
  struct core *c = check_core(L);
  const struct pkt_plan *plan = check_plan(L, c, 2);
  pkt_buf_clear(&c->out, SIZE_MAX);
  c->out.limit = 0; /* a packet's, before */
  pkt_plan_text(&c->out, plan);
  return c->out.failed ? luaL_error(L, "out of memory") : push_out(L, c);
}

/* fields = registry:fields(id): their ids, in the order of the wire */
static int l_fields(lua_State *L) {
  const struct pkt_plan *plan = check_plan(L, check_core(L), 2);
  lua_createtable(L, plan->nops, 0);
  for (lua_Integer i = 0; i < plan->nops; i++) {
    lua_pushstring(L, plan->ops[i].id);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static const char *class_of(const struct pkt_op *op) {
  switch (op->kind) {
    case PKT_UINT: return "number";
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: return "address";
    default: return "other";
  }
}

/* class = registry:declares(id, field [, alone]): what field of this id or alias the protocol has,
** or, without 'alone', protocols that are kinds of it: a "number", an "address", or "other", as
** well where they differ. nil: there is none, or no such protocol */
static int l_declares(lua_State *L) {
  struct core *c = check_core(L);
  size_t id_len, n;
  const char *id = luaL_checklstring(L, 2, &id_len), *field = luaL_checklstring(L, 3, &n);
  const struct pkt_plan *plan = pkt_registry_find(&c->registry, id, id_len);
  const char *class = NULL;
  bool alone = lua_toboolean(L, 4);
  for (uint32_t i = 0; plan && i < c->registry.len; i++) {
    const struct pkt_plan *one = &c->registry.plans[i];
    if (alone ? one != plan : !pkt_plan_is_kind(one, plan)) continue;
    for (const struct pkt_op *op = pkt_plan_op(one, field, n); op; op = pkt_plan_twin(one, op))
      class = class && strcmp(class, class_of(op)) != 0 ? "other" : class_of(op);
  }
  lua_pushstring(L, class);
  return 1;
}

/* known = registry:is_scapys(id): does Scapy have the protocol, in the same form? */
static int l_is_scapys(lua_State *L) {
  lua_pushboolean(L, check_plan(L, check_core(L), 2)->scapy);
  return 1;
}

/* Fields of one word of expressions into the table at the top. */
static void set_word(lua_State *L, const struct pkt_word *word) {
  const char *const fields[][2] = {{"name", word->name},
                                   {"usage", word->usage},
                                   {"meaning", word->meaning},
                                   {"example", word->example}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    lua_pushstring(L, fields[i][1]); /* nil for NULL */
    lua_setfield(L, -2, fields[i][0]);
  }
}

/* words = core.expression_words(): { { name =, usage =, meaning =, example = }, ... } */
static int l_expression_words(lua_State *L) {
  lua_createtable(L, (int)pkt_word_count, 0);
  for (unsigned i = 0; i < pkt_word_count; i++) {
    lua_createtable(L, 0, 4);
    set_word(L, &pkt_words[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

enum { ROW = 16 }; /* bytes in a line of a dump */

/* Write the line of 'n' bytes at a place into 'out', which has room; returns how long it is. */
static size_t dump_row(char *out, size_t room, size_t place, const uint8_t *bytes, size_t n) {
  static const char digits[] = "0123456789abcdef";
  char *to = out + snprintf(out, room, "%04zx  ", place);
  memset(to, ' ', 3 * ROW + 2);
  for (size_t i = 0; i < n; i++) {
    to[3 * i] = digits[bytes[i] >> 4];
    to[3 * i + 1] = digits[bytes[i] & 15];
  }
  to += 3 * ROW + 2;
  for (size_t i = 0; i < n; i++) *to++ = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
  return (size_t)(to - out);
}

/* hexdump(bytes) -> lines of sixteen: their place, hexadecimal, and what can be printed */
static int l_hexdump(lua_State *L) {
  enum { ROOM = 20 + 4 * ROW + 2 };
  size_t n;
  const uint8_t *bytes = (const uint8_t *)luaL_checklstring(L, 1, &n);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t at = 0; at < n; at += ROW) {
    if (at > 0) luaL_addchar(&b, '\n');
    char *row = luaL_prepbuffsize(&b, ROOM);
    luaL_addsize(&b, dump_row(row, ROOM, at, bytes + at, n - at < ROW ? n - at : ROW));
  }
  luaL_pushresult(&b);
  return 1;
}

int luaopen_luapkt_core(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"compile", l_compile},         {"service", pkt_new_service},
      {"fail", pkt_lua_fail},         {"expression_words", l_expression_words},
      {"read_file", pkt_read_file},   {"load_file", pkt_load_file},
      {"list_files", pkt_list_files}, {"field", pkt_declare_field},
      {"copy", pkt_copy_declaration}, {"slots", pkt_list_slots},
      {"hexdump", l_hexdump},         {NULL, NULL}};
  static const luaL_Reg methods[] = {{"build", l_build},       {"places", l_places},
                                     {"dissect", l_dissect},   {"rebuild", l_rebuild},
                                     {"plan", l_plan},         {"fields", l_fields},
                                     {"declares", l_declares}, {"is_scapys", l_is_scapys},
                                     {"__gc", l_gc},           {NULL, NULL}};
  pkt_make_service_class(L);
  pkt_make_class(L, REGISTRY_MT, methods);
  luaL_newlib(L, functions);
  luaL_newmetatable(L, LINKED_MT);
  lua_setfield(L, -2, "linked");
  pkt_open_wire(L);
  lua_setfield(L, -2, "wire");
  pkt_open_json(L);
  lua_setfield(L, -2, "json");
  pkt_open_literal(L);
  lua_setfield(L, -2, "literal");
  pkt_open_capture(L);
  lua_setfield(L, -2, "capture");
  pkt_open_packet(L);
  lua_setfield(L, -2, "packet");
  pkt_open_vm(L);
  lua_setfield(L, -2, "vm");
  pkt_open_socket(L);
  lua_setfield(L, -2, "socket");
  pkt_open_shark(L);
  lua_setfield(L, -2, "shark");
  return 1;
}
