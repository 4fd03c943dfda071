/* msg.c - luapkt msg send|recv: messages over Ethernet, as docs/raw-ethernet.md has them.
**
** A message in one frame is sent and received here; with --reliable, luapkt.message_command does
** it in Lua. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../io/raw.h"
#include "../script/run_script.h"
#include "../wire/bits.h"
#include "cli.h"
#include "file.h"
#include "frame.h"
#include "options.h"

enum { OPT_TIMEOUT = 256, OPT_HOME };

static const struct pkt_cli_option table[] = {
    {"reliable", 'r', NULL, "larger than a frame, and acknowledged: both ends have to say so"},
    {"file", 'f', "FILE", "send what is in FILE, '-' being standard input, in place of PAYLOAD"},
    {"output", 'o', "FILE",
     "write the message into FILE, '-' being standard output; print nothing"},
    {"count", 'n', "COUNT", "receive so many messages (1)"},
    {"timeout", OPT_TIMEOUT, "SECONDS",
     "give up where a message takes longer (never), or an acknowledgement (10)"},
    {"home", OPT_HOME, "DIR", "where the folders lua and protocols lie"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

#define MAX_WORDS 5
#define MSG_TYPE 0x4321
#define MSG_HEAD 2             /* bytes of a message's length */
#define MAX_MESSAGE UINT16_MAX /* what that can say */
#define TAG_BYTES 4            /* of a VLAN tag */

struct job {
  struct pkt_options parser;
  const char *words[MAX_WORDS]; /* send or recv, interface, source, destination, payload */
  int nwords;
  const char *file, *output, *timeout_text, *home;
  uint64_t count;
  int64_t timeout; /* nanoseconds; -1: none */
  bool reliable, has_count, end;
};

static int complain(const struct pkt_err *err) {
  fprintf(stderr, "luapkt msg: %s\n", err->message);
  return PKT_EXIT_FAILED;
}

/* ------------------------------------------------------------------------------------- sending */

static int send_frame(const struct job *j, struct pkt_buf *frame) {
  const struct pkt_raw_setup setup = {.layer = 2, .interface = j->words[1], .send_only = true};
  const struct pkt_raw_source source = pkt_frame_source(frame);
  struct pkt_err err;
  uint64_t sent;
  if (frame->failed) pkt_fail(&err, PKT_ERR_MEMORY, "no memory for the frame");
  struct pkt_raw *r = frame->failed ? NULL : pkt_raw_open(&setup, &err);
  if (!r) return complain(&err);
  int status = pkt_raw_send(r, &source, 1, 0, &sent, &err);
  pkt_raw_close(r);
  if (status == 0) return PKT_EXIT_OK;
  complain(&err);
  if (err.code == PKT_ERR_VALUE) fputs("--reliable sends messages larger than a frame\n", stderr);
  return PKT_EXIT_FAILED;
}

/* The message's bytes. False, and reported, where the file can't be read. */
static bool read_message(const struct job *j, struct pkt_buf *out) {
  struct pkt_err err;
  const char *path = j->file && strcmp(j->file, "-") == 0 ? "/dev/stdin" : j->file;
  if (!path) {
    pkt_buf_add(out, j->words[4], strlen(j->words[4]));
  } else if (pkt_file_read(out, path, MAX_MESSAGE, &err) != 0 && err.code != PKT_ERR_LIMIT) {
    complain(&err);
    return false;
  }
  if (out->len <= MAX_MESSAGE) return true;
  fprintf(stderr, "luapkt msg: a message has at most %d bytes without --reliable\n", MAX_MESSAGE);
  return false;
}

