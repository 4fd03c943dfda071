/* vm.c - a field engine's program run, and any place of its stream found. */
#include "vm.h"

#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "arena.h"
#include "vm_program.h"

/* ------------------------------------------------------------------------------ the generator */

#define LCG_FACTOR 214013u
#define LCG_TERM 2531011u

static uint32_t draw15(uint32_t *state) {
  *state = *state * LCG_FACTOR + LCG_TERM;
  return *state >> 16 & 0x7fff;
}

/* One, two or four numbers as one, the first in front. */
static uint64_t draw(uint32_t *state, unsigned draws) {
  uint64_t v = draw15(state);
  if (draws > 1) v = (v << 16) + draw15(state);
  if (draws < 4) return v;
  uint64_t low = (uint64_t)draw15(state) << 16;
  low += draw15(state);
  return v << 32 | low;
}

/* The state after 'n' numbers: the map s -> a s + c applied n times is one such map again, found
** by squaring. */
static uint32_t jump(uint32_t state, uint64_t n) {
  uint32_t a = LCG_FACTOR, c = LCG_TERM;
  for (; n > 0; n >>= 1) {
    if (n & 1) state = state * a + c;
    c = a * c + c;
    a = a * a;
  }
  return state;
}

/* The value that a random variable has for what was drawn. */
static uint64_t pick(const struct vm_var *v, uint64_t drawn) {
  if (v->last < UINT32_MAX && drawn <= UINT32_MAX)
    drawn = (uint32_t)drawn % ((uint32_t)v->last + 1);
  else if (v->last < UINT64_MAX)
    drawn %= v->last + 1;
  return v->list ? v->list[drawn] : v->min + drawn;
}

/* --------------------------------------------------------------------------- one packet ahead */

static uint64_t value_at(const struct vm_var *v) {
  return v->list ? v->list[v->at] : v->min + v->at;
}

/* The next place of a counter. True: it has come around. */
static bool count(struct vm_var *v) {
  bool up = v->kind == VM_UP;
  uint64_t room = up ? v->last - v->at : v->at;
  bool around = room < v->step;
  if (!around)
    v->at = up ? v->at + v->step : v->at - v->step;
  else
    v->at = up ? v->step - room - 1 : v->last - (v->step - room - 1);
  return around;
}

static void next_flow(struct vm_var *v) {
  if (v->left == 0) {
    v->at = 0;
    v->port = v->port_min;
    v->left = v->limit ? v->limit - 1 : UINT64_MAX;
    return;
  }
  v->left--;
  if (v->at < v->last) {
    v->at++;
    return;
  }
  v->at = 0;
  if (v->port < v->port_max)
    v->port++;
  else
    v->port = v->unlimited ? VM_FREE_PORT : v->port_min;
}

/* Move one variable. True: it has come around. */
static bool move(struct pkt_vm *vm, struct vm_var *v) {
  uint64_t *value = &vm->values[v->slot];
  bool around = false;
  switch (v->kind) {
    case VM_RANDOM: *value = pick(v, draw(&vm->random, v->draws)); return false;
    case VM_RAND_LIMIT:
      around = v->left == 0;
      if (around) v->state = v->seed, v->left = v->limit;
      v->left--;
      *value = pick(v, draw(&v->state, v->draws));
      return around;
    case VM_TUPLE:
      next_flow(v);
      value[0] = v->min + v->at;
      value[1] = v->port;
      return false;
    default:
      around = count(v);
      *value = value_at(v);
      return around;
  }
}

/* Move a variable and those that it moves; the first packet moves all. */
static void move_chain(struct pkt_vm *vm, struct vm_var *v) {
  while ((move(vm, v) || vm->at == 0) && v->next != VM_NONE) v = &vm->vars[v->next];
}

/* ------------------------------------------------------------------------------ the program */

/* A checksum in memory order, from a sum that isn't the pseudo-sum of all zeros unless all are. */
static inline uint16_t fold(uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return (uint16_t)~sum;
}

/* UDP has no checksum where it is 0 (RFC 768); the complement's other zero stands for it. */
static inline uint16_t place_sum(const struct vm_write *w, uint8_t *packet, uint64_t sum) {
  uint16_t stored = fold(sum);
  if (stored == 0 && w->proto == 17) stored = 0xffff;
  memcpy(packet + w->at, &stored, 2);
  return stored;
}

