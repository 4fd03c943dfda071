/* vocabulary.h - the words of expressions: what there is besides Lua's own operators.
**
** Every word is safe by itself: its cost is bounded by its arguments, it is charged before the work
** is done, what it makes is bounded, and it reaches nothing but its arguments. */
#ifndef PKT_VOCABULARY_H
#define PKT_VOCABULARY_H

#include <lua.h>

struct pkt_word {
  const char *name;
  lua_CFunction run;   /* NULL: no function, but a value that the sandbox pushes */
  const char *usage;   /* how it is called: "rep(s, n [, between])" */
  const char *meaning; /* what it gives: one sentence without a full stop */
  const char *example; /* an expression with it; NULL: none without a packet */
};

extern const struct pkt_word pkt_words[];
extern const unsigned pkt_word_count;

/* NULL: there is no such word. */
const struct pkt_word *pkt_word_find(const char *name, size_t len);

/* Push an address as a value of its own: 'width' 6 (MAC), 4 or 16 bytes. */
void pkt_push_address(lua_State *L, const uint8_t *bytes, unsigned width);

/* The address at 'index', its width in *width; NULL: it is none. */
const uint8_t *pkt_test_address(lua_State *L, int index, unsigned *width);

/* Have texts answer a method, or an index, with the word that is meant. */
void pkt_deny_methods(lua_State *L);

/* Push a constructor of the protocol whose id is at the top, in its place. */
void pkt_push_constructor(lua_State *L);

/* Push the metatable of layers of the protocol whose id is at 'index'. */
void pkt_push_layer_class(lua_State *L, int index);

/* Push a list of the keys of the table at 't' (a positive index), numbers first, then texts, each
** ascending: Lua's own order tells where things lie in memory. Charges for it; raises where there
** are more than PKT_MAX_RESULT_ITEMS, or others. */
void pkt_push_sorted_keys(lua_State *L, int t);

/* What a table at 'index' is. For a layer its id is pushed. */
enum pkt_table_kind { PKT_TABLE_PLAIN, PKT_TABLE_LAYER, PKT_TABLE_CHAIN };
enum pkt_table_kind pkt_table_kind(lua_State *L, int index);

#endif
