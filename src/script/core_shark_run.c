/* core_shark_run.c - a capture's packets, those that are wanted, written out. */
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_packet.h"
#include "core_shark_inner.h"
#include "core_shark_wanted.h"
#include "errors.h"
#include "sockets.h"

#define FULL 0x10000        /* bytes of output that are written at once */
#define MOST_HELD 0x400000  /* bytes of lines that are kept back */
#define MAX_LINKS 64        /* link types of a pcapng file that is written */
#define PATIENCE 1000000000 /* nanoseconds that lines are kept back while packets are waited for */

enum format { TEXT, JSONL, PCAP, PCAPNG, NONE, FUNCTION };

/* Where things lie on the stack. */
enum {
  SELF = 1,
  OPTIONS,
  READER,
  PACKET,
  ABOUT,
  WRITE,
  FORMAT,
  FILTER,
  CAREFUL,
  COMMAND,
  IDLE,
  OPEN
};

struct job {
  struct pkt_shark *s;
  struct pkt_packet *p; /* the packet, now */
  enum format format;
  const struct pkt_plan *want, *commands; /* NULL: none */
  struct pkt_wanted wanted;               /* by the filter */
  bool only, tell, color, live;
  bool begun;     /* the output: it is open, and a capture's head needs no more thought */
  uint64_t hold;  /* packets whose lines may be kept back yet; 0: none are */
  int64_t held;   /* when the first of them was, by pkt_sockets.now() */
  uint64_t count; /* packets that are to be written; 0: all */
  uint64_t done;  /* that were */
  uint64_t last;  /* number of the record that the last of them came from; 0: none were */
  struct pkt_capture_writer writer;
  uint16_t links[MAX_LINKS]; /* of the capture that is written: its interfaces */
};

/* ------------------------------------------------------------------------------------- options */

static const struct pkt_plan *get_plan(lua_State *L, const struct pkt_shark *s, const char *name) {
  lua_getfield(L, OPTIONS, name);
  return pkt_wanted_take_plan(L, s->registry);
}

/* What packets are read for until it is known whether they are wanted. */
static struct pkt_sought *seek(lua_State *L, const struct job *j) {
  const struct pkt_plan *plans[PKT_WANTED_LAYERS + 1];
  unsigned n = 0;
  if (!j->want && lua_isnil(L, FILTER)) return NULL;
  for (int i = 0; i < j->wanted.nlayers; i++) plans[n++] = j->wanted.layers[i];
  if (j->want) plans[n++] = j->want;
  return pkt_sought_new(j->s->registry, plans, n);
}

static uint64_t get_count(lua_State *L, const char *name) {
  lua_getfield(L, OPTIONS, name);
  lua_Integer n = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  return n > 0 ? (uint64_t)n : 0;
}

