#include "core_shark.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collected.h"
#include "core_packet.h"
#include "core_shark_inner.h"
#include "errors.h"

#define LIVE_MT "luapkt.live"

const char *const pkt_shark_notes[] = {NULL, "piece", "part", "repeated", "cut"};

struct pkt_shark *pkt_check_shark(lua_State *L) {
  struct pkt_shark *s = luaL_checkudata(L, 1, SHARK_MT);
  if (!s->registry) luaL_error(L, "the shark is closed");
  return s;
}

struct pkt_shark *pkt_check_idle_shark(lua_State *L) {
  struct pkt_shark *s = pkt_check_shark(L);
  if (s->running) luaL_error(L, "the shark is at a packet: what run() calls can't take or end it");
  return s;
}

static int l_free(lua_State *L) {
  struct pkt_shark *s = luaL_checkudata(L, 1, SHARK_MT);
  pkt_fragments_free(s->fragments);
  pkt_follow_free(s->follow);
  free(s->sought);
  pkt_outline_free(s->outline);
  pkt_buf_free(&s->out);
  pkt_buf_free(&s->held);
  for (unsigned i = 0; i < s->nfilters; i++) pkt_sockets.forget(s->filters[i].program);
  *s = (struct pkt_shark){0};
  return 0;
}

static int l_close(lua_State *L) {
  const struct pkt_shark *s = luaL_checkudata(L, 1, SHARK_MT);
  if (s->registry) pkt_check_idle_shark(L);
  return l_free(L);
}

static int l_new(lua_State *L) {
  const struct pkt_registry *registry = pkt_core_registry(L, 1);
  const char *bpf = luaL_optstring(L, 3, NULL);
  struct pkt_reader *reader = pkt_take_reader(L, 2);
  lua_settop(L, 3);
  struct pkt_shark *s = lua_newuserdatauv(L, sizeof *s, SHARK_VALUES);
  *s = (struct pkt_shark){.registry = registry, .reader = reader, .bpf = bpf};
  luaL_setmetatable(L, SHARK_MT);
  s->fragments = pkt_fragments_new();
  s->follow = pkt_follow_new();
  s->outline = pkt_outline_new(registry);
  if (!s->fragments || !s->follow || !s->outline) return luaL_error(L, "out of memory");
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, SHARK_REGISTRY);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, SHARK_READER);
  s->packet = pkt_push_refilled(L, 1);
  lua_setiuservalue(L, -2, SHARK_PACKET);
  lua_newtable(L);
  lua_setiuservalue(L, -2, SHARK_ABOUT);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, -2, SHARK_BPF);
  return 1;
}

/* ------------------------------------------------------------------------------- one packet */

/* What layer 'at' carries is a piece of something: bytes. */
static int leave_bytes(struct pkt_shark *s, struct pkt_packet *p, struct pkt_arena *arena,
                       uint32_t at, enum pkt_shark_note note, struct pkt_err *err) {
  const struct pkt_layer *layer = p->layers[at];
  uint32_t n = pkt_dissect_carried(layer, at > 0 ? p->layers[at - 1] : NULL);
  s->note = note;
  return pkt_dissect_above(arena, p, at, s->registry->raw, layer->raw + layer->size, n,
                           PKT_REACH_ALL, err);
}

/* The datagram that a piece made whole takes the place of what the piece carried. */
static int join(struct pkt_shark *s, struct pkt_packet *p, struct pkt_arena *arena,
                const struct pkt_joined_datagram *whole, struct pkt_err *err) {
  struct pkt_layer *old = p->layers[whole->layer], *head;
  const struct pkt_layer *below = whole->layer > 0 ? p->layers[whole->layer - 1] : NULL;
  const uint8_t *bytes = pkt_memdup(arena, whole->head, whole->head_len);
  const uint8_t *rest = pkt_memdup(arena, whole->bytes, whole->len);
  if (!bytes || !rest) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  head = pkt_dissect_layer(arena, old->plan, below, bytes, whole->head_len, err);
  if (!head) return -1;
  head->offset = old->offset;
  head->joined = true;
  p->layers[whole->layer] = head;
  s->own = whole->layer;
  return pkt_dissect_above(arena, p, whole->layer, NULL, rest, whole->len, PKT_REACH_ALL, err);
}

static int join_pieces(struct pkt_shark *s, struct pkt_packet *p, struct pkt_arena *arena,
                       struct pkt_err *err) {
  struct pkt_joined_datagram whole;
  for (uint32_t at = 0; (at = pkt_fragments_find(p, at)) < p->len; at++) {
    enum pkt_joined joined = pkt_fragments_take(s->fragments, p, at, s->record.time, &whole);
    if (joined == PKT_JOINED_HELD) return leave_bytes(s, p, arena, at, NOTE_PIECE, err);
    if (joined == PKT_JOINED_NOW && join(s, p, arena, &whole, err) != 0) return -1;
  }
  return 0;
}

