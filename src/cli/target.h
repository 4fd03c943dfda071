/* target.h - the options that say which server to talk to, shared by 'call' and 'console'. */
#ifndef PKT_TARGET_H
#define PKT_TARGET_H

#include <stdbool.h>

#include "options.h"

#define PKT_DEFAULT_TIMEOUT_MS 5000

enum { PKT_TARGET_ENDPOINT = 300, PKT_TARGET_TIMEOUT, PKT_TARGET_HANDLE };

/* (The versions of clang-format differ about the end of such a list.) */
/* clang-format off */
#define PKT_TARGET_OPTIONS                                                             \
  {"endpoint", PKT_TARGET_ENDPOINT, "ENDPOINT", "the server (tcp://127.0.0.1:4507)"},  \
  {"port", 'p', "PORT", "the same, for a server on this host"},                        \
  {"timeout", PKT_TARGET_TIMEOUT, "MS", "wait so long for an answer (5000)"},          \
  {"handle", PKT_TARGET_HANDLE, NULL, "get a version handle first and send it along"}, \
  {"help", 'h', NULL, "print this"}
/* clang-format on */

struct pkt_target {
  char endpoint[256];
  int timeout_ms;
  bool handle;
  bool end; /* nothing more to do: help was printed */
};

/* The server on this host and its usual port, without a handle. */
void pkt_target_init(struct pkt_target *t);

/* Take one option. False: it is wrong, or none of these, and reported. */
bool pkt_target_set(struct pkt_target *t, const struct pkt_options *o, int letter);

#endif
