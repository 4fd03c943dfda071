/* send.c - how fast a prebuilt frame goes out: ours beside a bare sendmmsg loop.
**
**   send SECONDS IFACE bare|ours
**
** Prints "N/s": frames of 60 bytes of an EtherType for experiments. Both keep to the same time and
** send in batches of the same size. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../src/io/raw.h"

#define FRAME 60      /* the shortest that Ethernet has, its check sequence left out */
#define ROUND 0x10000 /* frames between two looks at the clock */

static uint8_t frame[FRAME] = {2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 1, 1, 0x88, 0xb5};

static int fail(const char *what) {
  perror(what);
  return 1;
}

/* Returns 0, or -1 where sending failed. */
static int send_round_bare(int fd) {
  static struct mmsghdr messages[PKT_RAW_BATCH];
  static struct iovec piece = {.iov_base = frame, .iov_len = sizeof frame};
  for (int i = 0; i < PKT_RAW_BATCH; i++)
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
  for (int left = ROUND; left > 0;) {
    int n = sendmmsg(fd, messages, left < PKT_RAW_BATCH ? (unsigned)left : PKT_RAW_BATCH, 0);
    if (n <= 0) return -1;
    left -= n;
  }
  return 0;
}

static int open_bare(const char *interface) {
  struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0 || bind(fd, (const struct sockaddr *)(const void *)&at, sizeof at) != 0) return -1;
  return fd;
}

static void print_rate(uint64_t sent, int64_t nanoseconds) {
  printf("%.0f/s\n", (double)sent * 1e9 / (double)nanoseconds);
}

static int run_bare(const char *interface, int64_t time) {
  int fd = open_bare(interface);
  if (fd < 0) return fail("the bare socket");
  int64_t start = pkt_raw_now();
  uint64_t sent = 0;
  for (; pkt_raw_now() - start < time; sent += ROUND)
    if (send_round_bare(fd) != 0) return fail("sending");
  print_rate(sent, pkt_raw_now() - start);
  return 0;
}

static struct pkt_raw_piece same_frame(void *ctx) {
  (void)ctx;
  return (struct pkt_raw_piece){.bytes = frame, .len = sizeof frame};
}

static int run_ours(const char *interface, int64_t time) {
  const struct pkt_raw_setup setup = {.layer = 2, .interface = interface, .send_only = true};
  const struct pkt_raw_source source = {.next = same_frame, .life = PKT_RAW_SAME};
  struct pkt_err err = {0};
  struct pkt_raw *r = pkt_raw_open(&setup, &err);
  int64_t start = pkt_raw_now();
  uint64_t sent = 0, n = 0;
  int status = r ? 0 : -1;
  for (; status == 0 && pkt_raw_now() - start < time; sent += n)
    status = pkt_raw_send(r, &source, ROUND, 0, &n, &err);
  if (status == 0)
    print_rate(sent, pkt_raw_now() - start);
  else
    fprintf(stderr, "bench/send: %s\n", err.message);
  pkt_raw_close(r);
  return status == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: send SECONDS IFACE bare|ours\n");
    return 2;
  }
  int64_t time = (int64_t)(atof(argv[1]) * 1e9);
  return strcmp(argv[3], "bare") == 0 ? run_bare(argv[2], time) : run_ours(argv[2], time);
}
