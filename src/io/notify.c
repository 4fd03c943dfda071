#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../engine/clock.h"
#include "log.h"
#include "thread.h"

#define SEND_MS 1000 /* to take a datagram: the manager doesn't hold the server up for longer */
#define STATUS_ROOM 512

/* A path, or a name with '@' in front, which stands for NUL: of the abstract kind. False: it is
** neither, or too long. */
static bool set_address(struct pkt_notify *n, const char *name) {
  size_t len = strlen(name);
  if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof n->to.sun_path) return false;
  n->to.sun_family = AF_UNIX;
  memcpy(n->to.sun_path, name, len + 1);
  if (name[0] == '@') n->to.sun_path[0] = '\0';
  n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
  return true;
}

static void open_socket(struct pkt_notify *n, const char *name) {
  const struct timeval patience = {.tv_sec = SEND_MS / 1000, .tv_usec = SEND_MS % 1000 * 1000};
  if (!set_address(n, name)) {
    pkt_log_error("NOTIFY_SOCKET: a path or @name of a socket expected, got '%.100s'", name);
    return;
  }
  n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (n->fd < 0)
    pkt_log_error("can't tell the service manager: %s", strerror(errno));
  else
    setsockopt(n->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* Half of the time after which the manager takes this process for dead; 0: it doesn't watch, or
** another process. */
static int64_t watch_time(const char *usec, const char *pid) {
  if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != getpid())) return 0;
  int64_t ms = strtoll(usec, NULL, 10) / 2000;
  return ms > INT_MAX ? INT_MAX : ms < 0 ? 0 : ms;
}

void pkt_notify_open(struct pkt_notify *n) {
  const char *name = getenv("NOTIFY_SOCKET");
  *n = (struct pkt_notify){.fd = -1};
  if (name != NULL) open_socket(n, name);
  if (n->fd >= 0) n->every_ms = watch_time(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
  n->due = n->every_ms > 0 ? pkt_now_ms() : 0;
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
}

void pkt_notify_close(struct pkt_notify *n) {
  if (n->fd >= 0) close(n->fd);
  n->fd = -1;
}

static void tell(struct pkt_notify *n, const char *text) {
  const struct sockaddr *to = (const struct sockaddr *)&n->to;
  if (sendto(n->fd, text, strlen(text), MSG_NOSIGNAL, to, n->to_len) < 0)
    pkt_log_error("can't tell the service manager %.*s: %s", (int)strcspn(text, "\n"), text,
                  strerror(errno));
}

void pkt_notify_ready(struct pkt_notify *n, const char *status, ...) {
  char line[STATUS_ROOM], text[STATUS_ROOM + 32];
  va_list args;
  if (n->fd < 0) return;
  va_start(args, status);
  vsnprintf(line, sizeof line, status, args);
  va_end(args);
  line[strcspn(line, "\n")] = '\0'; /* what follows would be another message */
  snprintf(text, sizeof text, "READY=1\nSTATUS=%s", line);
  tell(n, text);
}

void pkt_notify_reloading(struct pkt_notify *n) {
  char text[64];
  if (n->fd < 0) return;
  snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
           pkt_clock(CLOCK_MONOTONIC) / 1000);
  tell(n, text);
}

void pkt_notify_stopping(struct pkt_notify *n) {
  if (n->fd >= 0) tell(n, "STOPPING=1");
}

int pkt_notify_alive(struct pkt_notify *n) {
  if (n->every_ms == 0) return -1;
  int64_t now = pkt_now_ms();
  if (now >= n->due) {
    tell(n, "WATCHDOG=1");
    n->due = now + n->every_ms;
  }
  return (int)(n->due - now);
}
