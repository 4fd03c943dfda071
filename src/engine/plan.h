/* plan.h - a protocol compiled to a flat table of field ops.
**
** A plan says where each field lies, how it is read, written and shown, and how it is worked out
** when nobody set it. Once pkt_compile() has laid down and checked the registry it belongs to, it
** never changes, and the build and dissect loops trust every index and pointer in it. Everything a
** plan points to lives in its registry's arena: no plan holds a Lua value. */
#ifndef PKT_PLAN_H
#define PKT_PLAN_H

#include "../wire/bits.h"
#include "packet.h"
#include "rule.h"

struct pkt_plan;

#define PKT_NONE 0xffff /* no slot, no rule */

/* Kind, its name in the compiler's output. An INTEGER of ASN.1 is large where pkt_slot_is_big() is
** true: then it is its content octets, as an OBJECT IDENTIFIER and a BIT STRING always are. */
#define PKT_KINDS(X)                                                \
  X(UINT, "uint")       /* a number of 1 to 64 bits: slot.num */    \
  X(MAC, "mac")         /* slot.num, 48 bits */                     \
  X(IPV4, "ipv4")       /* slot.num, 32 bits */                     \
  X(IPV6, "ipv6")       /* slot.bytes, 16 */                        \
  X(BYTES, "bytes")     /* slot.bytes */                            \
  X(NAME, "name")       /* a domain name: slot.bytes is its text */ \
  X(LIST, "list")       /* slot.list of slots */                    \
  X(LAYERS, "layers")   /* slot.list of layers */                   \
  X(LAYER, "layer")     /* slot.list of one layer, or of none */    \
  X(OPTIONS, "options") /* slot.list of options */                  \
  X(CHOICE, "choice")   /* one of several ops, by rule */           \
  X(PHANTOM, "phantom") /* slot.num, on no wire */                  \
  X(INTEGER, "integer") /* slot.num, or slot.bytes */               \
  X(OID, "oid")         /* slot.bytes */                            \
  X(BITS, "bits")       /* slot.bytes */                            \
  X(FLOAT, "float")     /* in declarations alone: a UINT that is shown as PKT_SHOW_FLOAT */

enum pkt_kind {
#define X(name, text) PKT_##name,
  PKT_KINDS(X)
#undef X
      PKT_KIND_COUNT
};

/* How a number is read and written: found once, so that the loops need no arithmetic on bits. */
enum pkt_access {
  PKT_AT_BITS, /* any bit, any width */
  PKT_AT_U8,
  PKT_AT_BE16,
  PKT_AT_BE32,
  PKT_AT_BE64,
  PKT_AT_BE, /* width / 8 bytes */
  PKT_AT_LE,
  PKT_AT_BITS8, /* bits within one byte, or two, at a place that is known: 'shift' */
  PKT_AT_BITS16,
  PKT_AT_LITTLE16, /* bits of a number of two bytes, least significant byte first, that begins at
                      an even byte of the layer: 'shift' */
};

enum pkt_show {
  PKT_SHOW_DEC,
  PKT_SHOW_HEX,
  PKT_SHOW_FLAGS,
  PKT_SHOW_UTC,         /* seconds since 1970 */
  PKT_SHOW_EUI64,       /* an address of IEEE 802.15.4: eight bytes, or a short one as a number */
  PKT_SHOW_IPV6_OPTION, /* with what its highest bits say (RFC 8200 section 4.2) */
  PKT_SHOW_MS_OF_DAY,   /* milliseconds since midnight (RFC 792) */
  PKT_SHOW_FIXED8,      /* 8.8 fixed point */
  PKT_SHOW_FIXED16,     /* 16.16 fixed point */
  PKT_SHOW_NTP,         /* 32.32 fixed point seconds since 1900 (RFC 5905) */
  PKT_SHOW_NTP_NUMBER,  /* the same, which to clients is the number of 64 bits */
  PKT_SHOW_CENTI,       /* hundredths of a second (RFC 8415 section 21.9) */
  PKT_SHOW_PAIR,        /* 32 bits as two halves: 1:2 */
  PKT_SHOW_UUID,        /* 16 bytes (RFC 9562 section 4) */
  PKT_SHOW_QUAD,        /* units of four seconds (RFC 6275 section 6.1.7) */
  PKT_SHOW_BOOLEAN,     /* one bit: JSON's true and false */
  PKT_SHOW_FLOAT,       /* 32 or 64 bits of IEEE 754: slot.num has them as they are */
};

