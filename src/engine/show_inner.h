/* show_inner.h - what the files behind show.h share: the texts of values, and the literals, that
** are made of each other.
**
** show.c writes the fields of replies, show_plain.c what a person sees of a value, show_asn1.c
** elements of ASN.1. show_literal.c writes literals; of those, lists of options are in
** show_option.c, and constructor calls in show_call.c. */
#ifndef PKT_SHOW_INNER_H
#define PKT_SHOW_INNER_H

#include "show.h"

/* What literals are made of. */
struct pkt_syntax {
  const char *none;
  char quote;          /* of text */
  char list[2];        /* what stands around the items of a list */
  char pair[2];        /* around an option: its name and its value */
  char call[2];        /* around the fields of a packet */
  const char *between; /* the fields of a packet */
};

extern const struct pkt_syntax pkt_syntaxes[PKT_DIALECTS];

/* The hexadecimal digit of the low four bits. */
static inline char pkt_hex_char(unsigned v) { return "0123456789abcdef"[v & 15]; }

/* Values for people, without quotes. */

/* A whole number in decimal. */
static inline void pkt_show_int(struct pkt_buf *b, const struct pkt_slot *s) {
  pkt_buf_i64(b, s->negative, s->negative ? 0 - s->num : s->num);
}

/* A number as its field shows it: a name, flags, a time. Returns false where that is a JSON number,
** not text. */
bool pkt_show_number(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                     const struct pkt_slot *s);

void pkt_show_real(struct pkt_buf *b, double v);   /* as the reference prints it */
void pkt_show_pair(struct pkt_buf *b, uint64_t v); /* both halves of 32 bits: 1:2 */

/* A field that is a MAC, IPv4 or IPv6 address. */
void pkt_show_address(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);

static inline bool pkt_is_uuid(const struct pkt_op *op, const struct pkt_slot *s) {
  return op->show == PKT_SHOW_UUID && s->len == 16;
}

void pkt_show_uuid(struct pkt_buf *b, const struct pkt_op *op, const uint8_t p[16]);

/* Elements of ASN.1 for people. */

/* The name of an INTEGER's value, or the number: in decimal unless it is large. */
void pkt_show_plain_integer(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);

/* An identifier's numbers, 1.3.6.1; its name, or else those. False, and nothing: the octets aren't
** those of an identifier. */
bool pkt_show_dotted(struct pkt_buf *b, const uint8_t *p, uint32_t n);
bool pkt_show_oid(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);

/* A BIT STRING: bits that fill bytes in hexadecimal, others one by one. */
void pkt_show_bits(struct pkt_buf *b, const struct pkt_slot *s);

/* Literals of single values. */

/* Text between quotes, escaped as both languages have it. */
void pkt_show_quoted(struct pkt_buf *b, const void *p, size_t n, char quote);

/* UTF-8 as Python's repr has it: 'a', "it's". */
void pkt_show_python_text(struct pkt_buf *b, const char *p, size_t n);

/* b'\x00a', "\x00a"; and the same where text means something else: Lua has one type for both. */
void pkt_show_bytes_literal(struct pkt_buf *b, enum pkt_dialect d, const uint8_t *p, size_t n);
void pkt_show_raw_literal(struct pkt_buf *b, enum pkt_dialect d, const uint8_t *p, size_t n);

void pkt_show_quoted_pair(struct pkt_buf *b, enum pkt_dialect d, uint64_t v);
void pkt_show_quoted_address(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s);

/* UUID('00112233-4455-6677-8899-aabbccddeeff'), in Lua the text alone. */
void pkt_show_uuid_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                           const uint8_t p[16]);

/* Is a fixed-point number shown in units? It is if its kind is never given in steps, and in Lua
** also if its steps would be taken for units. A double holds the steps exactly, since they have
** 32 bits at most. */
bool pkt_in_units(enum pkt_dialect d, const struct pkt_op *op, const struct pkt_slot *s);
void pkt_show_units(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);

/* Literals of elements of ASN.1. */

/* In Lua: a BOOLEAN, an INTEGER, a BIT STRING. What isn't true or false is a number; what Lua's
** numbers can't hold, and all bits, are text. */
void pkt_show_boolean_literal(struct pkt_buf *b, const struct pkt_slot *s);
void pkt_show_integer_literal(struct pkt_buf *b, const struct pkt_slot *s);
void pkt_show_bits_literal(struct pkt_buf *b, const struct pkt_slot *s);

/* An identifier: in Lua as its numbers, which can be looked up. */
void pkt_show_oid_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                          const struct pkt_slot *s);

/* 0x1 <ASN1_INTEGER[1]>, <ASN1_OID['.1.3']>: an element that has a name, as the reference prints
** its objects. */
void pkt_show_python_object(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s);

/* Literals of lists. */

/* A list of options; NULL is no bytes. */
void pkt_show_options_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                              const struct pkt_list *list);

/* The packets within a field as constructor calls: a list of them with 'comma' between, or one that
** carries the next. NULL is none. */
void pkt_show_calls(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                    const struct pkt_list *list, const char *comma);

#endif
