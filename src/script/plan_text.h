/* plan_text.h - a plan as text, for 'luapkt plan ID'. */
#ifndef PKT_PLAN_TEXT_H
#define PKT_PLAN_TEXT_H

#include "../engine/buf.h"
#include "../engine/plan.h"

/* Append one line per op: its place, width, kind, id and rules; then what follows it. */
void pkt_plan_text(struct pkt_buf *b, const struct pkt_plan *plan);

#endif