/* Seconds from 1900 to 1970, where NTP's count and the system's begin (RFC 5905 section 6). */
#define PKT_NTP_TO_UNIX 2208988800u

/* Seconds since 1900, in years of 365 days, before which the reference shows no date. */
#define PKT_NTP_OLD (50 * 31536000u)
#define PKT_NTP_OLD_TEXT "Some date a few decades ago"

/* Flags of an op. */
enum pkt_op_flag {
  PKT_OP_SIGNED = 1 << 0,
  PKT_OP_BITFIELD = 1 << 1,  /* too large a value is masked, not refused */
  PKT_OP_MASKED = 1 << 2,    /* the same for a number that is no bit field */
  PKT_OP_FIXED = 1 << 3,     /* 'bit' is always right: nothing before it varies */
  PKT_OP_LETTERS = 1 << 4,   /* flags shown without '+' */
  PKT_OP_TWIN = 1 << 5,      /* another field of the protocol has the same id */
  PKT_OP_ALIGN_OWN = 1 << 6, /* 'align' counts from the field's own start */
  /* bytes and names */
  PKT_OP_FIT = 1 << 7,    /* cut or filled up to what 'size' says */
  PKT_OP_EXACT = 1 << 8,  /* fewer bytes than 'fixed_size' are an error */
  PKT_OP_ENDED = 1 << 9,  /* up to the byte 'fill', which isn't part of the value */
  PKT_OP_WHOLE = 1 << 10, /* a domain name that is never compressed */
  /* lists */
  PKT_OP_CHAIN = 1 << 11,    /* layers shown as A()/B() */
  PKT_OP_LISTED = 1 << 12,   /* the default is an empty list or packet, not None */
  PKT_OP_FORGET = 1 << 13,   /* not kept when read as a list's item: worked out anew */
  PKT_OP_CODE_ALL = 1 << 14, /* options: the length byte counts code and length too */
  PKT_OP_DHCP = 1 << 15,     /* options: DHCP's way of showing them */
  /* others */
  PKT_OP_LAZY = 1 << 16,     /* a default that stands in for what wasn't read is an expression */
  PKT_OP_BY_VALUE = 1 << 17, /* choice: the first form that takes the value, whatever 'when' says */
  PKT_OP_NODE = 1 << 18,     /* subject of a node information query (RFC 4620 section 4) */
  PKT_OP_PARTIAL = 1 << 19,  /* a domain name without a root, unless a dot ends its text */
  PKT_OP_OPTIONAL = 1 << 20, /* a domain name: an empty one takes no bytes; an element: may be left
                                out */
  PKT_OP_KNOWN = 1 << 21,    /* layers: an item that no variant claims is Raw */
  PKT_OP_STACK = 1 << 22,    /* layer: with the layers that it carries */
  PKT_OP_APART = 1 << 23,    /* what 'align' fills up with, or the byte that ends it, is read as
                                what follows the field */
  PKT_OP_BITMAP = 1 << 24,   /* bytes: a list of numbers becomes a type bit map (RFC 4034) */
  PKT_OP_MIRRORED = 1 << 26, /* bytes that are a UUID: the last one comes first */
  PKT_OP_NETBIOS = 1 << 25,  /* bytes: a NetBIOS name, written in letters (RFC 1001 section 14.1) */
  PKT_OP_UP_TO = 1 << 27,    /* bytes: up to the first of 'texts', which isn't part of them */
  PKT_OP_ONE_OF = 1 << 28,   /* bytes: one of 'texts', or none */
  PKT_OP_TRAILER = 1 << 29,  /* stands behind what the layer carries */
  PKT_OP_ATTRIBUTES = 1 << 30, /* options: data attributes (RFC 2408 section 3.3) */
};

