/* raw.c - raw sockets: opened, received from. */
#include "raw.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../engine/clock.h"
#include "../wire/bits.h"
#include "live.h"
#include "raw_inner.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23 /* Linux 4.20 */
#endif

#define SECOND 1000000000ll

/* EtherTypes begin here; below, the two bytes are a length (IEEE 802.3 clause 3.2.6). */
#define FIRST_TYPE 0x600

/* Bytes that the kernel charges a socket's buffer for even the shortest frame: the struct sk_buff
** alone takes more than 200. */
#define LEAST_CHARGED 256

int64_t pkt_raw_now(void) { return pkt_clock(CLOCK_MONOTONIC); }

int pkt_raw_fail(struct pkt_err *err, const char *what) {
  bool denied = errno == EPERM || errno == EACCES;
  return pkt_fail(err, denied ? PKT_ERR_DENIED : PKT_ERR_SYSTEM, "%s: %s", what,
                  errno == EINTR ? "interrupted by a signal" : strerror(errno));
}

int pkt_raw_fail_on(const struct pkt_raw *r, struct pkt_err *err, const char *what) {
  char text[PKT_RAW_NAME + 80];
  int number = errno;
  snprintf(text, sizeof text, "%s%s%s", what, r->index != 0 ? " on " : "", r->interface);
  errno = number;
  return pkt_raw_fail(err, text);
}

int pkt_raw_fail_open(struct pkt_err *err) {
  if (errno == EPERM || errno == EACCES)
    return pkt_fail(err, PKT_ERR_DENIED, "raw sockets need root or the capability CAP_NET_RAW");
  return pkt_raw_fail(err, "no socket");
}

/* ----------------------------------------------------------------------------------- opening */

static int find_interface(struct pkt_raw *r, const char *name, struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  if (!name) return 0;
  size_t n = strlen(name);
  r->index = n > 0 && n < PKT_RAW_NAME ? if_nametoindex(name) : 0;
  if (r->index == 0)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "there is no interface %s", pkt_quote(quote, name, n));
  memcpy(r->interface, name, n + 1);
  return 0;
}

/* The size may exceed net.core.rmem_max only with CAP_NET_ADMIN; otherwise what that allows has
** to do. */
static void set_buffer(int fd, uint32_t bytes) {
  int n = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &n, sizeof n) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof n);
}

