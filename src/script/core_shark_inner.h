/* core_shark_inner.h - what the files of the shark share: core_shark.c, which makes packets of what
** is captured, and core_shark_run.c, which writes them out. */
#ifndef PKT_CORE_SHARK_INNER_H
#define PKT_CORE_SHARK_INNER_H

#include "../engine/follow.h"
#include "../engine/fragments.h"
#include "../engine/outline.h"
#include "core.h"
#include "core_capture.h"
#include "core_shark.h"
#include "sockets.h"

#define SHARK_MT "luapkt.shark"

#define MAX_FILTERS 16 /* link types of one capture that a filter is compiled for */

/* User values of a shark. */
enum {
  SHARK_REGISTRY = 1,
  SHARK_READER,
  SHARK_PACKET,
  SHARK_ABOUT,
  SHARK_BPF,
  SHARK_VALUES = SHARK_BPF
};

enum pkt_shark_note { NOTE_NONE, NOTE_PIECE, NOTE_PART, NOTE_REPEATED, NOTE_CUT };
extern const char *const pkt_shark_notes[]; /* what they are called; NULL: none */

struct pkt_shark_filter {
  uint32_t link;
  struct pkt_raw_program *program;
};

struct pkt_shark {
  const struct pkt_registry *registry;
  struct pkt_reader *reader; /* user value SHARK_READER */
  struct pkt_holder *packet; /* user value SHARK_PACKET */
  struct pkt_fragments *fragments;
  struct pkt_follow *follow;
  struct pkt_outline *outline;
  const char *bpf; /* NULL: all packets pass */
  struct pkt_shark_filter filters[MAX_FILTERS];
  unsigned nfilters;
  struct pkt_sought *sought; /* what packets are read for, by pkt_shark_run(); NULL: all */
  struct pkt_capture_record record;
  uint64_t count;  /* of records so far */
  uint64_t number; /* of that one, from 1 */
  bool again;      /* it waited for another, and was written before that */
  enum pkt_shark_note note;
  bool more;                /* the record's packet has further messages... */
  uint32_t at;              /* ...on this layer */
  bool running;             /* functions of a script are called by pkt_shark_run() */
  bool ended;               /* the capture: what is left waited for segments that didn't come */
  uint32_t own;             /* layers that are of the record's own bytes; 0: all */
  struct pkt_buf out, held; /* to be written; and only if nothing better comes */
};

/* The shark at 1. Raises where it is closed. */
struct pkt_shark *pkt_check_shark(lua_State *L);

/* The same; raises also where pkt_shark_run() is at one of its packets. */
struct pkt_shark *pkt_check_idle_shark(lua_State *L);

/* Make the shark's packet what the next record is, or what more the last one holds. Returns 1; 0:
** it needs more bytes, pkt_shark_more(); or -1 with *err. */
int pkt_shark_step(lua_State *L, struct pkt_shark *s, struct pkt_err *err);

/* Wait for more bytes; where there are none, what waited for them is left. False: nothing is. */
bool pkt_shark_more(lua_State *L, struct pkt_shark *s, int reader);

/* Fill the table at 't' with what is known of the record. */
void pkt_shark_tell(lua_State *L, const struct pkt_shark *s, int t);

/* shark:run(options) */
int pkt_shark_run(lua_State *L);

/* Append the line of a packet, without its end; 'color': for a terminal that has colors. */
void pkt_shark_line(const struct pkt_shark *s, struct pkt_buf *b, const struct pkt_packet *p,
                    bool color);

#endif
