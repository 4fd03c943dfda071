#include "sandbox.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vocabulary.h"

/* How often Lua is interrupted to count: instructions. Counting less often would let a text with
** costly words overrun its budget, counting more often would slow every loop. */
#define COUNT_EVERY 256

/* Memory moved in the time of one instruction: a concatenation is one instruction, whatever its
** size. */
#define BYTES_PER_INSTRUCTION 64

/* No single block may be larger: half of what a result can hold, several times over. */
#define MAX_BLOCK (512u << 10)

/* Places of Lua's stack that an evaluation has from its beginning on, and never loses: as long as
** it needs no more, its stack never moves. Lua 5.4.4 goes on with the old one after an event of '..'
** that has moved it. */
#define STACK_PLACES 1000

#define CHUNK "expression" /* how Lua's messages begin, until the prefix is taken away */

struct pkt_sandbox *pkt_sandbox_of(lua_State *L) {
  struct pkt_sandbox *s;
  memcpy(&s, lua_getextraspace(L), sizeof s);
  return s;
}

/* ------------------------------------------------------------------------------------- bounds */

static void *allocate(void *data, void *p, size_t old, size_t n) {
  struct pkt_sandbox *s = data;
  if (n > (p ? old : 0)) {
    if (n > MAX_BLOCK) return NULL;
    s->left -= (int64_t)(n / BYTES_PER_INSTRUCTION);
    if (s->left < -(int64_t)s->limits.instructions) s->spent = true; /* no hook has come by */
    if (s->spent) return NULL;
  }
  return pkt_region_realloc(&s->region, p, old, n);
}

static void spend(lua_State *L, struct pkt_sandbox *s, int64_t n) {
  s->left -= n;
  if (s->left >= 0 && !s->spent) return;
  s->spent = true;
  luaL_error(L, "too many steps"); /* what is said is decided by 'spent' */
}

static void count_hook(lua_State *L, lua_Debug *ar) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  (void)ar;
  if (!s->collects) lua_gc(L, LUA_GCRESTART);
  s->collects = true;
  spend(L, s, COUNT_EVERY);
}

void pkt_sandbox_charge(lua_State *L, size_t n) { spend(L, pkt_sandbox_of(L), (int64_t)n); }

void pkt_sandbox_room(lua_State *L, int n) {
  if (lua_checkstack(L, n)) return;
  pkt_sandbox_of(L)->full = true;
  luaL_error(L, "not enough memory"); /* what is said is decided by 'full' */
}

/* ---------------------------------------------------------------------------- packed values in */

/* The view was packed by the worker, which is trusted; its sizes are checked all the same. */
struct view {
  const uint8_t *at, *end;
};

static void view_take(lua_State *L, struct view *v, void *out, size_t n) {
  if ((size_t)(v->end - v->at) < n) luaL_error(L, "the packet can't be looked at");
  memcpy(out, v->at, n);
  v->at += n;
}

static uint32_t view_count(lua_State *L, struct view *v) {
  uint32_t n;
  view_take(L, v, &n, sizeof n);
  if (n > (size_t)(v->end - v->at)) luaL_error(L, "the packet can't be looked at");
  return n;
}

static void view_push_text(lua_State *L, struct view *v) {
  uint32_t n = view_count(L, v);
  lua_pushlstring(L, (const char *)v->at, n);
  v->at += n;
}

static void view_push(lua_State *L, struct view *v);

static void view_push_list(lua_State *L, struct view *v) {
  uint32_t n = view_count(L, v);
  lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
  for (uint32_t i = 1; i <= n; i++) {
    view_push(L, v);
    lua_rawseti(L, -2, i);
  }
}

/* Reading a field that a layer doesn't have, or not yet. Upvalues: id, the fields without a value. */
static int absent_field(lua_State *L) {
  const char *id = lua_tostring(L, lua_upvalueindex(1));
  const char *field = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  lua_pushvalue(L, 2);
  bool waits = lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL;
  if (waits) return luaL_error(L, "%s.%s has no value yet", id, field);
  return luaL_error(L, "%s has no field '%s'", id, field);
}

