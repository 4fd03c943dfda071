/* failmalloc.c - malloc that fails on purpose.
**
** Preloaded, it stands before the C library's allocator. As a Lua module it has one function:
** failmalloc.arm(n) makes the n-th allocation from now, and every later one, fail; arm(n, true) that
** one alone; arm(0) ends that and gives the number of allocations since it was armed. */
#define _GNU_SOURCE
#include <errno.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stddef.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static lua_Integer fail_at; /* 0: never */
static lua_Integer count;
static bool alone;

static bool fails(void) {
  if (fail_at == 0 || ++count < fail_at || (alone && count > fail_at)) return false;
  errno = ENOMEM;
  return true;
}

void *malloc(size_t n) { return fails() ? NULL : __libc_malloc(n); }

void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }

void *realloc(void *p, size_t n) {
  if (n == 0) return __libc_realloc(p, n); /* frees */
  return fails() ? NULL : __libc_realloc(p, n);
}

static int l_arm(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1), counted = count;
  fail_at = 0; /* nothing below fails */
  count = 0;
  alone = lua_toboolean(L, 2);
  lua_pushinteger(L, counted);
  fail_at = n;
  return 1;
}

int luaopen_failmalloc(lua_State *L) {
  static const luaL_Reg functions[] = {{"arm", l_arm}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
