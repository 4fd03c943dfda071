/* limits.h - every limit of the engine, named once, with the reason it has that size. */
#ifndef PKT_LIMITS_H
#define PKT_LIMITS_H

/* Nesting of JSON and of values: deeper is never meant, and readers recurse. */
#define PKT_MAX_DEPTH 64
#define PKT_MAX_LAYERS 128 /* layers of one packet: forty tunnels in tunnels, three layers each */
#define PKT_MAX_NEST 16    /* packets within fields within packets */
#define PKT_MAX_ITEMS 4096 /* items of one list: a 64 KiB list of 16-byte addresses */
#define PKT_MAX_FOLDER_DEPTH 8 /* folders within folders of protocols: ends a loop of links */
#define PKT_MAX_FIELDS 512     /* fields of one protocol: the largest known has 130 */
#define PKT_MAX_PACKET 0x40000 /* bytes of one packet: four times what an IP length can say */
#define PKT_MAX_BLOCK 0x60000  /* bytes of a pcapng block that is read: a packet and two comments */
#define PKT_MAX_INTERFACES 4096  /* of one section of a capture: more than a machine has */
#define PKT_MAX_TEXT (64u << 20) /* bytes of one request */
#define PKT_MAX_MESSAGE 512      /* bytes of an error message, its NUL included */
#define PKT_MAX_QUOTE 40         /* bytes of a bad value that an error message quotes */
#define PKT_MAX_HEAD 0x4000      /* bytes of a text message's head: what servers mostly take */
#define PKT_MAX_NAME 255         /* bytes of a domain name on the wire (RFC 1035 section 2.3.4) */
#define PKT_MAX_OID 1024 /* octets of an object identifier: 128 numbers (RFC 2578 section 3.5) */
#define PKT_MAX_ASKED 15 /* kinds of questions of one protocol: of an open one, 4 bits are kept */
#define PKT_MAX_STACK 32 /* values on the stack of one rule */
#define PKT_MAX_INSTRUCTIONS 512      /* of a field engine: a variable and a write for 250 fields */
#define PKT_MAX_RUN 4096              /* packets of a field engine in one reply */
#define PKT_MAX_RUN_BYTES (48u << 20) /* of that reply: three quarters of what one may have */
/* Bytes that a field engine may work on for one reply: some 50 ms, while others wait. */
#define PKT_MAX_RUN_WORK (256u << 20)

/* Bytes that one request has made by "generate", and that are built to find out a "total_size":
** what the reference makes for one field. */
#define PKT_MAX_GENERATED 0x100000

/* Items that a list of layers has by default: what any protocol needs, and little to build. */
#define PKT_MAX_DEFAULT_LAYERS 16

/* Layers that one protocol has by default, those in the layers of its fields included. */
#define PKT_MAX_DEFAULT_TOTAL 256

#endif