/* Of the layer's class at the top: fields that aren't there are told of. The id is at 'id', the
** table of fields without a value at 'waiting'. */
static void tell_absent(lua_State *L, int id, int waiting) {
  lua_pushvalue(L, id);
  lua_pushvalue(L, waiting);
  lua_pushcclosure(L, absent_field, 2);
  lua_setfield(L, -2, "__index");
}

static void view_push_layer(lua_State *L, struct view *v) {
  pkt_sandbox_room(L, 8);
  view_push_text(L, v);
  int id = lua_gettop(L);
  lua_newtable(L);
  lua_newtable(L); /* the fields without a value */
  for (uint32_t n = view_count(L, v); n > 0; n--) {
    view_push_text(L, v);
    bool unset = v->at < v->end && *v->at == PKT_PACKED_UNSET;
    if (unset) {
      v->at++;
      lua_pushboolean(L, 1);
    } else {
      view_push(L, v);
    }
    lua_rawset(L, unset ? id + 2 : id + 1);
  }
  pkt_push_layer_class(L, id);
  tell_absent(L, id, id + 2);
  lua_setmetatable(L, id + 1);
  lua_pop(L, 1);
  lua_remove(L, id);
}

static void view_push_address(lua_State *L, struct view *v) {
  uint8_t width, bytes[16];
  view_take(L, v, &width, 1);
  if (width > sizeof bytes) luaL_error(L, "the packet can't be looked at");
  view_take(L, v, bytes, width);
  pkt_push_address(L, bytes, width);
}

static void view_push(lua_State *L, struct view *v) {
  uint8_t tag;
  int64_t num;
  double real;
  pkt_sandbox_room(L, 8);
  view_take(L, v, &tag, 1);
  switch (tag) {
    case PKT_PACKED_INT:
      view_take(L, v, &num, sizeof num);
      lua_pushinteger(L, num);
      break;
    case PKT_PACKED_REAL:
      view_take(L, v, &real, sizeof real);
      lua_pushnumber(L, real);
      break;
    case PKT_PACKED_STRING: view_push_text(L, v); break;
    case PKT_PACKED_ADDRESS: view_push_address(L, v); break;
    case PKT_PACKED_LIST: view_push_list(L, v); break;
    case PKT_PACKED_LAYER: view_push_layer(L, v); break;
    default: lua_pushboolean(L, 0); /* a place that must not be a hole */
  }
}

/* pkt.IP, pkt["IP:1"]: the first, second... layer of a protocol. */
static int find_layer(lua_State *L) {
  size_t n;
  lua_Integer skip = 0;
  if (lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "the packet has %d layers so far", (int)lua_rawlen(L, 1));
  const char *name = lua_tolstring(L, 2, &n), *colon = memchr(name, ':', n);
  if (colon) {
    size_t digits = strspn(colon + 1, "0123456789");
    skip = digits > 0 && digits < 6 && !colon[1 + digits] ? strtol(colon + 1, NULL, 10) : -1;
    lua_pushlstring(L, name, (size_t)(colon - name));
    lua_replace(L, 2);
  }
  lua_settop(L, 2);
  for (lua_Unsigned i = 1; i <= lua_rawlen(L, 1); i++) {
    lua_rawgeti(L, 1, (lua_Integer)i);
    bool layer = pkt_table_kind(L, 3) == PKT_TABLE_LAYER;
    if (layer && lua_rawequal(L, -1, 2) && skip-- == 0) {
      lua_settop(L, 3);
      return 1;
    }
    lua_settop(L, 2);
  }
  return luaL_error(L, "there is no layer %s so far", name);
}

static char packet_key; /* its address: where the registry keeps the packet */

void pkt_sandbox_push_packet(lua_State *L) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  s->varies = true;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &packet_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  struct view v = {s->view, s->view + s->question->view_len};
  if (v.at == v.end) luaL_error(L, "there is no packet to look at here");
  view_push(L, &v);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, find_layer);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &packet_key);
}

