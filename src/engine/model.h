/* model.h - the JSON form of a packet in a request.
**
**   [{"id": "IP", "fields": [{"id": "ttl", "value": 1}]}]
**
** A value is plain JSON or an object with a vtype: UNDEFINED, BYTES, RANDOM, MACHINE, OBJECT,
** EXPRESSION. A layer may say "compress": true, which writes its domain names compressed. */
#ifndef PKT_MODEL_H
#define PKT_MODEL_H

#include "assign.h"

/* What an expression can look at: the packet's layers so far, and the layer that is being filled
** in, if that isn't among them yet. Either may be NULL. */
struct pkt_place {
  const struct pkt_packet *packet;
  const struct pkt_layer *layer;
};

/* Evaluates the text of an EXPRESSION into *out. Returns 0, or -1 with *err filled in. */
typedef int pkt_expression(void *data, struct pkt_context *c, const struct pkt_place *place,
                           const char *text, size_t len, struct pkt_value *out,
                           struct pkt_err *err);

struct pkt_model_reader {
  struct pkt_context context;
  pkt_expression *expression; /* NULL: expressions are refused */
  void *expression_data;
  size_t generated;               /* bytes so far, of PKT_MAX_GENERATED: 0 to begin with */
  const struct pkt_value *behind; /* models of the layers to come, while a model is read */
  uint32_t nbehind;
};

/* A packet from a model, nothing built yet. NULL with *err filled in. */
struct pkt_packet *pkt_model_read(struct pkt_model_reader *r, const struct pkt_value *model,
                                  struct pkt_err *err);

/* Set one field as a model's "value" would: a plain value, or one with a vtype. 'p' is what an
** expression can look at. Returns 0, or -1 with *err filled in and the field as it was. */
int pkt_model_set(struct pkt_model_reader *r, const struct pkt_packet *p, struct pkt_layer *layer,
                  const struct pkt_op *op, const struct pkt_value *v, struct pkt_err *err);

/* Apply a model to a packet that was read: the fields it names are set, a layer with "delete" goes
** with all above it, layers behind the last are put on top. The ids must be those of the packet,
** but for a layer that goes: an editor may know it as another one than it was read as. Returns 0,
** or -1 with *err filled in. */
int pkt_model_edit(struct pkt_model_reader *r, struct pkt_packet *p, const struct pkt_value *model,
                   struct pkt_err *err);

#endif
