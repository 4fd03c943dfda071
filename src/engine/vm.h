/* vm.h - the field engine: one packet and a few instructions become a stream of packets.
**
** The instructions are those that TRex takes ("flow_var", "write_flow_var"...), as JSON gives them.
** They are checked once and laid down as a flat program over one buffer that holds the packet. For
** every packet the program runs once, in the order of the instructions:
**
** flow_var             a number of 1, 2, 4 or 8 bytes within min_value..max_value, or one of
**                      value_list. inc and dec begin with init_value (a list's first, last
**                      element) and go around; a wrap uses up one step as any other, and step
**                      counts modulo the range. random draws from the stream's generator.
** flow_var_rand_limit  random, from a generator of its own that starts again after 'limit' values
** tuple_flow_var       NAME.ip and NAME.port: an address, and a port that moves when it wraps
** write_flow_var, write_mask_flow_var     a variable's value into the packet
** fix_checksum_ipv4, fix_checksum_hw, fix_checksum_icmpv6
** trim_pkt_size        the packet's length becomes a variable's value
**
** A variable that others name as 'next_var' moves when that one has come around, at once and not at
** its own place; the first packet moves all, so that it carries everybody's first value. A list
** comes around on the packet that carries its first element again, a rand_limit on that which
** starts its generator again, a random variable never. Writing a variable before the instruction
** that moves it writes what the packet before carried; the first packet then carries the value one
** step before init_value, or, where there is none before (random, tuples), the least.
**
** The generator has 32 bits: s = 214013 s + 2531011, of which 15 count: (s >> 16) & 0x7fff.
**
** Any packet of the stream is reached at once, whatever came before it: counters, chains, lists and
** tuples have closed forms, the generators are jumped in a logarithm of the distance. No program
** needs the packets before.
**
** Checksums equal those worked out anew over the packet as it then is. Where all that varies under
** one is known beforehand, only that is added up; else the bytes are read again. fix_checksum_hw
** and fix_checksum_icmpv6 sum what the IP header counts as its payload, or all bytes that are there
** where it counts more (or less than the checksum's place), IPv4 or IPv6 by the header's version.
**
** A program is used by one thread. Sources: the documents of TRex's stateless field engine; RFC
** 1071 and RFC 1624 (sums), RFC 768 (a UDP sum of 0), RFC 8200 section 8.1 (pseudo-header). */
#ifndef PKT_VM_H
#define PKT_VM_H

#include "packet.h"

struct pkt_vm;

struct pkt_vm_setup {
  const struct pkt_value *instructions; /* the list, or {"instructions": list, "cache": packets} */
  const uint8_t *packet;
  size_t len; /* bytes of 'packet': 1 to PKT_MAX_PACKET */
  const struct pkt_packet
      *layers;   /* as pkt_build left them: for warnings; NULL: none about fields */
  uint32_t seed; /* of the stream's generator */
};

/* Check and compile. All lies in 'arena' and goes with it; of 'setup' nothing is kept. NULL with
** *err naming instruction, parameter and what would be right. */
struct pkt_vm *pkt_vm_new(struct pkt_arena *arena, const struct pkt_vm_setup *setup,
                          struct pkt_err *err);

/* Let pkt_vm_next make packet 'n' of the stream, the first being 0. 'n' is below 2^63. */
void pkt_vm_seek(struct pkt_vm *vm, uint64_t n);

/* Make the next packet. What is returned is overwritten by the next call. */
const uint8_t *pkt_vm_next(struct pkt_vm *vm, uint32_t *len);

/* The number of the packet that pkt_vm_next makes next. */
uint64_t pkt_vm_tell(const struct pkt_vm *vm);

/* How many values there are: one per variable, two per tuple, in the order of the instructions. */
uint32_t pkt_vm_values(const struct pkt_vm *vm);

/* The name of value 'i', and what it is in the packet that was made last. */
const char *pkt_vm_name(const struct pkt_vm *vm, uint32_t i);
uint64_t pkt_vm_value(const struct pkt_vm *vm, uint32_t i);

/* After how many packets all that is written repeats: UINT64_MAX stands for that many or more. */
uint64_t pkt_vm_cycle(const struct pkt_vm *vm);

/* What a tester would want to know about the program. NULL: there are no more than 'i'. */
const char *pkt_vm_warning(const struct pkt_vm *vm, uint32_t i);

/* About how many bytes are worked on to make one packet: what a caller can bound. */
uint64_t pkt_vm_cost(const struct pkt_vm *vm);

#endif
