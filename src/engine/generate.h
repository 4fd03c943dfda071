/* generate.h - payloads that are made rather than sent: {"vtype": "BYTES", "generate": ...}.
**
**   "random_bytes", "random_ascii"   'size' bytes, the same for the same 'seed'
**   "template"                       'template_base64' over and over, 'size' bytes of it
**   "template_code"                  'template_code', bytes in hex, likewise; all of it once where
**                                    'size' is left out or 0
**
** 'total_size' instead of 'size': so many bytes as make the packet that long on the wire, the four
** of Ethernet's frame check sequence counted. The layers below count; of a packet that was read all
** of it does, as it does for the reference. 'size' and 'seed' may be decimal text.
**
** A random byte is floor(256 r), a character floor(95 r) + 32, where r is the next of what Python's
** random.random() gives after random.seed(seed). A seed below 0 is as good as its magnitude; 0, or
** none, is 12345. */
#ifndef PKT_GENERATE_H
#define PKT_GENERATE_H

#include "packet.h"

struct pkt_generator {
  struct pkt_arena *arena;
  const struct pkt_packet *packet; /* what 'total_size' counts beside what is generated */
  size_t spent;                    /* of PKT_MAX_GENERATED */
};

/* Make the bytes that 'spec', a map with "generate", asks for: *out, in the arena. Returns 0, or -1
** with *err filled in, which names no field: PKT_ERR_VALUE, PKT_ERR_LIMIT, PKT_ERR_MEMORY. */
int pkt_generate(struct pkt_generator *g, const struct pkt_value *spec, struct pkt_value *out,
                 struct pkt_err *err);

#endif
