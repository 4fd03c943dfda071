/* send.c - luapkt send IFACE SRC DST PAYLOAD: frames onto a wire. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/capture.h"
#include "../io/raw.h"
#include "cli.h"
#include "frame.h"
#include "options.h"
#include "source.h"

enum {
  OPT_RATE = 256,
  OPT_PACKET,
  OPT_FRAME,
  OPT_DRY_RUN,
  OPT_STATS,
  OPT_SEED,
  OPT_PROTOCOLS,
  OPT_TEMPLATES,
  OPT_HOME
};

static const struct pkt_cli_option table[] = {
    {"type", 't', "TYPE", "EtherType of the frame, such as 0x0800 (0)"},
    {"hex", 'x', NULL, "PAYLOAD is in hexadecimal digits"},
    {"frame", OPT_FRAME, "HEX", "send this frame, Ethernet's header included"},
    {"packet", OPT_PACKET, "SOURCE", "send the packets of a template, or of a file as 'generate'"},
    {"count", 'n', "COUNT", "so many frames (1)"},
    {"rate", OPT_RATE, "N", "N frames a second (as fast as they go)"},
    {"dry-run", OPT_DRY_RUN, NULL, "print the frames in hex, one a line, and send nothing"},
    {"stats", OPT_STATS, NULL, "say how many were sent in which time"},
    {"seed", OPT_SEED, "N", "of what is random in a packet (1)"},
    {"protocols", OPT_PROTOCOLS, "DIR", "load protocol files of this folder too; may be repeated"},
    {"templates", OPT_TEMPLATES, "DIR", "know the templates of this folder too; may be repeated"},
    {"home", OPT_HOME, "DIR", "where the folders lua and protocols lie"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

#define MAX_WORDS 4

struct job {
  struct pkt_options parser;
  struct pkt_service_options service;
  struct pkt_repeats protocols, templates;
  const char *words[MAX_WORDS]; /* interface, source, destination, payload */
  int nwords;
  const char *packet, *frame;
  uint64_t count, rate, seed;
  uint16_t type;
  bool has_type, hex, dry_run, stats, end;
};

static int complain(const struct pkt_err *err) {
  fprintf(stderr, "luapkt send: %s\n", err->message);
  return PKT_EXIT_FAILED;
}

/* --------------------------------------------------------------------------------- the sending */

static int print_frames(const struct job *j, const struct pkt_raw_source *source) {
  for (uint64_t i = 0; i < j->count && !ferror(stdout); i++) {
    const struct pkt_raw_piece p = source->next(source->ctx);
    pkt_frame_print_hex(stdout, p.bytes, p.len);
  }
  return pkt_frame_flush(&j->parser, stdout, PKT_FRAME_STDOUT) ? PKT_EXIT_OK : PKT_EXIT_FAILED;
}

static void print_stats(uint64_t sent, int64_t nanoseconds) {
  double seconds = (double)nanoseconds / 1e9;
  fprintf(stderr, "%" PRIu64 " frames in %.6f s, %.0f/s\n", sent, seconds,
          seconds > 0 ? (double)sent / seconds : 0);
}

/* Let a signal that would end the program end the sending first. */
static void stop_at(int signal) {
  struct sigaction action = {.sa_handler = pkt_raw_stop, .sa_flags = (int)SA_RESETHAND}, old;
  if (sigaction(signal, &action, &old) == 0 && old.sa_handler == SIG_IGN)
    sigaction(signal, &old, NULL);
}

static int send_frames(const struct job *j, const struct pkt_raw_source *source) {
  const struct pkt_raw_setup setup = {.layer = 2, .interface = j->words[0], .send_only = true};
  struct pkt_err err;
  uint64_t sent;
  if (j->dry_run) return print_frames(j, source);
  struct pkt_raw *r = pkt_raw_open(&setup, &err);
  if (!r) return complain(&err);
  if (j->stats) {
    stop_at(SIGINT);
    stop_at(SIGTERM);
  }
  int64_t start = pkt_raw_now();
  int status = pkt_raw_send(r, source, j->count, j->rate, &sent, &err);
  if (j->stats) print_stats(sent, pkt_raw_now() - start);
  pkt_raw_close(r);
  if (pkt_raw_stopped()) raise(pkt_raw_stopped());
  if (status == 0) return PKT_EXIT_OK;
  if (j->count > 1) fprintf(stderr, "luapkt send: after %" PRIu64 " frames:\n", sent);
  return complain(&err);
}

/* --------------------------------------------------------------------------------- one frame */

/* The frame that the words describe. False: one is wrong, and reported. */
static bool make_frame(const struct job *j, struct pkt_buf *out) {
  uint8_t src[6], dst[6];
  if (j->frame) return pkt_frame_unhex(&j->parser, "--frame", j->frame, out);
  if (!pkt_frame_mac(&j->parser, "SRC", j->words[1], src) ||
      !pkt_frame_mac(&j->parser, "DST", j->words[2], dst))
    return false;
  pkt_frame_head(out, dst, src, j->type);
  if (j->hex) return pkt_frame_unhex(&j->parser, "PAYLOAD", j->words[3], out);
  pkt_buf_add(out, j->words[3], strlen(j->words[3]));
  return true;
}

