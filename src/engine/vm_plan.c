/* vm_plan.c - how each checksum of a field engine is kept, and the program laid down.
**
** The packet is made in one buffer, over the packet made before: what the program doesn't write
** stays, what it writes is written for every packet. That is the same as a fresh copy unless a
** checksum covers what is written after it, or leaves its place as it was; then every packet
** begins with a copy. */
#include "../wire/bits.h"
#include "../wire/checksum.h"
#include "arena.h"
#include "vm_program.h"

static bool is_sum(const struct vm_write *w) {
  return w->kind == VM_SUM_IPV4 || w->kind == VM_SUM_L4;
}

/* ------------------------------------------------------------------------- what a sum covers */

static uint32_t ipv4_range(const struct vm_write *w, const uint8_t *packet, uint32_t len,
                           struct vm_range *out) {
  uint32_t size = w->l3_len ? w->l3_len : (packet[w->l3] & 15) * 4u;
  if (w->l3_len && packet[w->l3] >> 4 != 4) return 0;
  if (size > len - w->l3) size = len - w->l3;
  *out = (struct vm_range){w->l3, w->l3 + size};
  return 1;
}

uint32_t vm_sum_ranges(const struct vm_write *w, const uint8_t *packet, uint32_t len,
                       struct vm_range out[2]) {
  if (w->kind == VM_SUM_IPV4) return ipv4_range(w, packet, len, out);
  const uint8_t *l3 = packet + w->l3;
  unsigned version = l3[0] >> 4;
  bool v6 = version == 6;
  if (len < w->at + 2 || w->l3_len < (v6 ? 40 : 20)) return 0;
  if (!v6 && (version != 4 || w->proto == 58)) return 0;
  uint32_t end = w->l3 + (v6 ? 40u + pkt_get_be16(l3 + 4) : pkt_get_be16(l3 + 2));
  if (end > len || end < w->at + 2) end = len;
  out[0] = (struct vm_range){w->l3 + w->l3_len, end};
  out[1] = (struct vm_range){w->l3 + (v6 ? 8 : 12), w->l3 + (v6 ? 40 : 20)};
  return 2;
}

uint64_t vm_sum_add(const struct vm_write *w, const uint8_t *packet, const struct vm_range *ranges,
                    uint32_t n) {
  uint64_t sum = 0;
  uint8_t tail[8];
  if (w->kind == VM_SUM_L4) {
    pkt_put_be64(tail, (uint64_t)(ranges[0].to - ranges[0].from) << 32 | w->proto);
    sum = pkt_inet_add(sum, tail, sizeof tail);
  }
  while (n-- > 0) /* the one that may have an odd length is the first */
    sum = pkt_inet_add(sum, packet + ranges[n].from, ranges[n].to - ranges[n].from);
  return sum;
}

static bool touches(const struct vm_write *w, uint32_t from, uint32_t to) {
  return w->at < to && w->at + w->size > from;
}

static bool meets(const struct vm_write *w, uint32_t from, uint32_t to) {
  return !w->idle && touches(w, from, to);
}

static bool inside(const struct vm_write *w, uint32_t from, uint32_t to) {
  return w->at >= from && w->at + w->size <= to;
}

/* May any other write change these bytes? An idle checksum counts as one, since whether it is
** idle depends on the answer. */
static bool is_written(const struct pkt_vm *vm, const struct vm_write *but, uint32_t from,
                       uint32_t to) {
  for (uint32_t i = 0; i < vm->nwrites; i++)
    if (&vm->writes[i] != but && touches(&vm->writes[i], from, to)) return true;
  return false;
}

static bool has_trim(const struct pkt_vm *vm) {
  for (uint32_t i = 0; i < vm->nsteps; i++)
    if (vm->steps[i].kind == VM_STEP_TRIM) return true;
  return false;
}

/* Does what is covered differ from packet to packet? Version, header length and, above IP, the
** lengths decide it. */
static bool is_dynamic(const struct pkt_vm *vm, const struct vm_write *w) {
  uint32_t at = w->l3 + (vm->base[w->l3] >> 4 == 6 ? 4 : 2);
  if (is_written(vm, w, w->l3, w->l3 + 1)) return true;
  return w->kind == VM_SUM_L4 && (has_trim(vm) || is_written(vm, w, at, at + 2));
}

/* ------------------------------------------------------------------------------ kept or not */

struct planner {
  struct pkt_vm *vm;
  uint8_t *writers; /* of each byte: how many write it, up to 2 */
  uint8_t *still;   /* the packet with zeros where it is written */
};

