/* literal.h - the python dialect: a literal's text to a value. It is read, never run.
**
** What is read, with the meaning it has in Python 3:
**   None, True, False             PKT_V_NULL, PKT_V_BOOL
**   1460, 0x1F, 0o17, 0b1, 1_000  PKT_V_INT; a magnitude over 2^64-1 is refused
**   1.5, 1e3                      PKT_V_REAL; infinities are refused
**   'a', "\x41", r'\d', u'a'      PKT_V_TEXT; also in triple quotes; neighbours are joined
**   b'\x00', rb'\d'               PKT_V_BYTES; likewise
**   [1, 2], (1, 2), 1, 2, ()      PKT_V_LIST: lists and tuples are the same
**   {'a': 1}                      PKT_V_MAP; the last of equal keys wins
**   DNSQR('x.org', qtype=1)       PKT_V_LAYER, whatever the name is: nothing is looked up
**   <ASN1_OID['1.3']>             the call ASN1_OID('1.3'), as the reference prints an object of
**                                 ASN.1, a number before it passed over: 0x1 <ASN1_INTEGER[1]>
**   A()/B()                       one PKT_V_LAYER, B the layer above A
**   + - * / on numbers            '/' gives a real, also 4/2
**   'a'+'b', [1]+[2], 'a'*3       joined and repeated: text, bytes and lists
** and parentheses, a comma before a closing bracket, line ends within brackets. Comments, names,
** attributes, indices, slices, comprehensions, sets, f'', \N{...} and other operators are not read.
**
** A character \x80 to \xff of text is U+0080 to U+00FF. An unknown escape stands for itself, its
** backslash too. Lone surrogates are refused: text is UTF-8. */
#ifndef PKT_LITERAL_H
#define PKT_LITERAL_H

#include "arena.h"
#include "constants.h"
#include "err.h"
#include "value.h"

/* Bytes of a literal, and of one text in it: a field of 64 KiB is the most that a length of 16 bits
** can announce. */
#define PKT_MAX_LITERAL 0x10000

/* How many values and bytes all '*' and '+' of a literal may make together (shared ones count
** each time): a packet holds no more (PKT_MAX_PACKET), while a text as short as
** [[[0]*4096]*4096]*4096 asks for 2^36. */
#define PKT_MAX_REPEATED 0x40000

/* Read all of 'text' into *out, which lies in 'arena' and points nowhere into 'text'. *out has
** meaning only where 0 is returned; else *err is filled in, with line and column (both from 1,
** columns in characters).
**
** Returns 0: a literal. Some literals are Lua too, with another meaning (b'\x01' is a call,
** [['a'],['b']] a string, {} a table): they are python.
**
** Returns 1: no literal, but maybe Lua: whatever isn't known to be wrong there. Names (true, x,
** ETHER_ANY), Lua's own operators and keywords, {1} and {a=1}, 0x1p4, 007, x:y(), f(1)+1 end up
** here.
**   PKT_ERR_SYNTAX     why it is no literal
**   PKT_ERR_VALUE      it is one without a value, but Lua's call min(1/0, 5) has one
**
** Returns -1: no use to try Lua, *err is what to answer.
**   PKT_ERR_SYNTAX     Lua can't read it either: it is blank, it ends too early, a bracket closes
**                      what isn't open, a string, number or character is one that neither language
**                      has, or before the mistake stood what Lua never has: [1], (1, 2), f(a=1)
**   PKT_ERR_VALUE      it is a literal by its grammar, but has no value: 1/0, 1+[], {1: 2}
**   PKT_ERR_LIMIT, PKT_ERR_MEMORY
**
** A call reads as a layer also where Lua was meant, as in range(1, 3): who knows the names
** decides. */
int pkt_literal_read(struct pkt_arena *arena, const char *text, size_t len, struct pkt_value *out,
                     struct pkt_err *err);

/* The same where names that aren't called may be some of 'constants' (see constants.h), whose
** values they then have. */
int pkt_literal_read_named(struct pkt_arena *arena, const struct pkt_constant *constants,
                           const char *text, size_t len, struct pkt_value *out,
                           struct pkt_err *err);

#endif
