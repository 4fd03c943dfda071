/* recv.c - luapkt recv IFACE: frames from a wire, printed. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "../io/raw.h"
#include "cli.h"
#include "frame.h"
#include "options.h"

enum { OPT_INCOMING = 256, OPT_TIMEOUT };

static const struct pkt_cli_option table[] = {
    {"count", 'n', "COUNT", "so many frames (1)"},
    {"type", 't', "TYPE", "only frames of this EtherType, such as 0x0800"},
    {"filter", 'f', "FILTER", "only what passes, as for tcpdump: 'arp or udp port 53'"},
    {"incoming", OPT_INCOMING, NULL, "not what this host sends"},
    {"promiscuous", 'p', NULL, "also frames to other hosts, if the interface gets them"},
    {"timeout", OPT_TIMEOUT, "SECONDS", "give up where a frame takes longer (never)"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

struct job {
  struct pkt_options parser;
  struct pkt_raw_setup setup;
  uint64_t count;
  int64_t timeout; /* nanoseconds; -1: none */
  bool end;
};

/* The frame, its addresses, its type, its payload. */
static void print_frame(const struct pkt_raw_frame *f) {
  const uint8_t *p = f->bytes;
  uint32_t n = f->len;
  const uint32_t ends[] = {0, 6, 12, PKT_FRAME_HEAD};
  pkt_frame_print_repr(stdout, p, n);
  for (int i = 0; i < 3; i++) {
    uint32_t from = ends[i] < n ? ends[i] : n, to = ends[i + 1] < n ? ends[i + 1] : n;
    pkt_frame_print_hex(stdout, p + from, to - from);
  }
  uint32_t head = n < PKT_FRAME_HEAD ? n : PKT_FRAME_HEAD;
  pkt_frame_print_repr(stdout, p + head, n - head);
}

static int receive(const struct job *j, struct pkt_raw *r) {
  for (uint64_t i = 0; i < j->count; i++) {
    struct pkt_raw_frame frame;
    struct pkt_err err;
    int got = pkt_raw_receive(r, j->timeout, &frame, &err);
    if (got == 0) fprintf(stderr, "luapkt recv: nothing came in time\n");
    if (got < 0) fprintf(stderr, "luapkt recv: %s\n", err.message);
    if (got <= 0) return PKT_EXIT_FAILED;
    print_frame(&frame);
    if (!pkt_frame_flush(&j->parser, stdout, PKT_FRAME_STDOUT)) return PKT_EXIT_FAILED;
  }
  return PKT_EXIT_OK;
}

/* Take one option. False: it is wrong, and reported. */
static bool set(struct job *j, int letter) {
  const struct pkt_options *o = &j->parser;
  struct pkt_raw_setup *s = &j->setup;
  switch (letter) {
    case PKT_OPT_ARGUMENT:
      if (s->interface) return pkt_options_wrong(o, "one interface, not '%s' too", optarg), false;
      s->interface = optarg;
      return true;
    case 'n': return pkt_options_number(o, "--count", optarg, 1, INT64_MAX, &j->count);
    case 't': return s->has_type = pkt_frame_type(o, "--type", optarg, &s->type);
    case 'f': s->filter = optarg; return true;
    case OPT_INCOMING: s->outgoing = false; return true;
    case 'p': return s->promiscuous = true;
    case OPT_TIMEOUT: return pkt_frame_seconds(o, "--timeout", optarg, &j->timeout);
    case 'h': pkt_options_help(o); return j->end = true;
    default: return false;
  }
}

int pkt_cmd_recv(int argc, char **argv) {
  struct job j = {
      .parser = {.command = "luapkt recv",
                 .usage = "[OPTION...] IFACE",
                 .summary = "Receive Ethernet frames and print them.",
                 .table = table},
      .setup = {.layer = 2, .outgoing = true},
      .count = 1,
      .timeout = -1,
  };
  struct pkt_err err;
  int letter;
  while (!j.end && (letter = pkt_options_next(&j.parser, argc, argv)) != PKT_OPT_END)
    if (!set(&j, letter)) return PKT_EXIT_USAGE;
  if (j.end) return PKT_EXIT_OK;
  if (!j.setup.interface) return pkt_options_wrong(&j.parser, "which interface?");
  struct pkt_raw *r = pkt_raw_open(&j.setup, &err);
  if (!r) {
    fprintf(stderr, "luapkt recv: %s\n", err.message);
    return err.code == PKT_ERR_SYNTAX ? PKT_EXIT_USAGE : PKT_EXIT_FAILED; /* of the filter */
  }
  int code = receive(&j, r);
  pkt_raw_close(r);
  return code;
}
