/* generate.c - luapkt generate TEMPLATE|MODEL.json: packets into a capture file. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../engine/capture.h"
#include "../script/stream.h"
#include "cli.h"
#include "options.h"
#include "source.h"

enum {
  OPT_START = 256,
  OPT_SEED,
  OPT_RATE,
  OPT_TIME,
  OPT_FORMAT,
  OPT_LINK,
  OPT_LIST,
  OPT_PROTOCOLS,
  OPT_TEMPLATES,
  OPT_HOME
};

static const struct pkt_cli_option table[] = {
    {"count", 'n', "COUNT", "so many packets (1)"},
    {"output", 'o', "FILE", "write to FILE, '-' being standard output (-)"},
    {"start", OPT_START, "N", "begin with packet N of the stream, the first being 0 (0)"},
    {"seed", OPT_SEED, "N", "of what is random (1)"},
    {"rate", OPT_RATE, "N", "time stamps for N packets a second (1000000)"},
    {"time", OPT_TIME, "SECONDS", "of packet 0, since 1970 (0)"},
    {"format", OPT_FORMAT, "FORMAT", "pcap, pcap_ns or pcapng (by FILE's ending; pcap)"},
    {"link", OPT_LINK, "N", "LINKTYPE of the file (by the first layer)"},
    {"quiet", 'q', NULL, "no warnings, no progress"},
    {"list", OPT_LIST, NULL, "print the ids of the templates that there are"},
    {"protocols", OPT_PROTOCOLS, "DIR", "load protocol files of this folder too; may be repeated"},
    {"templates", OPT_TEMPLATES, "DIR", "know the templates of this folder too; may be repeated"},
    {"home", OPT_HOME, "DIR", "where the folders lua and protocols lie"},
    {"help", 'h', NULL, "print this"},
    {NULL, 0, NULL, NULL},
};

#define SECOND 1000000000ull
#define FLUSH_BYTES (256u << 10) /* what is written at once */

/* The signal that ends the program, once the file ends with a whole packet; 0: none yet. A second
** one ends it at once. */
static volatile sig_atomic_t stopped;

static void stop(int signal) { stopped = signal; }

static void stop_at(int signal) {
  struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND}, old;
  if (sigaction(signal, &action, &old) == 0 && old.sa_handler == SIG_IGN)
    sigaction(signal, &old, NULL);
}

struct job {
  struct pkt_options parser;
  struct pkt_service_options service;
  struct pkt_repeats protocols, templates;
  const char *source, *output, *format_name;
  enum pkt_capture_format format;
  uint64_t count, start, seed, rate, time, link;
  bool has_link, quiet, list, end;
};

/* ------------------------------------------------------------------------------------ the file */

/* The output is opened only once there is something to write, so that an earlier mistake
** destroys no existing file. A file that couldn't be written completely is no capture, and is
** removed. */
struct sink {
  int fd; /* -1: not open yet */
  const char *name;
  struct pkt_buf buf;
  struct pkt_capture_writer writer;
  struct stat opened;
  bool standard; /* the standard output, which isn't closed here */
  bool closed;   /* who reads it has gone away */
};

static int complain(const struct sink *k) {
  fprintf(stderr, "luapkt generate: %s: %s\n", k->name, strerror(errno));
  return -1;
}

static struct sink make_sink(const char *path) {
  bool standard = strcmp(path, "-") == 0;
  return (struct sink){.fd = standard ? STDOUT_FILENO : -1,
                       .name = standard ? "standard output" : path,
                       .standard = standard};
}

