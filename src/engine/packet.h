/* packet.h - one packet: layers in order, each a row of slots.
**
** A packet is built from a model or dissected from bytes. Its layers, lists and values live in an
** arena; what was read from bytes points into those bytes, which must outlive the packet. */
#ifndef PKT_PACKET_H
#define PKT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "limits.h"
#include "value.h"

struct pkt_plan;
struct pkt_op;
struct pkt_optdef;
struct pkt_list;

enum pkt_state {
  PKT_UNSET,  /* the default, or worked out when built */
  PKT_SET,    /* by the user, or read from bytes */
  PKT_WORKED, /* worked out by building */
  PKT_ABSENT, /* conditional, and its condition doesn't hold */
  PKT_UNREAD, /* the bytes ended before it */
};

/* An unset slot always holds its default and, where its op's place is fixed, that place: so only
** what was set needs to be written. */
struct pkt_slot {
  union {
    uint64_t num;
    const uint8_t *bytes;
    struct pkt_list *list;
  };
  uint32_t len;   /* bytes of 'bytes' */
  uint32_t bit;   /* where the field lies: bits from the start of its layer */
  uint32_t nbits; /* its size on the wire, padding left out */
  uint8_t state;  /* enum pkt_state */
  uint8_t alt;    /* CHOICE: which alternative */
  bool none : 1;  /* no value */
  bool loose : 1; /* said of a layer above that is gone: what comes there next says it anew */
  bool negative;  /* 'num' was given as a negative number (two's complement here) */
};

enum pkt_option_form {
  PKT_OPTION_PLAIN, /* code, length and value */
  PKT_OPTION_FLAG,  /* a code alone */
  PKT_OPTION_BASIC, /* a data attribute of two bytes (RFC 2408 section 3.3)... */
  PKT_OPTION_LONG,  /* ...and one that says how long it is */
};

/* One option of an option list: its bytes as they are on the wire, without code and length. */
struct pkt_option {
  uint16_t code;
  uint8_t form; /* enum pkt_option_form */
  uint32_t len;
  const uint8_t *data;
  const struct pkt_optdef *def; /* NULL: an unknown code */
};

struct pkt_list {
  uint32_t len;
  uint32_t raw_len;
  const uint8_t *raw; /* the list as it was read; NULL: written from its items */
  uint32_t rest;      /* bytes at the end of 'raw' that are no option */
  bool as_bytes;      /* set as bytes, so shown as bytes */
  bool as_codes;      /* those bytes are codes of options: written from its items */
  bool anew;          /* an item has measures that are to be worked out */
  union {
    struct pkt_slot *slots;
    struct pkt_layer **layers;
    struct pkt_option *options;
  };
};

/* The list's bytes that are no option. */
static inline const uint8_t *pkt_list_rest(const struct pkt_list *list) {
  return list->raw + list->raw_len - list->rest;
}

/* A value that is shown as it was given because the field can't represent that form, such as a
** MAC address given as 1:2:3:4:5:6. */
struct pkt_given {
  struct pkt_given *next;
  struct pkt_value value; /* what it points to is in the request or the arena */
  uint16_t slot;
};

struct pkt_layer {
  const struct pkt_plan *plan;
  struct pkt_slot *slots; /* one per op of the plan */
  uint32_t offset;        /* bytes from the start of the packet */
  uint32_t size;          /* bytes of this layer alone, before what it carries */
  uint16_t trailer;       /* and behind that; of an item that was read 'size' counts these, too */
  uint16_t inside;        /* Padding that was read: the first so many layers hold it, and it lies
                             behind what the others do */
  uint32_t avail;         /* bytes it could read: itself and all it carries */
  const uint8_t *raw;     /* its bytes as they were read; NULL once it was changed */
  struct pkt_given *given;
  struct pkt_layer *rest; /* an item's bytes that it claims and doesn't read, as Raw */
  uint32_t tag;           /* its owner's mark; 0 to begin with */
  bool compress;          /* domain names are to be written compressed, as some were when read */
  /* bits, so that a layer takes no more than a line of the cache */
  bool bound : 1;  /* building has set fields after the layer above */
  bool unread : 1; /* the bytes ended before its last field... */
  bool cut : 1;    /* ...and before one that takes some */
  bool anew : 1;   /* with 'raw': measures that are unset, here or in its fields, are worked out
                        in those bytes */
  bool of_own : 1; /* Raw that was read: what the fields of the layer below left of its own bytes */
  bool joined : 1; /* it carries a datagram that its own length is not of: pieces were joined */
};

/* What is read may have a Raw layer on top and Padding for every layer. */
#define PKT_PACKET_ROOM (2 * PKT_MAX_LAYERS + 1)

struct pkt_packet {
  uint32_t len;
  struct pkt_layer **layers;    /* room for PKT_PACKET_ROOM */
  const struct pkt_plan *above; /* as which what the last of them carries is to be read yet; NULL:
                                   all was read */
};

/* A layer with all slots unset. NULL without memory. */
struct pkt_layer *pkt_layer_new(struct pkt_arena *arena, const struct pkt_plan *plan);

/* The same, but its slots are left uninitialized for the caller, who fills in all 'nops' of
** them. */
static inline struct pkt_layer *pkt_layer_alloc(struct pkt_arena *arena,
                                                const struct pkt_plan *plan, unsigned nops) {
  struct pkt_layer *layer = pkt_alloc(arena, sizeof *layer + nops * sizeof *layer->slots);
  if (layer) *layer = (struct pkt_layer){.plan = plan, .slots = (struct pkt_slot *)(layer + 1)};
  return layer;
}

/* An empty packet. NULL without memory. */
struct pkt_packet *pkt_packet_new(struct pkt_arena *arena);

/* How many bytes of trailers lie between the end of what layer 'i' carries and Padding or the
** packet's end: its own trailer, and those of the layers below. */
uint32_t pkt_packet_trailers(const struct pkt_packet *p, uint32_t i);

/* Put a layer on top. Returns 0, or -1 when there are PKT_MAX_LAYERS already. */
int pkt_packet_push(struct pkt_packet *p, struct pkt_layer *layer, struct pkt_err *err);

#endif
