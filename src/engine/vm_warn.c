/* vm_warn.c - what a tester would want to know about a field engine's program. */
#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "build.h"
#include "plan.h"
#include "vm_program.h"

#define MAX_WARNINGS 64

struct looker {
  struct pkt_vm *vm;
  const struct pkt_packet *layers;
  bool no_memory;
};

typedef unsigned long long ull;

static void warn(struct looker *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(struct looker *l, const char *format, ...) {
  char text[PKT_MAX_MESSAGE];
  va_list args;
  if (l->vm->nwarnings == MAX_WARNINGS) return;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  const char *copy = pkt_memdup(l->vm->arena, text, strlen(text) + 1);
  if (copy)
    l->vm->warnings[l->vm->nwarnings++] = copy;
  else
    l->no_memory = true;
}

/* A variable's name, or a number, as messages show it. */
struct shown {
  char text[PKT_QUOTE_ROOM];
};

static struct shown show(const char *name) {
  struct shown s;
  pkt_quote(s.text, name, strlen(name));
  return s;
}

/* ---------------------------------------------------------------------------------- variables */

/* How many values a variable has, which may be more than 64 bits hold. */
static struct shown count_values(const struct vm_var *v) {
  struct shown s = {"2^64"};
  if (v->last < UINT64_MAX) snprintf(s.text, sizeof s.text, "%llu", (ull)v->last + 1);
  return s;
}

static void look_at_counter(struct looker *l, const struct vm_var *v) {
  const char *what = v->list ? "value_list" : "range";
  struct shown name = show(v->name), values = count_values(v);
  vm_u128 range = (vm_u128)v->last + 1;
  if (v->last == 0)
    warn(l, "%s has only one value", name.text);
  else if (v->step == 0)
    warn(l, "%s never moves: its step is a multiple of the %s values of its %s", name.text,
         values.text, what);
  else if (range % v->step != 0)
    warn(l,
         "%s drifts: its step of %llu doesn't divide the %s values of its %s, so each round "
         "begins elsewhere",
         name.text, (ull)v->step, values.text, what);
}

/* 15 bits of the generator count, and they are put 16 apart. */
static void look_at_random(struct looker *l, const struct vm_var *v) {
  struct shown name = show(v->name);
  bool power = (v->last & (v->last + 1)) == 0;
  if (v->last == 0)
    warn(l, "%s has only one value", name.text);
  else if (v->size <= 2 && v->last > 0x7fff && !v->list)
    warn(l, "%s is drawn from 32768 numbers: values over %llu never occur", name.text,
         (ull)v->min + 0x7fff);
  else if (v->size > 2 && v->last > 0x7fff && power && !v->list)
    warn(l, "%s is drawn by 15 bits in 16: some of its values never occur", name.text);
  if (v->next != VM_NONE)
    warn(l, "%s %s, so it never moves its next_var", name.text,
         v->kind == VM_RANDOM ? "is random and never comes around" : "never comes around");
}

static void look_at_var(struct looker *l, const struct vm_var *v) {
  if (v->kind == VM_UP || v->kind == VM_DOWN) look_at_counter(l, v);
  if (v->kind == VM_RANDOM) look_at_random(l, v);
  if (!vm_is_used(l->vm, v) && v->next == VM_NONE)
    warn(l, "%s is written nowhere", show(v->name).text);
}

/* ------------------------------------------------------------------------------------- writes */

static bool is_sum(const struct vm_write *w) {
  return w->kind == VM_SUM_IPV4 || w->kind == VM_SUM_L4;
}

/* Which bits of a byte of the packet a write changes. */
static unsigned bits_at(const struct vm_write *w, uint32_t at) {
  if (w->idle || at < w->at || at >= w->at + w->size) return 0;
  if (w->kind != VM_MASK) return 0xff;
  uint32_t place = at - w->at;
  return w->mask >> 8 * (w->big_endian ? w->size - 1 - place : place) & 0xff;
}

static bool meet(const struct vm_write *a, const struct vm_write *b) {
  for (uint32_t at = a->at; at < a->at + a->size; at++)
    if (bits_at(a, at) & bits_at(b, at)) return true;
  return false;
}

static void look_for_overlap(struct looker *l, uint32_t number) {
  const struct vm_write *w = &l->vm->writes[number];
  for (uint32_t i = number + 1; i < l->vm->nwrites; i++) {
    const struct vm_write *later = &l->vm->writes[i];
    if (is_sum(w) && is_sum(later)) continue;
    if (!meet(w, later)) continue;
    warn(l, "instruction %u overwrites what instruction %u writes at byte %u", later->instruction,
         w->instruction, w->at);
    return;
  }
}

static void look_at_mask(struct looker *l, const struct vm_write *w) {
  uint32_t all = UINT32_MAX >> (32 - 8 * w->size), mask = w->mask & all;
  uint64_t most = vm_greatest(l->vm, w->slot) & UINT32_MAX;
  vm_u128 moved = w->shift >= 0 ? (vm_u128)most << w->shift : most >> -w->shift;
  struct shown name = show(l->vm->slots[w->slot].name);
  if (mask == 0)
    warn(l, "instruction %u writes nothing: the mask 0x%x has no bit in %u byte%s", w->instruction,
         w->mask, w->size, w->size > 1 ? "s" : "");
  else if (w->add == 0 && (moved & mask) == 0)
    warn(l, "no bit of %s falls into the mask 0x%x", name.text, w->mask);
  else if (w->add == 0 && moved > (vm_u128)mask)
    warn(l, "%s has values that the mask 0x%x cuts", name.text, w->mask);
}

static void look_at_store(struct looker *l, const struct vm_write *w) {
  uint64_t most = vm_greatest(l->vm, w->slot), all = UINT64_MAX >> (64 - 8 * w->size);
  if (w->add != 0 && w->add <= INT64_MAX && (vm_u128)most + w->add > all)
    warn(l, "%s and add_value %llu are more than %u byte%s hold%s: the sum wraps",
         show(l->vm->slots[w->slot].name).text, (ull)w->add, w->size, w->size > 1 ? "s" : "",
         w->size > 1 ? "" : "s");
}

/* The instruction with which a variable moves. */
static uint32_t moved_by(const struct pkt_vm *vm, uint32_t slot) {
  const struct vm_var *v = &vm->vars[vm->slots[slot].var];
  while (v->mover != VM_NONE) v = &vm->vars[v->mover];
  return v->instruction;
}

/* All sums of an instruction are idle; it is told with the last. */
static void look_at_idle(struct looker *l, uint32_t number) {
  const struct vm_write *w = &l->vm->writes[number], *other = w;
  while (other > l->vm->writes && other[-1].instruction == w->instruction) other--;
  for (; other <= w; other++)
    if (!other->idle) return;
  bool last = number + 1 == l->vm->nwrites || w[1].instruction != w->instruction;
  if (last)
    warn(l, "instruction %u fixes nothing: there is no such header at byte %u", w->instruction,
         w->l3);
}

static void look_at_write(struct looker *l, uint32_t number) {
  const struct vm_write *w = &l->vm->writes[number];
  if (w->kind == VM_MASK) look_at_mask(l, w);
  if (w->kind == VM_STORE) look_at_store(l, w);
  if (is_sum(w)) look_at_idle(l, number);
  if (!is_sum(w) && w->instruction < moved_by(l->vm, w->slot))
    warn(l, "%s is written before it moves: each packet carries what was the value before",
         show(l->vm->slots[w->slot].name).text);
  look_for_overlap(l, number);
}

/* -------------------------------------------------------------------------------- with fields */

/* A field's place in the packet, in bits. */
struct place {
  const struct pkt_layer *layer;
  const struct pkt_op *op;
  uint64_t from, to;
};

static bool find_place(const struct pkt_layer *layer, unsigned slot, struct place *out) {
  const struct pkt_slot *s = &layer->slots[slot];
  if (s->nbits == 0 || s->state == PKT_ABSENT || s->state == PKT_UNREAD) return false;
  uint64_t from = 8ull * layer->offset + s->bit;
  *out = (struct place){layer, &layer->plan->ops[slot], from, from + s->nbits};
  return true;
}

static bool changes(const struct vm_write *w, uint64_t from, uint64_t to) {
  for (uint32_t at = w->at; at < w->at + w->size; at++) {
    uint64_t first = 8ull * at;
    unsigned field = 0xff;
    if (first + 8 <= from || first >= to) continue;
    if (first < from) field &= 0xffu >> (from - first);
    if (first + 8 > to) field &= ~(0xffu >> (to - first));
    if (bits_at(w, at) & field) return true;
  }
  return false;
}

/* Which of the layers of its protocol it is, as places of fields have it: "", or ":1" for the
** second. */
struct nth {
  char text[16];
};

static struct nth nth_of(const struct looker *l, const struct pkt_layer *layer) {
  unsigned n = 0;
  struct nth nth = {""};
  for (uint32_t i = 0; l->layers->layers[i] != layer; i++)
    n += l->layers->layers[i]->plan == layer->plan;
  if (n > 0) snprintf(nth.text, sizeof nth.text, ":%u", n);
  return nth;
}

/* "IP.src, IP:1.dst": the fields that a write changes. Returns how many there are. */
static unsigned name_fields(const struct looker *l, const struct vm_write *w, char *out,
                            size_t room) {
  unsigned n = 0;
  size_t len = 0;
  out[0] = 0;
  for (uint32_t i = 0; l->layers && i < l->layers->len; i++) {
    const struct pkt_layer *layer = l->layers->layers[i];
    for (unsigned k = 0; k < layer->plan->nops; k++) {
      struct place p;
      if (!find_place(layer, k, &p) || !changes(w, p.from, p.to)) continue;
      int wrote = snprintf(out + len, room - len, "%s%s%s.%s", n ? ", " : "", layer->plan->id,
                           nth_of(l, layer).text, p.op->id);
      if (wrote > 0 && (size_t)wrote < room - len) len += (size_t)wrote;
      n++;
    }
  }
  return n;
}

static void look_at_fields(struct looker *l, const struct vm_write *w) {
  char fields[200];
  unsigned n = name_fields(l, w, fields, sizeof fields);
  if (is_sum(w) || n < 2) return;
  warn(l, "%s is wider than one field: it is written over %s",
       show(l->vm->slots[w->slot].name).text, fields);
}

/* The place of a checksum that an instruction stores is one. */
static void look_at_sum_place(struct looker *l, const struct vm_write *w) {
  char fields[200];
  for (uint32_t i = 0; i < l->layers->len; i++) {
    const struct pkt_layer *layer = l->layers->layers[i];
    struct place p;
    for (unsigned k = 0; k < layer->plan->nsums; k++)
      if (find_place(layer, layer->plan->sums[k], &p) && p.from == 8ull * w->at) return;
  }
  if (w->idle || name_fields(l, w, fields, sizeof fields) == 0) return;
  warn(l, "instruction %u stores a checksum at byte %u, where %s %s", w->instruction, w->at, fields,
       strchr(fields, ',') ? "are" : "is");
}

/* A layer's checksum: its place, and what it covers. */
struct cover {
  struct place place;
  uint64_t from, to, hole_from, hole_to; /* bits */
  struct place addresses[2];
  unsigned naddresses;
  bool whole; /* with all that follows */
};

static void find_addresses(const struct pkt_layer *network, struct cover *c) {
  const struct pkt_plan *plan = network->plan;
  c->naddresses += find_place(network, plan->pseudo_src, &c->addresses[c->naddresses]);
  c->naddresses += find_place(network, plan->pseudo_dst, &c->addresses[c->naddresses]);
}

/* False: the packet has none, such as a UDP checksum that is 0. */
static bool find_cover(const struct looker *l, uint32_t layer, unsigned slot, struct cover *c) {
  const struct pkt_layer *at = l->layers->layers[layer];
  const struct pkt_op *op = &at->plan->ops[slot];
  struct pkt_cover bytes;
  *c = (struct cover){.naddresses = 0};
  if (!find_place(at, slot, &c->place)) return false;
  if (at->slots[slot].num == 0 && op->sum->zero_as != 0) return false;
  if (!pkt_build_cover(l->layers, layer, op, &bytes)) return false;
  c->from = 8ull * bytes.from;
  c->to = 8ull * bytes.to;
  c->hole_from = 8ull * bytes.hole_from;
  c->hole_to = 8ull * bytes.hole_to;
  c->whole = op->sum->part != PKT_OVER_HEADER && bytes.to == at->offset + at->avail - at->trailer;
  if (bytes.network) find_addresses(bytes.network, c);
  return true;
}

/* Do bits that the sum covers change between two places? */
static bool changes_sum(const struct cover *c, const struct vm_write *w, uint64_t from,
                        uint64_t to) {
  if (c->hole_from >= c->hole_to) return changes(w, from, to);
  return changes(w, from, to < c->hole_from ? to : c->hole_from) ||
         changes(w, from > c->hole_to ? from : c->hole_to, to);
}

static bool is_covered(const struct cover *c, const struct vm_write *w) {
  uint64_t before = c->place.from < c->to ? c->place.from : c->to;
  uint64_t behind = c->place.to > c->from ? c->place.to : c->from;
  if (changes_sum(c, w, c->from, before) || changes_sum(c, w, behind, c->to)) return true;
  for (unsigned i = 0; i < c->naddresses; i++)
    if (changes(w, c->addresses[i].from, c->addresses[i].to)) return true;
  return false;
}

/* Is the checksum stored by an instruction behind this one? */
static bool is_fixed(const struct looker *l, const struct cover *c, uint32_t instruction) {
  for (uint32_t i = 0; i < l->vm->nwrites; i++) {
    const struct vm_write *w = &l->vm->writes[i];
    if (w->instruction > instruction && !w->idle && w->kind != VM_MASK &&
        8ull * w->at <= c->place.from && 8ull * (w->at + w->size) >= c->place.to)
      return true;
  }
  return false;
}

static void look_at_cover(struct looker *l, const struct cover *c) {
  char fields[200];
  const char *layer = c->place.layer->plan->id, *field = c->place.op->id;
  const struct nth nth = nth_of(l, c->place.layer);
  for (uint32_t i = 0; i < l->vm->nwrites; i++) {
    const struct vm_write *w = &l->vm->writes[i];
    if (l->vm->nwarnings == MAX_WARNINGS) return;
    if (is_sum(w) || !is_covered(c, w) || is_fixed(l, c, w->instruction)) continue;
    name_fields(l, w, fields, sizeof fields);
    warn(l, "%s %s under the checksum %s%s.%s, which no instruction behind it fixes",
         fields[0] ? fields : "the payload", strchr(fields, ',') ? "vary" : "varies", layer,
         nth.text, field);
  }
  for (uint32_t i = 0; c->whole && i < l->vm->nsteps; i++) {
    const struct vm_step *s = &l->vm->steps[i];
    if (s->kind == VM_STEP_TRIM && !is_fixed(l, c, s->instruction))
      warn(l,
           "the packet's length varies under the checksum %s%s.%s, which no instruction behind it "
           "fixes",
           layer, nth.text, field);
  }
}

static void look_at_sums(struct looker *l) {
  for (uint32_t i = 0; i < l->layers->len; i++) {
    const struct pkt_plan *plan = l->layers->layers[i]->plan;
    for (unsigned k = 0; k < plan->nsums; k++) {
      struct cover c;
      if (find_cover(l, i, plan->sums[k], &c)) look_at_cover(l, &c);
    }
  }
  for (uint32_t i = 0; i < l->vm->nwrites; i++)
    if (is_sum(&l->vm->writes[i])) look_at_sum_place(l, &l->vm->writes[i]);
}

/* ---------------------------------------------------------------------------------- the whole */

/* Does a field count bytes of the packet? */
static bool is_length(const struct pkt_op *op) {
  return op->autorule && (strcmp(op->id, "len") == 0 || strcmp(op->id, "plen") == 0);
}

static bool is_written(const struct pkt_vm *vm, const struct place *p) {
  for (uint32_t i = 0; i < vm->nwrites; i++)
    if (changes(&vm->writes[i], p->from, p->to)) return true;
  return false;
}

/* Lengths that don't follow the packet's. */
static void look_at_trim(struct looker *l, uint32_t slot) {
  struct shown name = show(l->vm->slots[slot].name);
  for (uint32_t i = 0; l->layers && i < l->layers->len; i++) {
    const struct pkt_layer *layer = l->layers->layers[i];
    struct place p;
    for (unsigned k = 0; k < layer->plan->nops; k++)
      if (is_length(&layer->plan->ops[k]) && find_place(layer, k, &p) && !is_written(l->vm, &p))
        warn(l, "the packet's length follows %s, and %s.%s doesn't: nothing writes it", name.text,
             layer->plan->id, p.op->id);
  }
}

/* True: a tuple whose first ports come once alone keeps the packets from repeating. */
static bool warn_of_lead(struct looker *l) {
  bool any = false;
  for (uint32_t i = 0; i < l->vm->nvars; i++) {
    const struct vm_var *v = &l->vm->vars[i];
    if (!vm_has_lead(l->vm, v)) continue;
    warn(l, "%s never repeats its ports before %d: without a limit, that one follows 65535",
         show(v->name).text, VM_FREE_PORT);
    any = true;
  }
  return any;
}

static void look_at_cycle(struct looker *l) {
  struct pkt_vm whole = *l->vm;
  whole.cache = 0;
  uint64_t cycle = vm_find_cycle(&whole);
  if (l->vm->cache && cycle > l->vm->cache)
    warn(l, "the first %llu packets repeat, although the variables' values would only after %s%llu",
         (ull)l->vm->cache, cycle == UINT64_MAX ? "more than " : "", (ull)cycle);
  else if (cycle == UINT64_MAX && !warn_of_lead(l))
    warn(l, "the packets repeat only after %llu or more", (ull)cycle);
}

int vm_warn(struct pkt_vm *vm, const struct pkt_packet *layers, struct pkt_err *err) {
  struct looker l = {.vm = vm, .layers = layers};
  vm->warnings = pkt_calloc(vm->arena, MAX_WARNINGS * sizeof *vm->warnings);
  if (!vm->warnings) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < vm->nvars; i++) look_at_var(&l, &vm->vars[i]);
  for (uint32_t i = 0; i < vm->nwrites; i++) look_at_write(&l, i);
  for (uint32_t i = 0; layers && i < vm->nwrites; i++) look_at_fields(&l, &vm->writes[i]);
  if (layers) look_at_sums(&l);
  for (uint32_t i = 0; i < vm->nsteps; i++)
    if (vm->steps[i].kind == VM_STEP_TRIM) look_at_trim(&l, vm->steps[i].index);
  look_at_cycle(&l);
  return l.no_memory ? pkt_fail(err, PKT_ERR_MEMORY, "out of memory") : 0;
}
