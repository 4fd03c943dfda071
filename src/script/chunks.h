/* chunks.h - protocols and modules that were compiled when the program was: no need to do it again
** at every start, as long as the file says the same.
**
** tools/chunks.c writes how many there are, a struct pkt_chunk of each, and what lua_dump() made of
** them. */
#ifndef PKT_CHUNKS_H
#define PKT_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

struct pkt_chunk {
  uint64_t hash; /* of the file's text: pkt_mix() from 0 */
  uint64_t size; /* of that text, in bytes */
  uint64_t at;   /* where what was made of it stands behind the structs, a multiple of 8... */
  uint64_t len;  /* ...and how many bytes that is */
};

struct pkt_known_chunks {
  /* What lua_dump() made of this text, '*len' bytes; NULL: it isn't known. */
  const char *(*find)(const char *text, size_t n, size_t *len);

  /* What find() gave has been loaded, and isn't used any more. */
  void (*loaded)(void);

  /* Call when most has been loaded: from now on the chunks don't stay in memory between one load
  ** and the next. */
  void (*rest)(void);
};

/* The chunks in this program's file. */
extern const struct pkt_known_chunks pkt_own_chunks;

/* Where a text that is to be compiled is looked for; NULL: nowhere. The program's own Lua is the
** one that compiled them; another, that loads the module luapkt.core, may read them otherwise. */
extern const struct pkt_known_chunks *pkt_known_chunks;

#endif
