/* follow_inner.h - what the files behind follow.h share: connections, and what waits in them.
**
** follow.c takes packets and hands out messages; follow_message.c says how long those are,
** follow_connection.c has the table of connections, follow_segment.c the segments that came
** early. */
#ifndef PKT_FOLLOW_INNER_H
#define PKT_FOLLOW_INNER_H

#include <stdalign.h>

#include "buf.h"
#include "ends.h"
#include "follow.h"
#include "pages.h"

#define PKT_FOLLOW_BUCKETS (2 * PKT_FOLLOW_CONNECTIONS) /* of the table, a power of two */
#define PKT_FOLLOW_OPENINGS 4096 /* of connections that carried nothing; a power of two */
#define PKT_FOLLOW_EARLY 0x8000  /* bytes kept of an opened direction, before its first */

/* A segment that came before the one that it follows. */
struct pkt_segment {
  struct pkt_segment *next; /* behind it in the stream */
  uint32_t seq, len;
  struct pkt_followed_record *record; /* that it came with; NULL: unknown */
  uint8_t bytes[];
};

/* What one side sends. What most packets need comes first, for the cache. */
struct pkt_direction {
  bool synced;    /* 'next' is known, and begins or continues a message */
  bool opened;    /* its start was seen */
  bool begun;     /* something was, from... */
  bool closed;    /* its end was seen */
  bool lost;      /* the other side has got what is missing here */
  bool in_chunks; /* what is held continues a body in chunks that was too long to be held */
  uint32_t first; /* ...the byte with this number on */
  uint32_t next;  /* number of the byte that comes next */
  struct pkt_segment *ahead; /* in order... */
  struct pkt_buf held;       /* the start of a message, behind... */
  uint32_t done;             /* ...bytes that were handed out */
  uint32_t ahead_memory;     /* bytes that segments that wait take up here... */
  uint64_t skip;             /* bytes to come of a message that was too long to be held */
  uint64_t chunk;            /* how far the chunks of what is held were passed; 0: it has none */
  size_t wanted;             /* bytes to be held before it is looked at again; 0: unknown */
  uint32_t gap, behind; /* numbers of what was given up last, from the one to before the other */
  int64_t since; /* when it was last known that something is missing, nanoseconds since 1970 */
  struct pkt_segment *last; /* ...up to this one; meaningless where there are none */
  uint32_t ahead_count;     /* ...of so many of them... */
  uint32_t ahead_len;       /* ...and the bytes that they carry */
};

struct pkt_side {
  struct pkt_address address;
  uint64_t port;
};

struct pkt_connection {
  uint64_t hash;
  struct pkt_connection *chain;         /* of its bucket; of those that aren't in use */
  struct pkt_connection *older, *newer; /* by when they began, or were looked at since */
  const struct pkt_plan *plan;          /* of its messages; NULL: too little was seen to know */
  uint64_t asked[2]; /* questions of each side that the other hasn't answered yet */
  bool used;         /* since it was looked at */
  alignas(64) struct pkt_side sides[2]; /* a line of the cache, and two for each direction */
  struct pkt_direction ways[2];         /* what each side sends */
};

/* Notes that a direction was opened but hasn't carried anything yet. */
struct pkt_opening {
  uint64_t hash;  /* of its sides; 0: none */
  uint32_t first; /* number of the first byte */
};

struct pkt_follow {
  struct pkt_connection *buckets[PKT_FOLLOW_BUCKETS];
  struct pkt_opening openings[PKT_FOLLOW_OPENINGS];
  struct pkt_pages pages;       /* with the memory of all connections... */
  struct pkt_connection *pool;  /* ...NULL: there were none yet... */
  uint32_t pooled;              /* ...of which so many were in use once... */
  struct pkt_connection *spare; /* ...and these aren't any more */
  struct pkt_connection *oldest, *newest;
  struct pkt_connection *waiting; /* at the end: in those older than this one no segment waits */
  struct pkt_connection *ending;  /* to be forgotten with the next call */
  struct pkt_connection
      *passing; /* where segments wait no longer for one that is missing; NULL: none */
  uint32_t connections;
  size_t memory;                           /* bytes that they hold beside themselves */
  struct pkt_messages out;                 /* what is left to hand out */
  struct pkt_buf datagram;                 /* ...of it, where no connection holds it */
  uint64_t asked;                          /* questions that it answers the first of */
  size_t room;                             /* bytes of messages that the packet has room for */
  uint32_t ack;                            /* number of the byte that the packet expects next */
  const struct pkt_followed_record *taken; /* what the packet that is being taken came with */
  int64_t time;                            /* of the last of those that came first now */
  struct pkt_followed_record *left;        /* that was handed out last */
  bool again;                              /* what is being taken came with that one */
  struct pkt_followed_record *kept; /* the copy of 'taken', where its segment waits; or NULL */
};

/* Does 'a' come before 'b'? Numbers wrap (RFC 9293 section 3.4). */
static inline bool pkt_seq_is_before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }

/* Bytes that a direction holds beside its connection. */
static inline size_t pkt_direction_memory(const struct pkt_direction *d) {
  return d->held.cap + (d->ahead ? d->ahead_memory : 0);
}

/* ----------------------------------------------------------------------------- follow_message.c */

enum { PKT_NO_MESSAGE = -1, PKT_INCOMPLETE = 0 };