static int open_sink(struct sink *k) {
  if (k->fd >= 0) return 0;
  k->fd = open(k->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (k->fd < 0) return complain(k);
  if (fstat(k->fd, &k->opened) != 0) k->opened = (struct stat){.st_mode = 0};
  return 0;
}

/* Is it stopped where a write might wait for ever: in a pipe? */
static bool is_given_up(const struct sink *k) {
  return stopped && (k->standard || !S_ISREG(k->opened.st_mode));
}

/* Write out what is in the buffer. Returns 0, or -1: reported, unless nobody reads any more. */
static int flush(struct sink *k) {
  if (open_sink(k) != 0) return -1;
  for (size_t done = 0; done < k->buf.len;) {
    if (is_given_up(k)) return k->closed = true, -1;
    ssize_t n = write(k->fd, k->buf.data + done, k->buf.len - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      k->closed = errno == EPIPE;
      return k->closed ? -1 : complain(k);
    }
    done += (size_t)n;
  }
  k->buf.len = 0;
  return 0;
}

/* Remove the output, but only if its name stands for the very file that was opened: not for a
** device or a link. */
static void remove_file(const struct sink *k) {
  struct stat named;
  if (S_ISREG(k->opened.st_mode) && lstat(k->name, &named) == 0 &&
      named.st_dev == k->opened.st_dev && named.st_ino == k->opened.st_ino)
    unlink(k->name);
}

/* 'whole': all that there is to write has been written. Returns 0, or -1 where it isn't; what goes
** wrong only here is reported. */
static int close_sink(struct sink *k, bool whole) {
  pkt_buf_free(&k->buf);
  if (k->fd < 0 || k->standard) return whole ? 0 : -1;
  if (close(k->fd) != 0 && whole) whole = complain(k) == 0;
  if (!whole) remove_file(k);
  return whole ? 0 : -1;
}

/* -------------------------------------------------------------------------------- the progress */

struct progress {
  bool shown, used;
  time_t next; /* when to show it again */
};

static time_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

/* Show progress once a second, beginning after one second. */
static void show_progress(struct progress *p, uint64_t done, uint64_t count) {
  if (!p->shown || now() < p->next) return;
  fprintf(stderr, "\r%llu of %llu packets (%.0f %%)", (unsigned long long)done,
          (unsigned long long)count, 100.0 * (double)done / (double)count);
  p->used = true;
  p->next = now() + 1;
}

static void end_progress(const struct progress *p) {
  if (p->used) fprintf(stderr, "\r\033[K");
}

/* --------------------------------------------------------------------------------- the packets */

/* Time stamps 1 / rate seconds apart, the fractions of a nanosecond carried on. */
struct clock {
  uint64_t time, step; /* nanoseconds */
  uint64_t part, parts_step, parts;
};

__extension__ typedef unsigned __int128 u128;

/* False: packet 'count' - 1 would be after the year 2262. */
static bool set_clock(struct clock *c, const struct job *j) {
  u128 first = (u128)j->start * SECOND, last = (u128)(j->start + j->count) * SECOND;
  *c = (struct clock){.step = SECOND / j->rate, .parts_step = SECOND % j->rate, .parts = j->rate};
  if (last / j->rate + j->time * SECOND > INT64_MAX) return false;
  c->time = (uint64_t)(first / j->rate) + j->time * SECOND;
  c->part = (uint64_t)(first % j->rate);
  return true;
}

static inline void tick(struct clock *c) {
  c->time += c->step;
  c->part += c->parts_step;
  if (c->part >= c->parts) {
    c->part -= c->parts;
    c->time++;
  }
}

static void tell_stopped(const struct job *j, const struct progress *p, uint64_t done) {
  end_progress(p);
  fprintf(stderr, "luapkt generate: stopped after %llu of %llu packets\n", (unsigned long long)done,
          (unsigned long long)j->count);
}

static int write_packets(const struct job *j, struct pkt_vm *vm, struct clock c, struct sink *k,
                         struct progress *p) {
  struct pkt_err err;
  pkt_vm_seek(vm, j->start);
  for (uint64_t i = 0; i < j->count; i++) {
    uint32_t len;
    const uint8_t *bytes = pkt_vm_next(vm, &len);
    uint8_t *at = pkt_capture_put(&k->writer, (int64_t)c.time, len, &err);
    if (!at) {
      fprintf(stderr, "luapkt generate: packet %llu: %s\n", (unsigned long long)(j->start + i),
              err.message);
      return PKT_EXIT_FAILED;
    }
    memcpy(at, bytes, len);
    tick(&c);
    if (k->buf.len < FLUSH_BYTES) continue;
    if (flush(k) != 0) return PKT_EXIT_FAILED;
    if (stopped) return tell_stopped(j, p, i + 1), PKT_EXIT_OK;
    show_progress(p, i, j->count);
  }
  return flush(k) == 0 ? PKT_EXIT_OK : PKT_EXIT_FAILED;
}

/* The format by its name, or by the ending of the file's. False: reported. */
static bool set_format(struct job *j) {
  static const char *const names[] = {"pcap", "pcap_ns", "pcapng"};
  static const enum pkt_capture_format formats[] = {PKT_PCAP_US, PKT_PCAP_NS, PKT_PCAPNG};
  const char *name = j->format_name, *dot = strrchr(j->output, '.');
  if (!name) name = dot && strcmp(dot, ".pcapng") == 0 ? "pcapng" : "pcap";
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    j->format = formats[i];
    return true;
  }
  pkt_options_wrong(&j->parser, "--format: pcap, pcap_ns or pcapng expected, got '%s'", name);
  return false;
}