void pkt_sandbox_push_layer(lua_State *L) {
  pkt_sandbox_push_packet(L);
  lua_rawgeti(L, -1, (lua_Integer)lua_rawlen(L, -1));
  lua_remove(L, -2);
}

/* --------------------------------------------------------------------------- packed values out */

struct writer {
  uint8_t *at, *end;
  uint32_t items, text; /* values and bytes so far */
  unsigned depth;
};

static int too_large(lua_State *L, const char *what, unsigned most) {
  return luaL_error(L, "the value has more than %d %s", (int)most, what);
}

static void put(lua_State *L, struct writer *w, const void *p, size_t n) {
  if (n > (size_t)(w->end - w->at)) too_large(L, "bytes", PKT_MAX_RESULT_BYTES);
  memcpy(w->at, p, n);
  w->at += n;
}

static void put_tag(lua_State *L, struct writer *w, uint8_t tag) { put(L, w, &tag, 1); }

static void put_count(lua_State *L, struct writer *w, lua_Unsigned n) {
  uint32_t count = (uint32_t)n;
  if (n > PKT_MAX_RESULT_ITEMS) too_large(L, "items", PKT_MAX_RESULT_ITEMS);
  put(L, w, &count, sizeof count);
}

static void put_text(lua_State *L, struct writer *w, int index) {
  size_t n;
  const char *p = lua_tolstring(L, index, &n);
  if (n > PKT_MAX_RESULT_BYTES - w->text) too_large(L, "bytes", PKT_MAX_RESULT_BYTES);
  w->text += (uint32_t)n;
  uint32_t count = (uint32_t)n;
  put(L, w, &count, sizeof count);
  put(L, w, p, n);
}

static void put_value(lua_State *L, struct writer *w, int index);

/* What a table's keys are like. */
struct keys {
  lua_Unsigned numbered, named; /* how many */
  lua_Unsigned len;             /* 1 to 'len' are there */
};

static struct keys look_at_keys(lua_State *L, int t) {
  struct keys k = {.len = lua_rawlen(L, t)};
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    if (lua_isinteger(L, -2))
      k.numbered++;
    else if (lua_type(L, -2) == LUA_TSTRING)
      k.named++;
    else
      luaL_error(L, "a %s is no key of a value", luaL_typename(L, -2));
  }
  if (k.numbered != k.len)
    luaL_error(L, "a list whose places 1 to %d aren't all there",
               (int)(k.numbered > k.len ? k.numbered : k.len));
  return k;
}

static void put_items(lua_State *L, struct writer *w, int t, lua_Unsigned n) {
  for (lua_Unsigned i = 1; i <= n; i++) {
    lua_rawgeti(L, t, (lua_Integer)i);
    put_value(L, w, lua_gettop(L));
    lua_pop(L, 1);
  }
}

static void put_named(lua_State *L, struct writer *w, int t) {
  pkt_push_sorted_keys(L, t);
  int keys = lua_gettop(L);
  lua_Unsigned n = lua_rawlen(L, keys);
  for (lua_Unsigned i = 1; i <= n; i++) {
    if (lua_rawgeti(L, keys, (lua_Integer)i) == LUA_TSTRING) {
      put_text(L, w, -1);
      lua_rawget(L, t);
      put_value(L, w, lua_gettop(L));
    }
    lua_settop(L, keys);
  }
  lua_pop(L, 1);
}