static bool get_flag(lua_State *L, const char *name) {
  lua_getfield(L, OPTIONS, name);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

static enum format get_format(lua_State *L) {
  static const char *const names[] = {"text", "jsonl", "pcap", "pcapng", "none", NULL};
  lua_getfield(L, OPTIONS, "format");
  if (lua_isfunction(L, -1)) return FUNCTION;
  enum format format = (enum format)luaL_checkoption(L, -1, "text", names);
  lua_pop(L, 1);
  lua_getfield(L, OPTIONS, "behind"); /* in its place, for write_text() */
  return format;
}

/* Push what is needed at hand, and read the other options. */
static void begin(lua_State *L, struct job *j) {
  lua_settop(L, 2);
  luaL_checktype(L, OPTIONS, LUA_TTABLE);
  luaL_checkstack(L, OPEN + 3 + PKT_WANTED_CHECKS + PKT_WANTED_LAYERS + LUA_MINSTACK, NULL);
  lua_getiuservalue(L, SELF, SHARK_READER);
  lua_getiuservalue(L, SELF, SHARK_PACKET);
  lua_getiuservalue(L, SELF, SHARK_ABOUT);
  lua_getfield(L, OPTIONS, "write");
  j->format = get_format(L);
  lua_getfield(L, OPTIONS, "filter");
  lua_getfield(L, OPTIONS, "careful");
  lua_getfield(L, OPTIONS, "command");
  lua_getfield(L, OPTIONS, "idle");
  lua_getfield(L, OPTIONS, "open");
  j->want = get_plan(L, j->s, "want");
  j->commands = get_plan(L, j->s, "commands");
  j->only = get_flag(L, "only");
  j->color = get_flag(L, "color");
  j->live = get_flag(L, "live");
  j->tell = get_flag(L, "tell") || lua_isfunction(L, FORMAT);
  j->hold = get_count(L, "hold");
  j->count = get_count(L, "count");
  pkt_wanted_read(L, OPTIONS, j->s->registry, &j->wanted);
  j->s->sought = seek(L, j);
}

/* -------------------------------------------------------------------------------------- output */

/* Write what there is. Returns 0, or -1 with *err: it couldn't be. */
static int flush(lua_State *L, struct job *j, struct pkt_err *err) {
  struct pkt_buf *out = &j->s->out;
  if (out->failed) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  size_t n = out->len;
  out->len = 0;
  if (n == 0) return 0;
  const luaL_Stream *stream = luaL_testudata(L, WRITE, LUA_FILEHANDLE);
  if (stream && stream->closef) {
    if (fwrite(out->data, 1, n, stream->f) == n && fflush(stream->f) == 0) return 0;
    return pkt_fail(err, PKT_ERR_SYSTEM, "the output can't be written: %s", strerror(errno));
  }
  lua_pushvalue(L, WRITE);
  lua_pushlstring(L, out->data, n);
  lua_call(L, 1, 2);
  int status = lua_toboolean(L, -2) ? 0 : -1;
  const char *why = lua_tostring(L, -1);
  if (status != 0)
    pkt_fail(err, PKT_ERR_SYSTEM, "the output can't be written: %s", why ? why : "unknown error");
  lua_pop(L, 2);
  return status;
}

/* Before more bytes are waited for. */
static void idle(lua_State *L) {
  if (lua_isnil(L, IDLE)) return;
  lua_pushvalue(L, IDLE);
  lua_call(L, 0, 0);
}

/* Nothing is kept back any more: what was is written, or dropped. */
static void let_go(struct job *j, bool write) {
  struct pkt_buf *held = &j->s->held;
  if (write) pkt_buf_add(&j->s->out, held->data, held->len);
  if (write && held->failed) j->s->out.failed = true; /* a line of them may be cut */
  if (!write) j->done = 0;
  pkt_buf_free(held);
  j->hold = 0;
}

/* Parts of a line in colors (ECMA-48 section 8.3.117). */
enum paint { PLAIN, FAINT, YELLOW, CYAN };

static void paint(struct pkt_buf *b, bool color, enum paint how) {
  static const char *const codes[] = {"\033[0m", "\033[2m", "\033[33m", "\033[36m"};
  if (color) pkt_buf_str(b, codes[how]);
}

/* Begin a line: 1550000000.5 10.0.0.1:4242->10.0.0.2:53 */
static void begin_line(const struct pkt_shark *s, struct pkt_buf *b, const struct pkt_packet *p,
                       bool color) {
  paint(b, color, FAINT);
  pkt_outline_time(b, s->record.time);
  paint(b, color, PLAIN);
  pkt_buf_byte(b, ' ');
  paint(b, color, CYAN);
  size_t from = b->len;
  pkt_outline_end(s->outline, b, p, true, true);
  pkt_buf_lit(b, "->");
  pkt_outline_end(s->outline, b, p, false, true);
  bool none = b->len - from == 2; /* only the arrow */
  if (none) b->len = from;
  paint(b, color, PLAIN);
  if (!none) pkt_buf_byte(b, ' ');
}

void pkt_shark_line(const struct pkt_shark *s, struct pkt_buf *b, const struct pkt_packet *p,
                    bool color) {
  begin_line(s, b, p, color);
  pkt_outline_summary(s->outline, b, p);
  if (s->note == NOTE_NONE) return;
  paint(b, color, YELLOW);
  pkt_buf_fmt(b, " [%s]", pkt_shark_notes[s->note]);
  paint(b, color, PLAIN);
}

/* The string on top, popped; one of another type is a mistake of the function that made it. */
static void add_string(lua_State *L, struct pkt_buf *b) {
  size_t n;
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "text was expected of the function, not a %s", luaL_typename(L, -1));
  const char *text = lua_tolstring(L, -1, &n);
  pkt_buf_add(b, text, n);
  lua_pop(L, 1);
}

static bool is_command(const struct job *j, uint32_t i) {
  return pkt_plan_is_kind(j->p->layers[i]->plan, j->commands);
}

