/* sandbox.h - the evaluation of one Lua expression that a stranger wrote.
**
** Each text runs in a Lua state of its own, which is forgotten afterwards with all its memory, with
** no library opened: only the words of vocabulary.h exist. Memory, instructions, the text and the
** result are bounded; a text that loops or grows ends with an error.
**
** What a bound can't reach (a fault of Lua itself, a long comparison within one instruction) is the
** business of the process around it: see helper.h. Nothing here asks the system for anything, so it
** runs where only read, write and exit are allowed. */
#ifndef PKT_SANDBOX_H
#define PKT_SANDBOX_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../engine/assign.h"
#include "expression.h"
#include "packed.h"
#include "region.h"

/* Bytes of the packet that an expression can look at. */
#define PKT_MAX_VIEW 0x10000

/* What is asked. Behind it come the text, the names of protocols that stand in it (each with a NUL
** behind it), and what pkt_packed_layers() made of the packet so far (nothing: it isn't looked
** at). */
struct pkt_question {
  uint32_t text_len, names_len, view_len;
  uint32_t in_layer; /* 1: the last layer of the packet so far is that of the field; else 0 */
  uint64_t seed;     /* of random numbers */
};

/* In the text, some other character stands behind each name but the last: so the names, each with
** its NUL, take one byte more than the text at most. */
#define PKT_MAX_QUESTION (sizeof(struct pkt_question) + PKT_MAX_EXPRESSION * 2 + 1 + PKT_MAX_VIEW)

enum pkt_verdict {
  PKT_VERDICT_VALUE,  /* behind it: the value, packed */
  PKT_VERDICT_SYNTAX, /* behind the others: a message, any bytes */
  PKT_VERDICT_FAILED,
  PKT_VERDICT_LIMIT,
};

/* What is answered, 'len' bytes behind it. */
struct pkt_answer {
  uint8_t verdict; /* enum pkt_verdict */
  uint8_t varies;  /* random numbers were drawn, or the packet was looked at */
  uint16_t pad;
  uint32_t len;
};

#define PKT_MAX_ANSWER (sizeof(struct pkt_answer) + PKT_MAX_PACKED)

struct pkt_sandbox_limits {
  size_t memory;         /* bytes of Lua's memory */
  uint32_t instructions; /* of Lua's machine; words cost as many as they take time */
};

/* One evaluation; a word finds it by pkt_sandbox_of(). */
struct pkt_sandbox {
  struct pkt_sandbox_limits limits;
  struct pkt_region region;
  struct pkt_region_copy begun; /* what is in the region as an evaluation begins... */
  lua_State *L;                 /* ...a state; NULL: memory doesn't suffice for one */
  int64_t left;                 /* of the instructions */
  bool spent;                   /* they were used up */
  bool full;                    /* memory was, when the stack had to grow */
  bool collects;                /* garbage is collected: not yet in the first steps */
  bool varies;
  const void *first_stack, *stack; /* where Lua's stack is as an evaluation begins, and now */
  const void *made;                /* the block that was made or enlarged last */
  bool moved;                      /* the stack was moved in the instruction that is carried out */
  const struct pkt_question *question;
  const char *text, *names;
  const uint8_t *view;
  struct pkt_rng rng;
  size_t fed;     /* bytes of the text that the compiler has seen */
  uint8_t *reply; /* room for PKT_MAX_ANSWER */
};

/* Use 'limits->memory' bytes at 'memory', aligned to 16. */
void pkt_sandbox_init(struct pkt_sandbox *s, const struct pkt_sandbox_limits *limits, void *memory);

/* Answer the question of 'n' bytes in 'reply', which has room for PKT_MAX_ANSWER. Returns the
** answer's size; never fails: a malformed question is answered with PKT_VERDICT_FAILED. */
size_t pkt_sandbox_run(struct pkt_sandbox *s, const void *question, size_t n, void *reply);

/* For words. */

struct pkt_sandbox *pkt_sandbox_of(lua_State *L);

/* What is about to be done costs as much as 'n' instructions; raises when they are used up. */
void pkt_sandbox_charge(lua_State *L, size_t n);

/* Make room for 'n' values on the stack; raises where memory doesn't suffice. */
void pkt_sandbox_room(lua_State *L, int n);

/* Has Lua's stack been moved since the instruction began that calls the word? */
bool pkt_sandbox_moved(lua_State *L);

/* Push the packet's layers, or the one on top that is being filled in; the answer varies from now
** on. */
void pkt_sandbox_push_packet(lua_State *L);
void pkt_sandbox_push_layer(lua_State *L);

#endif
