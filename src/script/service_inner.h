/* service_inner.h - what the files behind service.h share: a service's state, a request that has
** been read, and the ways to answer it.
**
** service.c reads requests and finds the method for each, service_lua.c calls those in Lua,
** service_reply.c begins replies; service_open.c opens, shares and closes services, service_state.c
** their Lua states. methods_packet.c holds the methods that build and read packets, methods_ex.c
** the one that builds them with instructions to vary them, methods_run.c the one that runs the
** instructions, methods_capture.c those about capture files. */
#ifndef PKT_SERVICE_INNER_H
#define PKT_SERVICE_INNER_H

#include <lua.h>
#include <stdatomic.h>

#include "../engine/assign.h"
#include "../engine/model.h"
#include "../engine/reply.h"
#include "../engine/vm.h"
#include "expression.h"
#include "lending.h"
#include "service.h"
#include "standing.h"

/* The version that the reference says it has. */
#define PKT_MAJOR "1"
#define PKT_MINOR "02"

/* What a request's values and packets may take, and what a reply or a literal may. The first is
** what the densest JSON of a message's size needs. */
#define PKT_REQUEST_BYTES (768u << 20)
#define PKT_REPLY_BYTES (64u << 20)

/* What a worker keeps of the buffer for replies between requests: what the packets of a capture of
** a thousand take. */
#define PKT_KEEP_REPLY (4u << 20)

/* JSON-RPC 2.0 and the document's own codes. */
enum {
  RPC_PARSE_ERROR = -32700,
  RPC_INVALID_REQUEST = -32600,
  RPC_NO_METHOD = -32601,
  RPC_INVALID_PARAMS = -32603,
  RPC_SYNTAX_ERROR = -32097,
  RPC_FAILED = -32098,
};

struct request {
  struct pkt_value id; /* PKT_V_NULL until it is known */
  const char *text;    /* that it was read from */
  const struct pkt_value *method;
  const struct pkt_value *params;
};

/* The parameters of a method, without the version handle that may stand in front. */
struct arguments {
  const struct pkt_value *at;
  uint32_t len;
  bool handled; /* it stood there: the client is the reference's, and gets its literals */
};

/* Results that are the same for everyone. */
enum pkt_constant { PKT_ALL_DEFINITIONS, PKT_DATABASES, PKT_CONSTANTS };

/* One generation of protocols. The Lua state is used by one thread, its owner's; the registry by
** all. */
struct generation {
  atomic_int users;
  lua_State *L;
  struct pkt_heap *heap; /* of that state */
  const struct pkt_registry *registry;
  bool extras;        /* its definitions list the protocols, too, that are marked 'extra' */
  uint32_t budget_ms; /* of each call of its files' Lua; 0: as a rule */
  char handle[64];
  char **methods;   /* the names of all, NULL-terminated... */
  char **on_worker; /* ...and of those that are left to workers */
  char **folders;   /* of protocols, then of templates */
  size_t protocol_folders;
  char *home;
  struct pkt_answers *answers;                  /* to expressions; of all its services */
  struct pkt_standing *standing[PKT_CONSTANTS]; /* the owner's; NULL until it is asked for */
};

struct pkt_service {
  struct generation *generation;
  bool owner;   /* of the generation's Lua state */
  lua_State *L; /* a sharer's own, without declarations; NULL until it is needed */
  const struct pkt_registry *registry;
  enum pkt_reach reach; /* how far bytes are read where the request asks for no extra protocol */
  struct pkt_arena arena;
  struct pkt_buf out;    /* the reply... */
  struct pkt_reply lent; /* ...unless this one has data: a standing one with this request's head */
  struct pkt_lending *lending;
  struct pkt_buf packet; /* the packet that is built */
  struct pkt_buf scratch;
  struct pkt_rng rng;
  struct pkt_evaluator *evaluator;
  bool may_wait; /* this request may take long; else what would is left to a worker... */
  bool deferred; /* ...and this is set */
};

/* Begin the reply anew: an error with "prefix" + "message"; an error as *err has it; or everything
** up to the result, which the caller appends to s->out with a closing brace behind it. */
void pkt_answer_error(struct pkt_service *s, const struct request *q, int code, const char *prefix,
                      const char *message);
void pkt_answer_failure(struct pkt_service *s, const struct request *q, const struct pkt_err *err);
void pkt_answer_begin(struct pkt_service *s, const struct request *q);

/* Load a generation's declarations into a Lua state of its own, from its 'home' and 'folders':
** fills in 'L', 'heap', 'registry', 'handle', 'methods' and 'on_worker'. 'plain': Lua's blocks are
** malloc()'s. Returns 0, or -1 with *err; what is filled in then, too, is the caller's to free. */
int pkt_open_generation_lua(struct generation *g, bool plain, struct pkt_err *err);