static uint16_t sum_full(const struct pkt_vm *vm, const struct vm_write *w) {
  struct vm_range ranges[2];
  uint32_t len = w->kind == VM_SUM_IPV4 ? vm->len : vm->trimmed;
  uint32_t n = vm_sum_ranges(w, vm->packet, len, ranges);
  if (n == 0) {
    uint16_t stored;
    memcpy(&stored, vm->packet + w->at, 2);
    return stored;
  }
  memset(vm->packet + w->at, 0, 2);
  return place_sum(w, vm->packet, vm_sum_add(w, vm->packet, ranges, n));
}

static uint32_t shifted(const struct vm_write *w, uint64_t value) {
  uint32_t v = (uint32_t)(value + w->add);
  if (w->shift >= 32 || w->shift <= -32) return 0;
  return w->shift >= 0 ? v << w->shift : v >> -w->shift;
}

static uint32_t store_mask(const struct vm_write *w, uint8_t *packet, uint64_t value) {
  uint8_t *at = packet + w->at;
  uint32_t old = (uint32_t)(w->big_endian ? pkt_get_be(at, w->size) : pkt_get_le(at, w->size));
  uint32_t v = (old & ~w->mask) | (shifted(w, value) & w->mask), stored = 0;
  if (w->big_endian)
    pkt_put_be(at, w->size, v);
  else
    pkt_put_le(at, w->size, v);
  memcpy(&stored, at, w->size);
  return stored;
}

static inline uint64_t up(const struct vm_var *v, uint64_t value) {
  uint64_t room = v->min + v->last - value;
  return room >= v->step ? value + v->step : v->min + (v->step - room - 1);
}

static inline uint64_t down(const struct vm_var *v, uint64_t value) {
  uint64_t room = value - v->min;
  return room >= v->step ? value - v->step : v->min + v->last - (v->step - room - 1);
}

/* The two halves of a stored number added up, so that no carry is lost when they go into a sum. */
static inline uint64_t halves(uint64_t v) { return (v >> 32) + (v & 0xffffffff); }

static void run(struct pkt_vm *vm) {
  uint8_t *packet = vm->packet;
  uint64_t *values = vm->values, *sums = vm->sums;
  uint64_t x = 0; /* what was stored last, as it is in memory */
  for (const struct vm_op *op = vm->ops;; op++) {
    uint64_t *value = &values[op->slot];
    switch (op->code) {
      case VM_OP_MOVE: move_chain(vm, op->var); continue;
      case VM_OP_UP: *value = up(op->var, *value); continue;
      case VM_OP_DOWN: *value = down(op->var, *value); continue;
      case VM_OP_RANDOM: *value = pick(op->var, draw(&vm->random, op->var->draws)); continue;
      case VM_OP_STORE1: {
        uint8_t v = (uint8_t)(*value + op->add);
        packet[op->at] = v;
        x = v;
        break;
      }
      case VM_OP_STORE2BE:
      case VM_OP_STORE2LE: {
        uint16_t v = (uint16_t)(*value + op->add);
        if (op->code == VM_OP_STORE2BE) v = __builtin_bswap16(v);
        memcpy(packet + op->at, &v, 2);
        x = v;
        break;
      }
      case VM_OP_STORE4BE:
      case VM_OP_STORE4LE: {
        uint32_t v = (uint32_t)(*value + op->add);
        if (op->code == VM_OP_STORE4BE) v = __builtin_bswap32(v);
        memcpy(packet + op->at, &v, 4);
        x = v;
        break;
      }
      case VM_OP_STORE8BE:
      case VM_OP_STORE8LE: {
        uint64_t v = *value + op->add;
        if (op->code == VM_OP_STORE8BE) v = __builtin_bswap64(v);
        memcpy(packet + op->at, &v, 8);
        x = halves(v);
        break;
      }
      case VM_OP_MASK: x = store_mask(op->write, packet, *value); break;
      case VM_OP_SUM:
        x = place_sum(op->write, packet, sums[op->sum]);
        sums[op->sum] = op->add;
        break;
      case VM_OP_SUM_FULL: x = sum_full(vm, op->write); break;
      case VM_OP_ADD: break;
      case VM_OP_TRIM: vm->trimmed = (uint16_t)*value; continue;
      default: return;
    }
    sums[op->sums[0]] += x << op->rotate;
    sums[op->sums[1]] += x << op->rotate;
  }
}

const uint8_t *pkt_vm_next(struct pkt_vm *vm, uint32_t *len) {
  if (vm->cache && vm->at == vm->cache) {
    uint64_t told = vm->told;
    pkt_vm_seek(vm, 0);
    vm->told = told;
  }
  if (vm->fresh) memcpy(vm->packet, vm->base, vm->len);
  vm->trimmed = vm->len;
  run(vm);
  vm->at++;
  vm->told++;
  *len = vm->trimmed;
  return vm->packet;
}

