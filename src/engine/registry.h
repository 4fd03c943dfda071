/* registry.h - all protocols loaded together: one generation.
**
** pkt_compile() of the script side fills a registry in and checks it; from then on it never
** changes. It owns one arena with every plan and all they point to. */
#ifndef PKT_REGISTRY_H
#define PKT_REGISTRY_H

#include "pages.h"
#include "plan.h"

/* What a packet of a capture begins with: LINKTYPE to plan. */
struct pkt_link {
  uint16_t type;
  const struct pkt_rule *when; /* peeks; NULL: always */
  const struct pkt_plan *plan;
};

#define PKT_USUAL_LINKS 256u /* types below that are looked up at once */

struct pkt_registry {
  struct pkt_arena arena;
  struct pkt_pages pages; /* that the arena begins with */
  uint32_t len;
  struct pkt_plan *plans; /* in the order they were declared */
  uint32_t hash_mask;
  uint16_t *hash; /* by id: index + 1; 0: empty */
  const struct pkt_plan *raw, *padding;
  uint32_t nlinks;
  const struct pkt_link *links;         /* those with a condition first */
  uint32_t first_link[PKT_USUAL_LINKS]; /* where those of a type begin among them */
};

/* Reserve memory for this many protocols, if they are many. To be called before anything else;
** without it, or without memory, the arena grows as needed. */
void pkt_registry_reserve(struct pkt_registry *r, uint32_t protocols);

/* Call when the registry is complete: gives back reserved memory that wasn't needed. */
void pkt_registry_settle(struct pkt_registry *r);

/* Give back all that it holds. */
void pkt_registry_free(struct pkt_registry *r);

/* The plan with this id; NULL: none. */
const struct pkt_plan *pkt_registry_find(const struct pkt_registry *r, const char *id, size_t len);

/* Index the plans by id, once they are all declared. Returns 0, or -1: two have the same id. */
int pkt_registry_hash(struct pkt_registry *r, struct pkt_err *err);

#endif
