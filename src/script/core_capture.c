#include "core_capture.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../engine/capture.h"
#include "core.h"
#include "core_packet.h"
#include "errors.h"
#include "input.h"

#define READER_MT "luapkt.capture.reader"
#define WRITER_MT "luapkt.capture.writer"

/* User values of a reader: what the source is, and the chunk that is being read. */
enum { SOURCE = 1, CHUNK = 2 };

#define CHUNK_BYTES ((size_t)64 << 10) /* read from a file at once */

struct pkt_reader {
  struct pkt_capture_reader capture;
  bool is_whole; /* a file on a disk: what it has is there at once, be it asked for early */
  bool closed;   /* nothing more is asked of it */
  bool taken;    /* by a shark, which holds a record where that lies here */
};

struct writer {
  struct pkt_capture_writer writer;
  struct pkt_buf out;
};

/* ----------------------------------------------------------------------------------- reading */

static struct pkt_reader *check_reader(lua_State *L, int index) {
  return luaL_checkudata(L, index, READER_MT);
}

/* The same, whose packets nobody else takes. */
static struct pkt_reader *check_free(lua_State *L, int index) {
  struct pkt_reader *r = check_reader(L, index);
  if (r->taken) luaL_error(L, "the reader is a shark's, which takes its packets");
  return r;
}

struct pkt_reader *pkt_take_reader(lua_State *L, int index) {
  struct pkt_reader *r = check_free(L, index);
  r->taken = true;
  return r;
}

/* The string at the top becomes the chunk of the reader at 'index'. */
static void feed(lua_State *L, int index, struct pkt_capture_reader *r) {
  size_t n;
  const char *bytes = lua_tolstring(L, -1, &n);
  pkt_capture_feed(r, bytes, n);
  lua_setiuservalue(L, index, CHUNK); /* pop it; keeps it alive */
}

/* The file at an index, which Lua's io library opened; NULL: it is something else. */
static FILE *to_file(lua_State *L, int index) {
  const luaL_Stream *stream = luaL_testudata(L, index, LUA_FILEHANDLE);
  if (stream && !stream->closef) luaL_error(L, "attempt to use a closed file");
  return stream ? stream->f : NULL;
}

/* Read from the file at 2. Returns 0, or -1 with *err: it can't be. */
static int open_file(lua_State *L, struct pkt_reader *r, FILE *file, struct pkt_err *err) {
  struct stat st;
  int fd = fileno(file);
  if (fd >= 0 && fstat(fd, &st) == 0) {
    if (S_ISDIR(st.st_mode)) return pkt_fail(err, PKT_ERR_SYSTEM, "%s", strerror(EISDIR));
    r->is_whole = S_ISREG(st.st_mode);
  }
  lua_newuserdatauv(L, CHUNK_BYTES, 0);
  lua_setiuservalue(L, 1, CHUNK);
  return 0;
}

/* reader(source): bytes; a function that returns some, and nil at the end; or a file of the io
** library. Or nil and an error. */
static int l_reader(lua_State *L) {
  struct pkt_err err;
  FILE *file = to_file(L, 1);
  if (!file && !lua_isfunction(L, 1) && !pkt_to_input(L, 1)) luaL_checkstring(L, 1);
  lua_settop(L, 1);
  struct pkt_reader *r = lua_newuserdatauv(L, sizeof *r, 2);
  pkt_capture_reader_init(&r->capture);
  r->is_whole = r->closed = r->taken = false;
  luaL_setmetatable(L, READER_MT);
  lua_insert(L, 1); /* the reader below its source */
  if (file && open_file(L, r, file, &err) != 0) return pkt_lua_push_error(L, &err);
  if (lua_type(L, 2) != LUA_TSTRING) {
    lua_setiuservalue(L, 1, SOURCE);
  } else {
    feed(L, 1, &r->capture);
    pkt_capture_finish(&r->capture);
  }
  return 1;
}

static int do_nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* A signal came while a file was read. What Lua is to do about it, such as to end the script, it
** does where a function is called. */
static void let_signals_act(lua_State *L) {
  lua_pushcfunction(L, do_nothing);
  lua_call(L, 0, 0);
}