/* --------------------------------------------------------------------------- anywhere at once */

/* How often a variable has come around after 'moves' moves; the first move, which moves all of a
** chain, counts as once. */
static uint64_t times_around(const struct vm_var *v, uint64_t moves) {
  if (moves == 0) return 0;
  if (v->kind == VM_RANDOM) return 1;
  if (v->kind == VM_RAND_LIMIT) return 1 + (moves - 1) / v->limit;
  uint64_t first = v->kind == VM_UP ? v->first : v->last - v->first;
  vm_u128 way = (vm_u128)(moves - 1) * v->step + first;
  return 1 + (uint64_t)(way / ((vm_u128)v->last + 1));
}

/* Which of a variable's 'moves': until the packet that is sought, and for counting what is drawn
** before one and until it is done. */
enum { UNTIL, BEFORE, DONE };

/* How often each variable moves in packets 0 to n - 1. Who moves others comes before them. */
static void count_moves(struct pkt_vm *vm, int which, uint64_t n) {
  for (uint32_t i = 0; i < vm->norder; i++) {
    struct vm_var *v = vm->order[i];
    const struct vm_var *mover = v->mover == VM_NONE ? NULL : &vm->vars[v->mover];
    v->moves[which] = mover ? times_around(mover, mover->moves[which]) : n;
  }
}

/* The move, from 1, with which a variable comes around for the 'times'-th time, 'times' being at
** least 1. */
static uint64_t move_of_round(const struct vm_var *v, uint64_t times) {
  if (times == 1) return 1;
  if (v->kind == VM_RAND_LIMIT) return (times - 1) * v->limit + 1;
  uint64_t first = v->kind == VM_UP ? v->first : v->last - v->first;
  vm_u128 way = (vm_u128)(times - 1) * ((vm_u128)v->last + 1) - first;
  return (uint64_t)((way + v->step - 1) / v->step) + 1;
}

/* The packet in which a variable makes a move, from 1. */
static uint64_t packet_of_move(const struct pkt_vm *vm, const struct vm_var *v, uint64_t moves) {
  for (; v->mover != VM_NONE; v = &vm->vars[v->mover])
    moves = move_of_round(&vm->vars[v->mover], moves);
  return moves - 1;
}

/* How many numbers the stream's generator gives, modulo 2^64, before packet 'n' and, in it, to the
** first 'order' variables. */
static uint64_t draws_before(struct pkt_vm *vm, uint64_t n, uint32_t order) {
  uint64_t draws = 0;
  count_moves(vm, BEFORE, n);
  count_moves(vm, DONE, n + 1);
  for (uint32_t i = 0; i < vm->norder; i++) {
    const struct vm_var *v = vm->order[i];
    if (v->kind == VM_RANDOM) draws += v->draws * v->moves[i < order ? DONE : BEFORE];
  }
  return draws;
}

static void seek_counter(struct vm_var *v, uint64_t moves) {
  vm_u128 range = (vm_u128)v->last + 1;
  uint64_t first = v->kind == VM_UP ? v->first : v->last - v->first;
  vm_u128 way = moves > 0 ? (vm_u128)(moves - 1) * v->step + first : range + first - v->step;
  v->at = (uint64_t)(way % range);
  if (v->kind == VM_DOWN) v->at = v->last - v->at;
}

static void seek_flow(struct vm_var *v, uint64_t moves) {
  uint64_t flow = moves > 0 ? moves - 1 : 0, ips = v->last + 1;
  uint64_t ports = v->port_max - v->port_min + 1;
  if (v->limit) flow %= v->limit;
  v->left = v->limit ? v->limit - 1 - flow : UINT64_MAX - flow;
  if (moves == 0) v->left = 0;
  v->at = flow % ips;
  uint64_t port = flow / ips;
  if (v->unlimited && port >= ports)
    v->port = (uint32_t)(VM_FREE_PORT + (port - ports) % (65536 - VM_FREE_PORT));
  else
    v->port = (uint32_t)(v->port_min + port % ports);
}

static uint64_t seek_rand_limit(struct vm_var *v, uint64_t moves) {
  uint64_t done = moves > 0 ? (moves - 1) % v->limit : 0;
  v->left = moves > 0 ? v->limit - 1 - done : 0;
  v->state = jump(v->seed, done * v->draws);
  return moves > 0 ? pick(v, draw(&v->state, v->draws)) : pick(v, 0);
}