static int write_file(const struct job *j, const struct pkt_stream *stream) {
  struct sink k = make_sink(j->output);
  struct pkt_err err;
  struct clock c;
  struct progress p = {.shown = !j->quiet && isatty(STDERR_FILENO), .next = now() + 2};
  uint32_t link = j->has_link ? (uint32_t)j->link : (uint32_t)stream->link;
  if (!set_clock(&c, j)) return pkt_options_wrong(&j->parser, "the last time stamp is too late");
  int code = PKT_EXIT_FAILED;
  if (pkt_capture_begin(&k.writer, &k.buf, j->format, link, &err) == 0)
    code = write_packets(j, stream->vm, c, &k, &p);
  else
    fprintf(stderr, "luapkt generate: %s\n", err.message);
  end_progress(&p);
  if (k.closed) code = PKT_EXIT_OK;
  return close_sink(&k, code == PKT_EXIT_OK) == 0 ? code : PKT_EXIT_FAILED;
}

/* ----------------------------------------------------------------------------------- the model */

static void print_warnings(const struct job *j, const struct pkt_stream *stream) {
  const char *text;
  if (j->quiet) return;
  if (stream->stray)
    fprintf(stderr, "luapkt generate: warning: a model has no %s: it is passed over\n",
            stream->stray);
  for (uint32_t i = 0; (text = pkt_vm_warning(stream->vm, i)) != NULL; i++)
    fprintf(stderr, "luapkt generate: warning: %s\n", text);
}

static int run_stream(const struct job *j, struct pkt_service *s, const struct pkt_buf *model) {
  struct pkt_stream stream;
  struct pkt_err err;
  if (pkt_service_stream(s, model->data ? model->data : "", model->len, (uint32_t)j->seed, &stream,
                         &err) != 0) {
    fprintf(stderr, "luapkt generate: %s: %s\n", j->source, err.message);
    return PKT_EXIT_FAILED;
  }
  if (stream.link < 0 && !j->has_link) {
    fprintf(stderr,
            "luapkt generate: no LINKTYPE is known for packets that begin with %s; "
            "say --link N\n",
            stream.first_id);
    return PKT_EXIT_FAILED;
  }
  print_warnings(j, &stream);
  return write_file(j, &stream);
}

static int generate(const struct job *j) {
  struct pkt_err err = {0};
  struct pkt_buf model = {0};
  struct pkt_service *s = pkt_service_open(&j->service, &err);
  if (!s) {
    fprintf(stderr, "luapkt generate: %s\n", err.message);
    return PKT_EXIT_FAILED;
  }
  int code = PKT_EXIT_FAILED;
  if (j->list)
    code = pkt_source_list(s, "luapkt generate") == 0 ? PKT_EXIT_OK : PKT_EXIT_FAILED;
  else if (pkt_source_read(s, "luapkt generate", j->source, &model) == 0)
    code = run_stream(j, s, &model);
  pkt_buf_free(&model);
  pkt_service_close(s);
  return code;
}

