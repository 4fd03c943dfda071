/* md5.h - MD5 (RFC 1321). A fingerprint for the protocol database, not a protection. */
#ifndef PKT_MD5_H
#define PKT_MD5_H

#include <stddef.h>
#include <stdint.h>

struct pkt_md5 {
  uint32_t state[4];
  uint64_t total; /* bytes so far */
  uint8_t block[64];
};

/* The digest of all bytes that are added between init and end, in pieces of any size. After end,
** begin anew with init. */
void pkt_md5_init(struct pkt_md5 *m);
void pkt_md5_add(struct pkt_md5 *m, const void *p, size_t n);
void pkt_md5_end(struct pkt_md5 *m, uint8_t digest[16]);

#endif