/* The next messages in place of what the packet's stream carried. */
static int put_messages(struct pkt_shark *s, struct pkt_packet *p, struct pkt_arena *arena,
                        struct pkt_err *err) {
  struct pkt_messages messages;
  if (!pkt_follow_next(s->follow, &messages)) return 0;
  s->more = messages.more;
  if (messages.cut) s->note = NOTE_CUT;
  const uint8_t *bytes = pkt_memdup(arena, messages.bytes, messages.len);
  if (s->own == 0) s->own = s->at + 1;
  if (!bytes) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  return pkt_dissect_above(arena, p, s->at, messages.plan, bytes, messages.len, PKT_REACH_ALL, err);
}

static int follow(struct pkt_shark *s, struct pkt_packet *p, struct pkt_arena *arena,
                  struct pkt_err *err) {
  const struct pkt_followed_record from = {s->number, s->record, s->again};
  s->at = pkt_follow_find(p);
  if (s->at == p->len) return 0;
  switch (pkt_follow_take(s->follow, p, s->at, s->own == 0 ? &from : NULL)) {
    case PKT_FOLLOWED_AGAIN: return leave_bytes(s, p, arena, s->at, NOTE_REPEATED, err);
    case PKT_FOLLOWED_HELD: return leave_bytes(s, p, arena, s->at, NOTE_PART, err);
    case PKT_FOLLOWED_WHOLE: return put_messages(s, p, arena, err);
    default: return 0;
  }
}

/* The filter for packets of this link type, compiled when the first one comes; NULL with *err. */
static const struct pkt_raw_program *filter_of(struct pkt_shark *s, uint32_t link,
                                               struct pkt_err *err) {
  for (unsigned i = 0; i < s->nfilters; i++)
    if (s->filters[i].link == link) return s->filters[i].program;
  if (s->nfilters == MAX_FILTERS) {
    pkt_fail(err, PKT_ERR_LIMIT, "a filter for more than %d link types", MAX_FILTERS);
    return NULL;
  }
  struct pkt_raw_program *program = pkt_sockets.compile(s->bpf, link, err);
  if (program) s->filters[s->nfilters++] = (struct pkt_shark_filter){link, program};
  return program;
}

/* The next record that the filter lets pass: as pkt_capture_step(). */
static int next_record(struct pkt_shark *s, struct pkt_err *err) {
  struct pkt_capture_record *r = &s->record;
  for (;;) {
    int got = pkt_capture_step(s->reader, r, err);
    if (got <= 0) return got;
    s->number = ++s->count;
    if (!s->bpf) return 1;
    const struct pkt_raw_program *filter = filter_of(s, r->link, err);
    if (!filter) return -1;
    if (pkt_sockets.passes(filter, r->bytes, r->len, r->wire_len)) return 1;
  }
}

/* A record whose segment waited for another that didn't come. False: there is none. */
static bool take_left(struct pkt_shark *s) {
  const struct pkt_followed_record *left = pkt_follow_left(s->follow, s->ended);
  s->again = left && left->told;
  if (!left) return false;
  s->record = left->record;
  s->number = left->number;
  return true;
}

bool pkt_shark_more(lua_State *L, struct pkt_shark *s, int reader) {
  if (s->ended) return false;
  s->ended = !pkt_capture_more(L, reader);
  return true;
}

int pkt_shark_step(lua_State *L, struct pkt_shark *s, struct pkt_err *err) {
  struct pkt_arena *arena;
  s->note = NOTE_NONE;
  if (s->more) {
    struct pkt_packet *p = pkt_refilled_anew(L, s->packet, &arena);
    if (s->at < p->len) return put_messages(s, p, arena, err) == 0 ? 1 : -1;
    s->more = false; /* a script took away the layer that carries them */
  }
  int got = take_left(s) ? 1 : s->ended ? 0 : next_record(s, err);
  s->own = 0;
  if (got <= 0) {
    s->record.bytes = NULL; /* they were good until now */
    s->record.comment = NULL;
    return got;
  }
  const struct pkt_capture_record *r = &s->record;
  if (pkt_refill(L, s->packet, r->link, r->bytes, r->len, s->sought, err) != 0) return -1;
  struct pkt_packet *p = pkt_refilled_anew(L, s->packet, &arena);
  if (join_pieces(s, p, arena, err) != 0) return -1;
  if (s->note == NOTE_NONE && follow(s, p, arena, err) != 0) return -1;
  return 1;
}

