/* libpcap.c - libpcap, loaded when something needs it for the first time. */
#include "libpcap.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static struct pkt_libpcap lib;
static bool there;

static void load(void) {
  static const char *const names[] = {"libpcap.so.1", "libpcap.so.0.8"};
  const struct {
    const char *name;
    void *to;
  } symbols[] = {
#define X(name) {"pcap_" #name, &lib.name},
      PKT_LIBPCAP_FUNCTIONS(X)
#undef X
  };
  void *handle = NULL;
  for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++)
    handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  there = handle != NULL;
  for (size_t i = 0; there && i < sizeof symbols / sizeof *symbols; i++) {
    void *found = dlsym(handle, symbols[i].name);
    memcpy(symbols[i].to, &found, sizeof found); /* ISO C has no cast between the two */
    there = found != NULL;
  }
}

const struct pkt_libpcap *pkt_libpcap(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return there ? &lib : NULL;
}