/* A slot has this value: a number, or bytes where 'bytes' isn't NULL. */
struct pkt_match {
  uint16_t slot;
  uint32_t len;
  uint64_t value;
  const uint8_t *bytes;
};

struct pkt_name {
  uint64_t value;
  const char *text;
  uint32_t len;
};

/* An enumeration: 'by_value' for printing, one name a value, sorted as Lua's integers, which are
** signed; 'by_text' for reading, with the aliases behind the others. Small values have a direct
** table. */
struct pkt_names {
  uint32_t values, texts;
  const struct pkt_name *by_value;
  const struct pkt_name *by_text;
  uint32_t direct_len; /* values below this are looked up in 'direct' */
  const struct pkt_name **direct;
};

/* An enumeration for each value of another slot. */
struct pkt_names_case {
  uint64_t key;
  const struct pkt_names *names;
};
struct pkt_names_by {
  uint16_t slot;
  uint32_t len;
  const struct pkt_names_case *cases;
};

/* The texts that bytes are searched for: those that end them, or those that they may be. */
#define PKT_MAX_TEXTS 8
struct pkt_texts {
  uint32_t len, lens[PKT_MAX_TEXTS];
  const uint8_t *texts[PKT_MAX_TEXTS];
  uint32_t nfirsts; /* the bytes that they begin with, each once */
  uint8_t firsts[PKT_MAX_TEXTS];
};

/* One code of an option list. 'form' says what its bytes are. */
enum pkt_form {
  PKT_FORM_BYTES,
  PKT_FORM_FLAG, /* a code alone */
  PKT_FORM_INTS, /* 'count' numbers of 'width' bytes each; count 0: as many as there are */
  PKT_FORM_IPV4, /* 'count' addresses; 0: as many as there are */
};

#define PKT_MAX_PARTS 4
struct pkt_optdef {
  uint16_t code;
  uint8_t form, width, count;
  uint8_t widths[PKT_MAX_PARTS]; /* where the numbers differ in width: 'width' is 0 */
  const char *name;
  uint32_t name_len;
  const struct pkt_names *names;
};

/* Kind of sum, its name in declarations. */
#define PKT_SUMS(X)                             \
  X(INET, "inet")                               \
  X(CRC32C, "crc32c")                           \
  X(CRC32, "crc32")                             \
  X(ADLER32, "adler32")                         \
  X(FLETCHER, "fletcher") /* RFC 905 annex B */ \
  X(CRC16, "crc16")                             \
  X(CRC24, "crc24")                             \
  X(INET_SIGNED, "inet_signed") /* an odd last byte is a signed number */

enum pkt_sum_kind {
#define X(name, text) PKT_SUM_##name,
  PKT_SUMS(X)
#undef X
      PKT_SUM_COUNT
};

extern const char *const pkt_sum_names[];
#define PKT_PARTS 4
extern const char *const pkt_part_names[PKT_PARTS]; /* what a sum is over, by 'part' */

#define PKT_MAX_WORDS 4 /* of a virtual header that is summed, too: UDP's */
struct pkt_checksum {
  enum pkt_sum_kind kind;
  enum {
    PKT_OVER_LAYER,
    PKT_OVER_HEADER,
    PKT_OVER_PAYLOAD,
    PKT_OVER_BEFORE            /* what the packet that holds this item has before it */
  } part;                      /* where 'over' says no more */
  bool pseudo_ipv6;            /* the pseudo-header is that of IPv6 only: over IPv4 there is none */
  uint16_t without;            /* slot of a field whose bytes count as zeros, or PKT_NONE */
  uint32_t from;               /* bytes at the layer's start that don't count */
  const struct pkt_rule *over; /* bytes from the layer's start; NULL: all */
  int pseudo;                  /* the protocol number of the pseudo-header; -1: none */
  uint32_t zero_as;            /* what a sum of 0 is stored as */
  uint32_t mask;               /* what the sum is XORed with */
  bool whole;                  /* the pseudo-header's length is of all that is there */
  bool own;                    /* the layer itself is what has the pseudo-header's addresses */
  uint8_t nwords;              /* words of two bytes that are summed before the actual bytes */
  const struct pkt_rule *words[PKT_MAX_WORDS];
  const struct pkt_rule *when; /* 0 where it doesn't hold; NULL: always worked out */
};