/* How many commands there are in the packet: its own, not what an ICMP error quotes. */
static unsigned count_commands(const struct job *j) {
  unsigned n = 0;
  uint32_t own = j->commands ? pkt_outline_own(j->p) : 0;
  for (uint32_t i = 0; i < own; i++) n += is_command(j, i);
  return n;
}

/* The packet: after each call of a function of Lua's, which may change it, it lies elsewhere. */
static void take_hold(lua_State *L, struct job *j) { j->p = pkt_refilled(L, j->s->packet); }

/* A line for each command in the packet that has a text. */
static void write_commands(lua_State *L, struct job *j, struct pkt_buf *b) {
  uint32_t own = pkt_outline_own(j->p);
  for (uint32_t i = 0; i < own && i < j->p->len; i++) {
    if (!is_command(j, i)) continue;
    lua_pushvalue(L, COMMAND);
    pkt_push_refilled_layer(L, PACKET, j->s->packet, i);
    lua_call(L, 1, 1);
    take_hold(L, j);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    begin_line(j->s, b, j->p, j->color);
    add_string(L, b);
    pkt_buf_byte(b, '\n');
  }
}

/* The line of a packet, or those of its commands. */
static void write_lines(lua_State *L, struct job *j, struct pkt_buf *b) {
  if (count_commands(j) > 0 && j->s->note != NOTE_CUT) { /* what is cut has no text of its own */
    write_commands(L, j, b);
    return;
  }
  pkt_shark_line(j->s, b, j->p, j->color);
  pkt_buf_byte(b, '\n');
}

/* {"number":1,"timestamp":1550000000.5,"len":74,"src":"10.0.0.1:4242",...,"Ether":{...}} */
static void write_json(struct job *j, struct pkt_buf *b) {
  pkt_buf_lit(b, "{\"number\":");
  pkt_buf_u64(b, j->s->number);
  pkt_buf_lit(b, ",\"timestamp\":");
  pkt_outline_time(b, j->s->record.time);
  pkt_buf_lit(b, ",\"len\":");
  pkt_buf_u64(b, j->s->record.wire_len);
  pkt_buf_lit(b, ",\"src\":\"");
  pkt_outline_end(j->s->outline, b, j->p, true, true);
  pkt_buf_lit(b, "\",\"dst\":\"");
  pkt_outline_end(j->s->outline, b, j->p, false, true);
  pkt_buf_byte(b, '"');
  if (j->s->note) pkt_buf_fmt(b, ",\"note\":\"%s\"", pkt_shark_notes[j->s->note]);
  pkt_outline_members(j->s->outline, b, j->p);
  pkt_buf_lit(b, "}\n");
}

/* The interface of the capture that is written for packets of this link type: a new one if need
** be. */
static int interface_of(struct job *j, uint32_t link, struct pkt_err *err) {
  struct pkt_capture_writer *w = &j->writer;
  bool ng = j->format == PCAPNG;
  if (w->out == NULL) {
    enum pkt_capture_format format = ng ? PKT_PCAPNG : PKT_PCAP_NS;
    j->links[0] = (uint16_t)link;
    return pkt_capture_begin(w, &j->s->out, format, link, err);
  }
  for (uint32_t i = 0; i < w->interfaces && i < MAX_LINKS; i++)
    if (j->links[i] == link) return (int)i;
  if (!ng)
    return pkt_fail(err, PKT_ERR_VALUE,
                    "packets of another link type: a pcapng file can hold them");
  if (w->interfaces >= MAX_LINKS)
    return pkt_fail(err, PKT_ERR_LIMIT, "more than %d link types in one capture", MAX_LINKS);
  j->links[w->interfaces] = (uint16_t)link;
  return pkt_capture_interface(w, link, err);
}

static bool is_capture(const struct job *j) { return j->format == PCAP || j->format == PCAPNG; }

/* A capture is one, also without packets. Returns 0, or -1 with *err. */
static int begin_capture(struct job *j, struct pkt_err *err) {
  bool only;
  int first = pkt_capture_link(j->s->reader, &only);
  uint32_t link = j->s->number > 0 ? j->s->record.link
                  : first >= 0     ? (uint32_t)first
                                   : PKT_LINK_ETHERNET;
  return is_capture(j) && !j->writer.out && interface_of(j, link, err) < 0 ? -1 : 0;
}

