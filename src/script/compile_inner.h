/* compile_inner.h - what the files behind compile.h share: the state of a compilation, and how
** declarations, which are Lua tables, are read.
**
** compile_read.c reads what stands in many places: numbers and texts, rules, matches, enumerations.
** compile_field.c makes a field's op, with compile_field_options.c, compile_asn1.c, compile_auto.c,
** compile_option_lists.c and compile_default.c for what their names say; compile.c makes plans of
** ops, which compile_check.c checks beside each other, and links them to each other. */
#ifndef PKT_COMPILE_INNER_H
#define PKT_COMPILE_INNER_H

#include <lauxlib.h>
#include <stdarg.h>

#include "../engine/limits.h"
#include "compile.h"

/* Fields that rules of the layer above refer to, by name; more are a mistake. */
#define MAX_LOOKED_AT 64

struct said; /* what a declaration says: compile_field_options.h */

/* A declaration is read from its tables; 'L' below 'top' holds those that all of them need. */
struct compiler {
  lua_State *L;
  struct pkt_registry *r;
  int ids;                     /* the declarations by id */
  int none;                    /* what stands for no default */
  int rule;                    /* the metatable of rules */
  int shared;                  /* enumerations by name */
  int opcodes, options, kinds; /* numbers by name */
  int pool;                    /* enumerations and elements that were read, by table */
  int rules;                   /* the same of rules, a struct pkt_rule */
  int op;                      /* the text "op" */
  int line_of;                 /* the function luapkt.written.line */
  const struct pkt_oids *oids; /* the identifiers of ASN.1 that have names */
  const char *looked_at[MAX_LOOKED_AT];
  uint32_t nlooked_at;
  struct pkt_ins *code; /* the rule that is being read */
  uint32_t ncode, code_room;
  struct pkt_plan *plan; /* the one that is being filled in, */
  int slots;             /* its slots by field id; 0: its rules read no fields */
  const char *field;     /* and its field; NULL: none, but... */
  const char *member;    /* ...this member of its declaration, NULL: all of it... */
  const char *lower;     /* ...and what it says about this protocol; NULL: about any */
  int line;              /* of the field */
  unsigned depth;        /* how deep it lies in other fields, or a default in lists */
};