static int send_message(const struct job *j, const uint8_t src[6], const uint8_t dst[6]) {
  struct pkt_buf frame = {0}, message = {0};
  uint8_t length[MSG_HEAD];
  int code = PKT_EXIT_FAILED;
  if (read_message(j, &message)) {
    pkt_frame_head(&frame, dst, src, MSG_TYPE);
    pkt_put_be16(length, (uint16_t)message.len);
    pkt_buf_add(&frame, length, sizeof length);
    pkt_buf_add(&frame, message.data, message.len);
    frame.failed |= message.failed;
    code = send_frame(j, &frame);
  }
  pkt_buf_free(&frame);
  pkt_buf_free(&message);
  return code;
}

/* ----------------------------------------------------------------------------------- receiving */

/* What is printed of a message, its bytes last. */
static void print_message(const struct pkt_raw_frame *f, unsigned length, const uint8_t *bytes,
                          uint32_t n) {
  uint8_t type[2];
  pkt_put_be16(type, f->type);
  printf("length=%u\n", length);
  pkt_frame_print_hex(stdout, f->bytes, 6);
  pkt_frame_print_hex(stdout, f->bytes + 6, 6);
  pkt_frame_print_hex(stdout, type, sizeof type);
  pkt_frame_print_repr(stdout, bytes, n);
}

/* A frame that ends before its message does is taken as far as it goes, and that is said. */
static void take_message(const struct pkt_raw_frame *f, FILE *output) {
  uint32_t head = PKT_FRAME_HEAD + (f->tagged ? TAG_BYTES : 0);
  if (f->len < head) return;
  const uint8_t *bytes = f->bytes + head;
  uint32_t n = f->len - head;
  unsigned length = n >= MSG_HEAD ? pkt_get_be16(bytes) : 0;
  uint32_t skip = n >= MSG_HEAD ? MSG_HEAD : n;
  uint32_t there = n - skip < length ? n - skip : length;
  if (there < length)
    fprintf(stderr, "luapkt msg: the frame has %u of the message's %u bytes\n", there, length);
  if (output)
    fwrite(bytes + skip, 1, there, output);
  else
    print_message(f, length, bytes + skip, there);
}

/* What the output is called where it can't be written. */
static const char *name_output(const struct job *j) {
  return j->output && strcmp(j->output, "-") != 0 ? j->output : PKT_FRAME_STDOUT;
}

/* A pipe or a device can't be emptied, and needn't. */
static void empty(FILE *output) {
  int status = ftruncate(fileno(output), 0);
  (void)status;
}

static int receive_messages(const struct job *j, struct pkt_raw *r, FILE *output) {
  for (uint64_t i = 0; i < j->count; i++) {
    struct pkt_raw_frame frame;
    struct pkt_err err;
    int got = pkt_raw_receive(r, j->timeout, &frame, &err);
    if (got == 0) fprintf(stderr, "luapkt msg: no message came in time\n");
    if (got < 0) complain(&err);
    if (got <= 0) return PKT_EXIT_FAILED;
    if (i == 0 && output && output != stdout) empty(output);
    take_message(&frame, output);
    if (!pkt_frame_flush(&j->parser, output ? output : stdout, name_output(j)))
      return PKT_EXIT_FAILED;
  }
  return PKT_EXIT_OK;
}

