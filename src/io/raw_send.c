/* raw_send.c - frames sent: in batches, at a rate, or IP packets over the kernel's routes. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "raw_inner.h"

#define SECOND 1000000000ll

static volatile sig_atomic_t stopped; /* by this signal; 0: not */

void pkt_raw_stop(int signal) { stopped = signal; }

int pkt_raw_stopped(void) { return stopped; }

__extension__ typedef unsigned __int128 u128;

/* What one system call sends. */
struct batch {
  struct mmsghdr messages[PKT_RAW_BATCH];
  struct iovec pieces[PKT_RAW_BATCH];
  uint32_t len;
  uint8_t *copies; /* of frames that don't stay; NULL: all do */
  size_t used;
};

/* --------------------------------------------------------------------------- one system call */

/* May a call that has failed be tried again? A full queue is waited for, but not for ever if
** there is no progress; 'since' is when it was first found full. */
static bool may_wait(int64_t *since) {
  if (errno != ENOBUFS && errno != EAGAIN) return errno == EINTR;
  int64_t now = pkt_raw_now();
  if (*since == 0) *since = now;
  if (now - *since > PKT_RAW_PATIENCE_MS * (SECOND / 1000)) return false;
  poll(NULL, 0, 1);
  return true;
}

/* Fail because the frame is longer than the interface allows. */
static int refuse_size(const struct pkt_raw *r, uint32_t len, struct pkt_err *err) {
  struct ifreq request = {.ifr_flags = 0};
  memcpy(request.ifr_name, r->interface, sizeof r->interface);
  if (r->index == 0 || ioctl(r->fd, SIOCGIFMTU, &request) != 0)
    return pkt_fail(err, PKT_ERR_VALUE, "%u bytes are more than the interface can send", len);
  return pkt_fail(err, PKT_ERR_VALUE, "%u bytes are more than %s can send: %s%d at most", len,
                  r->interface, r->layer == 2 ? "a header and " : "", request.ifr_mtu);
}

static int refuse(const struct pkt_raw *r, uint32_t len, struct pkt_err *err) {
  if (errno == EMSGSIZE) return refuse_size(r, len, err);
  if (errno == EINVAL)
    return pkt_fail(err, PKT_ERR_VALUE, "a frame has at least 14 bytes, not %u", len);
  return pkt_raw_fail_on(r, err, "sending");
}

static int send_batch(struct pkt_raw *r, struct batch *b, uint64_t *sent, struct pkt_err *err) {
  int64_t since = 0;
  for (uint32_t done = 0; done < b->len;) {
    int n = sendmmsg(r->fd, b->messages + done, b->len - done, 0);
    if (n <= 0 && may_wait(&since)) continue;
    if (n <= 0) return refuse(r, (uint32_t)b->pieces[done].iov_len, err);
    done += (uint32_t)n;
    *sent += (uint32_t)n;
    since = 0;
  }
  return 0;
}

/* ------------------------------------------------------------------------------------ layer 3 */

/* Where an IP packet goes. */
union route {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/* The destination that the packet itself names: its offset and size by RFC 791 section 3.1 and RFC
** 8200 section 3. Returns 4 or 6, or -1 with *err. */
static int find_route(const struct pkt_raw *r, const struct pkt_raw_piece *p, union route *to,
                      struct pkt_err *err) {
  int version = p->len > 0 ? p->bytes[0] >> 4 : 0;
  memset(to, 0, sizeof *to);
  if (version == 4 && p->len >= 20) {
    to->v4.sin_family = AF_INET;
    memcpy(&to->v4.sin_addr, p->bytes + 16, 4);
    return 4;
  }
  if (version == 6 && p->len >= 40) {
    to->v6.sin6_family = AF_INET6;
    to->v6.sin6_scope_id = r->index;
    memcpy(&to->v6.sin6_addr, p->bytes + 24, 16);
    return 6;
  }
  return pkt_fail(err, PKT_ERR_VALUE, "layer 3 sends IPv4 and IPv6 packets; this is neither");
}

/* Let the socket send to groups and by no other interface than ours. */
static int set_way(const struct pkt_raw *r, int fd, struct pkt_err *err) {
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ||
      (r->index != 0 && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, r->interface,
                                   (socklen_t)strlen(r->interface)) != 0))
    return pkt_raw_fail(err, "the socket can't be bound");
  return 0;
}