/* Raise what is wrong: "file:line: PROTOCOL.field: why", of what is being filled in. */
int pkt_mistake(struct compiler *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 'n' cleared bytes of the registry's arena. Raises. */
void *pkt_compile_alloc(struct compiler *c, size_t n);

/* What few fields have, of an op that is being read: to be written. */
static inline struct pkt_special *pkt_special_of(struct pkt_op *op) {
  return (struct pkt_special *)(uintptr_t)op->special;
}

/* Enter, and leave again, one level of recursion: fields within fields, or lists within a
** default. Tables may even contain themselves, so pkt_enter() raises where it gets too deep. */
void pkt_enter(struct compiler *c);
void pkt_leave(struct compiler *c);

/* A table that gives each of 'n' names its number, pushed; its index. */
int pkt_push_words(lua_State *L, const char *const *names, int n);

/* The same for the options that fields have. */
int pkt_push_options(lua_State *L);

/* The number of the name on top, by such a table; -1: it is no name. Pops nothing. */
int pkt_word(struct compiler *c, int words);

/* The place of 'text' (NULL: none) in a list of 'n'; -1: it isn't there. */
int pkt_find_text(const char *const *list, int n, const char *text);

/* A copy of the text on top, NUL-terminated; 'len' may be NULL. Pops nothing. */
const char *pkt_copy_text(struct compiler *c, uint32_t *len);

/* Members of the table at 't': NULL, 'otherwise' or false where there is none of that type. */
const char *pkt_get_text(struct compiler *c, int t, const char *key, uint32_t *len);
lua_Integer pkt_get_int(struct compiler *c, int t, const char *key, lua_Integer otherwise);
bool pkt_get_flag(struct compiler *c, int t, const char *key);

/* Push a member that is a table: its index, or 0 (nothing pushed). */
int pkt_push_table(struct compiler *c, int t, const char *key);

/* Push item 'i' (from 0) of the list at 't': its index. */
int pkt_push_item(struct compiler *c, int t, uint32_t i);

/* The items of the list at 't'; where there is none, 't' being 0, none. */
uint32_t pkt_length_of(struct compiler *c, int t);

/* All members of the table at 't', whatever their keys. */
uint32_t pkt_count_members(lua_State *L, int t);

/* Raise where the table at 't', the member 'of', has others than these; they end with NULL. */
void pkt_known_members(struct compiler *c, int t, const char *of, const char *const known[]);

/* Push the declaration with the id that is on top, in its place: its index, or 0 (the id stays). */
int pkt_push_named(struct compiler *c);

/* The plan of the declaration at 't'. */
struct pkt_plan *pkt_plan_of(struct compiler *c, int t);

/* The plan of a member that is a declaration; NULL: there is none. */
struct pkt_plan *pkt_get_plan(struct compiler *c, int t, const char *key);

/* The plan of a member that is an id; NULL: there is no member. Raises if no protocol has it. */
struct pkt_plan *pkt_get_named(struct compiler *c, int t, const char *key);

/* The slot of the field whose id is on top, popped. Raises if there is none. */
uint16_t pkt_read_slot(struct compiler *c);

/* The slot of the field that a member names; PKT_NONE: there is no such member. */
uint16_t pkt_get_slot(struct compiler *c, int t, const char *key);

/* The rule on top, or the number or boolean that stands for one, called 'what' in messages. Pops
** nothing. */
const struct pkt_rule *pkt_read_rule(struct compiler *c, const char *what);

/* A member that is a rule, or a number or boolean that stands for one; NULL: there is none. It is
** called 'what' in messages. */
const struct pkt_rule *pkt_get_rule(struct compiler *c, int t, const char *key, const char *what);

/* { field = number or bytes, ... } at 't' for a layer whose declaration is at 'lower'. */
const struct pkt_match *pkt_read_matches(struct compiler *c, int t, int lower, uint16_t *count);

/* Raise where one of 'n' values is none that its field of 'lower', whose fields are read, can have;
** 'what' says where it stands. */
void pkt_check_matches(struct compiler *c, const struct pkt_plan *lower,
                       const struct pkt_match *list, unsigned n, const char *what);

/* How reading finds 'n' riders on a layer of so many slots. */
void pkt_index_riders(struct compiler *c, const struct pkt_rider *riders, uint32_t n,
                      unsigned slots, struct pkt_riders *index);

/* The enumeration on top, or the shared one that it names; popped. */
const struct pkt_names *pkt_read_names(struct compiler *c);

/* The elements that the declaration at 't' says all of its fields are in; NULL: it says none. */
const struct pkt_element *pkt_read_envelope(struct compiler *c, int t);

/* The member 'oids' of the table at 't': { ["1.3.6.1"] = name, ... } */
const struct pkt_oids *pkt_read_oids(struct compiler *c, int t);

/* The element of ASN.1 that the field whose declaration is at 't' is, if it is one. */
void pkt_read_field_element(struct compiler *c, int t, const struct said *said, struct pkt_op *op);

/* Raise where an element is what it can't be: something of a fixed place, or that is worked out.
** All of its op is filled in but its default. */
void pkt_check_field_element(struct compiler *c, const struct pkt_op *op);

/* The option 'choose' of a field of layers, if there is one:
** { ref = a field's id, [an object identifier] = a protocol's id, ... } */
void pkt_read_chosen(struct compiler *c, int t, struct pkt_op *op);

/* How the field is worked out, if it is: a checksum, or a rule. */
void pkt_read_auto(struct compiler *c, int t, const struct said *said, struct pkt_op *op);

/* The options 'codes', 'length' and 'style' of a field that is a list of options. */
void pkt_read_codes(struct compiler *c, int t, struct pkt_op *op);

/* What the slot of a field holds when nobody sets it; all else of its op is filled in. The layers
** of a list are left to pkt_make_layers(). */
void pkt_read_default(struct compiler *c, int t, const struct said *said, struct pkt_op *op,
                      struct pkt_slot *s);

/* Fill in the op of the field whose declaration is at 't', everything but its place in the layer,
** and what its slot holds when nobody sets it. */
void pkt_read_op(struct compiler *c, int t, struct pkt_op *op, struct pkt_slot *preset);

/* Does the rule (NULL: no) read the number of this slot? */
bool pkt_rule_refers(const struct pkt_rule *rule, unsigned slot);

/* The first slot from 'slot' on whose number the rule (NULL: none) reads; PKT_NONE: it reads
** none. */
uint16_t pkt_rule_refers_from(const struct pkt_rule *rule, unsigned slot);

/* Does the rule (NULL: no) ask anything about this slot but whether it was given? */
bool pkt_rule_measures_slot(const struct pkt_rule *rule, unsigned slot);

/* Does the rule (NULL: no) ask anything about this slot or a later one? */
bool pkt_rule_looks_ahead(const struct pkt_rule *rule, unsigned slot);

/* The field whose mistake is told next. */
void pkt_at_field(struct compiler *c, const struct pkt_op *op);

/* Raise where fields of a protocol can't follow each other so, or be told apart. */
void pkt_check_fields(struct compiler *c, const struct pkt_plan *plan);

/* Add an op to the plan's 'autos', unless it isn't worked out, behind those that it is worked out
** from. Raises where it is one of these. There is room for all of the plan's ops. */
void pkt_list_auto(struct compiler *c, struct pkt_plan *plan, uint16_t *autos, unsigned slot);

/* Raise where a rule of a protocol asks what a field of that kind has no answer to. All protocols
** have their fields. */
void pkt_check_rules(struct compiler *c, const struct pkt_plan *plan);

/* Make the layers that defaults have, once all protocols have their fields. */
void pkt_make_layers(struct compiler *c, struct pkt_plan *plan);

#endif