/* A layer's class, with its id, is at the top: pkt_table_kind() has put it there. */
static void put_layer(lua_State *L, struct writer *w, int t) {
  struct keys k = look_at_keys(L, t);
  put_tag(L, w, PKT_PACKED_LAYER);
  put_text(L, w, -1);
  put_count(L, w, k.numbered + k.named);
  for (lua_Unsigned i = 1; i <= k.len; i++) {
    static const uint32_t by_place = 0;
    put(L, w, &by_place, sizeof by_place);
    lua_rawgeti(L, t, (lua_Integer)i);
    put_value(L, w, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (k.named > 0) put_named(L, w, t);
}

static void put_chain(lua_State *L, struct writer *w, int t) {
  lua_Unsigned n = lua_rawlen(L, t);
  put_tag(L, w, PKT_PACKED_CHAIN);
  put_count(L, w, n);
  for (lua_Unsigned i = 1; i <= n; i++) {
    lua_rawgeti(L, t, (lua_Integer)i);
    if (pkt_table_kind(L, lua_gettop(L)) != PKT_TABLE_LAYER)
      luaL_error(L, "layer %d of layers on each other is none", (int)i); /* a text has put it in */
    put_layer(L, w, lua_gettop(L) - 1);
    lua_pop(L, 2);
  }
}

static void put_table(lua_State *L, struct writer *w, int t) {
  switch (pkt_table_kind(L, t)) {
    case PKT_TABLE_LAYER:
      put_layer(L, w, t);
      lua_pop(L, 1);
      return;
    case PKT_TABLE_CHAIN: put_chain(L, w, t); return;
    default: break;
  }
  struct keys k = look_at_keys(L, t);
  if (k.numbered > 0 && k.named > 0)
    luaL_error(L, "a table with items and names is neither a list nor a set of fields");
  put_tag(L, w, k.named > 0 ? PKT_PACKED_MAP : PKT_PACKED_LIST);
  put_count(L, w, k.named + k.numbered);
  put_items(L, w, t, k.len);
  if (k.named > 0) put_named(L, w, t);
}

static void put_number(lua_State *L, struct writer *w, int index) {
  if (lua_isinteger(L, index)) {
    int64_t num = lua_tointeger(L, index);
    put_tag(L, w, PKT_PACKED_INT);
    put(L, w, &num, sizeof num);
  } else {
    double real = lua_tonumber(L, index);
    put_tag(L, w, PKT_PACKED_REAL);
    put(L, w, &real, sizeof real);
  }
}

static void put_address(lua_State *L, struct writer *w, int index) {
  unsigned width;
  const uint8_t *bytes = pkt_test_address(L, index, &width);
  uint8_t head[2] = {PKT_PACKED_ADDRESS, (uint8_t)width};
  if (!bytes) luaL_error(L, "a %s is no value of a field", luaL_typename(L, index));
  put(L, w, head, sizeof head);
  put(L, w, bytes, width);
}

static void put_value(lua_State *L, struct writer *w, int index) {
  pkt_sandbox_room(L, 8);
  if (++w->items > PKT_MAX_RESULT_VALUES) too_large(L, "items", PKT_MAX_RESULT_ITEMS);
  if (++w->depth > PKT_MAX_RESULT_DEPTH) too_large(L, "levels", PKT_MAX_RESULT_DEPTH);
  switch (lua_type(L, index)) {
    case LUA_TNIL: put_tag(L, w, PKT_PACKED_NIL); break;
    case LUA_TBOOLEAN:
      put_tag(L, w, lua_toboolean(L, index) ? PKT_PACKED_TRUE : PKT_PACKED_FALSE);
      break;
    case LUA_TNUMBER: put_number(L, w, index); break;
    case LUA_TSTRING:
      put_tag(L, w, PKT_PACKED_STRING);
      put_text(L, w, index);
      break;
    case LUA_TTABLE: put_table(L, w, index); break;
    default: put_address(L, w, index);
  }
  w->depth--;
}

/* ----------------------------------------------------------------------------------- the state */

/* Is the protocol's name in the list of those that stand in the text? */
static bool is_protocol(const struct pkt_sandbox *s, const char *name, size_t n) {
  const char *p = s->names, *end = p + s->question->names_len;
  while (p < end) {
    size_t len = strnlen(p, (size_t)(end - p));
    if (len == n && memcmp(p, name, n) == 0) return true;
    p += len + 1;
  }
  return false;
}

/* The word behind a name, kept in the table of names from then on. */
static void push_word(lua_State *L, const struct pkt_word *word) {
  lua_pushcfunction(L, word->run);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
}

/* A name that no text has set: a word, a protocol, the packet; or nothing, which is an error. */
static int find_name(lua_State *L) {
  const struct pkt_sandbox *s = pkt_sandbox_of(L);
  size_t n;
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tolstring(L, 2, &n);
  const struct pkt_word *word = pkt_word_find(name, n);
  if (word && word->run) {
    push_word(L, word);
  } else if (word && strcmp(name, "pkt") == 0) {
    pkt_sandbox_push_packet(L);
  } else if (word) {
    pkt_sandbox_push_layer(L);
  } else if (is_protocol(s, name, n)) {
    lua_pushvalue(L, 2);
    pkt_push_constructor(L);
  } else {
    return luaL_error(L,
                      "there is no '%s' in expressions; the method get_expression_help lists "
                      "what there is",
                      name);
  }
  return 1;
}

/* The text, character by character, so that it is known how far the compiler has come. */
static const char *feed(lua_State *L, void *data, size_t *size) {
  static const char head[] = "return ";
  struct pkt_sandbox *s = data;
  (void)L;
  *size = s->fed == 0 ? sizeof head - 1 : 1;
  if (s->fed == 0) {
    s->fed = 1;
    return head;
  }
  if (s->fed > s->question->text_len) {
    *size = 0;
    return NULL;
  }
  return &s->text[s->fed++ - 1];
}

/* Push the text's function, its names being those of find_name(). */
static void compile(lua_State *L, struct pkt_sandbox *s) {
  s->fed = 0;
  if (lua_load(L, feed, s, "=" CHUNK, "t") != LUA_OK) lua_error(L);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, find_name);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setupvalue(L, -2, 1);
}

/* Compile, run, and write the value. Protected: raises. */
static int p_evaluate(lua_State *L) {
  struct pkt_sandbox *s = lua_touserdata(L, 1);
  struct writer w = {.at = s->reply + sizeof(struct pkt_answer), .end = s->reply + PKT_MAX_ANSWER};
  lua_settop(L, 0);
  pkt_sandbox_room(L, STACK_PLACES);
  compile(L, s);
  s->fed = 0; /* errors from here on are none of the grammar */
  lua_sethook(L, count_hook, LUA_MASKCOUNT, COUNT_EVERY);
  lua_call(L, 0, LUA_MULTRET);
  lua_sethook(L, NULL, 0, 0);
  int n = lua_gettop(L);
  if (n != 1) return luaL_error(L, "the expression has %d values, one was expected", n);
  put_value(L, &w, 1);
  lua_pushinteger(L, w.at - s->reply);
  return 1;
}

/* ----------------------------------------------------------------------------------- the answer */

static size_t answer(struct pkt_sandbox *s, enum pkt_verdict verdict, const char *message,
                     size_t n) {
  if (n > PKT_MAX_MESSAGE) n = PKT_MAX_MESSAGE;
  struct pkt_answer head = {.verdict = (uint8_t)verdict, .varies = true, .len = (uint32_t)n};
  memcpy(s->reply, &head, sizeof head);
  memcpy(s->reply + sizeof head, message, n);
  return sizeof head + n;
}

static size_t answer_limit(struct pkt_sandbox *s) {
  char text[120];
  if (s->spent)
    snprintf(text, sizeof text, "the expression takes more than the %u steps that are allowed",
             s->limits.instructions);
  else
    snprintf(text, sizeof text,
             "the expression takes more than the %zu KiB of memory that are allowed",
             s->limits.memory >> 10);
  return answer(s, PKT_VERDICT_LIMIT, text, strlen(text));
}

/* Pass over "expression:12: ". */
static const char *skip_place(const char *message, size_t *line) {
  int end = 0;
  *line = 0;
  if (sscanf(message, CHUNK ":%zu: %n", line, &end) == 1 && end > 0) return message + end;
  return message;
}

/* Where the token that a message names stands: it is the last one the compiler has read, or nearly
** so. 'near' is the message's "near 'token'"; NULL: the text's end. */
static size_t token_place(const struct pkt_sandbox *s, const char *near, size_t n) {
  size_t read = s->fed > 0 ? s->fed - 1 : 0; /* with the character behind the token */
  if (read > s->question->text_len) read = s->question->text_len;
  for (size_t at = read + 1; near && n > 0 && at-- > 0;)
    if (n <= read - at && memcmp(s->text + at, near, n) == 0) return at;
  return read;
}

static size_t answer_syntax(struct pkt_sandbox *s, const char *message) {
  struct pkt_err err;
  size_t line;
  const char *what = skip_place(message, &line), *near = strstr(what, " near '");
  const char *quote = near ? strrchr(near, '\'') : NULL;
  size_t n = near && quote > near + 7 ? (size_t)(quote - near - 7) : 0;
  size_t at = token_place(s, near ? near + 7 : NULL, n);
  pkt_fail_at(&err, PKT_ERR_SYNTAX, s->text, s->text + at, what);
  return answer(s, PKT_VERDICT_SYNTAX, err.message, strlen(err.message));
}

static size_t answer_failure(struct pkt_sandbox *s, const char *message) {
  char text[PKT_MAX_MESSAGE];
  size_t line;
  const char *what = skip_place(message, &line);
  if (line < 2) return answer(s, PKT_VERDICT_FAILED, what, strlen(what));
  int n = snprintf(text, sizeof text, "line %zu: %s", line, what);
  return answer(s, PKT_VERDICT_FAILED, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static size_t answer_value(struct pkt_sandbox *s, size_t n) {
  struct pkt_answer head = {
      .verdict = PKT_VERDICT_VALUE, .varies = s->varies, .len = (uint32_t)(n - sizeof head)};
  memcpy(s->reply, &head, sizeof head);
  return n;
}

static size_t evaluate(struct pkt_sandbox *s, lua_State *L) {
  lua_gc(L, LUA_GCSTOP); /* a short one leaves too little to be worth it */
  memcpy(lua_getextraspace(L), &s, sizeof s);
  lua_pushcfunction(L, p_evaluate);
  lua_pushlightuserdata(L, s);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_OK) return answer_value(s, (size_t)lua_tointeger(L, -1));
  if (s->spent || s->full || status == LUA_ERRMEM) return answer_limit(s);
  const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "it failed";
  return s->fed > 0 ? answer_syntax(s, message) : answer_failure(s, message);
}

void pkt_sandbox_init(struct pkt_sandbox *s, const struct pkt_sandbox_limits *limits,
                      void *memory) {
  memset(s, 0, sizeof *s);
  s->limits = *limits;
  pkt_region_init(&s->region, memory, limits->memory);
}

/* Is the question as long as it says? */
static bool take_question(struct pkt_sandbox *s, const struct pkt_question *q, size_t n) {
  if (n < sizeof *q || q->text_len > PKT_MAX_EXPRESSION || q->names_len > PKT_MAX_EXPRESSION * 2 ||
      q->view_len > PKT_MAX_VIEW || n != sizeof *q + q->text_len + q->names_len + q->view_len)
    return false;
  s->question = q;
  s->text = (const char *)(q + 1);
  s->names = s->text + q->text_len;
  s->view = (const uint8_t *)s->names + q->names_len;
  return true;
}

size_t pkt_sandbox_run(struct pkt_sandbox *s, const void *question, size_t n, void *reply) {
  static const char malformed[] = "the question is malformed";
  s->reply = reply;
  if (!take_question(s, question, n))
    return answer(s, PKT_VERDICT_FAILED, malformed, sizeof malformed - 1);
  pkt_region_reset(&s->region);
  pkt_rng_seed(&s->rng, s->question->seed);
  s->left = s->limits.instructions;
  s->spent = s->full = s->collects = s->varies = false;
  lua_State *L = lua_newstate(allocate, s);
  return L ? evaluate(s, L) : answer_limit(s); /* never closed: its memory is simply forgotten */
}
