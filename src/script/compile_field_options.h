/* compile_field_options.h - the options that the declaration of a field can have, and which of them
** one has. (An option that a packet carries, such as TCP's MSS, is compile_option_lists.c's.) */
#ifndef PKT_COMPILE_FIELD_OPTIONS_H
#define PKT_COMPILE_FIELD_OPTIONS_H

#include "compile_inner.h"

/* Kinds of fields that an option is for. */
#define FOR(kind) (1u << PKT_##kind)
#define FOR_ANY UINT32_MAX
#define FOR_NUMBERS (FOR(UINT) | FOR(PHANTOM))
#define FOR_SHOWN (FOR_NUMBERS | FOR(BYTES) | FOR(FLOAT)) /* ...as a float, so that it says so */
#define FOR_NAMED (FOR(UINT) | FOR(PHANTOM) | FOR(INTEGER) | FOR(FLOAT))
#define FOR_WORKED_OUT (FOR(UINT) | FOR(MAC) | FOR(IPV4) | FOR(IPV6) | FOR(BYTES) | FOR(FLOAT))
#define FOR_NODES (FOR(NAME) | FOR(IPV4) | FOR(IPV6)) /* ...for those who write them as names */
#define FOR_LAYERS (FOR(LAYERS) | FOR(LAYER))
#define FOR_BYTES_OR_LAYERS (FOR(BYTES) | FOR_LAYERS)
#define FOR_LISTS (FOR(LIST) | FOR_LAYERS | FOR(OPTIONS))
#define FOR_SIZED (FOR_LISTS | FOR(BYTES) | FOR_NODES)

