/* raw_send.c - when a frame is due, in nanoseconds; raw_send_spec.lua builds and runs it.
** usage: raw_send START NUMBER RATE */
#include "../../src/io/raw_send.c"

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  printf("%lld\n", (long long)due(strtoll(argv[1], NULL, 10), strtoull(argv[2], NULL, 10),
                                  strtoull(argv[3], NULL, 10)));
  return 0;
}