/* A full round of Lua's collector, which works by generations from then on: what is garbage grows
** to a fifth of what is in use, and not to as much again, and a round looks at what is new alone. */
void pkt_collect_lua(lua_State *L);

/* The Lua state that this service may use: the generation's, or its own. NULL: *err. */
lua_State *pkt_service_lua(struct pkt_service *s, struct pkt_err *err);

/* Is the first of them the handle that clients of this version pass? */
static inline bool pkt_is_handled(const struct pkt_service *s, struct arguments a) {
  return a.len > 0 && pkt_value_is(&a.at[0], s->generation->handle);
}

/* Answer by a method in Lua; parameters that are too many are an error. */
void pkt_call_lua(struct pkt_service *s, const struct request *q, struct arguments a);

/* Answer what is the same for everyone. False: nothing was done, the request is for something else,
** or the generation's Lua state isn't this service's. */
bool pkt_reply_constant(struct pkt_service *s, const struct request *q, struct arguments a);

/* Are these few enough values to be handed to Lua? There, each takes many times the memory of
** its JSON text. */
bool pkt_fits_lua(const struct pkt_value *v, uint32_t n);

/* A reply for the error that a protected call has left on the stack. */
void pkt_answer_raised(struct pkt_service *s, const struct request *q, lua_State *L);

/* How this service reads models. */
struct pkt_model_reader pkt_service_reader(struct pkt_service *s);

/* In which dialect the client is answered. */
enum pkt_dialect pkt_dialect_of(struct arguments a);

/* Build a packet and append what it is, {"binary":...,"data":...}, to the reply. Returns 0, or -1
** with *err filled in. */
int pkt_append_packet(struct pkt_service *s, struct pkt_arena *arena, enum pkt_dialect dialect,
                      struct pkt_packet *p, struct pkt_err *err);

/* The bytes that 'text' is the base64 of, in the request's arena; 'what' names it in messages. NULL
** with *err filled in. */
uint8_t *pkt_read_base64(struct pkt_service *s, const struct pkt_value *text, const char *what,
                         size_t *n, struct pkt_err *err);

/* A packet of one layer with nothing set. NULL without memory. */
struct pkt_packet *pkt_bare_packet(struct pkt_arena *arena, const struct pkt_plan *plan,
                                   struct pkt_err *err);

/* What an expression comes to that may look at 'p', in the service's arena: no call of a protocol
** that there isn't. Returns 0, or -1 with *err filled in. */
int pkt_service_evaluate(struct pkt_service *s, const struct pkt_packet *p, const char *text,
                         size_t len, struct pkt_value *out, struct pkt_err *err);

/* Build a packet and begin the reply that shows it, up to where its result could have further
** members: "}}" ends it. False: the reply is an error. */
bool pkt_answer_packet(struct pkt_service *s, const struct request *q, struct pkt_packet *p,
                       enum pkt_dialect dialect);

/* Compile a client's {"field_engine": {...}} for a packet that has been built: {"instructions":
** list, "cache": n} as TRex takes it, in the service's arena. Returns 0, or -1 with *err. */
int pkt_compile_instructions(struct pkt_service *s, const struct pkt_packet *p,
                             const struct pkt_value *options, struct pkt_value *out,
                             struct pkt_err *err);

/* Make the program for a packet, as a request describes both: 'engine' is as for
** pkt_compile_instructions, or what is in it, or instructions as TRex takes them; null is none. The
** program lies in the service's arena. NULL: *err. */
struct pkt_vm *pkt_service_vm(struct pkt_service *s, const struct pkt_value *model,
                              const struct pkt_value *engine, uint32_t seed, struct pkt_err *err);

/* build_pkt, reconstruct_pkt, build_pkt_ex and run_field_engine. */
void pkt_method_build(struct pkt_service *s, const struct request *q, struct arguments a);
void pkt_method_reconstruct(struct pkt_service *s, const struct request *q, struct arguments a);
void pkt_method_build_ex(struct pkt_service *s, const struct request *q, struct arguments a);
void pkt_method_run(struct pkt_service *s, const struct request *q, struct arguments a);

/* Would build_pkt take the model of this call of get_payload_classes? Expressions that take their
** time aren't evaluated, and may be wrong. False: the request was answered with what is wrong. */
bool pkt_check_payload_model(struct pkt_service *s, const struct request *q, struct arguments a);

/* read_pcap and write_pcap. */
void pkt_method_read_pcap(struct pkt_service *s, const struct request *q, struct arguments a);
void pkt_method_write_pcap(struct pkt_service *s, const struct request *q, struct arguments a);

#endif