/* The socket for that version, opened with the first packet. Both sorts bring their own header. */
static int find_socket(struct pkt_raw *r, int version, struct pkt_err *err) {
  int *fd = version == 4 ? &r->fd4 : &r->fd6;
  if (*fd >= 0) return *fd;
  int fresh = socket(version == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (fresh < 0) return pkt_raw_fail_open(err);
  if (set_way(r, fresh, err) != 0) {
    close(fresh);
    return -1;
  }
  return *fd = fresh; /* closed with the others */
}

/* The source that the kernel gives what goes there: connecting a UDP socket sends nothing. */
static int ask_kernel(int fd, int version, const union route *to, uint8_t out[16],
                      struct pkt_err *err) {
  union route from;
  socklen_t size = version == 4 ? sizeof to->v4 : sizeof to->v6;
  union route there = *to;
  if (version == 4)
    there.v4.sin_port = htons(9); /* discard; 0 is none that can be connected to */
  else
    there.v6.sin6_port = htons(9);
  if (connect(fd, &there.any, size) != 0) return 0;
  if (getsockname(fd, &from.any, &size) != 0) return pkt_raw_fail(err, "finding a route");
  if (version == 4)
    memcpy(out, &from.v4.sin_addr, 4);
  else
    memcpy(out, &from.v6.sin6_addr, 16);
  return version == 4 ? 4 : 16;
}

int pkt_raw_find_source(const struct pkt_raw *r, const struct pkt_raw_piece *packet,
                        uint8_t out[16], struct pkt_err *err) {
  union route to;
  int version = find_route(r, packet, &to, err);
  if (version < 0) return -1;
  int fd = socket(version == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return pkt_raw_fail_open(err);
  int n = set_way(r, fd, err) == 0 ? ask_kernel(fd, version, &to, out, err) : -1;
  close(fd);
  return n;
}

/* Say where it was to go, too. */
static int refuse_packet(const struct pkt_raw *r, const struct pkt_raw_piece *p,
                         const union route *to, int version, struct pkt_err *err) {
  char address[INET6_ADDRSTRLEN], what[sizeof address + 16];
  const void *bytes = version == 4 ? (const void *)&to->v4.sin_addr : &to->v6.sin6_addr;
  int number = errno;
  if (number == EMSGSIZE) return refuse_size(r, p->len, err);
  inet_ntop(version == 4 ? AF_INET : AF_INET6, bytes, address, sizeof address);
  snprintf(what, sizeof what, "sending to %s", address);
  errno = number;
  return pkt_raw_fail_on(r, err, what);
}

static int send_packet(struct pkt_raw *r, const struct pkt_raw_piece *p, struct pkt_err *err) {
  union route to;
  int64_t since = 0;
  int version = find_route(r, p, &to, err);
  if (version < 0) return -1;
  int fd = find_socket(r, version, err);
  if (fd < 0) return -1;
  socklen_t size = version == 4 ? sizeof to.v4 : sizeof to.v6;
  for (;;) {
    if (sendto(fd, p->bytes, p->len, 0, &to.any, size) >= 0) return 0;
    if (!may_wait(&since)) return refuse_packet(r, p, &to, version, err);
  }
}

/* --------------------------------------------------------------------------------- all of them */

/* When frame 'n' is due. */
static int64_t due(int64_t start, uint64_t n, uint64_t rate) {
  return start + (int64_t)((u128)n * SECOND / rate);
}

static void sleep_until(int64_t when) {
  const struct timespec t = {.tv_sec = when / SECOND, .tv_nsec = when % SECOND};
  while (!stopped && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}

/* How many frames go out at once: those of a millisecond at most, where there is a rate. */
static uint32_t batch_size(uint64_t left, uint64_t rate) {
  uint64_t n = PKT_RAW_BATCH;
  if (rate != 0 && rate / 1000 < n) n = rate / 1000 ? rate / 1000 : 1;
  return (uint32_t)(n < left ? n : left);
}

static void put_piece(struct batch *b, struct pkt_raw_piece p) {
  struct iovec *v = &b->pieces[b->len];
  *v = (struct iovec){.iov_base = (void *)(uintptr_t)p.bytes, .iov_len = p.len};
  if (b->copies) {
    v->iov_base = memcpy(b->copies + b->used, p.bytes, p.len);
    b->used += p.len;
  }
  b->messages[b->len++] = (struct mmsghdr){.msg_hdr = {.msg_iov = v, .msg_iovlen = 1}};
}

/* Fill the batch with up to 'n' frames: of copies, as many as there is room for. */
static void fill(struct batch *b, const struct pkt_raw_source *s, uint32_t n) {
  b->len = 0;
  b->used = 0;
  while (b->len < n && (!b->copies || b->used + PKT_MAX_PACKET <= PKT_RAW_BATCH_BYTES))
    put_piece(b, s->next(s->ctx));
}

/* The same frame is laid out once for all batches. */
static int send_frames(struct pkt_raw *r, const struct pkt_raw_source *s, struct batch *b,
                       uint64_t count, uint64_t rate, uint64_t *sent, struct pkt_err *err) {
  int64_t start = pkt_raw_now();
  for (uint32_t full = 0; *sent < count;) {
    uint32_t n = batch_size(count - *sent, rate);
    if (s->life != PKT_RAW_SAME || n > full) fill(b, s, full = n);
    if (s->life == PKT_RAW_SAME) b->len = n;
    if (rate != 0) sleep_until(due(start, *sent, rate));
    if (stopped) return 0;
    if (send_batch(r, b, sent, err) != 0) return -1;
  }
  return 0;
}

static int send_packets(struct pkt_raw *r, const struct pkt_raw_source *s, uint64_t count,
                        uint64_t rate, uint64_t *sent, struct pkt_err *err) {
  int64_t start = pkt_raw_now();
  for (; *sent < count; ++*sent) {
    const struct pkt_raw_piece p = s->next(s->ctx);
    if (rate != 0) sleep_until(due(start, *sent, rate));
    if (stopped) return 0;
    if (send_packet(r, &p, err) != 0) return -1;
  }
  return 0;
}

static int send_all(struct pkt_raw *r, const struct pkt_raw_source *s, uint64_t count,
                    uint64_t rate, uint64_t *sent, struct pkt_err *err) {
  if (r->layer == 3) return send_packets(r, s, count, rate, sent, err);
  if (r->index == 0)
    return pkt_fail(err, PKT_ERR_VALUE, "sending: which interface is meant has to be said");
  struct batch *b = malloc(sizeof *b);
  if (!b) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  b->copies = s->life == PKT_RAW_PASSES ? malloc(PKT_RAW_BATCH_BYTES) : NULL;
  int status = s->life == PKT_RAW_PASSES && !b->copies
                   ? pkt_fail(err, PKT_ERR_MEMORY, "out of memory")
                   : send_frames(r, s, b, count, rate, sent, err);
  free(b->copies);
  free(b);
  return status;
}

int pkt_raw_send(struct pkt_raw *r, const struct pkt_raw_source *source, uint64_t count,
                 uint64_t rate, uint64_t *sent, struct pkt_err *err) {
  *sent = 0;
  int status = send_all(r, source, count, rate, sent, err);
  r->stats.sent += *sent;
  return status;
}