/* ---------------------------------------------------------------------------- the command line */

static bool set_source(struct job *j, const char *text) {
  if (j->source)
    return pkt_options_wrong(&j->parser, "one template or file, not '%s' too", text), 0;
  j->source = text;
  return true;
}

/* Take one option. False: it is wrong, and reported. */
static bool set(struct job *j, int letter) {
  const struct pkt_options *o = &j->parser;
  switch (letter) {
    case PKT_OPT_ARGUMENT: return set_source(j, optarg);
    case 'n': return pkt_options_number(o, "--count", optarg, 1, INT64_MAX / 2, &j->count);
    case 'o': j->output = optarg; return true;
    case OPT_START: return pkt_options_number(o, "--start", optarg, 0, INT64_MAX / 2, &j->start);
    case OPT_SEED: return pkt_options_number(o, "--seed", optarg, 0, UINT32_MAX, &j->seed);
    case OPT_RATE: return pkt_options_number(o, "--rate", optarg, 1, 1000000000000, &j->rate);
    case OPT_TIME: return pkt_options_number(o, "--time", optarg, 0, UINT32_MAX, &j->time);
    case OPT_FORMAT: j->format_name = optarg; return true;
    case OPT_LINK:
      return j->has_link = pkt_options_number(o, "--link", optarg, 0, UINT16_MAX, &j->link);
    case OPT_PROTOCOLS: return pkt_options_repeat(o, "--protocols", optarg, &j->protocols);
    case OPT_TEMPLATES: return pkt_options_repeat(o, "--templates", optarg, &j->templates);
    case OPT_HOME: return pkt_options_home(o, optarg, &j->service.home);
    case 'q': return j->quiet = true;
    case OPT_LIST: return j->list = true;
    case 'h': pkt_options_help(o); return j->end = true;
    default: return false;
  }
}

/* Look at what there is to do, and where it is to go. Returns the exit code. */
static int check_and_generate(struct job *j) {
  if (!j->source) return pkt_options_wrong(&j->parser, "which template or file?");
  if (strcmp(j->output, "-") == 0 && isatty(STDOUT_FILENO))
    return pkt_options_wrong(&j->parser, "a capture isn't for a terminal: say -o FILE");
  if (!set_format(j)) return PKT_EXIT_USAGE;
  signal(SIGPIPE, SIG_IGN); /* a reader that goes away ends the program quietly */
  stop_at(SIGINT);
  stop_at(SIGTERM);
  j->service.seed = j->seed + 1; /* 0 would stand for any */
  int code = generate(j);
  if (stopped) raise(stopped);
  return code;
}

int pkt_cmd_generate(int argc, char **argv) {
  struct job j = {
      .parser = {.command = "luapkt generate",
                 .usage = "[OPTION...] TEMPLATE|MODEL.json | --list",
                 .summary = "Write packets, varied by a field engine, into a capture file.",
                 .table = table},
      .output = "-",
      .count = 1,
      .seed = 1,
      .rate = 1000000,
  };
  int letter;
  while (!j.end && (letter = pkt_options_next(&j.parser, argc, argv)) != PKT_OPT_END)
    if (!set(&j, letter)) return PKT_EXIT_USAGE;
  if (j.end) return PKT_EXIT_OK;
  if (j.list && j.source) return pkt_options_wrong(&j.parser, "--list goes without '%s'", j.source);
  if (!pkt_options_folders(&j.parser, "--protocols", &j.protocols) ||
      !pkt_options_folders(&j.parser, "--templates", &j.templates))
    return PKT_EXIT_FAILED;
  j.service.protocol_dirs = j.protocols.list;
  j.service.template_dirs = j.templates.list;
  return j.list ? generate(&j) : check_and_generate(&j);
}