static int send_one(const struct job *j) {
  struct pkt_buf frame = {.limit = PKT_MAX_PACKET};
  const struct pkt_raw_source source = pkt_frame_source(&frame);
  int code = PKT_EXIT_USAGE;
  if (make_frame(j, &frame)) {
    if (frame.failed)
      code = pkt_options_wrong(&j->parser, "a frame has at most %d bytes", PKT_MAX_PACKET);
    else if (frame.len < PKT_FRAME_HEAD)
      code = pkt_options_wrong(&j->parser, "a frame has at least %d bytes, not %zu", PKT_FRAME_HEAD,
                               frame.len);
    else
      code = send_frames(j, &source);
  }
  pkt_buf_free(&frame);
  return code;
}

/* ---------------------------------------------------------------------------------- a stream */

static struct pkt_raw_piece next_packet(void *ctx) {
  struct pkt_raw_piece p;
  p.bytes = pkt_vm_next(ctx, &p.len);
  return p;
}

static int send_stream(const struct job *j, struct pkt_service *s, const struct pkt_buf *model) {
  struct pkt_stream stream;
  struct pkt_err err;
  if (pkt_service_stream(s, model->data ? model->data : "", model->len, (uint32_t)j->seed, &stream,
                         &err) != 0) {
    fprintf(stderr, "luapkt send: %s: %s\n", j->packet, err.message);
    return PKT_EXIT_FAILED;
  }
  if (stream.link != PKT_LINK_ETHERNET) {
    fprintf(stderr, "luapkt send: %s: packets begin with %s, not with Ethernet\n", j->packet,
            stream.first_id);
    return PKT_EXIT_FAILED;
  }
  const struct pkt_raw_source source = {
      .next = next_packet, .ctx = stream.vm, .life = PKT_RAW_PASSES};
  return send_frames(j, &source);
}

static int send_packets(const struct job *j) {
  struct pkt_err err = {0};
  struct pkt_buf model = {0};
  struct pkt_service *s = pkt_service_open(&j->service, &err);
  if (!s) return complain(&err);
  int code = PKT_EXIT_FAILED;
  if (pkt_source_read(s, "luapkt send", j->packet, &model) == 0) code = send_stream(j, s, &model);
  pkt_buf_free(&model);
  pkt_service_close(s);
  return code;
}

/* ---------------------------------------------------------------------------- the command line */

/* Take one option. False: it is wrong, and reported. */
static bool set(struct job *j, int letter) {
  const struct pkt_options *o = &j->parser;
  switch (letter) {
    case PKT_OPT_ARGUMENT: return pkt_options_word(o, optarg, MAX_WORDS, j->words, &j->nwords);
    case 't': return j->has_type = pkt_frame_type(o, "--type", optarg, &j->type);
    case 'x': return j->hex = true;
    case OPT_FRAME: j->frame = optarg; return true;
    case OPT_PACKET: j->packet = optarg; return true;
    case 'n': return pkt_options_number(o, "--count", optarg, 1, INT64_MAX, &j->count);
    case OPT_RATE: return pkt_options_number(o, "--rate", optarg, 1, 1000000000, &j->rate);
    case OPT_DRY_RUN: return j->dry_run = true;
    case OPT_STATS: return j->stats = true;
    case OPT_SEED: return pkt_options_number(o, "--seed", optarg, 0, UINT32_MAX, &j->seed);
    case OPT_PROTOCOLS: return pkt_options_repeat(o, "--protocols", optarg, &j->protocols);
    case OPT_TEMPLATES: return pkt_options_repeat(o, "--templates", optarg, &j->templates);
    case OPT_HOME: return pkt_options_home(o, optarg, &j->service.home);
    case 'h': pkt_options_help(o); return j->end = true;
    default: return false;
  }
}

/* Do the words and options go together? If not, that is reported. */
static bool check(const struct job *j) {
  bool alone = j->packet || j->frame;
  if (j->packet && j->frame)
    return pkt_options_wrong(&j->parser, "either --packet or --frame"), false;
  if (alone && (j->nwords != 1 || j->has_type || j->hex))
    return pkt_options_wrong(&j->parser, "with --%s, an interface alone is expected",
                             j->packet ? "packet" : "frame"),
           false;
  if (!alone && j->nwords != 4)
    return pkt_options_wrong(&j->parser, "an interface, two addresses and a payload are expected"),
           false;
  return true;
}

int pkt_cmd_send(int argc, char **argv) {
  struct job j = {
      .parser = {.command = "luapkt send",
                 .usage = "[OPTION...] IFACE SRC DST PAYLOAD | --packet SOURCE IFACE | "
                          "--frame HEX IFACE",
                 .summary = "Send Ethernet frames.",
                 .table = table},
      .count = 1,
      .seed = 1,
  };
  int letter;
  while (!j.end && (letter = pkt_options_next(&j.parser, argc, argv)) != PKT_OPT_END)
    if (!set(&j, letter)) return PKT_EXIT_USAGE;
  if (j.end) return PKT_EXIT_OK;
  if (!check(&j)) return PKT_EXIT_USAGE;
  if (!pkt_options_folders(&j.parser, "--protocols", &j.protocols) ||
      !pkt_options_folders(&j.parser, "--templates", &j.templates))
    return PKT_EXIT_FAILED;
  j.service.seed = j.seed + 1; /* 0 would stand for any */
  j.service.protocol_dirs = j.protocols.list;
  j.service.template_dirs = j.templates.list;
  return j.packet ? send_packets(&j) : send_one(&j);
}