static int set_options(struct pkt_raw *r, const struct pkt_raw_setup *s, struct pkt_err *err) {
  int on = 1;
  if (setsockopt(r->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0)
    return pkt_raw_fail(err, "VLAN tags can't be asked for");
  if (setsockopt(r->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
    return pkt_raw_fail(err, "time stamps can't be asked for");
  if (!s->outgoing) /* an older kernel's are told by their kind */
    setsockopt(r->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  set_buffer(r->fd, s->buffer ? s->buffer : PKT_RAW_BUFFER);
  return s->filter ? pkt_raw_attach(r, s->filter, err) : 0;
}

/* A socket bound to one type gets no outgoing frames from the kernel, and lengths in place of
** types aren't known to it: in both cases everything is received, and is_wanted() chooses. */
static uint16_t bound_type(const struct pkt_raw_setup *s) {
  if (s->send_only) return 0;
  return s->has_type && s->type >= FIRST_TYPE && !s->outgoing ? s->type : ETH_P_ALL;
}

static int bind_socket(const struct pkt_raw *r, const struct pkt_raw_setup *s,
                       struct pkt_err *err) {
  struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)r->index};
  pkt_put_be16((uint8_t *)&at.sll_protocol, bound_type(s));
  if (bind(r->fd, (const struct sockaddr *)(const void *)&at, sizeof at) != 0)
    return pkt_raw_fail(err, "the socket can't be bound");
  return 0;
}

/* Membership ends with the socket, so no other program's promiscuous mode is switched off. */
static int set_promiscuous(const struct pkt_raw *r, struct pkt_err *err) {
  struct packet_mreq request = {.mr_ifindex = (int)r->index, .mr_type = PACKET_MR_PROMISC};
  if (r->index == 0)
    return pkt_fail(err, PKT_ERR_VALUE, "promiscuous: which interface is meant has to be said");
  if (setsockopt(r->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) != 0)
    return pkt_raw_fail(err, "promiscuous mode");
  return 0;
}

static int open_socket(struct pkt_raw *r, const struct pkt_raw_setup *s, struct pkt_err *err) {
  if (s->layer != 2 && s->layer != 3)
    return pkt_fail(err, PKT_ERR_VALUE, "layer: 2 or 3 expected, not %d", s->layer);
  r->layer = s->layer;
  r->has_type = s->has_type;
  r->type = s->type;
  r->outgoing = s->outgoing;
  if (find_interface(r, s->interface, err) != 0) return -1;
  int kind = (s->layer == 2 ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC;
  r->fd = socket(AF_PACKET, kind, 0); /* no type yet: it receives nothing */
  if (r->fd < 0) return pkt_raw_fail_open(err);
  if (!s->send_only) r->room = malloc(PKT_RAW_HEAD + PKT_MAX_PACKET);
  if (!s->send_only && !r->room) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (!s->send_only && set_options(r, s, err) != 0) return -1;
  if (bind_socket(r, s, err) != 0) return -1;
  return s->promiscuous ? set_promiscuous(r, err) : 0;
}

struct pkt_raw *pkt_raw_open(const struct pkt_raw_setup *setup, struct pkt_err *err) {
  struct pkt_raw *r = calloc(1, sizeof *r);
  if (!r) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory"), NULL;
  r->fd = r->fd4 = r->fd6 = -1;
  if (open_socket(r, setup, err) == 0) return r;
  pkt_raw_close(r);
  return NULL;
}

void pkt_raw_close(struct pkt_raw *r) {
  if (!r) return;
  const int fds[] = {r->fd, r->fd4, r->fd6};
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
    if (fds[i] >= 0) close(fds[i]);
  pkt_raw_program_free(r->program);
  free(r->room);
  free(r);
}

/* ---------------------------------------------------------------------------------- receiving */

/* What recvmsg tells beside the bytes. */
union control {
  struct cmsghdr align;
  char room[CMSG_SPACE(sizeof(struct tpacket_auxdata)) + CMSG_SPACE(sizeof(struct timespec)) + 64];
};

/* Put a tag in front of the type of the frame, whose 'len' bytes become four more. */
static void put_tag(struct pkt_raw_frame *f, uint16_t tpid) {
  uint8_t *start = (uint8_t *)(uintptr_t)f->bytes - 4; /* in the socket's own room */
  memmove(start, start + 4, 12);
  pkt_put_be16(start + 12, tpid);
  pkt_put_be16(start + 14, f->tag);
  f->bytes = start;
  f->len += 4;
  f->wire_len += 4;
}

static void read_auxdata(const struct pkt_raw *r, struct pkt_raw_frame *f,
                         const struct tpacket_auxdata *aux) {
  f->unsummed = (aux->tp_status & TP_STATUS_CSUMNOTREADY) != 0;
  if (!(aux->tp_status & TP_STATUS_VLAN_VALID)) return;
  f->tagged = true;
  f->tag = aux->tp_vlan_tci;
  if (r->layer == 2 && f->len >= 12)
    put_tag(f, aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid : ETHERTYPE_VLAN);
}

static void read_control(const struct pkt_raw *r, struct pkt_raw_frame *f, struct msghdr *m) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
    struct tpacket_auxdata aux;
    struct timespec t;
    if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
      memcpy(&aux, CMSG_DATA(c), sizeof aux);
      read_auxdata(r, f, &aux);
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      memcpy(&t, CMSG_DATA(c), sizeof t);
      f->time = t.tv_sec * SECOND + t.tv_nsec;
    }
  }
}

/* Take what has come, if anything has. Returns as pkt_raw_receive does. */
static int take(struct pkt_raw *r, struct pkt_raw_frame *f, struct pkt_err *err) {
  struct sockaddr_ll from = {.sll_family = 0};
  union control control;
  struct iovec to = {.iov_base = r->room + PKT_RAW_HEAD, .iov_len = PKT_MAX_PACKET};
  struct msghdr m = {.msg_name = &from,
                     .msg_namelen = sizeof from,
                     .msg_iov = &to,
                     .msg_iovlen = 1,
                     .msg_control = &control,
                     .msg_controllen = sizeof control};
  ssize_t n = recvmsg(r->fd, &m, MSG_DONTWAIT | MSG_TRUNC);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  if (n < 0) return pkt_raw_fail_on(r, err, "receiving");
  *f = (struct pkt_raw_frame){.bytes = r->room + PKT_RAW_HEAD, .wire_len = (uint32_t)n};
  f->cut = n > PKT_MAX_PACKET;
  f->len = f->cut ? PKT_MAX_PACKET : (uint32_t)n;
  f->interface = (uint32_t)from.sll_ifindex;
  f->type = pkt_get_be16((const uint8_t *)&from.sll_protocol);
  f->kind = (enum pkt_raw_kind)from.sll_pkttype;
  if (f->kind > PKT_RAW_OUTGOING) f->kind = PKT_RAW_OTHER;
  read_control(r, f, &m);
  return 1;
}

