/* live.c - packets captured on an interface by libpcap. */
#include "live.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/capture.h"
#include "libpcap.h"

#define BUFFER (16 << 20) /* bytes of packets that wait to be taken; libpcap makes do with less */

#define WAIT_MS 200 /* that libpcap may gather packets, where it can't hand them out at once */

struct pkt_live {
  pcap_t *pcap;
  bool begun; /* the file's head was written */
  struct pkt_capture_writer writer;
  struct pkt_err err; /* that happened while packets were taken */
  bool failed;
};

static volatile sig_atomic_t stopped;
static pcap_t *volatile waiting; /* the one whose packets are being waited for; NULL: none */

/* libpcap lets signal handlers call pcap_breakloop(). */
void pkt_live_stop(int signal) {
  (void)signal;
  stopped = 1;
  if (waiting) pkt_libpcap()->breakloop(waiting);
}

bool pkt_live_stopped(void) { return stopped != 0; }

static int fail_missing(struct pkt_err *err) {
  return pkt_fail(err, PKT_ERR_SYSTEM, "captures need the library libpcap, which isn't there");
}

static int fail_pcap(const struct pkt_libpcap *lib, pcap_t *p, int status, struct pkt_err *err) {
  bool denied = status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED;
  const char *why = status == PCAP_ERROR ? lib->geterr(p) : lib->statustostr(status);
  if (denied)
    return pkt_fail(err, PKT_ERR_DENIED, "captures need root or the capability CAP_NET_RAW");
  return pkt_fail(err, PKT_ERR_SYSTEM, "%s", why);
}

static int activate(const struct pkt_libpcap *lib, pcap_t *p, bool promiscuous,
                    struct pkt_err *err) {
  lib->set_snaplen(p, PKT_MAX_PACKET);
  lib->set_promisc(p, promiscuous);
  lib->set_timeout(p, WAIT_MS);
  lib->set_buffer_size(p, BUFFER);
  lib->set_immediate_mode(p, 1); /* a packet is there as soon as it came */
  int status = lib->activate(p);
  return status < 0 ? fail_pcap(lib, p, status, err) : 0;
}

static int set_filter(const struct pkt_libpcap *lib, pcap_t *p, const char *filter,
                      struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  struct bpf_program code;
  if (!filter) return 0;
  if (lib->compile(p, &code, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
    return pkt_fail(err, PKT_ERR_SYNTAX, "filter %s: %s", pkt_quote(quote, filter, strlen(filter)),
                    lib->geterr(p));
  int status = lib->setfilter(p, &code);
  lib->freecode(&code);
  return status < 0 ? fail_pcap(lib, p, status, err) : 0;
}

struct pkt_live *pkt_live_open(const char *interface, const char *filter, bool promiscuous,
                               struct pkt_err *err) {
  const struct pkt_libpcap *lib = pkt_libpcap();
  char why[PCAP_ERRBUF_SIZE];
  if (!lib) {
    fail_missing(err);
    return NULL;
  }
  struct pkt_live *l = calloc(1, sizeof *l);
  pcap_t *p = l ? lib->create(interface, why) : NULL;
  if (!l) pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (l && !p) pkt_fail(err, PKT_ERR_SYSTEM, "%s", why);
  bool open = p && activate(lib, p, promiscuous, err) == 0 && set_filter(lib, p, filter, err) == 0;
  if (open) {
    l->pcap = p;
    return l;
  }
  if (p) lib->close(p);
  free(l);
  return NULL;
}

/* LINKTYPE by libpcap's number for this system: the same, but for raw IP. */
static uint32_t link_type(int dlt) { return dlt == DLT_RAW ? PKT_LINK_RAW : (uint32_t)dlt; }

static void take_packet(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes) {
  struct pkt_live *l = (struct pkt_live *)(void *)user;
  struct pkt_capture_record r = {
      .time = h->ts.tv_sec * 1000000000ll + h->ts.tv_usec * 1000ll,
      .bytes = bytes,
      .len = h->caplen,
      .wire_len = h->len,
  };
  if (!l->failed) l->failed = pkt_capture_write(&l->writer, &r, &l->err) != 0;
}

/* False: none came. Where libpcap has nothing to wait for, pcap_dispatch() waits. */
static bool wait_for_packets(const struct pkt_libpcap *lib, pcap_t *p) {
  struct pollfd wait = {.fd = lib->get_selectable_fd(p), .events = POLLIN};
  return wait.fd < 0 || poll(&wait, 1, PKT_LIVE_WAIT) > 0;
}

int pkt_live_read(struct pkt_live *l, struct pkt_buf *out, struct pkt_err *err) {
  const struct pkt_libpcap *lib = pkt_libpcap();
  l->writer.out = out;
  if (!l->begun) {
    uint32_t link = link_type(lib->datalink(l->pcap));
    if (pkt_capture_begin(&l->writer, out, PKT_PCAP_NS, link, err) != 0) return -1;
    l->begun = true;
    return 1;
  }
  if (!wait_for_packets(lib, l->pcap)) return !stopped;
  waiting = l->pcap;
  int got = stopped ? PCAP_ERROR_BREAK : lib->dispatch(l->pcap, -1, take_packet, (u_char *)l);
  waiting = NULL;
  if (l->failed) *err = l->err;
  if (l->failed) return -1;
  if (got == PCAP_ERROR_BREAK) return 0;
  return got < 0 ? fail_pcap(lib, l->pcap, got, err) : 1;
}

uint64_t pkt_live_lost(const struct pkt_live *l) {
  struct pcap_stat now;
  return pkt_libpcap()->stats(l->pcap, &now) == 0 ? now.ps_drop : 0;
}

void pkt_live_close(struct pkt_live *l) {
  if (!l) return;
  pkt_libpcap()->close(l->pcap);
  free(l);
}

int pkt_live_interfaces(struct pkt_buf *out, struct pkt_err *err) {
  const struct pkt_libpcap *lib = pkt_libpcap();
  char why[PCAP_ERRBUF_SIZE];
  pcap_if_t *all;
  if (!lib) return fail_missing(err);
  if (lib->findalldevs(&all, why) != 0) return pkt_fail(err, PKT_ERR_SYSTEM, "%s", why);
  for (const pcap_if_t *i = all; i; i = i->next) {
    const char *state = i->flags & PCAP_IF_UP ? "up" : "down";
    const char *loop = i->flags & PCAP_IF_LOOPBACK ? ", loopback" : "";
    pkt_buf_fmt(out, "%s\t%s%s", i->name, state, loop);
    if (i->description) pkt_buf_fmt(out, ", %s", i->description);
    pkt_buf_byte(out, '\n');
  }
  lib->freealldevs(all);
  return out->failed ? pkt_fail(err, PKT_ERR_MEMORY, "out of memory") : 0;
}
