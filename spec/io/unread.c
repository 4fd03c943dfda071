/* unread.c - replies that nobody reads; unread_spec.lua builds and runs it. Each argument is the
** name of a client, a letter, and the size of a reply to it, for which a line says why it was
** refused, or "sent". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/io/unread.h"

#define MOST 1000

int main(int argc, char **argv) {
  static zmq_msg_t replies[MOST];
  struct pkt_unread *u = pkt_unread_new();
  int sent = 0;
  if (!u) return 1;
  for (int i = 1; i < argc && i <= MOST; i++) {
    zmq_msg_t peer;
    size_t size = strtoull(argv[i] + 1, NULL, 10);
    zmq_msg_init_size(&peer, 1);
    memcpy(zmq_msg_data(&peer), argv[i], 1);
    const char *why = pkt_unread_refusal(u, &peer, size);
    puts(why ? why : "sent");
    if (!why) {
      zmq_msg_init_size(&replies[sent], size); /* never touched */
      pkt_unread_count(u, &peer, &replies[sent++]);
    }
    zmq_msg_close(&peer);
  }
  while (sent > 0) zmq_msg_close(&replies[--sent]);
  pkt_unread_free(u);
  return 0;
}