static uint64_t seek_random(struct pkt_vm *vm, const struct vm_var *v, uint32_t order) {
  uint64_t moves = v->moves[UNTIL];
  if (moves == 0) return pick(v, 0);
  uint64_t packet = packet_of_move(vm, v, moves);
  uint32_t state = jump(vm->seed, draws_before(vm, packet, order));
  return pick(v, draw(&state, v->draws));
}

static void seek_var(struct pkt_vm *vm, uint32_t order) {
  struct vm_var *v = vm->order[order];
  uint64_t *value = &vm->values[v->slot], moves = v->moves[UNTIL];
  switch (v->kind) {
    case VM_RANDOM: *value = seek_random(vm, v, order); break;
    case VM_RAND_LIMIT: *value = seek_rand_limit(v, moves); break;
    case VM_TUPLE:
      seek_flow(v, moves);
      value[0] = v->min + v->at;
      value[1] = v->port;
      break;
    default: seek_counter(v, moves); *value = value_at(v);
  }
}

void pkt_vm_seek(struct pkt_vm *vm, uint64_t n) {
  vm->told = n;
  vm->at = vm->cache ? n % vm->cache : n;
  count_moves(vm, UNTIL, vm->at);
  for (uint32_t i = 0; i < vm->norder; i++) seek_var(vm, i);
  vm->random = jump(vm->seed, draws_before(vm, vm->at, 0));
}

/* ---------------------------------------------------------------------------------- the cycle */