/* Bytes of the file into the chunk of the reader at 'index'. Of a pipe no more are asked for than
** the next packet needs, since they might be long in coming: what the file's buffer holds beyond
** them stays there. */
static void read_file(lua_State *L, int index, struct pkt_reader *r, FILE *file) {
  uint64_t wanted = pkt_capture_wants(&r->capture);
  size_t most = r->is_whole || wanted > CHUNK_BYTES ? CHUNK_BYTES : (size_t)wanted, n;
  lua_getiuservalue(L, index, CHUNK);
  char *bytes = lua_touserdata(L, -1);
  lua_pop(L, 1);
  while ((n = fread(bytes, 1, most, file)) == 0 && ferror(file) && errno == EINTR) {
    clearerr(file);
    let_signals_act(L);
    if (to_file(L, -1) != file) return;
  }
  if (n > 0)
    pkt_capture_feed(&r->capture, bytes, n);
  else if (ferror(file))
    pkt_capture_break(&r->capture, strerror(errno));
  else
    pkt_capture_finish(&r->capture);
}

static void read_input(struct pkt_reader *r, struct pkt_input *in) {
  const uint8_t *bytes;
  size_t n;
  struct pkt_err err;
  switch (pkt_input_read(in, &bytes, &n, &err)) {
    case 1: pkt_capture_feed(&r->capture, bytes, n); break;
    case 0: pkt_capture_finish(&r->capture); break;
    default: pkt_capture_break(&r->capture, err.message);
  }
}

int pkt_capture_step(struct pkt_reader *r, struct pkt_capture_record *out, struct pkt_err *err) {
  return pkt_capture_next(&r->capture, out, err);
}

bool pkt_capture_begun(const struct pkt_reader *r) { return r->capture.begun; }

int pkt_capture_link(const struct pkt_reader *r, bool *only) {
  const struct pkt_capture_reader *c = &r->capture;
  *only = c->pcap;
  return c->iface_len > 0 ? c->ifaces[0].link : -1;
}

bool pkt_capture_more(lua_State *L, int index) {
  struct pkt_reader *r = check_reader(L, index);
  index = lua_absindex(L, index);
  if (r->capture.finished) return false;
  lua_getiuservalue(L, index, SOURCE);
  struct pkt_input *input = pkt_to_input(L, -1);
  FILE *file = input ? NULL : to_file(L, -1);
  if (input) read_input(r, input);
  if (file) read_file(L, index, r, file);
  if (input || file) {
    lua_pop(L, 1);
    return true;
  }
  lua_call(L, 0, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    pkt_capture_finish(&r->capture);
    return true;
  }
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "the source returned a %s, not a string or nil", luaL_typename(L, -1));
  feed(L, index, &r->capture);
  return true;
}

static void push_record(lua_State *L, const struct pkt_capture_record *record) {
  lua_createtable(L, 0, 8);
  lua_pushlstring(L, (const char *)record->bytes, record->len);
  lua_setfield(L, -2, "bytes");
  pkt_lua_set_integer(L, "time", record->time);
  pkt_lua_set_integer(L, "wire_len", record->wire_len);
  pkt_lua_set_integer(L, "link", record->link);
  pkt_lua_set_integer(L, "interface", record->interface);
  pkt_lua_set_integer(L, "fcs_len", record->fcs_len);
  if (record->comment) {
    lua_pushlstring(L, record->comment, record->comment_len);
    lua_setfield(L, -2, "comment");
  }
  if (record->cut) {
    lua_pushboolean(L, true);
    lua_setfield(L, -2, "cut");
  }
}

/* The next record of the reader 'r', which is at 1. 1: there is one; 0: the end; -1: *err. */
static int next_record(lua_State *L, struct pkt_reader *r, struct pkt_capture_record *record,
                       struct pkt_err *err) {
  int got;
  do got = pkt_capture_step(r, record, err);
  while (got == 0 && pkt_capture_more(L, 1));
  return got;
}

/* packet = reader:next(): nil at the end, nil and an error where it ends in one */
static int l_next(lua_State *L) {
  struct pkt_capture_record record;
  struct pkt_err err;
  struct pkt_reader *r = check_free(L, 1);
  lua_settop(L, 1);
  int got = next_record(L, r, &record, &err);
  if (got < 0) return pkt_lua_push_error(L, &err);
  if (got == 0)
    lua_pushnil(L);
  else
    push_record(L, &record);
  return 1;
}

