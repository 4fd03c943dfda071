/* raw_filter.c - filters: compiled by libpcap, run by the kernel where that sees what they ask
** for. */
#include <ctype.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../engine/capture.h"
#include "libpcap.h"
#include "raw_inner.h"

/* Bytes of a filter's text: what it compiles to must fit in BPF_MAXINSNS. */
#define MAX_FILTER 16384

struct pkt_raw_program {
  struct bpf_program code; /* freed by libpcap */
};

/* Compile for packets of this DLT into *out. Returns 0, or -1 with *err. */
static int compile(int dlt, const char *filter, struct bpf_program *out, struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_libpcap *lib = pkt_libpcap();
  if (!lib)
    return pkt_fail(err, PKT_ERR_SYSTEM, "filters need the library libpcap, which isn't there");
  if (strlen(filter) > MAX_FILTER)
    return pkt_fail(err, PKT_ERR_LIMIT, "a filter has more than %d bytes", MAX_FILTER);
  pcap_t *p = lib->open_dead(dlt, PKT_MAX_PACKET);
  if (!p) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  int status = lib->compile(p, out, filter, 1, PCAP_NETMASK_UNKNOWN);
  if (status != 0)
    pkt_fail(err, PKT_ERR_SYNTAX, "filter %s: %s", pkt_quote(quote, filter, strlen(filter)),
             lib->geterr(p));
  lib->close(p);
  return status == 0 ? 0 : -1;
}

/* The DLT of what the socket hands out. */
static int dlt_of(const struct pkt_raw *r) { return r->layer == 2 ? DLT_EN10MB : DLT_RAW; }

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* Does it ask for a VLAN? The kernel's filters see a frame without its tag. */
static bool asks_for_tag(const char *filter) {
  for (const char *at = filter; (at = strstr(at, "vlan")) != NULL; at += 4)
    if ((at == filter || !is_word(at[-1])) && !is_word(at[4])) return true;
  return false;
}

/* libpcap's instructions are laid out as the kernel's are: both are those of the BSD filter. */
_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "instructions of a filter");

static int attach_code(int fd, const struct bpf_program *code) {
  struct sock_fprog program = {.len = (unsigned short)code->bf_len,
                               .filter = (struct sock_filter *)(void *)code->bf_insns};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int detach(int fd) {
  int unused = 0;
  int status = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
  return status != 0 && errno == ENOENT ? 0 : status;
}

static int attach_nothing_passes(int fd) {
  struct bpf_insn none = {.code = BPF_RET | BPF_K, .k = 0};
  struct bpf_program code = {.bf_len = 1, .bf_insns = &none};
  return attach_code(fd, &code);
}

/* The program that is run here, NULL: none, in place of the one there was. */
static void take_program(struct pkt_raw *r, struct pkt_raw_program *program) {
  pkt_raw_program_free(r->program);
  r->program = program;
}

int pkt_raw_attach(struct pkt_raw *r, const char *filter, struct pkt_err *err) {
  struct pkt_raw_program *p = malloc(sizeof *p);
  if (!p) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (compile(dlt_of(r), filter, &p->code, err) != 0) {
    free(p);
    return -1;
  }
  bool here = asks_for_tag(filter);
  int status = here ? detach(r->fd) : attach_code(r->fd, &p->code);
  if (status != 0) pkt_raw_fail(err, "the filter can't be attached");
  if (status == 0) take_program(r, here ? p : NULL);
  if (status != 0 || !here) pkt_raw_program_free(p);
  return status == 0 ? 0 : -1;
}

static int remove_filter(struct pkt_raw *r, struct pkt_err *err) {
  if (detach(r->fd) != 0) return pkt_raw_fail(err, "the filter can't be removed");
  take_program(r, NULL);
  return 0;
}

/* It is compiled twice, so that a mistake in it changes nothing; then nothing passes until what is
** there is thrown away, so that nothing is received that it forbids. */
int pkt_raw_filter(struct pkt_raw *r, const char *filter, struct pkt_err *err) {
  struct bpf_program code;
  if (filter && compile(dlt_of(r), filter, &code, err) != 0) return -1;
  if (filter) pkt_libpcap()->freecode(&code);
  if (attach_nothing_passes(r->fd) != 0) return pkt_raw_fail(err, "the filter can't be attached");
  if (pkt_raw_drain(r, err) != 0) return -1;
  return filter ? pkt_raw_attach(r, filter, err) : remove_filter(r, err);
}

/* The numbers of link types are those of LINKTYPE, but for raw IP, which is another on each
** system. */
struct pkt_raw_program *pkt_raw_compile(const char *filter, uint32_t link, struct pkt_err *err) {
  struct pkt_raw_program *p = malloc(sizeof *p);
  if (!p) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  if (compile(link == PKT_LINK_RAW ? DLT_RAW : (int)link, filter, &p->code, err) == 0) return p;
  free(p);
  return NULL;
}

bool pkt_raw_passes(const struct pkt_raw_program *p, const uint8_t *bytes, uint32_t len,
                    uint32_t wire_len) {
  const struct pcap_pkthdr header = {.caplen = len, .len = wire_len};
  return pkt_libpcap()->offline_filter(&p->code, &header, bytes) != 0;
}

void pkt_raw_program_free(struct pkt_raw_program *p) {
  if (!p) return;
  pkt_libpcap()->freecode(&p->code);
  free(p);
}