/* An identifier of ASN.1 and what people call it. */
struct pkt_oid {
  const uint8_t *bytes; /* content octets */
  uint32_t len, name_len;
  const char *name;
};

/* All that are known: sorted by their octets. */
struct pkt_oids {
  uint32_t len;
  const struct pkt_oid *by_bytes;
};

/* The identifiers and lengths (X.690 section 8.1) around a value that is an element of ASN.1;
** each is content of the one before. Where there are none, the value brings its own: a packet
** that is an element, one of several forms, or any element at all. */
#define PKT_MAX_HEADS 4
struct pkt_element {
  uint8_t len;                /* how many heads there are */
  uint8_t ids[PKT_MAX_HEADS]; /* their identifier octets, the outermost first */
  uint8_t zeros;    /* bits: behind this one stands the octet that says 'no unused bits' */
  const char *name; /* the type's, such as INTEGER; NULL: it has none */
  const struct pkt_oids *oids;
};

/* Which plan a packet within a field has, by the bytes of another field of the layer. */
struct pkt_chosen {
  uint16_t slot;
  uint32_t len;
  const struct pkt_pick *picks;
};
struct pkt_pick {
  const uint8_t *bytes;
  uint32_t len;
  const struct pkt_plan *plan;
};

struct pkt_alternative {
  const struct pkt_rule *when; /* NULL: always */
  const struct pkt_op *op;
  struct pkt_slot preset; /* its value when nothing is set */
};

/* A number at a fixed place as a window of eight bytes that holds it: shifted up, then down. */
struct pkt_window {
  uint16_t byte;
  uint8_t up, down;
};

/* What only few fields have: it lies apart, so that the others are small. */
struct pkt_special {
  const struct pkt_optdef *codes;          /* OPTIONS: 'ncodes' of them */
  const struct pkt_optdef *const *by_code; /* ...and 256, by code */
  const struct pkt_texts *texts;           /* BYTES that end with one of them */
  const struct pkt_rule *digits;           /* BYTES: the number that they spell if they are unset */
  const struct pkt_rule *stops; /* LAYERS: no item begins with bytes for which it holds */
  const struct pkt_rule *more;  /* LAYERS: of an item, another follows; NULL: always */
  const struct pkt_match *ends; /* LAYERS: an item that ends the list */
  const struct pkt_plan *pad_one, *pad_many; /* LAYERS: what 'align' is filled with; NULL: 'fill' */
  const struct pkt_rule *pad_when;           /* LAYERS, BYTES: only where it holds; NULL: always */
  const struct pkt_rider *kinds;    /* LAYERS: which plan an item has, 'pick_keys' of them */
  const struct pkt_riders *by_kind; /* ...and how reading finds it */
  const struct pkt_chosen *chosen;  /* LAYER: which plan it has; NULL: 'of' */
  int64_t epoch;                    /* PKT_SHOW_UTC: seconds from 1970 to where the count begins */
  uint32_t ncodes, pick_keys;
};

/* Of all fields that have none of it. */
extern const struct pkt_special pkt_nothing_special;