static void set_integer(lua_State *L, int t, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, t, name);
}

void pkt_shark_tell(lua_State *L, const struct pkt_shark *s, int t) {
  const struct pkt_capture_record *r = &s->record;
  set_integer(L, t, "time", r->time);
  set_integer(L, t, "number", (lua_Integer)s->number);
  set_integer(L, t, "len", r->len);
  set_integer(L, t, "wire_len", r->wire_len);
  set_integer(L, t, "link", r->link);
  if (r->comment)
    lua_pushlstring(L, r->comment, r->comment_len);
  else
    lua_pushnil(L);
  lua_setfield(L, t, "comment");
  lua_pushstring(L, pkt_shark_notes[s->note]);
  lua_setfield(L, t, "note");
  if (s->own)
    lua_pushinteger(L, s->own);
  else
    lua_pushnil(L);
  lua_setfield(L, t, "own");
}

static int l_next(lua_State *L) {
  struct pkt_shark *s = pkt_check_idle_shark(L);
  struct pkt_err err;
  lua_settop(L, 1);
  lua_getiuservalue(L, 1, SHARK_READER);
  lua_getiuservalue(L, 1, SHARK_PACKET);
  lua_getiuservalue(L, 1, SHARK_ABOUT);
  int got;
  do got = pkt_shark_step(L, pkt_check_idle_shark(L), &err); /* the source may have closed it */
  while (got == 0 && pkt_shark_more(L, s, 2));
  if (got < 0) return pkt_lua_push_error(L, &err);
  if (got == 0) return 0;
  pkt_shark_tell(L, s, 4);
  lua_pushvalue(L, 3);
  lua_pushvalue(L, 4);
  return 2;
}

/* ----------------------------------------------------------------- the packet that is looked at */

static const struct pkt_packet *packet_of(lua_State *L) {
  lua_settop(L, 1);
  return pkt_refilled(L, pkt_check_shark(L)->packet);
}

/* Push what was written into the buffer behind its first 'from' bytes, and take it away again. */
static int push_text(lua_State *L, struct pkt_buf *b, size_t from) {
  if (b->failed) {
    b->failed = false; /* what stands before it is good */
    b->len = from;
    return luaL_error(L, "out of memory");
  }
  lua_pushlstring(L, b->data ? b->data + from : "", b->len - from);
  b->len = from;
  return 1;
}

static int push_end(lua_State *L, bool src) {
  struct pkt_shark *s = pkt_check_shark(L);
  bool port = lua_toboolean(L, 2);
  const struct pkt_packet *p = packet_of(L);
  size_t from = s->out.len;
  pkt_outline_end(s->outline, &s->out, p, src, port);
  return push_text(L, &s->out, from);
}

static int l_src(lua_State *L) { return push_end(L, true); }
static int l_dst(lua_State *L) { return push_end(L, false); }

static int l_summary(lua_State *L) {
  struct pkt_shark *s = pkt_check_shark(L);
  const struct pkt_packet *p = packet_of(L);
  size_t from = s->out.len;
  pkt_outline_summary(s->outline, &s->out, p);
  return push_text(L, &s->out, from);
}

static int l_own(lua_State *L) {
  lua_pushinteger(L, pkt_outline_own(packet_of(L)));
  return 1;
}

static int l_line(lua_State *L) {
  struct pkt_shark *s = pkt_check_shark(L);
  const struct pkt_packet *p = packet_of(L);
  size_t from = s->out.len;
  pkt_shark_line(s, &s->out, p, false);
  return push_text(L, &s->out, from);
}

static int l_time(lua_State *L) {
  struct pkt_shark *s = pkt_check_shark(L);
  size_t from = s->out.len;
  pkt_outline_time(&s->out, s->record.time);
  return push_text(L, &s->out, from);
}

static int l_bytes(lua_State *L) {
  const struct pkt_capture_record *r = &pkt_check_shark(L)->record;
  lua_pushlstring(L, r->bytes ? (const char *)r->bytes : "", r->bytes ? r->len : 0);
  return 1;
}

/* ------------------------------------------------------------------------------------ capturing */

struct live {
  struct pkt_live *live; /* NULL once it is closed */
  struct pkt_buf out;
  struct pkt_err err; /* in which it ended */
};

static int l_close_live(lua_State *L) {
  struct live *l = luaL_checkudata(L, 1, LIVE_MT);
  if (l->live) pkt_sockets.live_close(l->live);
  l->live = NULL;
  pkt_buf_free(&l->out);
  return 0;
}

