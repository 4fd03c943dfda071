/* build_inner.h - what the files behind build.h share: where writing stands, and what several of
** them need.
**
** build.c writes packets, layer by layer, and packets within fields, and has what one layer sets in
** another; build_field.c writes the fields of one, build_sum.c works out its checksums. */
#ifndef PKT_BUILD_INNER_H
#define PKT_BUILD_INNER_H

#include "build.h"
#include "plan.h"

struct pkt_builder {
  struct pkt_arena *arena;
  struct pkt_buf *out;
  const struct pkt_packet *packet;
  uint32_t at;      /* the layer that is being built; nested layers are built as part of it */
  uint32_t padding; /* all Padding before this layer is written */
  struct pkt_endings *endings; /* of the message, where its names are compressed; or NULL */
  bool late;                   /* an item has a sum over what the packet that holds it has before */
  struct pkt_err *err;
};

/* A layer on its way out: where it starts, and the next bit to write, counted from there. */
struct pkt_writer {
  struct pkt_builder *b;
  struct pkt_layer *layer;
  const struct pkt_layer *below;
  size_t start;
  uint32_t bit;
};

static inline struct pkt_writer pkt_writer_at(struct pkt_builder *b, struct pkt_layer *layer,
                                              const struct pkt_layer *below, size_t start) {
  return (struct pkt_writer){.b = b, .layer = layer, .below = below, .start = start};
}

/* Is anything of the layer worked out? Not of one that stays as it was read. */
static inline bool pkt_is_measured(const struct pkt_layer *layer) {
  return !layer->raw || layer->anew;
}

/* A number that was frozen in a layer that is as it was read but for its measures. */
static inline void pkt_store_again(const struct pkt_op *op, uint8_t *p, const struct pkt_slot *s) {
  if (s->nbits && !s->none) pkt_op_store(op, p, s->bit, s->num);
}

/* What rules are asked about, where writing stands. */
static inline void pkt_build_scope(const struct pkt_writer *w, struct pkt_scope *scope) {
  *scope = (struct pkt_scope){.layer = w->layer, .below = w->below, .header = w->bit / 8};
  const struct pkt_packet *p = w->b->packet;
  if (w->b->at + 1 < p->len && p->layers[w->b->at] == w->layer)
    scope->above = p->layers[w->b->at + 1];
}

/* The same once the layers above have been written, and their sizes are known. */
static inline void pkt_written_scope(const struct pkt_writer *w, struct pkt_scope *scope) {
  pkt_build_scope(w, scope);
  if (!scope->above) return;
  scope->behind = &w->b->packet->layers[w->b->at + 1];
  scope->nbehind = w->b->packet->len - w->b->at - 1;
}

/* The greatest number that fits in the field. */
static inline uint64_t pkt_op_most(const struct pkt_op *op) {
  return op->width < 64 ? ((uint64_t)1 << op->width) - 1 : UINT64_MAX;
}

/* The field 'id' has no room for the number: always -1, with an error. */
int pkt_fail_range(const struct pkt_writer *w, const char *id, uint64_t v, uint64_t most);

/* Write the layer's fields, but for its trailer, and then that, at the end of what is written so
** far. All of these return 0, or -1 with an error, or with 'out' failed, of which pkt_build() says
** what is wrong. */
int pkt_write_fields(struct pkt_writer *w);
int pkt_write_trailer(struct pkt_writer *w);

/* Write a packet within a field, whole; 'n' of them of which each carries the next. */
int pkt_write_nested(struct pkt_builder *b, struct pkt_layer *layer, const struct pkt_layer *below);
int pkt_write_stack(struct pkt_writer *w, struct pkt_layer *const *layers, uint32_t n);

/* The items from 'i' on that each ride on the one before; 1: the next one rides on none. */
uint32_t pkt_stack_height(const struct pkt_list *list, uint32_t i);

/* Unset what an earlier build worked out, so that it is worked out anew, and give fields that
** reading didn't reach their defaults. */
void pkt_forget_built(struct pkt_layer *layer);

/* Work out and store the checksums of the layer, which with all that it carries ends at 'end'. */
void pkt_store_checksums(struct pkt_writer *w, size_t end);

#endif
