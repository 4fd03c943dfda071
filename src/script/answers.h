/* answers.h - answers to expressions that always have the same one, by their text.
**
** Common expressions (TCPOptions{...}, hex"dead") are evaluated once and then cost a look-up. The
** store belongs to a generation, whose names they were made with, and is shared by its services. It
** is of fixed size: where a new answer finds no place, the one used longest ago in its row goes. */
#ifndef PKT_ANSWERS_H
#define PKT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "../engine/arena.h"

/* What is longer, text and answer together, is not kept: 1 MiB is the most that all take. */
#define PKT_ANSWERS_ROWS 256
#define PKT_ANSWERS_COLUMNS 4
#define PKT_ANSWERS_BYTES 1024

struct pkt_answers;

/* An empty store; NULL without memory. */
struct pkt_answers *pkt_answers_new(void);

/* NULL is fine. */
void pkt_answers_free(struct pkt_answers *a);

/* The packed value that the text has, copied into 'arena'; NULL: it isn't known (or there is no
** memory). From any thread. */
const void *pkt_answers_find(struct pkt_answers *a, const char *text, size_t len,
                             struct pkt_arena *arena, size_t *n);

/* Remember it. From any thread. */
void pkt_answers_keep(struct pkt_answers *a, const char *text, size_t len, const void *value,
                      size_t n);

#endif
