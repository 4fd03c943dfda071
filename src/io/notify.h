/* notify.h - what a service manager is told: systemd's protocol, as sd_notify(3) describes it.
**
** Where NOTIFY_SOCKET names a socket, each change of the server's state is a datagram to it; where
** it doesn't, all of this does nothing. What can't be told is logged, and the server goes on. For
** one thread. */
#ifndef PKT_NOTIFY_H
#define PKT_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct pkt_notify {
  int fd; /* -1: nobody wants to be told */
  struct sockaddr_un to;
  socklen_t to_len;
  int64_t every_ms; /* between signs of life; 0: none are wanted */
  int64_t due;      /* of pkt_now_ms(): the next one */
};

/* Take NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, lest a child takes
** them for its own. Call before there are threads. */
void pkt_notify_open(struct pkt_notify *n);
void pkt_notify_close(struct pkt_notify *n);

/* Requests are answered, after the start or a reload; 'status' is a line for whoever asks how it
** is, printf-like. */
void pkt_notify_ready(struct pkt_notify *n, const char *status, ...)
    __attribute__((format(printf, 2, 3)));

/* A reload has been asked for: pkt_notify_ready() says when it is over. */
void pkt_notify_reloading(struct pkt_notify *n);

/* No more requests are read. */
void pkt_notify_stopping(struct pkt_notify *n);

/* Give the sign of life, if it is due. Returns the milliseconds until the next one, or -1: none is
** wanted. */
int pkt_notify_alive(struct pkt_notify *n);

#endif