struct pkt_op {
  uint8_t kind;             /* enum pkt_kind */
  uint8_t access;           /* enum pkt_access */
  uint8_t show;             /* enum pkt_show */
  uint8_t fill;             /* what 'align' pads with */
  uint8_t shift;            /* PKT_AT_BITS8 and its like: bits below the field in those bytes */
  bool early;               /* an auto field that conditions or sizes of later fields depend on */
  uint32_t flags;           /* PKT_OP_... */
  uint16_t width;           /* bits; 0: not fixed */
  uint16_t align;           /* bytes; 0: none */
  uint8_t lead;             /* begins at a multiple of so many bytes of the layer; 0: anywhere */
  uint32_t bit;             /* PKT_OP_FIXED: first bit from the start of the layer */
  uint32_t fixed_size;      /* BYTES of a fixed size: bytes; 0: not */
  uint8_t counted;          /* BYTES behind a count of their own: its bytes; 0: none */
  uint8_t run;              /* so many numbers follow each other from here on, in whole bytes... */
  uint16_t run_bytes;       /* ...of them, at least eight; 0: it begins no run */
  struct pkt_window window; /* of a number in a run, from the run's first byte */
  const struct pkt_rule *when, *size, *count, *autorule;
  const struct pkt_checksum *sum;
  const struct pkt_special *special; /* never NULL */
  const struct pkt_names *names;
  const struct pkt_names_by *names_by;
  const char *const *flag_names; /* 'width' of them, least significant bit first; NULL: no name */
  const struct pkt_op *item;     /* LIST */
  const struct pkt_plan *of;     /* LAYERS, LAYER */
  const struct pkt_alternative *alts;
  const struct pkt_op *owner; /* an alternative's or item's op: the field it belongs to */
  uint32_t nalts;
  const struct pkt_element *element; /* of ASN.1; NULL: none */
  const char *id, *alias;
  uint32_t id_len;
  int line;              /* of the protocol file */
  uint64_t mask;         /* numbers: what they are XORed with on the wire */
  const char *none_text; /* what is shown for no value; NULL: null */
  uint32_t nominal;      /* the length that is shown for an empty variable field */
  /* constant text of a reply, written by pkt_reply_prepare() */
  const char *head, *tail;
  const char *preset[2]; /* the whole field while it holds its default, by enum pkt_dialect */
  uint32_t head_len, tail_len, preset_len[2];
};

#define PKT_USUAL_RANK 1 /* of riders that say nothing else */

/* How an address is restored from the part that a compressed header holds, see expand.h. */
struct pkt_expansion {
  const struct pkt_rule *when; /* it is of this form */
  uint8_t prefix[16];          /* what it begins with; where it says nothing, zeros */
  uint8_t head; /* so many of the field's bytes come behind the first, the others last */
  bool link;    /* its last 64 bits are told by the link */
};

struct pkt_expansions {
  uint32_t len;
  const struct pkt_expansion *list;
};

/* How one protocol rides on another. */
struct pkt_rider {
  const struct pkt_plan *upper;
  uint16_t nmatches;             /* fields of the lower layer that must have these values */
  uint16_t rank;                 /* of several that match, the one with the lowest is taken */
  const struct pkt_match *match; /* numbers come before bytes */
  const struct pkt_rule *when;   /* about the upper layer's first bytes; NULL: always */
};

/* Riders as reading finds them, by a number of the layer below. */
struct pkt_riders {
  uint16_t ntables, nloose;
  const struct pkt_table *tables;
  const struct pkt_rider *const *loose; /* those without a number to match */
};

struct pkt_binding { /* what building sets in the layer below, or in the one below that */
  const struct pkt_plan *lower;
  const struct pkt_plan *through; /* the layer between; NULL: none */
  uint16_t nsets;
  const struct pkt_match *sets;
};

struct pkt_next {
  const struct pkt_rule *when; /* NULL: always */
  const struct pkt_plan *plan;
};

/* What a network layer carries may be a piece of a datagram (RFC 791 section 3.2). */
#define PKT_MAX_KEYS 4
struct pkt_pieces {
  const struct pkt_rule *at;          /* bytes of the datagram before this piece */
  const struct pkt_rule *more;        /* 0: it is the last piece */
  uint16_t nkeys, keys[PKT_MAX_KEYS]; /* slots that tell datagrams between two hosts apart */
};

/* What a transport layer carries is part of a stream of bytes (RFC 9293 section 3.4). */
struct pkt_segments {
  uint16_t src, dst; /* slots of the ports, */
  uint16_t seq, ack; /* of the number of the first byte carried and of the next one expected */
  const struct pkt_rule *opens, *closes, *breaks; /* SYN, FIN, RST */
};