/* Is there what can be written to? */
static bool is_open(lua_State *L) { return lua_isnil(L, OPEN) || !lua_isnil(L, WRITE); }

static int open_output(lua_State *L, struct pkt_err *err) {
  if (is_open(L)) return 0;
  lua_pushvalue(L, OPEN);
  lua_call(L, 0, 2);
  const char *why = lua_tostring(L, -1);
  bool open = !lua_isnil(L, -2);
  if (!open) pkt_fail(err, PKT_ERR_SYSTEM, "%s", why ? why : "the output can't be opened");
  lua_pop(L, 1);
  lua_replace(L, WRITE);
  return open ? 0 : -1;
}

/* Open the output, which may empty it, once what is read is known to be a capture; and begin one
** that is written, so that nobody who looks on waits for its head until there is a packet: where
** its link type can be no other, or another may follow. Returns 0, or -1 with *err. */
static int begin_output(lua_State *L, struct job *j, bool packet, struct pkt_err *err) {
  bool only;
  int link = pkt_capture_link(j->s->reader, &only);
  if (!pkt_capture_begun(j->s->reader)) return 0;
  if (open_output(L, err) != 0) return -1;
  if (link >= 0 && (only || (j->live && j->format == PCAPNG)) && is_capture(j) && !j->writer.out &&
      interface_of(j, (uint32_t)link, err) < 0)
    return -1;
  j->begun = packet || !is_capture(j) || j->writer.out;
  return 0;
}

static int write_record(struct job *j, struct pkt_err *err) {
  struct pkt_capture_record r = j->s->record;
  int interface = interface_of(j, r.link, err);
  if (interface < 0) return -1;
  r.interface = (uint32_t)interface;
  if (j->format == PCAP) r.comment = NULL;
  return pkt_capture_write(&j->writer, &r, err);
}

/* Push a function of the packet and what any is called with: so many values. */
static int push_call(lua_State *L, int function) {
  lua_pushvalue(L, function);
  lua_pushvalue(L, PACKET);
  lua_pushvalue(L, ABOUT);
  lua_pushvalue(L, SELF);
  return 3;
}

/* What a function raised, popped, is the error. */
static int fail_raised(lua_State *L, int status, struct pkt_err *err) {
  const char *why = lua_tostring(L, -1);
  if (status == LUA_ERRMEM)
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  else
    pkt_fail(err, PKT_ERR_HOOK, "%s", why ? why : "an error that is no text");
  lua_pop(L, 1);
  return -1;
}

static int write_by_function(lua_State *L, struct pkt_buf *b, struct pkt_err *err) {
  int status = lua_pcall(L, push_call(L, FORMAT), 1, 0);
  if (status != LUA_OK) return fail_raised(L, status, err);
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else
    add_string(L, b);
  return 0;
}

/* Lines, and what comes behind them; nothing does where there are none. */
static int write_text(lua_State *L, struct job *j, struct pkt_buf *b, struct pkt_err *err) {
  size_t before = b->len;
  write_lines(L, j, b);
  if (b->len == before || !lua_isfunction(L, FORMAT)) return 0;
  return write_by_function(L, b, err);
}

/* 'again': another part of this record was written before. */
static int write_packet(lua_State *L, struct job *j, bool again, struct pkt_err *err) {
  struct pkt_buf *b = j->hold ? &j->s->held : &j->s->out;
  switch (j->format) {
    case TEXT: return write_text(L, j, b, err);
    case JSONL: write_json(j, b); break;
    case PCAP:
    case PCAPNG: return again ? 0 : write_record(j, err);
    case FUNCTION: return write_by_function(L, b, err);
    case NONE: break;
  }
  return 0;
}

static bool is_enough(const struct job *j) { return j->count > 0 && j->done >= j->count; }

/* What is kept back until it is known whether the capture has commands. */
static int keep_packet(lua_State *L, struct job *j, bool again, struct pkt_err *err) {
  if (j->held == 0) j->held = pkt_sockets.now();
  if (!is_enough(j) || again) {
    if (write_packet(L, j, again, err) != 0) return -1;
    j->done += !again;
  }
  if (--j->hold == 0 || j->s->held.len > MOST_HELD) let_go(j, true);
  return 0;
}

/* ------------------------------------------------------------------------------- what is wanted */

