/* rule.h - small arithmetic that protocol files declare: sizes, conditions, lengths, counts.
**
** A rule is a postfix program of a few instructions, compiled once with the plan it belongs to,
** run by one loop. It reads numbers of the layer it is asked about and never fails: a missing
** layer or field is 0, a division by zero is 0, sums wrap. Its stack need was checked when the
** plan was (PKT_MAX_STACK). */
#ifndef PKT_RULE_H
#define PKT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pkt_layer;
struct pkt_plan;
struct pkt_text;

/* Opcode, its name in the compiler's output, operands it takes from the stack. Of a binary one
** there is a second form, PKT_RULE_ADD_BY and so on, whose right operand is num. */
#define PKT_RULE_BINARIES(X) \
  X(ADD, "add", 2)           \
  X(SUB, "sub", 2)           \
  X(MUL, "mul", 2)           \
  X(DIV, "div", 2)           \
  X(MOD, "mod", 2)           \
  X(BAND, "band", 2)         \
  X(BOR, "bor", 2)           \
  X(SHL, "shl", 2)           \
  X(SHR, "shr", 2)           \
  X(EQ, "eq", 2)             \
  X(NE, "ne", 2)             \
  X(LT, "lt", 2)             \
  X(LE, "le", 2)             \
  X(GT, "gt", 2)             \
  X(GE, "ge", 2)             \
  X(MIN, "min", 2)           \
  X(MAX, "max", 2)           \
  X(LAND, "land", 2)         \
  X(LOR, "lor", 2)
#define PKT_RULE_OPS(X)                                                                           \
  X(CONST, "const", 0)           /* push num */                                                   \
  X(REF, "ref", 0)               /* push the value of slot arg */                                 \
  X(UNDER, "under", 0)           /* push a field of the layer below, by name */                   \
  X(UNDER_SIZE, "under_size", 0) /* push the bytes of a field of the layer below, by name */      \
  X(SIZE, "size", 0)             /* push the bytes of slot arg, padding left out */               \
  X(PADDED, "padded", 0)         /* push the bytes of slot arg, padding included */               \
  X(COUNT, "count", 0)           /* push the items of slot arg */                                 \
  X(GIVEN, "given", 0)           /* push 1 if slot arg was set */                                 \
  X(FORM, "form", 0)             /* push which alternative slot arg has, from 0 */                \
  X(HEADER, "header", 0)         /* push the bytes of this layer alone */                         \
  X(PAYLOAD, "payload", 0)       /* push the bytes of the layers above */                         \
  X(LEFT, "left", 0)             /* push the bytes not read yet */                                \
  X(TOTAL, "total", 0)           /* push the bytes of this layer and all it carries */            \
  X(PEEK, "peek", 0)             /* push arg bits at bit num of what comes next */                \
  X(GLANCE, "glance", 0)         /* the same; 0, and nothing is missing, if they aren't there */  \
  X(TEXT_HEAD, "text_head", 0) /* push the bytes of the head of lines that comes next; 0: none */ \
  X(TEXT_NUMBER, "text_number", 0) /* push what a header line of it says, by name */              \
  X(TEXT_CHUNKS, "text_chunks", 0) /* push the bytes of the chunks behind it, if it names them */ \
  X(ASKED, "asked", 0)       /* push what was asked that the message which comes next answers */  \
  X(ABOVE, "above", 0)       /* push 1 if the layer above has this id */                          \
  X(BEHIND, "behind", 0)     /* push the bytes from the nearest layer above of this id on */      \
  X(STACKED, "stacked", 0)   /* push how many of the layers above have this id */                 \
  X(BELOW, "below", 0)       /* push 1 if the layer below has this id */                          \
  X(CARRYING, "carrying", 1) /* header and so many bytes; the total for less than 0 */            \
  X(IN, "in", 1)             /* 1 if it is below 64 and its bit is set in num */                  \
  X(GUARD, "guard", 1)   /* behind the first half of a 'both': go on, or arg instructions... */   \
  X(ENOUGH, "enough", 1) /* ...further on if that is 0; of an 'either': with 1, if it isn't 0 */  \
  X(PICK, "pick", 3)     /* in declarations alone: condition, value if true, value if false */    \
  X(THEN, "then", 1)     /* pop; go on, or arg instructions further on if that was 0 */           \
  X(ELSE, "else", 1)     /* go on arg instructions further on, past a value that isn't made then */

enum pkt_rule_op {
#define X(name, text, takes) PKT_RULE_##name,
  PKT_RULE_OPS(X) PKT_RULE_BINARIES(X)
#undef X
      PKT_RULE_NAMED, /* how many opcodes there are of which each has a name of its own */
  PKT_RULE_LAST_NAMED = PKT_RULE_NAMED - 1, /* the second forms are counted on from here */
#define X(name, text, takes) PKT_RULE_##name##_BY,
  PKT_RULE_BINARIES(X)
#undef X
      PKT_RULE_OP_COUNT
};