/* Riders by the value of one slot, their first match: open addressing, chains in order of rank. */
struct pkt_table {
  uint16_t slot;
  uint32_t mask; /* size - 1, a power of two */
  const struct pkt_bucket *buckets;
};

struct pkt_bucket {
  uint64_t value;
  uint32_t len; /* 0: empty */
  const struct pkt_rider *const *riders;
};

/* What is looked at first of a field's id. */
struct pkt_id {
  uint64_t key;
  uint32_t len;
};

struct pkt_plan {
  const char *id, *title, *file;
  int line;                /* of that file */
  const char *offset_name; /* what the field engine's instructions call it */
  const char *shown;       /* the id in replies, where it isn't its own; else NULL */
  uint32_t id_len, index;
  uint16_t nops, nautos, nsums;
  uint16_t nbody;   /* ops before what the layer carries; those behind that are the trailer... */
  uint16_t trailer; /* ...of so many bytes; 0: there is none */
  bool fixed;       /* every op is FIXED and of fixed width: 'size' bytes */
  bool numbers; /* all ops are numbers that windows are made of, and nothing else is to be read */
  bool ahead;   /* a field's rule asks about itself or a later field */
  bool depends; /* fields of an item depend on the packet that holds it */
  bool forgets; /* some fields aren't kept where it was read as an item: PKT_OP_FORGET */
  const struct pkt_plan *builds; /* what building this one by name builds; NULL: itself */
  bool abstract, hidden, is_raw, is_padding;
  bool quote;  /* the header of a packet that an error quotes, maybe only the start of it */
  bool option; /* of the message below: summaries tell of that */
  bool scapy;  /* Scapy has it, in the same form */
  bool extra;  /* no protocol of the Scapy server: read where it is asked for */
  uint32_t size;
  const struct pkt_op *ops;
  const struct pkt_id *ids;         /* of the ops */
  const struct pkt_slot *defaults;  /* one per op: unset, its default, its place where fixed */
  uint16_t nfixed;                  /* leading ops that are numbers at fixed places... */
  uint32_t fixed_size;              /* ...their bytes... */
  const uint8_t *image;             /* ...with their defaults in... */
  const struct pkt_window *windows; /* ...how each is read; NULL: not all of them can be so... */
  const struct pkt_slot *seen; /* ...and their slots as reading leaves them, but for the numbers */
  const uint16_t *autos;       /* ops with 'autorule', behind those that they refer to */
  const uint16_t *sums;        /* ops with 'sum' */
  const struct pkt_plan *base; /* counts as this one too; NULL: none */
  const struct pkt_element *element; /* all fields are content of this element; NULL: of none */
  const struct pkt_rule *extent;
  const struct pkt_rule
      *own; /* peeks: bytes of this layer alone. NULL: as many as its fields take */
  const struct pkt_rule *pdu;  /* peeks: bytes of the message that begins here, of which a stream
                                      may carry a part, or several; below 1: none. NULL: unknown */
  const struct pkt_rule *asks; /* peeks: what this message asks of the other side, from 1 to
                                  PKT_MAX_ASKED; 0: nothing; below: it answers. NULL: unknown */
  const struct pkt_pieces *pieces;     /* NULL: it doesn't part datagrams */
  const struct pkt_segments *segments; /* NULL: it carries none */
  uint16_t nnext, nvariants;
  uint16_t nbindings, ndeep; /* of the bindings the last 'ndeep' have a layer between */
  const struct pkt_next *next;
  struct pkt_riders riders;
  const struct pkt_next *variants; /* 'when' peeks; the plan that reads these bytes instead */
  const struct pkt_binding *bindings;
  const struct pkt_plan *fallback;      /* what follows when nothing matches */
  const struct pkt_plan *raw, *padding; /* the registry's Raw and Padding */
  uint16_t pseudo_src, pseudo_dst;      /* slots of a network layer's addresses, or PKT_NONE */
  struct pkt_expansions expansions[2];  /* of the source and the destination; none: as they are */
  uint16_t link_ends[2];                /* slots of a link's addresses, or PKT_NONE */
  bool pseudo_through;  /* checksums look through this layer for the addresses below */
  bool pseudo_first;    /* the list's first address counts, not its last */
  uint16_t pseudo_last; /* slot of a list that holds the final destination, or PKT_NONE */
  const struct pkt_rule *pseudo_when;
  const struct pkt_rule *pseudo_len; /* the upper layer's length, if 'pseudo_len_slot' is set */
  uint16_t pseudo_len_slot;
  const struct pkt_plan *pseudo_item; /* an item of 'pseudo_items' whose address is the source */
  uint16_t pseudo_items, pseudo_item_slot;
  uint8_t place_unit, place_rest; /* as an item: starts at rest modulo unit; 0: anywhere */
  uint16_t required;              /* slot without which bytes aren't this layer, or PKT_NONE */
  uint16_t message;               /* slot where the message begins that domain names point into */
  const char *head;               /* {"id":"IP","name":"...","offset": */
  const char *real;               /* ,"real_id":"IP","valid_structure":true,"fields":[ */
  uint32_t head_len, real_len;
};