/* Call a filter: its value is on top, or else what it raised. Returns the status. */
static int call_filter(lua_State *L, const struct job *j, int filter) {
  int given = push_call(L, filter);
  for (int i = 0; i < j->wanted.nlayers; i++)
    pkt_push_refilled_kind(L, PACKET, j->s->packet, j->wanted.layers[i]);
  return lua_pcall(L, given + j->wanted.nlayers, 1, 0);
}

/* Returns 1 where the packet passes, 0 where not, or -1 with *err. */
static int passes(lua_State *L, const struct job *j, struct pkt_err *err) {
  int status = call_filter(L, j, FILTER);
  if (status == LUA_ERRRUN && !lua_isnil(L, CAREFUL)) {
    lua_pop(L, 1);
    status = call_filter(L, j, CAREFUL);
  }
  if (status != LUA_OK) return fail_raised(L, status, err);
  int wanted = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return wanted;
}

static int take_packet(lua_State *L, struct job *j, struct pkt_err *err) {
  j->p = pkt_refilled_part(L, j->s->packet);
  bool again = j->last == j->s->number || j->s->again; /* with further messages */
  if (j->want && !pkt_wanted_has(j->p, j->want)) return 0;
  if (!pkt_wanted_may_pass(L, &j->wanted, j->p)) return 0;
  if (j->tell) pkt_shark_tell(L, j->s, ABOUT);
  int wanted = lua_isnil(L, FILTER) ? 1 : passes(L, j, err);
  if (wanted < 1) return wanted;
  take_hold(L, j);
  unsigned commands = count_commands(j);
  if (j->only && commands == 0) return 0;
  j->last = j->s->number;
  pkt_follow_told(j->s->follow);
  if (j->hold && commands == 0) return keep_packet(L, j, again, err);
  if (j->hold) {
    let_go(j, false);
    j->only = true;
  }
  if (!again) j->done++;
  return write_packet(L, j, again, err);
}

/* Were lines kept back for as long as somebody who looks on may wait? */
static bool is_overdue(const struct job *j) {
  return j->live && j->hold > 0 && j->held > 0 && pkt_sockets.now() - j->held >= PATIENCE;
}

/* All packets, or as many as are to be written. Returns 0, or -1 with *err. */
static int take_all(lua_State *L, struct job *j, struct pkt_err *err) {
  struct pkt_shark *s = j->s;
  while (!is_enough(j) || j->hold || s->more) {
    int got = pkt_shark_step(L, s, err);
    if (got < 0) return -1;
    if (!j->begun && begin_output(L, j, got > 0, err) != 0) return -1;
    if (got > 0 && take_packet(L, j, err) != 0) return -1;
    if (got == 0 && is_overdue(j)) let_go(j, true);
    if ((got == 0 || s->out.len >= FULL) && flush(L, j, err) != 0) return -1;
    if (got > 0) continue;
    idle(L);
    if (!pkt_shark_more(L, s, READER)) return 0;
  }
  return 0;
}

/* Write what is left. Returns 0, or -1 with *err: it couldn't be. */
static int end_output(lua_State *L, struct job *j, struct pkt_err *err) {
  if (!is_open(L)) return 0;
  if (pkt_capture_begun(j->s->reader) && begin_capture(j, err) != 0) return -1;
  return flush(L, j, err);
}

/* What was written before something went wrong is there all the same. */
static int run(lua_State *L) {
  struct job j = {.s = pkt_check_shark(L)};
  struct pkt_err err = {0}, more = {0};
  begin(L, &j);
  int status = take_all(L, &j, &err);
  if (j.hold) let_go(&j, true);
  if (end_output(L, &j, &more) != 0 && status == 0) {
    err = more;
    status = -1;
  }
  if (status != 0) return pkt_lua_push_error(L, &err);
  lua_pushinteger(L, (lua_Integer)j.done);
  return 1;
}

int pkt_shark_run(lua_State *L) {
  struct pkt_shark *s = pkt_check_idle_shark(L);
  lua_pushcfunction(L, run);
  lua_insert(L, 1);
  s->running = true;
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  s->running = false;
  free(s->sought);
  s->sought = NULL;
  if (status == LUA_OK) return lua_gettop(L);
  pkt_buf_clear(&s->out, 0); /* else the next call would write it */
  pkt_buf_clear(&s->held, 0);
  return lua_error(L);
}