/* n = reader:each(registry, f): f(p, time, wire_len, link) for every packet, until it returns false
** or closes the reader; p is the same packet, filled anew. Or nil and the error in which reading
** ended. */
static int l_each(lua_State *L) {
  struct pkt_capture_record record;
  struct pkt_err err;
  lua_Integer n = 0;
  int got = 1;
  struct pkt_reader *r = check_free(L, 1);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  struct pkt_holder *p = pkt_push_refilled(L, 2);
  for (bool more = true; more && (got = next_record(L, r, &record, &err)) > 0; n++) {
    if (pkt_refill(L, p, record.link, record.bytes, record.len, NULL, &err) != 0)
      return pkt_lua_push_error(L, &err);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 4);
    lua_pushinteger(L, record.time);
    lua_pushinteger(L, record.wire_len);
    lua_pushinteger(L, record.link);
    lua_call(L, 4, 1);
    more = !r->closed && (!lua_isboolean(L, -1) || lua_toboolean(L, -1));
    lua_settop(L, 4);
  }
  if (got < 0) return pkt_lua_push_error(L, &err);
  lua_pushinteger(L, n);
  return 1;
}

/* true = reader:check(), or nil and the error in which reading ended */
static int l_check(lua_State *L) {
  const struct pkt_capture_reader *r = &check_reader(L, 1)->capture;
  if (r->err.code != PKT_ERR_NONE) return pkt_lua_push_error(L, &r->err);
  lua_pushboolean(L, true);
  return 1;
}

/* reader:close(): its source may be closed now, since nothing more is read */
static int l_close(lua_State *L) {
  check_reader(L, 1)->closed = true;
  return 0;
}

static int l_free_reader(lua_State *L) {
  pkt_capture_reader_free(&check_reader(L, 1)->capture);
  return 0;
}

/* ----------------------------------------------------------------------------------- writing */

static struct writer *check_writer(lua_State *L) { return luaL_checkudata(L, 1, WRITER_MT); }

static uint32_t check_u32(lua_State *L, int arg, lua_Integer value) {
  luaL_argcheck(L, value >= 0 && value <= UINT32_MAX, arg, "0 to 4294967295 expected");
  return (uint32_t)value;
}

static int l_writer(lua_State *L) {
  static const char *const formats[] = {"pcap", "pcap_ns", "pcapng", NULL};
  struct pkt_err err;
  int format = luaL_checkoption(L, 1, NULL, formats);
  uint32_t link = check_u32(L, 2, luaL_optinteger(L, 2, 1));
  struct writer *w = lua_newuserdatauv(L, sizeof *w, 0);
  *w = (struct writer){.out = {.len = 0}};
  luaL_setmetatable(L, WRITER_MT);
  if (pkt_capture_begin(&w->writer, &w->out, (enum pkt_capture_format)format, link, &err) != 0)
    return pkt_lua_push_error(L, &err);
  return 1;
}

/* Raise what is wrong with what is said of a packet, in the line that called what called this. */
static int wrong_about(lua_State *L, const char *format, const char *name) {
  luaL_where(L, 2);
  lua_pushliteral(L, "bad argument #3 to 'write' (");
  lua_pushfstring(L, format, name);
  lua_pushliteral(L, ")");
  lua_concat(L, 4);
  return lua_error(L);
}

/* The whole number at the top, called 'name' in the table at 3. */
static lua_Integer to_integer(lua_State *L, const char *name) {
  int whole;
  lua_Integer v = lua_tointegerx(L, -1, &whole);
  if (!whole) wrong_about(L, "'%s' is no whole number", name);
  return v;
}

static uint32_t to_u32(lua_State *L, const char *name) {
  lua_Integer v = to_integer(L, name);
  if (v < 0 || v > UINT32_MAX) wrong_about(L, "'%s': 0 to 4294967295 expected", name);
  return (uint32_t)v;
}