static void mark_written(struct planner *p) {
  for (uint32_t i = 0; i < p->vm->nwrites; i++) {
    const struct vm_write *w = &p->vm->writes[i];
    if (w->idle) continue;
    for (uint32_t at = w->at; at < w->at + w->size; at++) {
      p->still[at] = 0;
      if (p->writers[at] < 2) p->writers[at]++;
    }
  }
}

static bool is_shared(const struct planner *p, const struct vm_write *w) {
  for (uint32_t at = w->at; at < w->at + w->size; at++)
    if (p->writers[at] > 1) return true;
  return false;
}

/* Which of the ranges a write lies in or meets, the sum's own place left out; -1: none. */
static int covers(const struct vm_write *sum, const struct vm_range *ranges, uint32_t n,
                  const struct vm_write *w) {
  if (inside(w, sum->at, sum->at + 2)) return -1;
  for (uint32_t i = 0; i < n; i++)
    if (meets(w, ranges[i].from, ranges[i].to)) return (int)i;
  return -1;
}

/* Does what this write contributes to a sum depend on the written value alone? */
static bool adds_simply(const struct planner *p, const struct vm_write *sum,
                        const struct vm_range *range, const struct vm_write *w) {
  return inside(w, range->from, range->to) && !meets(w, sum->at, sum->at + 2) && !is_shared(p, w);
}

static void plan_sum(struct planner *p, uint32_t number) {
  struct pkt_vm *vm = p->vm;
  struct vm_write *sum = &vm->writes[number];
  struct vm_range ranges[2];
  uint32_t n = vm_sum_ranges(sum, vm->base, vm->len, ranges);
  if (is_dynamic(vm, sum)) {
    sum->full = vm->fresh = true;
    return;
  }
  for (uint32_t i = 0; i < vm->nwrites; i++) {
    int r = i == number ? -1 : covers(sum, ranges, n, &vm->writes[i]);
    if (r < 0) continue;
    if (i > number) vm->fresh = true;
    if (i > number || !adds_simply(p, sum, &ranges[r], &vm->writes[i])) sum->full = true;
  }
  if (sum->full || vm->nsums == VM_MAX_SUMS) {
    sum->full = true;
    return;
  }
  uint64_t base = vm_sum_add(sum, p->still, ranges, n);
  base = (base >> 32) + (base & 0xffffffff); /* so that what is added later loses no carry */
  sum->sum = vm->nsums++;
  vm->sums[sum->sum] = base;
}

/* Mark checksums that can never be worked out, in any packet, as idle: they write nothing. Their
** IP version is neither 4 nor 6. */
static void find_idle(struct pkt_vm *vm) {
  struct vm_range ranges[2];
  for (uint32_t i = 0; i < vm->nwrites; i++) {
    struct vm_write *w = &vm->writes[i];
    if (is_sum(w) && !is_written(vm, w, w->l3, w->l3 + 1))
      w->idle = vm_sum_ranges(w, vm->base, vm->len, ranges) == 0;
  }
}

static int plan_sums(struct pkt_vm *vm, struct pkt_err *err) {
  struct planner p = {.vm = vm,
                      .writers = pkt_calloc(vm->arena, vm->len),
                      .still = pkt_memdup(vm->arena, vm->base, vm->len)};
  vm->sums = pkt_calloc(vm->arena, VM_MAX_SUMS * sizeof *vm->sums);
  if (!p.writers || !p.still || !vm->sums) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  vm->nsums = VM_SINK + 1;
  find_idle(vm);
  mark_written(&p);
  for (uint32_t i = 0; i < vm->nwrites; i++)
    if (is_sum(&vm->writes[i]) && !vm->writes[i].idle) plan_sum(&p, i);
  return 0;
}

/* ------------------------------------------------------------------------------- laying down */

/* Append an op; while 'ops' isn't there yet, they are only counted. */
static void emit(struct pkt_vm *vm, struct vm_op op) {
  if (vm->ops) vm->ops[vm->nops] = op;
  vm->nops++;
}

/* The kept sums that cover a write, and whether it begins at an odd place of them. */
struct targets {
  uint32_t len;
  uint16_t sum[VM_MAX_SUMS];
  uint8_t rotate[VM_MAX_SUMS];
};

