#include "core_vm.h"

#include <lauxlib.h>
#include <string.h>

#include "../engine/dissect.h"
#include "../engine/json.h"
#include "../engine/registry.h"
#include "../engine/vm.h"
#include "core.h"
#include "core_json.h"
#include "errors.h"
#include "values.h"

#define VM_MT "luapkt.vm"

/* What compiling may take: the longest packet four times over, and values for all variables. */
#define ARENA_BYTES (64u << 20)

struct machine {
  struct pkt_arena arena;
  struct pkt_buf text; /* the instructions, while they are read */
  struct pkt_vm *vm;
};

static struct machine *check_machine(lua_State *L) { return luaL_checkudata(L, 1, VM_MT); }

static int l_gc(lua_State *L) {
  struct machine *m = check_machine(L);
  pkt_arena_free(&m->arena);
  pkt_buf_free(&m->text);
  m->vm = NULL;
  return 0;
}

/* Raises where it is finalized, as it can be met while a state is closed. */
static struct pkt_vm *check_vm(lua_State *L) {
  struct pkt_vm *vm = check_machine(L)->vm;
  if (!vm) luaL_argerror(L, 1, "the field engine is finalized");
  return vm;
}

/* The instructions at 1 as a value. A table goes through JSON, which has all the numbers. */
static int read_instructions(lua_State *L, struct machine *m, struct pkt_value *out,
                             struct pkt_err *err) {
  size_t n;
  if (lua_type(L, 1) == LUA_TSTRING) {
    const char *text = lua_tolstring(L, 1, &n);
    return pkt_json_read(&m->arena, text, n, out, err);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  if (pkt_lua_write_json(L, 1, &m->text, err) != 0) return -1;
  if (m->text.len == 2 && memcmp(m->text.data, "{}", 2) == 0) m->text.len = 0;
  if (m->text.len == 0) pkt_buf_lit(&m->text, "[]");
  if (m->text.failed) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return pkt_json_read(&m->arena, m->text.data, m->text.len, out, err);
}

/* The layers of the packet, if the options at 3 have a registry. What can't be read has none.
** Raises without memory. */
static const struct pkt_packet *read_layers(lua_State *L, struct machine *m, const char *bytes,
                                            size_t n) {
  struct pkt_err err;
  if (lua_getfield(L, 3, "registry") == LUA_TNIL) return NULL;
  const struct pkt_registry *registry = pkt_core_registry(L, -1);
  lua_getfield(L, 3, "id");
  const char *id = luaL_optstring(L, -1, "Ether");
  const struct pkt_plan *plan = pkt_registry_find(registry, id, strlen(id));
  if (!plan) luaL_error(L, "there is no protocol '%s'", id);
  const struct pkt_packet *p =
      pkt_dissect(&m->arena, plan, (const uint8_t *)bytes, n, PKT_REACH_ALL, &err);
  if (!p && err.code == PKT_ERR_MEMORY) luaL_error(L, "%s", err.message);
  return p;
}

static int l_new(lua_State *L) {
  struct pkt_vm_setup setup = {.seed = 1};
  struct pkt_value instructions;
  struct pkt_err err = {0};
  lua_settop(L, 3);
  const char *bytes = luaL_checklstring(L, 2, &setup.len);
  setup.packet = (const uint8_t *)bytes;
  struct machine *m = lua_newuserdatauv(L, sizeof *m, 0);
  memset(m, 0, sizeof *m);
  pkt_arena_init(&m->arena, ARENA_BYTES);
  luaL_setmetatable(L, VM_MT); /* from here on the collector frees what is allocated */
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_getfield(L, 3, "seed");
    lua_Integer seed = luaL_optinteger(L, -1, setup.seed);
    luaL_argcheck(L, seed >= 0 && seed <= UINT32_MAX, 3, "a seed of 0 to 4294967295 expected");
    setup.seed = (uint32_t)seed;
    setup.layers = read_layers(L, m, bytes, setup.len);
    lua_settop(L, 4);
  }
  if (read_instructions(L, m, &instructions, &err) != 0) return pkt_lua_push_error(L, &err);
  setup.instructions = &instructions;
  m->vm = pkt_vm_new(&m->arena, &setup, &err);
  pkt_buf_free(&m->text);
  return m->vm ? 1 : pkt_lua_push_error(L, &err);
}

/* The number of a packet, at 2. */
static uint64_t check_number(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 2);
  luaL_argcheck(L, n >= 0, 2, "packets are counted from 0");
  return (uint64_t)n;
}

static int l_packet(lua_State *L) {
  struct pkt_vm *vm = check_vm(L);
  uint64_t n = check_number(L);
  uint32_t len;
  if (pkt_vm_tell(vm) != n) pkt_vm_seek(vm, n);
  const uint8_t *bytes = pkt_vm_next(vm, &len);
  lua_pushlstring(L, (const char *)bytes, len);
  return 1;
}

static void push_u64(lua_State *L, uint64_t n) {
  struct pkt_value v = {.type = PKT_V_INT, .num = n};
  pkt_lua_push_value(L, &v);
}

static int l_variables(lua_State *L) {
  struct pkt_vm *vm = check_vm(L);
  uint64_t n = check_number(L);
  uint32_t len;
  if (pkt_vm_tell(vm) != n + 1) { /* it isn't the packet made last */
    pkt_vm_seek(vm, n);
    pkt_vm_next(vm, &len);
  }
  lua_createtable(L, (int)pkt_vm_values(vm), 0);
  for (uint32_t i = 0; i < pkt_vm_values(vm); i++) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, pkt_vm_name(vm, i));
    lua_setfield(L, -2, "name");
    push_u64(L, pkt_vm_value(vm, i));
    lua_setfield(L, -2, "value");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int l_cycle(lua_State *L) {
  push_u64(L, pkt_vm_cycle(check_vm(L)));
  return 1;
}

static int l_warnings(lua_State *L) {
  const struct pkt_vm *vm = check_vm(L);
  const char *text;
  lua_newtable(L);
  for (uint32_t i = 0; (text = pkt_vm_warning(vm, i)) != NULL; i++) {
    lua_pushstring(L, text);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

int pkt_open_vm(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", l_new}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"packet", l_packet}, {"variables", l_variables},
                                     {"cycle", l_cycle},   {"warnings", l_warnings},
                                     {"__gc", l_gc},       {NULL, NULL}};
  pkt_make_class(L, VM_MT, methods);
  luaL_newlib(L, functions);
  return 1;
}
