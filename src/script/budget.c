#include "budget.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../engine/limits.h"

/* Loading takes a tenth of a second. */
#define USUAL_MS 10000

/* All protocols take a twentieth of this; nothing is collected while they are loaded. */
#define MOST_MIB 512

/* Instructions between two looks at what was used: some tenths of a millisecond. */
#define LOOK_EVERY (1 << 16)

struct budget {
  int64_t end; /* of the thread's time, ms */
  uint32_t ms;
  lua_State *L;
  char why[PKT_MAX_MESSAGE]; /* empty until it is used up */
};

static _Thread_local struct budget *current;

static int64_t used_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A function of a file that isn't one of the program's modules. */
static bool is_authors(const lua_Debug *ar) {
  return ar->currentline > 0 && !strstr(ar->source, "lua/luapkt/");
}

/* Where the outermost of the author's functions is: it is in the file that is loaded. */
static void say_why(lua_State *L, struct budget *b, bool late) {
  lua_Debug ar, at = {.currentline = 0};
  size_t n = 0, room = sizeof b->why;
  for (int level = 0; lua_getstack(L, level, &ar); level++)
    if (lua_getinfo(L, "Sl", &ar) && is_authors(&ar)) at = ar;
  if (at.currentline > 0)
    n = (size_t)snprintf(b->why, room, "%s:%d: ", at.short_src, at.currentline);
  if (late)
    snprintf(b->why + n, room - n, "takes more than %u ms of processor time", (unsigned)b->ms);
  else
    snprintf(b->why + n, room - n, "takes more than %d MiB of memory", MOST_MIB);
}

static void hook(lua_State *L, lua_Debug *ar);

/* Look every so many instructions of this coroutine and of the main one; those to come do as the
** one that makes them. */
static void look_every(lua_State *L, int instructions) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_sethook(lua_tothread(L, -1), hook, LUA_MASKCOUNT, instructions);
  lua_pop(L, 1);
  lua_sethook(L, hook, LUA_MASKCOUNT, instructions);
}

static void hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  if (!current) return;
  bool late = used_ms() >= current->end;
  if (!current->why[0] && !late && lua_gc(L, LUA_GCCOUNT) / 1024 < MOST_MIB) return;
  if (!current->why[0]) say_why(L, current, late);
  look_every(L, 1); /* so that no pcall() within a loop goes on */
  lua_pushstring(L, current->why);
  lua_error(L);
}

int pkt_budget_trust(lua_State *L, int nargs, uint32_t ms) {
  struct budget b = {.ms = ms ? ms : USUAL_MS, .L = L};
  b.end = used_ms() + b.ms;
  current = &b;
  int status = lua_pcall(L, nargs, 0, 0);
  lua_sethook(L, NULL, 0, 0);
  current = NULL;
  return status;
}

int pkt_budget_pcall(lua_State *L, int nargs, uint32_t ms) {
  lua_sethook(L, hook, LUA_MASKCOUNT, LOOK_EVERY);
  return pkt_budget_trust(L, nargs, ms);
}

bool pkt_budget_late(char *why, size_t room) {
  if (!current) return false;
  say_why(current->L, current, true);
  snprintf(why, room, "%s", current->why);
  return true;
}

void pkt_budget_watch(lua_State *L) {
  if (current) look_every(L, LOOK_EVERY);
}