/* The file of --output, as it is until a message comes; NULL where there is none, or, reported,
** where it can't be written. */
static FILE *open_output(const struct job *j) {
  if (!j->output) return NULL;
  if (strcmp(j->output, "-") == 0) return stdout;
  int fd = open(j->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
  if (!f) fprintf(stderr, "luapkt msg: %s: %s\n", j->output, strerror(errno));
  return f;
}

static int receive(const struct job *j) {
  const struct pkt_raw_setup setup = {
      .layer = 2, .interface = j->words[1], .type = MSG_TYPE, .has_type = true};
  struct pkt_err err;
  struct pkt_raw *r = pkt_raw_open(&setup, &err);
  if (!r) return complain(&err);
  FILE *output = open_output(j);
  int code = j->output && !output ? PKT_EXIT_FAILED : receive_messages(j, r, output);
  if (output && output != stdout && fclose(output) != 0) code = PKT_EXIT_FAILED;
  pkt_raw_close(r);
  return code;
}

/* ------------------------------------------------------------------------------------ reliably */

/* Hand it all over as "name=value". Returns the exit code. */
static int run_reliable(const struct job *j) {
  static const char *const names[] = {"action", "interface", "from",    "to",   "payload",
                                      "file",   "output",    "timeout", "count"};
  char count[24];
  snprintf(count, sizeof count, "%llu", (unsigned long long)j->count);
  const char *const values[] = {j->words[0], j->words[1], j->words[2],     j->words[3], j->words[4],
                                j->file,     j->output,   j->timeout_text, count};
  struct pkt_run_value arguments[sizeof names / sizeof *names + 1] = {{NULL, NULL}};
  size_t n = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (values[i]) arguments[n++] = (struct pkt_run_value){names[i], values[i]};
  return pkt_run_module(j->home, "luapkt msg", "luapkt.message_command", arguments) == 0
             ? PKT_EXIT_OK
             : PKT_EXIT_FAILED;
}

/* ---------------------------------------------------------------------------- the command line */

/* Take one option. False: it is wrong, and reported. */
static bool set(struct job *j, int letter) {
  const struct pkt_options *o = &j->parser;
  switch (letter) {
    case PKT_OPT_ARGUMENT: return pkt_options_word(o, optarg, MAX_WORDS, j->words, &j->nwords);
    case 'r': return j->reliable = true;
    case 'f': j->file = optarg; return true;
    case 'o': j->output = optarg; return true;
    case 'n':
      return j->has_count = pkt_options_number(o, "--count", optarg, 1, INT64_MAX, &j->count);
    case OPT_TIMEOUT:
      j->timeout_text = optarg;
      return pkt_frame_seconds(o, "--timeout", optarg, &j->timeout);
    case OPT_HOME: return pkt_options_home(o, optarg, &j->home);
    case 'h': pkt_options_help(o); return j->end = true;
    default: return false;
  }
}

static int run_send(const struct job *j) {
  uint8_t src[6], dst[6];
  if (j->nwords != (j->file ? 4 : 5))
    return pkt_options_wrong(&j->parser,
                             "send: an interface, two addresses and a payload are expected");
  if (j->output || j->has_count)
    return pkt_options_wrong(&j->parser, "send: --output and --count are for recv");
  if (!pkt_frame_mac(&j->parser, "SRC", j->words[2], src) ||
      !pkt_frame_mac(&j->parser, "DST", j->words[3], dst))
    return PKT_EXIT_USAGE;
  if (j->reliable && (dst[0] & 1))
    return pkt_options_wrong(&j->parser, "DST: a group can't acknowledge what it receives");
  return j->reliable ? run_reliable(j) : send_message(j, src, dst);
}

static int run_receive(const struct job *j) {
  if (j->nwords != 2) return pkt_options_wrong(&j->parser, "recv: one interface is expected");
  if (j->file) return pkt_options_wrong(&j->parser, "recv: --file is for send");
  return j->reliable ? run_reliable(j) : receive(j);
}

int pkt_cmd_msg(int argc, char **argv) {
  struct job j = {
      .parser = {.command = "luapkt msg",
                 .usage = "[OPTION...] send IFACE SRC DST PAYLOAD | recv IFACE",
                 .summary = "Send or receive a message over Ethernet.",
                 .table = table},
      .count = 1,
      .timeout = -1,
  };
  int letter;
  while (!j.end && (letter = pkt_options_next(&j.parser, argc, argv)) != PKT_OPT_END)
    if (!set(&j, letter)) return PKT_EXIT_USAGE;
  if (j.end) return PKT_EXIT_OK;
  if (j.nwords > 0 && strcmp(j.words[0], "send") == 0) return run_send(&j);
  if (j.nwords > 0 && strcmp(j.words[0], "recv") == 0) return run_receive(&j);
  return pkt_options_wrong(&j.parser, "send or recv?");
}
