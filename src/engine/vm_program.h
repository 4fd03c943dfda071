/* vm_program.h - a field-engine program as its parts see it: vm_read.c reads it, vm_plan.c plans
** it, vm_warn.c looks it over, vm.c runs it. */
#ifndef PKT_VM_PROGRAM_H
#define PKT_VM_PROGRAM_H

#include "vm.h"

#define VM_NONE UINT32_MAX /* no variable, no slot */
#define VM_FREE_PORT 1025  /* where an unlimited tuple's ports go on after 65535 */

__extension__ typedef unsigned __int128 vm_u128; /* products of two 64-bit numbers */

enum vm_kind { VM_UP, VM_DOWN, VM_RANDOM, VM_RAND_LIMIT, VM_TUPLE };

/* A variable: what it goes through, and where it is. */
struct vm_var {
  const char *name;
  uint8_t kind;         /* enum vm_kind */
  uint8_t size;         /* bytes */
  uint8_t draws;        /* numbers of the generator that one value takes; 0: not random */
  bool unlimited;       /* a tuple whose ports go on to 65535 and from there to 1025 */
  uint32_t instruction; /* from 1 */
  uint32_t slot;        /* of its value; a tuple's port has the next one */
  uint32_t next;        /* the variable that moves when this one comes around */
  uint32_t mover;     /* the variable for which this one is 'next'; VM_NONE: its own instruction */
  uint64_t min, last; /* values are min..min + last; of a list the places 0..last */
  uint64_t step;      /* at most 'last' */
  uint64_t first;     /* the first value, counted from min */
  const uint64_t *list;
  uint64_t limit; /* rand_limit, tuples: values until it starts again; 0: never */
  uint32_t seed;
  uint32_t port_min, port_max;
  /* while a place or the cycle is looked for: how often it moves until some packets, vm.c says
  ** which; the packets after which it and its movers are where they were, and its moves in them */
  uint64_t moves[3];
  uint64_t cycle, cycle_moves;
  /* where it is */
  uint64_t at;    /* counted from min */
  uint64_t left;  /* values until it starts again */
  uint32_t state; /* of its generator */
  uint32_t port;
};

struct vm_slot {
  const char *name;
  uint32_t var;
  uint8_t size;
};

/* One thing that an instruction stores in the packet, as written there; a checksum is one too. */
enum vm_write_kind { VM_STORE, VM_MASK, VM_SUM_IPV4, VM_SUM_L4 };

struct vm_write {
  uint8_t kind; /* enum vm_write_kind */
  uint8_t size; /* bytes */
  bool big_endian;
  int8_t shift;
  uint32_t instruction; /* from 1 */
  uint32_t at;          /* the first byte */
  uint32_t slot;
  uint32_t mask;
  uint64_t add;
  /* checksums */
  uint32_t l3, l3_len; /* l3_len 0: the header says how long it is */
  uint8_t proto;       /* of the pseudo-header */
  bool idle;           /* there is nothing that it could sum, in no packet */
  bool full;           /* worked out anew for every packet */
  uint32_t sum;        /* if not: the sum that is kept */
};

#define VM_OPS(X)                                                    \
  X(MOVE) /* any variable, and those that follow it */               \
  X(UP)   /* a counter that moves no other */                        \
  X(DOWN)                                                            \
  X(RANDOM) /* likewise, without a list */                           \
  X(STORE1) /* the value of a slot and 'add', as 1, 2, 4, 8 bytes */ \
  X(STORE2BE)                                                        \
  X(STORE2LE)                                                        \
  X(STORE4BE)                                                        \
  X(STORE4LE)                                                        \
  X(STORE8BE)                                                        \
  X(STORE8LE)                                                        \
  X(MASK)                                                            \
  X(ADD) /* what was stored last, to more sums */                    \
  X(SUM) /* a sum that was kept */                                   \
  X(SUM_FULL)                                                        \
  X(TRIM)                                                            \
  X(END)

enum vm_code {
#define X(name) VM_OP_##name,
  VM_OPS(X)
#undef X
};

/* What is stored is added to two sums, shifted up by 'rotate' bits: 8 where it begins at an odd
** place. The sum VM_SINK takes what belongs to none. */
#define VM_SINK 0
#define VM_MAX_SUMS 64 /* kept ones; checksums beyond that are worked out anew */

struct vm_op {
  uint8_t code; /* enum vm_code */
  uint8_t rotate;
  uint16_t sums[2];
  uint32_t slot;
  uint32_t at;
  uint32_t sum; /* SUM: which; its 'add' is what it begins with */
  uint64_t add;
  struct vm_var *var;
  const struct vm_write *write;
};

struct vm_range {
  uint32_t from, to;
};

enum { VM_STEP_VAR, VM_STEP_WRITE, VM_STEP_TRIM };

/* One instruction, or half of one, in order: an index into vars or writes, or a trim's slot. */
struct vm_step {
  uint8_t kind;
  uint32_t index;
  uint32_t instruction; /* of a trim */
};

struct pkt_vm {
  struct pkt_arena *arena;
  uint8_t *packet; /* what is made; room for 'len' bytes */
  const uint8_t *base;
  uint32_t len;     /* bytes of 'base' */
  uint32_t trimmed; /* bytes of the packet that is being made */
  bool fresh;       /* each packet begins with a copy of 'base' */
  uint32_t seed;
  uint32_t random; /* state of the stream's generator */
  uint64_t cache;  /* 0: none */
  uint64_t at;     /* the packet that is made next, counted within the cache */
  uint64_t told;   /* the same, counted from the stream's start */
  uint64_t cycle;
  uint32_t nvars, nslots, nwrites, nsteps, norder, nsums, nops, nwarnings;
  struct vm_var *vars;
  struct vm_slot *slots;
  uint64_t *values; /* one per slot */
  struct vm_write *writes;
  struct vm_step *steps;
  struct vm_var **order; /* variables as they move within one packet */
  uint64_t *sums;
  struct vm_op *ops;
  const char **warnings;
};

/* Read the instructions into vars, slots, writes and steps. */
int vm_read(struct pkt_vm *vm, const struct pkt_value *instructions, struct pkt_err *err);

/* Find out how each checksum is kept, and lay the program down. */
int vm_plan(struct pkt_vm *vm, struct pkt_err *err);

/* Say what is odd about the program; 'layers' may be NULL. */
int vm_warn(struct pkt_vm *vm, const struct pkt_packet *layers, struct pkt_err *err);

/* The bytes that a checksum covers in this packet, itself included: up to two ranges, each summed
** from its own start. 0: it isn't there. */
uint32_t vm_sum_ranges(const struct vm_write *w, const uint8_t *packet, uint32_t len,
                       struct vm_range out[2]);

/* The sum over such ranges with the pseudo-header's length and number, partial as of
** pkt_inet_add. */
uint64_t vm_sum_add(const struct vm_write *w, const uint8_t *packet, const struct vm_range *ranges,
                    uint32_t n);

/* Are ports written that never come again: those of an unlimited tuple that are before the one it
** goes on with? */
bool vm_has_lead(const struct pkt_vm *vm, const struct vm_var *v);

/* The cycle of the program. */
uint64_t vm_find_cycle(struct pkt_vm *vm);

/* Is a variable written, or the packet's length? */
bool vm_is_used(const struct pkt_vm *vm, const struct vm_var *v);

/* The greatest value of a slot. */
uint64_t vm_greatest(const struct pkt_vm *vm, uint32_t slot);

#endif