/* The beginning of a field's id as a number, for looking it up: ids of one length that have the
** same are alike in their first eight bytes. */
static inline uint64_t pkt_id_key(const char *id, size_t len) {
  const uint8_t *p = (const uint8_t *)id;
  if (len >= 8) return pkt_get_be64(p);
  if (len >= 4) return (uint64_t)pkt_get_be32(p) << 32 | pkt_get_be32(p + len - 4);
  return len > 0 ? (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 | p[len - 1] : 0;
}

/* The op of a field, by id or alias; NULL: none. */
const struct pkt_op *pkt_plan_op(const struct pkt_plan *plan, const char *id, size_t len);

/* The field's id, for messages; an item's or an alternative's is that of the field it belongs
** to. */
const char *pkt_op_name(const struct pkt_op *op);

/* Does the form of a field depend on other fields of its layer, so that it is set when they are? */
bool pkt_op_is_late(const struct pkt_op *op);

/* The next field of the same id, in the order of the wire; NULL: there is none. */
const struct pkt_op *pkt_plan_twin(const struct pkt_plan *plan, const struct pkt_op *op);

/* The bits behind the point of a fixed-point number; 0: it is none. */
int pkt_op_fraction(const struct pkt_op *op);

/* Does this element of ASN.1 begin with such an identifier octet? */
bool pkt_op_begins(const struct pkt_op *op, uint8_t id);

/* Is the INTEGER beyond -2^63 to 2^64-1, so that it is there as content octets? */
static inline bool pkt_slot_is_big(const struct pkt_slot *s) { return s->len > 0; }

/* The known identifier of these content octets, or of this name; NULL: none. 'oids' may be NULL. */
const struct pkt_oid *pkt_oids_find(const struct pkt_oids *oids, const uint8_t *bytes, size_t len);
const struct pkt_oid *pkt_oids_named(const struct pkt_oids *oids, const char *name, size_t len);

/* Which alternative of a CHOICE the rules ask for: the first that holds, or the last. */
uint32_t pkt_op_form(const struct pkt_op *op, const struct pkt_scope *scope);

/* The bit behind the bytes that are touched where a number at bit 'bit' is read or written. */
static inline uint32_t pkt_op_end(const struct pkt_op *op, uint32_t bit) {
  return op->access == PKT_AT_LITTLE16 ? (bit | 15) + 1 : bit + op->width;
}

/* The number at a place; 'p' is the layer's first byte. Every byte of it is there. */
static inline uint64_t pkt_op_load(const struct pkt_op *op, const uint8_t *p, uint32_t bit) {
  const uint8_t *at = p + bit / 8;
  switch (op->access) {
    case PKT_AT_U8: return *at;
    case PKT_AT_BE16: return pkt_get_be16(at);
    case PKT_AT_BE32: return pkt_get_be32(at);
    case PKT_AT_BE64: return pkt_get_be64(at);
    case PKT_AT_BE: return pkt_get_be(at, op->width / 8u);
    case PKT_AT_LE: return pkt_get_le(at, op->width / 8u);
    case PKT_AT_BITS8: return *at >> op->shift & ((1u << op->width) - 1);
    case PKT_AT_BITS16: return (unsigned)pkt_get_be16(at) >> op->shift & ((1u << op->width) - 1);
    case PKT_AT_LITTLE16:
      return pkt_get_le(p + bit / 16 * 2, 2) >> op->shift & ((1u << op->width) - 1);
    default: return pkt_get_bits(p, bit, op->width);
  }
}

/* Store a number there; bits around it stay as they are. */
static inline void pkt_op_store(const struct pkt_op *op, uint8_t *p, uint32_t bit, uint64_t v) {
  uint8_t *at = p + bit / 8;
  switch (op->access) {
    case PKT_AT_U8: *at = (uint8_t)v; break;
    case PKT_AT_BE16: pkt_put_be16(at, (uint16_t)v); break;
    case PKT_AT_BE32: pkt_put_be32(at, (uint32_t)v); break;
    case PKT_AT_BE64: pkt_put_be64(at, v); break;
    case PKT_AT_BE: pkt_put_be(at, op->width / 8u, v); break;
    case PKT_AT_LE: pkt_put_le(at, op->width / 8u, v); break;
    case PKT_AT_BITS8: {
      unsigned mask = ((1u << op->width) - 1) << op->shift;
      *at = (uint8_t)((*at & ~mask) | ((unsigned)(v << op->shift) & mask));
      break;
    }
    case PKT_AT_BITS16: {
      unsigned mask = ((1u << op->width) - 1) << op->shift;
      pkt_put_be16(at,
                   (uint16_t)((pkt_get_be16(at) & ~mask) | ((unsigned)(v << op->shift) & mask)));
      break;
    }
    case PKT_AT_LITTLE16: {
      unsigned mask = ((1u << op->width) - 1) << op->shift;
      at = p + bit / 16 * 2;
      pkt_put_le(at, 2,
                 (pkt_get_le(at, 2) & ~(uint64_t)mask) | ((unsigned)(v << op->shift) & mask));
      break;
    }
    default: pkt_put_bits(p, bit, op->width, v);
  }
}

/* Is 'plan' the protocol 'other', or a kind of it? */
static inline bool pkt_plan_is_kind(const struct pkt_plan *plan, const struct pkt_plan *other) {
  while (plan && plan != other) plan = plan->base;
  return plan != NULL;
}

/* Is a layer of this plan what is asked for by 'wanted': it, a kind of it, or what it builds? */
static inline bool pkt_plan_is_wanted(const struct pkt_plan *plan, const struct pkt_plan *wanted) {
  return plan == wanted->builds || pkt_plan_is_kind(plan, wanted);
}

/* Does 'upper' ride on 'lower'? Raw rides on anything. */
bool pkt_plan_rides(const struct pkt_plan *upper, const struct pkt_plan *lower);

/* Is 'plan' the protocol 'other', or a kind of it, or the other way round? */
bool pkt_plan_is(const struct pkt_plan *plan, const struct pkt_plan *other);

/* The name of a value, or NULL; the value of a name: the largest of several, as clients are told,
** that is at most 'most'. */
const struct pkt_name *pkt_names_find(const struct pkt_names *names, uint64_t value);
bool pkt_names_read(const struct pkt_names *names, const char *text, size_t len, uint64_t most,
                    uint64_t *value);

/* Are a BYTES op's those of a text: a NetBIOS name, or one that ends where a certain byte or text
** is? */
static inline bool pkt_op_is_text(const struct pkt_op *op) {
  return op->special->texts != NULL || (op->flags & (PKT_OP_ENDED | PKT_OP_NETBIOS)) != 0;
}

/* The enumeration of an op in this layer; NULL: none. */
const struct pkt_names *pkt_op_names(const struct pkt_op *op, const struct pkt_layer *layer);

/* What the op declares of options with this code; NULL: nothing. */
const struct pkt_optdef *pkt_op_code(const struct pkt_op *op, unsigned code);

extern const char *const pkt_kind_names[];

#endif
