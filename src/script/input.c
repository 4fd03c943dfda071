/* input.c - files and pipes whose bytes are taken as they come. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core.h"
#include "errors.h"
#include "sockets.h"

#define INPUT_MT "luapkt.input"
#define CHUNK ((size_t)64 << 10) /* bytes that are read at once */

struct pkt_input {
  int fd; /* -1: closed */
  bool own;
  uint64_t read, size; /* bytes so far; of a file, bytes of all */
  uint8_t bytes[CHUNK];
};

struct pkt_input *pkt_to_input(lua_State *L, int index) {
  return luaL_testudata(L, index, INPUT_MT);
}

static int l_close(lua_State *L) {
  struct pkt_input *in = luaL_checkudata(L, 1, INPUT_MT);
  if (in->own && in->fd >= 0) close(in->fd);
  in->fd = -1;
  return 0;
}

static int l_progress(lua_State *L) {
  const struct pkt_input *in = luaL_checkudata(L, 1, INPUT_MT);
  lua_pushinteger(L, (lua_Integer)in->read);
  lua_pushinteger(L, (lua_Integer)in->size);
  return 2;
}

void pkt_open_input(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"progress", l_progress}, {"close", l_close}, {"__gc", l_close}, {NULL, NULL}};
  pkt_make_class(L, INPUT_MT, methods);
}

int pkt_input_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct pkt_err err;
  struct stat st;
  struct pkt_input *in = lua_newuserdatauv(L, sizeof *in, 0);
  in->own = strcmp(path, "-") != 0;
  in->read = in->size = 0;
  in->fd = in->own ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
  luaL_setmetatable(L, INPUT_MT);
  bool there = in->fd >= 0 && fstat(in->fd, &st) == 0;
  if (there && S_ISDIR(st.st_mode)) errno = EISDIR;
  if (!there || S_ISDIR(st.st_mode)) {
    pkt_fail(&err, PKT_ERR_SYSTEM, "%s", strerror(errno));
    return pkt_lua_push_error(L, &err);
  }
  if (S_ISREG(st.st_mode)) in->size = (uint64_t)st.st_size;
  return 1;
}

int pkt_input_read(struct pkt_input *in, const uint8_t **bytes, size_t *n, struct pkt_err *err) {
  struct pollfd wait = {.fd = in->fd, .events = POLLIN};
  *bytes = in->bytes;
  *n = 0;
  if (in->fd < 0) return pkt_fail(err, PKT_ERR_SYSTEM, "the input is closed");
  if (pkt_sockets.live_stopped()) return 0;
  int ready = in->size > 0 ? 1 : poll(&wait, 1, PKT_LIVE_WAIT);
  if (ready == 0) return 1;
  ssize_t got = ready < 0 ? -1 : read(in->fd, in->bytes, sizeof in->bytes);
  if (got < 0 && errno == EINTR) return 1; /* what interrupted it may have ended it */
  if (got < 0) return pkt_fail(err, PKT_ERR_SYSTEM, "%s", strerror(errno));
  in->read += (uint64_t)got;
  *n = (size_t)got;
  return got > 0;
}