/* The kernel's name for a frame with a length in place of its type says nothing of that. */
static uint16_t type_of(const struct pkt_raw *r, const struct pkt_raw_frame *f) {
  uint32_t at = f->tagged ? 16 : 12;
  if (r->layer == 3 || f->type >= FIRST_TYPE || f->len < at + 2) return f->type;
  return pkt_get_be16(f->bytes + at);
}

static bool is_wanted(const struct pkt_raw *r, struct pkt_raw_frame *f) {
  f->type = type_of(r, f);
  if (f->kind == PKT_RAW_OUTGOING && !r->outgoing) return false;
  if (r->has_type && f->type != r->type) return false;
  if (r->layer == 3 && f->type != ETHERTYPE_IP && f->type != ETHERTYPE_IPV6) return false;
  return !r->program || pkt_raw_passes(r->program, f->bytes, f->len, f->wire_len);
}

/* Wait until there may be something. 1: there may be; 0: the time is over; -1 with *err. */
static int wait_for(const struct pkt_raw *r, int64_t deadline, struct pkt_err *err) {
  struct pollfd p = {.fd = r->fd, .events = POLLIN};
  int64_t left = deadline < 0 ? 0 : deadline - pkt_raw_now();
  if (left < 0) left = 0;
  struct timespec t = {.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
  int n = ppoll(&p, 1, deadline < 0 ? NULL : &t, NULL);
  return n < 0 ? pkt_raw_fail_on(r, err, "receiving") : n;
}

/* The timeout counts for the whole call: unwanted frames don't extend it. */
int pkt_raw_receive(struct pkt_raw *r, int64_t timeout, struct pkt_raw_frame *out,
                    struct pkt_err *err) {
  if (!r->room) return pkt_fail(err, PKT_ERR_VALUE, "the socket was opened to send only");
  int64_t start = pkt_raw_now();
  int64_t deadline = timeout < 0 ? -1 : timeout > INT64_MAX - start ? INT64_MAX : start + timeout;
  for (;;) {
    int got = take(r, out, err);
    if (got < 0) return -1;
    if (got > 0 && is_wanted(r, out)) return 1;
    if (got > 0 && (deadline < 0 || pkt_raw_now() < deadline)) continue;
    if (got > 0) return 0;
    got = wait_for(r, deadline, err);
    if (got <= 0) return got;
  }
}

/* How many frames the socket's buffer can hold at most. */
static uint32_t most_held(const struct pkt_raw *r) {
  int bytes = 0; /* with what the kernel charges for its own use */
  socklen_t size = sizeof bytes;
  if (getsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size) != 0 || bytes < 0) bytes = INT32_MAX;
  return (uint32_t)bytes / LEAST_CHARGED;
}

/* Bounded, so that it ends even while more frames keep coming. */
int pkt_raw_drain(struct pkt_raw *r, struct pkt_err *err) {
  char byte;
  for (uint32_t left = most_held(r); left > 0; left--) {
    if (recv(r->fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : pkt_raw_fail_on(r, err, "receiving");
  }
  return 0;
}

/* Asking starts the kernel's counters anew. */
void pkt_raw_stats(struct pkt_raw *r, struct pkt_raw_stats *out) {
  struct tpacket_stats now = {0};
  socklen_t n = sizeof now;
  if (getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &now, &n) == 0) {
    r->stats.received += now.tp_packets - now.tp_drops;
    r->stats.dropped += now.tp_drops;
  }
  *out = r->stats;
}

const struct pkt_sockets pkt_sockets = {
    .open = pkt_raw_open,
    .close = pkt_raw_close,
    .receive = pkt_raw_receive,
    .send = pkt_raw_send,
    .find_source = pkt_raw_find_source,
    .filter = pkt_raw_filter,
    .drain = pkt_raw_drain,
    .stats = pkt_raw_stats,
    .interfaces = pkt_raw_interfaces,
    .now = pkt_raw_now,
    .compile = pkt_raw_compile,
    .passes = pkt_raw_passes,
    .forget = pkt_raw_program_free,
    .live_open = pkt_live_open,
    .live_read = pkt_live_read,
    .live_stop = pkt_live_stop,
    .live_stopped = pkt_live_stopped,
    .live_lost = pkt_live_lost,
    .live_close = pkt_live_close,
    .live_interfaces = pkt_live_interfaces,
};
