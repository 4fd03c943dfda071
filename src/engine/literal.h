#ifndef PKT_LITERAL_H
#define PKT_LITERAL_H
#include "arena.h"
#include "err.h"
#include "value.h"
int pkt_literal_read(struct pkt_arena *arena, const char *text, size_t len, struct pkt_value *out, struct pkt_err *err);
#endif