static void find_targets(const struct pkt_vm *vm, uint32_t number, struct targets *t) {
  const struct vm_write *w = &vm->writes[number];
  struct vm_range ranges[2];
  t->len = 0;
  for (uint32_t i = number + 1; i < vm->nwrites; i++) {
    const struct vm_write *sum = &vm->writes[i];
    if (!is_sum(sum) || sum->idle || sum->full) continue;
    int r = covers(sum, ranges, vm_sum_ranges(sum, vm->base, vm->len, ranges), w);
    if (r < 0) continue;
    t->sum[t->len] = (uint16_t)sum->sum;
    t->rotate[t->len++] = (w->at - ranges[r].from) & 1 ? 8 : 0;
  }
}

/* Let an op add to one of the targets, or two if both are alike. Returns how many were taken. */
static uint32_t take_targets(struct vm_op *op, const struct targets *t, uint32_t from) {
  op->sums[0] = op->sums[1] = VM_SINK;
  if (from >= t->len) return 0;
  op->rotate = t->rotate[from];
  op->sums[0] = t->sum[from];
  if (from + 1 >= t->len || t->rotate[from + 1] != op->rotate) return 1;
  op->sums[1] = t->sum[from + 1];
  return 2;
}

static void emit_write(struct pkt_vm *vm, uint32_t number, struct vm_op op) {
  struct targets t;
  find_targets(vm, number, &t);
  uint32_t done = take_targets(&op, &t, 0);
  emit(vm, op);
  while (done < t.len) {
    struct vm_op add = {.code = VM_OP_ADD};
    done += take_targets(&add, &t, done);
    emit(vm, add);
  }
}

static uint8_t store_code(const struct vm_write *w) {
  switch (w->size) {
    case 1: return VM_OP_STORE1;
    case 2: return w->big_endian ? VM_OP_STORE2BE : VM_OP_STORE2LE;
    case 4: return w->big_endian ? VM_OP_STORE4BE : VM_OP_STORE4LE;
    default: return w->big_endian ? VM_OP_STORE8BE : VM_OP_STORE8LE;
  }
}

static void lay_write(struct pkt_vm *vm, uint32_t number) {
  const struct vm_write *w = &vm->writes[number];
  struct vm_op op = {.at = w->at, .write = w};
  if (w->idle) return;
  if (w->kind == VM_STORE || w->kind == VM_MASK) {
    op.code = w->kind == VM_MASK ? VM_OP_MASK : store_code(w);
    op.slot = w->slot;
    op.add = w->add;
  } else {
    op.code = w->full ? VM_OP_SUM_FULL : VM_OP_SUM;
    op.sum = w->sum;
    op.add = vm->sums[w->sum];
  }
  emit_write(vm, number, op);
}

static void lay_var(struct pkt_vm *vm, struct vm_var *v) {
  struct vm_op op = {.code = VM_OP_MOVE, .slot = v->slot, .var = v};
  if (v->mover != VM_NONE) return;
  if (v->next == VM_NONE && !v->list) {
    if (v->kind == VM_UP) op.code = VM_OP_UP;
    if (v->kind == VM_DOWN) op.code = VM_OP_DOWN;
    if (v->kind == VM_RANDOM) op.code = VM_OP_RANDOM;
  }
  emit(vm, op);
}

static void lay_down(struct pkt_vm *vm) {
  vm->nops = 0;
  for (uint32_t i = 0; i < vm->nsteps; i++) {
    const struct vm_step *s = &vm->steps[i];
    switch (s->kind) {
      case VM_STEP_VAR: lay_var(vm, &vm->vars[s->index]); break;
      case VM_STEP_WRITE: lay_write(vm, s->index); break;
      default: emit(vm, (struct vm_op){.code = VM_OP_TRIM, .slot = s->index});
    }
  }
  emit(vm, (struct vm_op){.code = VM_OP_END});
}

/* Who moves when within a packet: each chain from its head on, heads by their instructions. */
static void find_order(struct pkt_vm *vm) {
  for (uint32_t i = 0; i < vm->nvars; i++)
    if (vm->vars[i].mover == VM_NONE)
      for (uint32_t k = i; k != VM_NONE; k = vm->vars[k].next)
        vm->order[vm->norder++] = &vm->vars[k];
}

int vm_plan(struct pkt_vm *vm, struct pkt_err *err) {
  if (plan_sums(vm, err) != 0) return -1;
  lay_down(vm);
  vm->ops = pkt_calloc(vm->arena, vm->nops * sizeof *vm->ops);
  vm->order = pkt_calloc(vm->arena, (vm->nvars + 1) * sizeof *vm->order);
  if (!vm->ops || !vm->order) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  lay_down(vm);
  find_order(vm);
  return 0;
}
