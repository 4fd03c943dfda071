/* frame.h - frames on the command line: what 'send', 'recv' and 'msg' read and print. */
#ifndef PKT_FRAME_H
#define PKT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../engine/buf.h"
#include "../io/raw.h"
#include "options.h"

#define PKT_FRAME_HEAD 14 /* bytes of Ethernet's header */

/* Read a MAC address: twelve hexadecimal digits, with ':' or '-' between them or without. False,
** and reported, if 'text' is none. */
bool pkt_frame_mac(const struct pkt_options *o, const char *what, const char *text, uint8_t out[6]);

/* Append the bytes that hexadecimal digits stand for; blanks, ':' and '-' between them don't count.
** False, and reported, if there is anything else. */
bool pkt_frame_unhex(const struct pkt_options *o, const char *what, const char *text,
                     struct pkt_buf *out);

/* Read an EtherType: a number from 0 to 65535, in hexadecimal with 0x in front. False, and reported,
** if 'text' is none. */
bool pkt_frame_type(const struct pkt_options *o, const char *what, const char *text, uint16_t *out);

/* Read seconds, with a fraction perhaps, as nanoseconds. False, and reported, if 'text' is none. */
bool pkt_frame_seconds(const struct pkt_options *o, const char *what, const char *text,
                       int64_t *out);

/* Append Ethernet's header. */
void pkt_frame_head(struct pkt_buf *out, const uint8_t dst[6], const uint8_t src[6], uint16_t type);

/* The source that gives the same frame again and again; 'frame' has to outlive it. */
struct pkt_raw_source pkt_frame_source(struct pkt_buf *frame);

/* Print bytes in lower-case hex and a line's end. */
void pkt_frame_print_hex(FILE *out, const uint8_t *p, size_t n);

/* Print bytes as Python's repr does, and a line's end: b'\x00abc'. */
void pkt_frame_print_repr(FILE *out, const uint8_t *p, size_t n);

#define PKT_FRAME_STDOUT "the standard output"

/* Write out what was printed. False, and reported as the command's, where that failed. 'name': what
** the file is called. */
bool pkt_frame_flush(const struct pkt_options *o, FILE *out, const char *name);

#endif
