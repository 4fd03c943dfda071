/* stream.h - a stream of packets as a file or a template describes it. */
#ifndef PKT_STREAM_H
#define PKT_STREAM_H

#include "../engine/vm.h"
#include "service.h"

struct pkt_stream {
  struct pkt_vm *vm;
  int32_t link;         /* LINKTYPE of its first layer; -1: none is known */
  const char *first_id; /* of the first layer */
  const char *stray;    /* a member of the model that nothing is known of, quoted; NULL: none */
};

/* Make a stream of JSON text: a list of layers as build_pkt takes it, or an object with such a list
** as "packet" and, where the packet varies, a "field_engine" as build_pkt_ex or run_field_engine
** takes it, or its instructions as .trp files have them; other members are passed over, and one of
** them is told. The stream lives until the service's next call. Returns 0, or -1 with *err. */
int pkt_service_stream(struct pkt_service *s, const char *text, size_t len, uint32_t seed,
                       struct pkt_stream *out, struct pkt_err *err);

/* Append the JSON text of a template, as above. Returns 0, or -1 with *err: there is none of
** this id, or as PKT_ERR_PROTOCOL what is wrong with it, with file and line. */
int pkt_service_template(struct pkt_service *s, const char *id, struct pkt_buf *out,
                         struct pkt_err *err);

#endif
