#include "target.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../io/server.h"

static void set_port(struct pkt_target *t, unsigned port) {
  snprintf(t->endpoint, sizeof t->endpoint, "tcp://127.0.0.1:%u", port);
}

void pkt_target_init(struct pkt_target *t) {
  *t = (struct pkt_target){.timeout_ms = PKT_DEFAULT_TIMEOUT_MS};
  set_port(t, PKT_DEFAULT_PORT);
}

/* Is it an endpoint? One of TCP must have a host and a port: ZeroMQ takes some that are
** malformed, and no answer would ever come from those. */
static bool is_endpoint(const char *text) {
  static const char tcp[] = "tcp://";
  if (strncmp(text, tcp, strlen(tcp)) != 0) return strstr(text, "://") != NULL;
  const char *host = text + strlen(tcp), *colon = strrchr(host, ':');
  if (colon == NULL || colon == host || !isdigit((unsigned char)colon[1])) return false;
  char *end;
  unsigned long port = strtoul(colon + 1, &end, 10);
  return *end == '\0' && port >= 1 && port <= 65535;
}

static bool set_endpoint(struct pkt_target *t, const struct pkt_options *o) {
  size_t n = strlen(optarg);
  if (n < sizeof t->endpoint && is_endpoint(optarg)) {
    memcpy(t->endpoint, optarg, n + 1);
    return true;
  }
  pkt_options_wrong(o, "--endpoint: an endpoint like tcp://127.0.0.1:4507 expected, got '%s'",
                    optarg);
  return false;
}

bool pkt_target_set(struct pkt_target *t, const struct pkt_options *o, int letter) {
  uint64_t n;
  switch (letter) {
    case PKT_TARGET_ENDPOINT: return set_endpoint(t, o);
    case 'p':
      if (!pkt_options_number(o, "--port", optarg, 1, 65535, &n)) return false;
      set_port(t, (unsigned)n);
      return true;
    case PKT_TARGET_TIMEOUT:
      if (!pkt_options_number(o, "--timeout", optarg, 1, 86400000, &n)) return false;
      t->timeout_ms = (int)n;
      return true;
    case PKT_TARGET_HANDLE: t->handle = true; return true;
    case 'h': pkt_options_help(o), t->end = true; return true;
    default: return false;
  }
}