/* Is a binary opcode the second form? The second form of one (-1: it isn't binary), and the
** first. */
static inline bool pkt_rule_is_by(int op) { return op >= PKT_RULE_NAMED; }
static inline int pkt_rule_by(int op) {
  return op >= PKT_RULE_ADD && op < PKT_RULE_NAMED ? op - PKT_RULE_ADD + PKT_RULE_ADD_BY : -1;
}
static inline int pkt_rule_unby(int op) { return op - PKT_RULE_ADD_BY + PKT_RULE_ADD; }

struct pkt_ins {
  uint8_t op;       /* enum pkt_rule_op */
  uint16_t arg;     /* slot, bits to peek or glance at, or instructions to pass over */
  int64_t num;      /* constant, right operand, set, or bit to peek or glance at */
  const char *name; /* UNDER, UNDER_SIZE: a field's id; ABOVE, BEHIND, STACKED, BELOW: a
                       protocol's id; TEXT_NUMBER, TEXT_CHUNKS: names of headers, a space
                       between each two */
};

/* Does the instruction merely skip the second half of a 'both' or 'either', without contributing
** a value? */
static inline bool pkt_rule_cuts_short(const struct pkt_ins *in) {
  return in->op == PKT_RULE_GUARD || in->op == PKT_RULE_ENOUGH;
}

/* What a rule amounts to where it only looks at one slot, or at bits of what comes next: no need to
** run it. */
enum pkt_quick {
  PKT_QUICK_NONE,
  PKT_QUICK_IN,     /* is the slot's value below 64, and its bit in 'set'? */
  PKT_QUICK_NOT_IN, /* is it not? */
  PKT_QUICK_LINEAR, /* the slot's value * scale + offset, and at least 'least' */
  PKT_QUICK_BITS,   /* the slot's value & set */
  PKT_QUICK_MASKED, /* is that 'offset'? */
  PKT_QUICK_ANY,    /* is it one of the constants? */
  PKT_QUICK_SAME,   /* is the slot's value 'offset'... */
  PKT_QUICK_OTHER,  /* ...or is it not... */
  PKT_QUICK_MORE,   /* ...or is it more... */
  PKT_QUICK_LESS,   /* ...or less? */
};

struct pkt_rule {
  uint16_t len;
  uint8_t quick; /* enum pkt_quick */
  bool peeks;    /* it isn't a slot's value, but what comes next: code[0] */
  uint16_t slot;
  uint64_t set;
  int64_t scale, offset, least;
  const struct pkt_ins *code;
};

/* What a rule is asked about. Sizes are bytes. */
struct pkt_scope {
  const struct pkt_layer *layer;   /* whose slots REF, SIZE and COUNT read */
  const struct pkt_layer *below;   /* NULL: none */
  const struct pkt_layer *above;   /* NULL: none */
  struct pkt_layer *const *behind; /* the layers above, 'nbehind' of them: once they are written */
  uint32_t nbehind;
  const uint8_t *peek; /* the bytes about to be read, 'left' of them */
  int64_t header, payload, left, total;
  struct pkt_text *text; /* what looks at a head have found there; NULL: each looks anew */
  int64_t asked;         /* what 'asks' gave for the message that is answered; 0: unknown */
  bool *missing; /* set where PEEK, or a look at a head, asks for more than is there; may be NULL */
};

/* What the rule comes to, which pkt_rule_check() has accepted. Never fails: see above. */
int64_t pkt_rule_eval(const struct pkt_rule *rule, const struct pkt_scope *scope);

/* Is the rule quick, without peeking? Then pkt_rule_quick() of quick.h gives its value. */
static inline bool pkt_rule_is_quick(const struct pkt_rule *rule) {
  return rule->quick != PKT_QUICK_NONE && !rule->peeks;
}

/* Recognize a well-formed rule that needn't be run, and note its quick form. */
void pkt_rule_quicken(struct pkt_rule *rule);

/* The name of an opcode. */
const char *pkt_rule_op_name(unsigned op);

/* Does an instruction look at the bytes that come next? */
bool pkt_rule_looks(const struct pkt_ins *in);

/* Does an instruction ask about a slot of the layer? */
bool pkt_rule_reads_slot(const struct pkt_ins *in);

/* Does an instruction count layers above, or the bytes that they have? */
static inline bool pkt_rule_counts_above(const struct pkt_ins *in) {
  return in->op == PKT_RULE_PAYLOAD || in->op == PKT_RULE_TOTAL || in->op == PKT_RULE_BEHIND ||
         in->op == PKT_RULE_STACKED;
}

/* Does the rule (NULL: none) measure or count, as that of a length does? */
bool pkt_rule_measures(const struct pkt_rule *rule);

/* Is the program well-formed: known opcodes, slots below 'slots', one value at the end, stack
** within PKT_MAX_STACK? */
bool pkt_rule_check(const struct pkt_rule *rule, unsigned slots);

#endif
