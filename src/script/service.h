/* service.h - the whole server without its socket: one request in, one reply out.
**
** A service answers over one generation of protocols: a registry and the Lua state that made it. It
** belongs to one thread at a time. Services made by pkt_service_share() use the same registry,
** which never changes, but not the Lua state, which stays the first one's: so a server opens one
** service for its front and shares it with its workers, and on a reload opens a fresh one beside it
** and swaps. A generation goes with the last service that uses it. Methods that need Lua but no
** declarations have a small Lua state of their own in each sharer, opened when first needed. */
#ifndef PKT_SERVICE_H
#define PKT_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../engine/buf.h"
#include "../engine/err.h"
#include "../engine/value.h"
#include "expression.h"

struct pkt_registry;

struct pkt_service;

struct pkt_service_options {
  /* folder that holds lua/, protocols/ and templates/; NULL: where the program finds them */
  const char *home;
  /* further folders of protocol files and of templates, NULL-terminated; or NULL */
  const char *const *protocol_dirs;
  const char *const *template_dirs;
  bool plain_memory;  /* Lua's blocks from malloc(), each: for what watches that */
  bool extras;        /* read bytes as the protocols, too, that are marked 'extra' */
  uint32_t budget_ms; /* processor time for loading, and for a call of Lua; 0: ten seconds */
  uint64_t seed;      /* for RANDOM values; 0: from the system's entropy */
  struct pkt_expression_limits expressions; /* members that are 0: as a rule */
};

/* The folder that holds lua/ and protocols/: 'given', LUAPKT_HOME, or where the program finds them.
** Allocated; NULL: there is none. */
char *pkt_find_home(const char *given);

/* Why there is none, for a person. */
const char *pkt_no_home(void);

/* What to do after pkt_service_handle(). */
enum pkt_outcome {
  PKT_REPLY, /* send the reply */
  PKT_DEFER, /* may take long: nothing was done, call again on a worker with 'inline_only' false */
  PKT_SHUT_DOWN, /* send the reply, then end the server */
  PKT_RELOAD,   /* no reply yet: reload all services, then answer with pkt_service_reload_reply() */
  PKT_TO_OWNER, /* nothing was done: only the service that was opened, not shared, can answer */
};

struct pkt_reply {
  /* The reply's text: good until the next call on this service or, where 'release' isn't NULL,
  ** until it is called (once, from any thread): large replies are sent uncopied. */
  const char *data;
  size_t len;
  void (*release)(void *data, void *hint);
  void *hint;
};

/* Open a service: loads and compiles every protocol, and finds the templates. Returns NULL with
** *err filled in, protocol mistakes as "file:line: protocol.field: what is wrong". */
struct pkt_service *pkt_service_open(const struct pkt_service_options *options,
                                     struct pkt_err *err);

/* Look for mistakes in what opening has put off: every protocol builds and dissects its own
** samples, every template is read and its packet built, some 25 ms of work. Returns 0, or -1 with
** *err "file:line: what is wrong": the service then answers all but that protocol or template. For
** a generation that is to take another's place, and for a moment when nobody waits. */
int pkt_service_check(struct pkt_service *s, struct pkt_err *err);

/* The same, and give back what loading and checking leave behind, which takes some 20 ms more.
** Returns what pkt_service_check() does. */
int pkt_service_settle(struct pkt_service *s, struct pkt_err *err);

/* Another service over the same generation, for another thread: it builds, reads and edits packets,
** and answers the methods in Lua that are marked 'on_worker'. The others are the first one's to
** answer: here they give PKT_TO_OWNER, or are refused where they would hold it up. Of the options
** only 'seed' and 'expressions' count. NULL without memory. */
struct pkt_service *pkt_service_share(struct pkt_service *s,
                                      const struct pkt_service_options *options,
                                      struct pkt_err *err);

/* Close it, in whatever thread; NULL is fine. */
void pkt_service_close(struct pkt_service *s);

/* Answer one request. Never fails: what goes wrong is in the reply. With 'inline_only' a request
** whose cost isn't small and bounded, or that may wait for something, is left alone and PKT_DEFER
** returned. */
enum pkt_outcome pkt_service_handle(struct pkt_service *s, const char *request, size_t len,
                                    bool inline_only, struct pkt_reply *reply);

/* The message of a reply's error, a text within it, without the words that such messages begin
** with; empty where there is none. */
struct pkt_value pkt_service_why(const struct pkt_value *error);

/* The reply to a 'reload' request: 'err' NULL for success. */
void pkt_service_reload_reply(struct pkt_service *s, const char *request, size_t len,
                              const struct pkt_err *err, struct pkt_reply *reply);

/* Append what a protocol was compiled to, as text; of all ids, one a line, where 'id' is NULL.
** Returns 0, or -1: there is no such protocol. */
int pkt_service_plan(struct pkt_service *s, const char *id, struct pkt_buf *out,
                     struct pkt_err *err);

/* The protocols of this service. Borrowed: good until it is closed. */
const struct pkt_registry *pkt_service_registry(const struct pkt_service *s);

/* The id of the process that evaluates this service's expressions; 0: there is none now. */
int pkt_service_expression_pid(const struct pkt_service *s);

/* The folders that a reload reads, NULL-terminated: what to watch. Owned by the service. */
const char *const *pkt_service_folders(const struct pkt_service *s);

#endif
