/* service.h - the service that a fuzzer asks. */
#ifndef FUZZ_SERVICE_H
#define FUZZ_SERVICE_H

#include "../src/script/service.h"
#include "require.h"

/* A service over the protocols that the program finds: LUAPKT_HOME, or beside it. It stays open
** until the process ends. */
static inline struct pkt_service *open_service(void) {
  struct pkt_service_options options = {.seed = 1};
  struct pkt_err err;
  struct pkt_service *service = pkt_service_open(&options, &err);
  if (!service) fprintf(stderr, "no service: %s\n", err.message);
  require(service != NULL);
  return service;
}

#endif
