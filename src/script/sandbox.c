/* sandbox.c - a state for one expression, its bounds, and the answer. */
#include "sandbox.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "sandbox_inner.h"
#include "vocabulary.h"

/* How often Lua is interrupted to count: instructions. Counting less often would let a text with
** costly words overrun its budget, counting more often would slow every loop. */
#define COUNT_EVERY 256

/* How many bytes can be moved in the time of one instruction. A concatenation is a single
** instruction, however large, and is charged by this. */
#define BYTES_PER_INSTRUCTION 64

/* No single block may be larger: half of what a result can hold, several times over. */
#define MAX_BLOCK (512u << 10)

/* Stack slots that every evaluation has from the start and never gives up: as long as it needs
** no more, its stack never moves. */
#define STACK_PLACES 1000

#define USUAL_NAMES 8 /* words that a text has room for from its beginning on */

#define CHUNK "expression" /* how Lua's messages begin, until the prefix is taken away */

struct pkt_sandbox *pkt_sandbox_of(lua_State *L) {
  struct pkt_sandbox *s;
  memcpy(&s, lua_getextraspace(L), sizeof s);
  return s;
}

/* ------------------------------------------------------------------------------------- bounds */

static void count_hook(lua_State *L, lua_Debug *ar);

/* Lua's stack is no longer where it was: it was enlarged or cut, or replaced by another. The hook
** clears the mark when the next instruction begins. */
static void note_move(struct pkt_sandbox *s) {
  s->stack = s->made;
  s->moved = true;
  lua_sethook(s->L, count_hook, LUA_MASKCOUNT, 1);
}

static void *allocate(void *data, void *p, size_t old, size_t n) {
  struct pkt_sandbox *s = data;
  if (n > (p ? old : 0)) {
    if (n > MAX_BLOCK) return NULL;
    s->left -= (int64_t)(n / BYTES_PER_INSTRUCTION);
    if (s->left < -(int64_t)s->limits.instructions) s->spent = true; /* no hook has come by */
    if (s->spent) return NULL;
  }
  void *made = pkt_region_realloc(&s->region, p, old, n);
  if (made) s->made = made;
  if (p && p == s->stack && (made || n == 0)) note_move(s);
  return made;
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
  if (s->moved) lua_sethook(L, count_hook, LUA_MASKCOUNT, COUNT_EVERY);
  s->moved = false;
  if (!s->collects) lua_gc(L, LUA_GCRESTART);
  s->collects = true;
  spend(L, s, COUNT_EVERY);
}

void pkt_sandbox_charge(lua_State *L, size_t n) { spend(L, pkt_sandbox_of(L), (int64_t)n); }

bool pkt_sandbox_moved(lua_State *L) { return pkt_sandbox_of(L)->moved; }

void pkt_sandbox_room(lua_State *L, int n) {
  if (lua_checkstack(L, n)) return;
  pkt_sandbox_of(L)->full = true;
  luaL_error(L, "not enough memory"); /* what is said is decided by 'full' */
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

/* Push the text's function, its names being those of the table at 'names'. */
static void compile(lua_State *L, struct pkt_sandbox *s, int names) {
  s->fed = 0;
  if (lua_load(L, feed, s, "=" CHUNK, "t") != LUA_OK) lua_error(L);
  lua_pushvalue(L, names);
  lua_setupvalue(L, -2, 1);
}

/* Compile, run, and write the value. The argument is the table of names. Protected: raises. */
static int p_evaluate(lua_State *L) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  uint8_t *value = s->reply + sizeof(struct pkt_answer);
  pkt_sandbox_room(L, STACK_PLACES);
  compile(L, s, 1);
  lua_replace(L, 1);
  s->fed = 0; /* errors from here on are none of the grammar */
  s->moved = false;
  lua_sethook(L, count_hook, LUA_MASKCOUNT, COUNT_EVERY);
  lua_call(L, 0, LUA_MULTRET);
  lua_sethook(L, NULL, 0, 0);
  int n = lua_gettop(L);
  if (n != 1) return luaL_error(L, "the expression has %d values, one was expected", n);
  uint8_t *end = pkt_sandbox_pack(L, 1, value, s->reply + PKT_MAX_ANSWER);
  lua_pushinteger(L, end - s->reply);
  return 1;
}

/* Leave p_evaluate() and its argument, a table that has the names of find_name(). Protected. */
static int p_begin(lua_State *L) {
  struct pkt_sandbox *s = pkt_sandbox_of(L);
  pkt_sandbox_room(L, STACK_PLACES + LUA_MINSTACK);
  s->first_stack = s->made;
  pkt_deny_methods(L);
  lua_pushcfunction(L, p_evaluate);
  lua_createtable(L, 0, USUAL_NAMES);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, find_name);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  return 2;
}

/* Make the state that all evaluations begin with: making one takes longer than most of them. */
static void begin(struct pkt_sandbox *s) {
  s->left = INT64_MAX; /* no text's work */
  lua_State *L = lua_newstate(allocate, s);
  if (!L) return;
  memcpy(lua_getextraspace(L), &s, sizeof s);
  lua_gc(L, LUA_GCSTOP); /* a short one leaves too little to be worth it */
  lua_pushcfunction(L, p_begin);
  if (lua_pcall(L, 0, 2, 0) == LUA_OK && pkt_region_keep(&s->region, &s->begun)) s->L = L;
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

/* Does the text begin with a statement, which the compiler has refused there? */
static bool is_statement(const struct pkt_sandbox *s, size_t at, const char *near, size_t n) {
  static const char *const words[] = {"return", "local", "if",    "while", "for",
                                      "repeat", "do",    "break", "goto"};
  if (strspn(s->text, " \t\r\n") != at) return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == n && memcmp(words[i], near, n) == 0) return true;
  return false;
}

static size_t answer_syntax(struct pkt_sandbox *s, const char *message) {
  struct pkt_err err;
  char hinted[PKT_MAX_MESSAGE];
  size_t line;
  const char *what = skip_place(message, &line), *near = strstr(what, " near '");
  const char *quote = near ? strrchr(near, '\'') : NULL;
  size_t n = near && quote > near + 7 ? (size_t)(quote - near - 7) : 0;
  size_t at = token_place(s, near ? near + 7 : NULL, n);
  if (near && is_statement(s, at, near + 7, n)) {
    snprintf(hinted, sizeof hinted, "%s; statements stand in (function() ... end)()", what);
    what = hinted;
  }
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

static size_t evaluate(struct pkt_sandbox *s) {
  lua_State *L = s->L;
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
  begin(s);
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
  if (!s->L) return answer_limit(s);
  pkt_region_restore(&s->region, &s->begun); /* the last one's state is never closed */
  pkt_rng_seed(&s->rng, s->question->seed);
  s->left = s->limits.instructions;
  s->stack = s->first_stack;
  s->spent = s->full = s->collects = s->varies = s->moved = false;
  return evaluate(s);
}