static void get_comment(lua_State *L, struct pkt_capture_record *record) {
  size_t n;
  if (lua_type(L, -1) != LUA_TSTRING) wrong_about(L, "'%s' is no text", "comment");
  record->comment = lua_tolstring(L, -1, &n); /* kept alive by its table */
  record->comment_len = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The members that may describe a packet to be written. The last ones occur only in what a
** reader gave, whose record is taken as it is. */
static const char *const said[] = {"time", "wire_len", "interface", "comment", "bytes",
                                   "link", "fcs_len",  "cut",       NULL};
enum { TIME, WIRE_LEN, INTERFACE, COMMENT, BYTES };

static int find_said(lua_State *L, const char *name) {
  for (int i = 0; said[i]; i++)
    if (strcmp(said[i], name) == 0) return i;
  return wrong_about(L, "there is no option '%s'", name);
}

/* What is said of a packet, and the bytes that it had when a reader gave it; NULL: none did. */
struct about {
  struct pkt_capture_record *record;
  const char *before;
  size_t before_len;
};

/* The value at the top, whose key is below it. */
static void set_said(lua_State *L, struct about *about) {
  struct pkt_capture_record *record = about->record;
  const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : luaL_typename(L, -2);
  switch (find_said(L, name)) {
    case TIME: record->time = to_integer(L, name); break;
    case WIRE_LEN: record->wire_len = to_u32(L, name); break;
    case INTERFACE: record->interface = to_u32(L, name); break;
    case COMMENT: get_comment(L, record); break;
    case BYTES:
      if (lua_type(L, -1) == LUA_TSTRING)
        about->before = lua_tolstring(L, -1, &about->before_len); /* kept alive by its table */
      break;
    default: break;
  }
}

/* A packet that a reader gave may have grown or shrunk since: so has it on the wire. */
static void follow_edit(const struct about *about) {
  struct pkt_capture_record *record = about->record;
  if (!about->before || record->wire_len == record->len || record->wire_len < about->before_len)
    return;
  uint64_t wire_len = record->wire_len - about->before_len + record->len;
  record->wire_len = wire_len > UINT32_MAX ? UINT32_MAX : (uint32_t)wire_len;
}

static void get_record(lua_State *L, struct pkt_capture_record *record) {
  struct about about = {.record = record};
  for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1)) set_said(L, &about);
  follow_edit(&about);
}

/* true = writer:write(bytes [, { time =, wire_len =, interface =, comment = }]), or nil and an
** error */
static int l_write(lua_State *L) {
  struct writer *w = check_writer(L);
  struct pkt_capture_record record = {.time = 0};
  struct pkt_err err;
  size_t n;
  record.bytes = (const uint8_t *)luaL_checklstring(L, 2, &n);
  record.len = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
  lua_settop(L, 3);
  if (!lua_isnil(L, 3)) {
    if (!lua_istable(L, 3)) wrong_about(L, "table expected, got %s", luaL_typename(L, 3));
    get_record(L, &record);
  }
  if (pkt_capture_write(&w->writer, &record, &err) != 0) return pkt_lua_push_error(L, &err);
  lua_pushboolean(L, true);
  return 1;
}

/* number = writer:interface(link), or nil and an error */
static int l_interface(lua_State *L) {
  struct writer *w = check_writer(L);
  struct pkt_err err;
  uint32_t link = check_u32(L, 2, luaL_checkinteger(L, 2));
  int number = pkt_capture_interface(&w->writer, link, &err);
  if (number < 0) return pkt_lua_push_error(L, &err);
  lua_pushinteger(L, number);
  return 1;
}

static int l_take(lua_State *L) {
  struct writer *w = check_writer(L);
  lua_pushlstring(L, w->out.data ? w->out.data : "", w->out.len);
  w->out.len = 0;
  return 1;
}

static int l_free_writer(lua_State *L) {
  pkt_buf_free(&check_writer(L)->out);
  return 0;
}

int pkt_open_capture(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"open", pkt_input_open}, {"reader", l_reader}, {"writer", l_writer}, {NULL, NULL}};
  static const luaL_Reg of_reader[] = {{"next", l_next},   {"each", l_each},
                                       {"check", l_check}, {"close", l_close},
                                       {"__call", l_next}, {"__gc", l_free_reader},
                                       {NULL, NULL}};
  static const luaL_Reg of_writer[] = {{"write", l_write},
                                       {"interface", l_interface},
                                       {"take", l_take},
                                       {"__gc", l_free_writer},
                                       {NULL, NULL}};
  pkt_make_class(L, READER_MT, of_reader);
  pkt_make_class(L, WRITER_MT, of_writer);
  pkt_open_input(L);
  luaL_newlib(L, functions);
  return 1;
}