/* source(): the next bytes, or nil at the end. What came before an error is to be written all the
** same, so that is an end, too. */
static int l_read_live(lua_State *L) {
  struct live *l = lua_touserdata(L, lua_upvalueindex(1));
  l->out.len = 0;
  if (!l->live || l->err.code != PKT_ERR_NONE) return 0;
  int got = pkt_sockets.live_read(l->live, &l->out, &l->err);
  if (got <= 0) return 0;
  if (l->out.failed) return luaL_error(L, "out of memory");
  lua_pushlstring(L, l->out.data, l->out.len);
  return 1;
}

/* check(): how many packets found no room, or nil and the error in which capturing ended */
static int l_check_live(lua_State *L) {
  const struct live *l = lua_touserdata(L, lua_upvalueindex(1));
  if (l->err.code != PKT_ERR_NONE) return pkt_lua_push_error(L, &l->err);
  lua_pushinteger(L, l->live ? (lua_Integer)pkt_sockets.live_lost(l->live) : 0);
  return 1;
}

static int l_live(lua_State *L) {
  const char *interface = luaL_checkstring(L, 1), *bpf = luaL_optstring(L, 2, NULL);
  bool promiscuous = lua_toboolean(L, 3);
  struct pkt_err err;
  struct live *l = lua_newuserdatauv(L, sizeof *l, 0);
  *l = (struct live){.live = NULL};
  luaL_setmetatable(L, LIVE_MT);
  l->live = pkt_sockets.live_open(interface, bpf, promiscuous, &err);
  if (!l->live) return pkt_lua_push_error(L, &err);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, l_read_live, 1);
  lua_insert(L, -2);
  lua_pushcclosure(L, l_check_live, 1);
  return 2;
}

static int l_until_interrupted(lua_State *L) {
  struct sigaction action = {.sa_handler = pkt_sockets.live_stop, .sa_flags = (int)SA_RESETHAND};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  (void)L;
  return 0;
}

/* Some packets that filters are about are there on one kind of link only. */
static int l_check_filter(lua_State *L) {
  static const uint32_t links[] = {PKT_LINK_ETHERNET, PKT_LINK_RAW, PKT_LINK_WLAN,
                                   PKT_LINK_RADIOTAP, PKT_LINK_SLL, PKT_LINK_PPP,
                                   PKT_LINK_NULL};
  const char *bpf = luaL_checkstring(L, 1);
  struct pkt_err err, later;
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    struct pkt_raw_program *program = pkt_sockets.compile(bpf, links[i], i == 0 ? &err : &later);
    if (!program) continue;
    pkt_sockets.forget(program);
    lua_pushboolean(L, true);
    return 1;
  }
  return pkt_lua_push_error(L, &err);
}

static int l_is_terminal(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* Fill in *st for the file at 'path' ("-": the standard input). False: it isn't a regular file. */
static bool is_regular(const char *path, struct stat *st) {
  int got = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, st) : stat(path, st);
  return got == 0 && S_ISREG(st->st_mode);
}

static int l_is_same_file(lua_State *L) {
  struct stat a, b;
  bool both = is_regular(luaL_checkstring(L, 1), &a) && is_regular(luaL_checkstring(L, 2), &b);
  lua_pushboolean(L, both && a.st_dev == b.st_dev && a.st_ino == b.st_ino);
  return 1;
}

static int l_interfaces(lua_State *L) {
  struct pkt_err err;
  struct pkt_buf *out = pkt_lua_push_buf(L);
  if (pkt_sockets.live_interfaces(out, &err) != 0) return pkt_lua_push_error(L, &err);
  return push_text(L, out, 0);
}

int pkt_open_shark(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", l_new},
                                       {"live", l_live},
                                       {"until_interrupted", l_until_interrupted},
                                       {"interfaces", l_interfaces},
                                       {"is_terminal", l_is_terminal},
                                       {"is_same_file", l_is_same_file},
                                       {"check_filter", l_check_filter},
                                       {NULL, NULL}};
  static const luaL_Reg of_live[] = {{"__gc", l_close_live}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"next", l_next}, {"run", pkt_shark_run}, {"src", l_src},   {"dst", l_dst},
      {"time", l_time}, {"summary", l_summary}, {"line", l_line}, {"bytes", l_bytes},
      {"own", l_own},   {"close", l_close},     {"__gc", l_free}, {NULL, NULL}};
  pkt_make_class(L, SHARK_MT, methods);
  pkt_make_class(L, LIVE_MT, of_live);
  luaL_newlib(L, functions);
  return 1;
}