/* What was asked and not answered, while messages of one side are gone through: questions, as
** pkt_connection.asked has them. */
struct pkt_talk {
  uint64_t asked; /* by the other side */
  uint64_t asks;  /* by this one */
  uint32_t next;  /* number of the byte behind those that are gone through... */
  uint32_t ack;   /* ...and of the one that their sender expects */
};

/* What follows whole messages: the size of a message that isn't complete or has no room, or
** PKT_INCOMPLETE or PKT_NO_MESSAGE; and how far the chunks of an incomplete one were passed, or
** 0. */
struct pkt_rest {
  int64_t size;
  uint64_t chunk;
};

/* Nothing is known any more of questions that weren't answered. */
uint64_t pkt_questions_lost(uint64_t asked);

/* What the question asks that is to be answered first. 0: unknown. */
unsigned pkt_question(uint64_t asked);

/* Of the 'n' bytes that are left to go through, the first message may ask or answer. */
void pkt_talk_turn(struct pkt_talk *talk, const struct pkt_plan *plan, const uint8_t *p, size_t n);

/* The bytes of the message that begins here, as it says, or at least, where it is of chunks that
** aren't all there. PKT_INCOMPLETE: too few to know; PKT_NO_MESSAGE. */
int64_t pkt_message_size(const struct pkt_plan *plan, const uint8_t *p, size_t n, uint64_t asked);

/* The bytes of the whole messages, at most 'most', that 'n' bytes begin with. One that needs more
** than 'room' bytes doesn't count. */
size_t pkt_whole_messages(const struct pkt_plan *plan, const uint8_t *p, size_t n, size_t room,
                          unsigned most, struct pkt_talk *talk, struct pkt_rest *rest);

/* How many messages are read as one packet: just one, if the protocol doesn't say that another
** message follows. */
unsigned pkt_messages_at_once(const struct pkt_plan *plan);

/* The protocol of what a layer carries, if it says how long its messages are, and the size of the
** first, as pkt_message_size() has it; else NULL. */
const struct pkt_plan *pkt_message_plan(const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                        uint64_t asked, int64_t *size);

/* -------------------------------------------------------------------------- follow_connection.c */

/* The connection between two sides, of which the first sends, and which of its sides that is; NULL:
** it isn't followed. */
struct pkt_connection *pkt_connection_find(struct pkt_follow *f, const struct pkt_side sides[2],
                                           int *sender);

/* A new one, in place of one that was quiet for long if there are too many. NULL without memory. */
struct pkt_connection *pkt_connection_begin(struct pkt_follow *f, const struct pkt_side sides[2]);

void pkt_connection_forget(struct pkt_follow *f, struct pkt_connection *c);

/* Make it the next to be forgotten. */
void pkt_connection_link_oldest(struct pkt_follow *f, struct pkt_connection *c);

/* The direction whose first segment that waits came before that of the other; NULL: none waits. */
struct pkt_direction *pkt_connection_first_waiting(struct pkt_connection *c);

/* Sort the connections by when their first waiting segments came; those without any go behind
** the others. Without memory the order stays as it is. */
void pkt_connection_sort(struct pkt_follow *f);

/* Account for the memory of a connection that was just used and one of whose directions held
** 'before' bytes before that; forget other connections if all together hold too much. */
void pkt_connection_account(struct pkt_follow *f, struct pkt_connection *c,
                            const struct pkt_direction *d, size_t before);

/* The next byte of a direction is this one; and it is its first. */
void pkt_direction_sync(struct pkt_direction *d, uint32_t seq);
void pkt_direction_open(struct pkt_direction *d, uint32_t first);

/* Note that the first of two sides opened a connection to the other, which isn't followed yet: a
** direction that begins takes that. */
void pkt_opening_note(struct pkt_follow *f, const struct pkt_side sides[2], uint32_t first);

/* Do bytes that begin here overtake the first bytes of a connection that was opened? If they are
** those first bytes, and belong to nothing that is followed, later bytes no longer count as
** early. */
bool pkt_opening_is_overtaken(struct pkt_follow *f, const struct pkt_side sides[2], uint32_t seq);

/* ----------------------------------------------------------------------------- follow_segment.c */

/* Keep a copy of a segment that came too early, with what it came with, or NULL. False without
** memory. */
bool pkt_segment_keep(struct pkt_follow *f, struct pkt_direction *d, uint32_t seq, const uint8_t *p,
                      uint32_t n, const struct pkt_followed_record *record);

/* Remove the first of the segments that wait; all of them. */
void pkt_segment_drop(struct pkt_direction *d);
void pkt_segment_drop_all(struct pkt_direction *d);

/* What the first of them came with, which is the caller's from now on, to free(); NULL: unknown. */
struct pkt_followed_record *pkt_segment_take_record(struct pkt_direction *d);

/* May segments wait for one that is missing? */
bool pkt_segment_may_wait(const struct pkt_follow *f, const struct pkt_direction *d);

/* Do segments wait, and not for any that is missing? */
static inline bool pkt_segment_is_ready(const struct pkt_direction *d) {
  return d->ahead && d->synced && !pkt_seq_is_before(d->next, d->ahead->seq);
}

/* Bytes that come next in the stream. */
void pkt_direction_append(struct pkt_direction *d, const uint8_t *p, uint32_t n);

/* The first of the segments that wait is next; all that were waiting for what came. Where none wait
** any more, nothing is missing. */
void pkt_segment_append(struct pkt_direction *d);
void pkt_segment_append_ready(struct pkt_direction *d);

#endif
