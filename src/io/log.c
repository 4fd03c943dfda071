#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Set once, before there are threads; stdio locks the streams. */
static struct {
  const char *path;
  FILE *file;
  bool verbose;
} sink;

int pkt_log_open(const char *path, bool verbose, struct pkt_err *err) {
  sink.verbose = verbose;
  if (path == NULL) return 0;
  sink.path = path;
  sink.file = fopen(path, "ae");
  if (sink.file == NULL)
    return pkt_fail(err, PKT_ERR_VALUE, "can't open the log file %s: %s", path, strerror(errno));
  return 0;
}

bool pkt_log_wants_notes(void) { return sink.verbose || sink.file != NULL; }

static void write_line(FILE *out, const char *stamp, const char *text) {
  fprintf(out, "%s%s\n", stamp, text);
  fflush(out);
}

static void emit(bool to_stderr, const char *text) {
  if (to_stderr) write_line(stderr, "luapkt: ", text);
  if (sink.file == NULL) return;
  char stamp[64];
  struct timespec now;
  struct tm tm;
  clock_gettime(CLOCK_REALTIME, &now);
  size_t n = strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", localtime_r(&now.tv_sec, &tm));
  snprintf(stamp + n, sizeof stamp - n, ".%03ld ", now.tv_nsec / 1000000);
  write_line(sink.file, stamp, text);
}

/* Other threads write meanwhile: the stream stays, what it leads to is changed in one step. */
void pkt_log_reopen(void) {
  if (sink.file == NULL) return;
  int fd = open(sink.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0 || dup3(fd, fileno(sink.file), O_CLOEXEC) < 0)
    pkt_log_error("can't open the log file %s again: %s", sink.path, strerror(errno));
  if (fd >= 0) close(fd);
}

void pkt_log_error(const char *format, ...) {
  char line[PKT_LOG_LINE];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  emit(true, line);
}

void pkt_log_note(const char *format, ...) {
  if (!pkt_log_wants_notes()) return;
  char line[PKT_LOG_LINE];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  emit(sink.verbose, line);
}

void pkt_log_bytes(const char *what, const void *bytes, size_t len) {
  if (!pkt_log_wants_notes()) return;
  char text[PKT_LOG_LINE / 2];
  const unsigned char *p = bytes;
  size_t n = len < sizeof text - 1 ? len : sizeof text - 1;
  for (size_t i = 0; i < n; i++) text[i] = (p[i] >= ' ' && p[i] < 0x7f) ? (char)p[i] : '.';
  text[n] = '\0';
  pkt_log_note("%s (%zu bytes): %s%s", what, len, text, n < len ? "..." : "");
}