static uint64_t common(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* a * b, or UINT64_MAX where that is more. */
static uint64_t times(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t least_common(uint64_t a, uint64_t b) {
  if (a == UINT64_MAX || b == UINT64_MAX) return UINT64_MAX;
  return times(a / common(a, b), b);
}

static bool is_slot_used(const struct pkt_vm *vm, uint32_t slot) {
  for (uint32_t i = 0; i < vm->nwrites; i++)
    if (vm->writes[i].slot == slot) return true;
  for (uint32_t i = 0; i < vm->nsteps; i++)
    if (vm->steps[i].kind == VM_STEP_TRIM && vm->steps[i].index == slot) return true;
  return false;
}

bool vm_is_used(const struct pkt_vm *vm, const struct vm_var *v) {
  return is_slot_used(vm, v->slot) || (v->kind == VM_TUPLE && is_slot_used(vm, v->slot + 1));
}

bool vm_has_lead(const struct pkt_vm *vm, const struct vm_var *v) {
  return v->kind == VM_TUPLE && v->unlimited && v->port_min < VM_FREE_PORT &&
         is_slot_used(vm, v->slot + 1);
}

/* After how many moves a variable's values repeat, but for what the stream's generator gives. */
static uint64_t period(const struct pkt_vm *vm, const struct vm_var *v) {
  uint64_t ips = v->last + 1;
  switch (v->kind) {
    case VM_RANDOM: return 1;
    case VM_RAND_LIMIT: return v->limit;
    case VM_TUPLE: {
      if (vm_has_lead(vm, v)) return UINT64_MAX;
      uint64_t flows =
          times(ips, v->unlimited ? 65536 - VM_FREE_PORT : v->port_max - v->port_min + 1);
      return v->limit && v->limit % flows != 0 ? v->limit : flows;
    }
    default: {
      vm_u128 range = (vm_u128)v->last + 1;
      if (v->step == 0) return 1;
      if (v->last < UINT64_MAX) return (uint64_t)range / common((uint64_t)range, v->step);
      uint64_t even = v->step & (0 - v->step); /* the range is 2^64 */
      return even == 1 ? UINT64_MAX : (uint64_t)(range / even);
    }
  }
}

/* How often a variable comes around in so many moves, a multiple of its period. */
static uint64_t rounds_in(const struct vm_var *v, uint64_t moves) {
  if (v->kind == VM_RANDOM) return 0;
  if (v->kind == VM_RAND_LIMIT) return moves / v->limit;
  return (uint64_t)((vm_u128)moves * v->step / ((vm_u128)v->last + 1));
}

/* After how many packets each variable and those that move it are where they were. */
static void find_cycles(struct pkt_vm *vm) {
  for (uint32_t i = 0; i < vm->norder; i++) {
    struct vm_var *v = vm->order[i];
    const struct vm_var *mover = v->mover == VM_NONE ? NULL : &vm->vars[v->mover];
    v->cycle = mover ? mover->cycle : 1;
    v->cycle_moves = 1;
    if (v->cycle == UINT64_MAX) continue;
    if (mover) v->cycle_moves = rounds_in(mover, mover->cycle_moves);
    uint64_t p = period(vm, v), more = p == UINT64_MAX ? p : p / common(p, v->cycle_moves % p);
    v->cycle_moves = times(v->cycle_moves, more);
    v->cycle = times(v->cycle, more);
  }
}

/* After how many numbers of the generator those bits of them repeat that a variable uses: the low
** k + 16 bits of its state have the period 2^(k + 16). */
static uint64_t generator_period(const struct vm_var *v) {
  unsigned bits = 0;
  bool power = (v->last & (v->last + 1)) == 0;
  if (v->last == 0) return 1;
  while (bits < 15 && (v->last >> bits) != 0) bits++;
  return 1ull << (16 + (power ? bits : 15));
}

/* What the cycle of all else has to be multiplied with for the random variables. */
static uint64_t random_factor(struct pkt_vm *vm, uint64_t cycle) {
  uint64_t longest = 1, draws = 0;
  count_moves(vm, BEFORE, 1);
  count_moves(vm, DONE, cycle + 1);
  for (uint32_t i = 0; i < vm->nvars; i++) {
    const struct vm_var *v = &vm->vars[i];
    if (v->kind != VM_RANDOM) continue;
    draws += v->draws * (v->moves[DONE] - v->moves[BEFORE]);
    if (vm_is_used(vm, v) && generator_period(v) > longest) longest = generator_period(v);
  }
  return longest / common(longest, draws % longest);
}

uint64_t vm_find_cycle(struct pkt_vm *vm) {
  uint64_t cycle = 1;
  bool random = false;
  find_cycles(vm);
  for (uint32_t i = 0; i < vm->nvars; i++)
    random = random || (vm->vars[i].kind == VM_RANDOM && vm_is_used(vm, &vm->vars[i]));
  for (uint32_t i = 0; i < vm->nvars; i++)
    if (vm_is_used(vm, &vm->vars[i]) || (random && vm->vars[i].kind == VM_RANDOM))
      cycle = least_common(cycle, vm->vars[i].cycle);
  if (random && cycle != UINT64_MAX) cycle = times(cycle, random_factor(vm, cycle));
  return vm->cache && vm->cache % cycle != 0 ? vm->cache : cycle;
}

/* ------------------------------------------------------------------------- making and asking */

static int set_up(struct pkt_vm *vm, const struct pkt_vm_setup *setup, struct pkt_err *err) {
  if (setup->len == 0) return pkt_fail(err, PKT_ERR_VALUE, "the packet has no bytes");
  if (setup->len > PKT_MAX_PACKET)
    return pkt_fail(err, PKT_ERR_LIMIT, "the packet has %zu bytes, over the limit of %d",
                    setup->len, PKT_MAX_PACKET);
  vm->len = (uint32_t)setup->len;
  vm->base = pkt_memdup(vm->arena, setup->packet, vm->len);
  vm->packet = pkt_memdup(vm->arena, setup->packet, vm->len);
  vm->seed = setup->seed;
  if (!vm->base || !vm->packet) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (vm_read(vm, setup->instructions, err) != 0 || vm_plan(vm, err) != 0) return -1;
  vm->cycle = vm_find_cycle(vm);
  pkt_vm_seek(vm, 0);
  return vm_warn(vm, setup->layers, err);
}

struct pkt_vm *pkt_vm_new(struct pkt_arena *arena, const struct pkt_vm_setup *setup,
                          struct pkt_err *err) {
  struct pkt_vm *vm = pkt_calloc(arena, sizeof *vm);
  if (!vm) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  vm->arena = arena;
  return set_up(vm, setup, err) == 0 ? vm : NULL;
}

uint64_t pkt_vm_tell(const struct pkt_vm *vm) { return vm->told; }
uint32_t pkt_vm_values(const struct pkt_vm *vm) { return vm->nslots; }
const char *pkt_vm_name(const struct pkt_vm *vm, uint32_t i) { return vm->slots[i].name; }
uint64_t pkt_vm_value(const struct pkt_vm *vm, uint32_t i) { return vm->values[i]; }
uint64_t pkt_vm_cycle(const struct pkt_vm *vm) { return vm->cycle; }

const char *pkt_vm_warning(const struct pkt_vm *vm, uint32_t i) {
  return i < vm->nwarnings ? vm->warnings[i] : NULL;
}

uint64_t pkt_vm_cost(const struct pkt_vm *vm) {
  uint64_t cost = 16ull * vm->nops + vm->len;
  for (uint32_t i = 0; i < vm->nwrites; i++)
    if (vm->writes[i].full) cost += vm->len;
  return cost;
}