/* All options: the kinds of fields each is for, the shape of its value, and the flag of the op that
** it sets where it is true (0: none). Of shape ANY are rules, numbers and what has several forms:
** they are checked where they are read. Options that don't matter to packets, such as labels, are
** known all the same: any other is a mistake. */
#define FIELD_OPTIONS(X)                                      \
  X(ID, "id", FOR_ANY, TEXT, 0)                               \
  X(AT, "at", FOR_ANY, ANY, 0)                                \
  X(KIND, "kind", FOR_ANY, ANY, 0)                            \
  X(ALIAS, "alias", FOR_ANY, TEXT, 0)                         \
  X(WIDTH, "width", FOR_ANY, ANY, 0)                          \
  X(SHOW, "show", FOR_SHOWN, ANY, 0)                          \
  X(DEFAULT, "default", FOR_ANY, ANY, 0)                      \
  X(NONE_TEXT, "none_text", FOR_ANY, TEXT, 0)                 \
  X(EPOCH, "epoch", FOR(UINT), ANY, 0)                        \
  X(NOMINAL, "nominal", FOR_ANY, ANY, 0)                      \
  X(LITTLE, "little", FOR_ANY, FLAG, 0)                       \
  X(SIGNED, "signed", FOR(UINT), FLAG, PKT_OP_SIGNED)         \
  X(BITFIELD, "bitfield", FOR(UINT), FLAG, PKT_OP_BITFIELD)   \
  X(MASKED, "masked", FOR(UINT), FLAG, PKT_OP_MASKED)         \
  X(FLAGS, "flags", FOR(UINT), ANY, 0)                        \
  X(UNNAMED, "unnamed", FOR(UINT), TEXT, 0)                   \
  X(NAMES, "names", FOR_NAMED, ANY, 0)                        \
  X(NAMES_BY, "names_by", FOR(UINT), ANY, 0)                  \
  X(AUTO, "auto", FOR_WORKED_OUT, ANY, 0)                     \
  X(WHEN, "when", FOR_ANY, ANY, 0)                            \
  X(SIZE, "size", FOR_SIZED, ANY, 0)                          \
  X(COUNT, "count", FOR_LISTS, ANY, 0)                        \
  X(ALIGN, "align", FOR_ANY, ANY, 0)                          \
  X(ALIGN_OWN, "align_own", FOR_ANY, FLAG, PKT_OP_ALIGN_OWN)  \
  X(APART, "apart", FOR_BYTES_OR_LAYERS, FLAG, PKT_OP_APART)  \
  X(FILL, "fill", FOR_ANY, ANY, 0)                            \
  X(LEAD, "lead", FOR_ANY, ANY, 0)                            \
  X(TRAILER, "trailer", FOR_ANY, FLAG, PKT_OP_TRAILER)        \
  X(PAD, "pad", FOR_BYTES_OR_LAYERS, TABLE, 0)                \
  X(ENDS, "ends", FOR_BYTES_OR_LAYERS, ANY, 0)                \
  X(MORE, "more", FOR_LAYERS, ANY, 0)                         \
  X(COUNTED, "counted", FOR(BYTES), ANY, 0)                   \
  X(FIT, "fit", FOR(BYTES), FLAG, PKT_OP_FIT)                 \
  X(EXACT, "exact", FOR(BYTES), FLAG, PKT_OP_EXACT)           \
  X(BITMAP, "bitmap", FOR(BYTES), ANY, PKT_OP_BITMAP)         \
  X(WHOLE, "whole", FOR(NAME), FLAG, PKT_OP_WHOLE)            \
  X(NODE, "node", FOR_NODES, FLAG, PKT_OP_NODE)               \
  X(PARTIAL, "partial", FOR(NAME), FLAG, PKT_OP_PARTIAL)      \
  X(OPTIONAL, "optional", FOR_ANY, FLAG, PKT_OP_OPTIONAL)     \
  X(NETBIOS, "netbios", FOR(BYTES), FLAG, PKT_OP_NETBIOS)     \
  X(ITEM, "item", FOR(LIST), ANY, 0)                          \
  X(OF, "of", FOR_LAYERS, ANY, 0)                             \
  X(CHAIN, "chain", FOR_LAYERS, FLAG, PKT_OP_CHAIN)           \
  X(FORGET, "forget", FOR(UINT), FLAG, PKT_OP_FORGET)         \
  X(KNOWN, "known", FOR_LAYERS, FLAG, PKT_OP_KNOWN)           \
  X(STACK, "stack", FOR_LAYERS, FLAG, PKT_OP_STACK)           \
  X(LAZY, "lazy", FOR_ANY, FLAG, PKT_OP_LAZY)                 \
  X(CODES, "codes", FOR(OPTIONS), ANY, 0)                     \
  X(LENGTH, "length", FOR(OPTIONS), TEXT, 0)                  \
  X(STYLE, "style", FOR(OPTIONS), TEXT, 0)                    \
  X(ALTERNATIVES, "alternatives", FOR(CHOICE), TABLE, 0)      \
  X(BY_VALUE, "by_value", FOR(CHOICE), FLAG, PKT_OP_BY_VALUE) \
  X(LABEL, "label", FOR_ANY, TEXT, 0)                         \
  X(DEFINITION, "definition", FOR_ANY, TABLE, 0)              \
  X(TEXT, "text", FOR_ANY, FLAG, 0)                           \
  X(CLASS, "class", FOR_ANY, TEXT, 0)                         \
  X(PRINTED, "printed", FOR_ANY, TEXT, 0)                     \
  X(UP_TO, "up_to", FOR(BYTES), ANY, PKT_OP_UP_TO)            \
  X(ONE_OF, "one_of", FOR(BYTES), ANY, PKT_OP_ONE_OF)         \
  X(STOPS, "stops", FOR_LAYERS, ANY, 0)                       \
  X(XOR, "xor", FOR_ANY, ANY, 0)                              \
  X(LISTED_APART, "listed_apart", FOR(CHOICE), FLAG, 0)       \
  X(UNLISTED, "unlisted", FOR_ANY, FLAG, 0)                   \
  X(ELEMENT, "element", FOR_ANY, ANY, 0)                      \
  X(TAG, "tag", FOR_ANY, ANY, 0)                              \
  X(CHOOSE, "choose", FOR_LAYERS, TABLE, 0)

enum option {
#define X(name, text, kinds, shape, flag) OPT_##name,
  FIELD_OPTIONS(X)
#undef X
      OPTION_COUNT
};

/* What a declaration says: which options it has, which are true, and those that are whole
** numbers. */
struct said {
  uint32_t kinds; /* of fields, which all options that are true are for */
  bool given[OPTION_COUNT], truly[OPTION_COUNT], whole[OPTION_COUNT];
  lua_Integer num[OPTION_COUNT];
};

static inline bool has(const struct said *said, enum option o) { return said->given[o]; }
static inline bool truly(const struct said *said, enum option o) { return said->truly[o]; }

/* The option's name. */
const char *pkt_option_name(enum option o);

/* What the declaration at 't' says; the flags that it sets are added to the op's. Raises for what
** is no option, and for a value of another shape. */
void pkt_read_said(struct compiler *c, int t, struct said *said, struct pkt_op *op);

/* Raise where something is said that isn't for this kind of field. */
void pkt_check_said(struct compiler *c, const struct said *said, unsigned kind);

/* An option that is a number between these, which it raises for if it isn't; 0 where it isn't
** given. */
lua_Integer pkt_said_number(struct compiler *c, const struct said *said, enum option o,
                            lua_Integer least, lua_Integer most);

#endif
