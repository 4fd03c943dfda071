/* vm_read.c - a field engine's instructions, checked and taken down. */
#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "vm_program.h"

struct reader {
  struct pkt_vm *vm;
  const struct pkt_value *item; /* the instruction */
  uint32_t number;              /* which, from 1 */
  struct pkt_err *err;
};

static int fail(const struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "instruction 2 (flow_var "x"): " in front of why. The type is one of those that there are. */
static int fail(const struct reader *r, const char *format, ...) {
  char why[PKT_MAX_MESSAGE], name[PKT_QUOTE_ROOM];
  const struct pkt_value *t = pkt_value_get(r->item, "type"), *n = pkt_value_get(r->item, "name");
  bool named = n && n->type == PKT_V_TEXT;
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  if (named) pkt_quote(name, n->ptr, n->len);
  return pkt_fail(r->err, PKT_ERR_VALUE, "instruction %u (%.*s%s%s): %s", r->number, (int)t->len,
                  t->ptr, named ? " " : "", named ? name : "", why);
}

static int no_memory(struct pkt_err *err) { return pkt_fail(err, PKT_ERR_MEMORY, "out of memory"); }

/* --------------------------------------------------------------------------------- parameters */

/* A parameter that is there: null counts as left out. */
static const struct pkt_value *parameter(const struct reader *r, const char *key) {
  const struct pkt_value *v = pkt_value_get(r->item, key);
  return v && v->type != PKT_V_NULL ? v : NULL;
}

static void show_value(char *out, size_t room, const struct pkt_value *v) {
  char quote[PKT_QUOTE_ROOM];
  if (v->type == PKT_V_INT)
    snprintf(out, room, "%s%llu", v->negative ? "-" : "", (unsigned long long)v->num);
  else if (v->type == PKT_V_TEXT)
    snprintf(out, room, "%s", pkt_quote(quote, v->ptr, v->len));
  else
    snprintf(out, room, "%s", pkt_value_kind(v));
}

static int check_number(const struct reader *r, const char *key, const struct pkt_value *v,
                        uint64_t min, uint64_t max, uint64_t *out) {
  char shown[PKT_QUOTE_ROOM];
  if (v->type == PKT_V_INT && (!v->negative || v->num == 0) && v->num >= min && v->num <= max) {
    *out = v->num;
    return 0;
  }
  show_value(shown, sizeof shown, v);
  return fail(r, "%s is %s, not a number from %llu to %llu", key, shown, (unsigned long long)min,
              (unsigned long long)max);
}

/* A number from 'min' to 'max', which *out holds already where it may be left out. */
static int read_number(const struct reader *r, const char *key, bool needed, uint64_t min,
                       uint64_t max, uint64_t *out) {
  const struct pkt_value *v = parameter(r, key);
  if (v) return check_number(r, key, v, min, max, out);
  return needed ? fail(r, "%s is missing", key) : 0;
}

static int read_u32(const struct reader *r, const char *key, bool needed, uint32_t max,
                    uint32_t *out) {
  uint64_t v = *out;
  if (read_number(r, key, needed, 0, max, &v) != 0) return -1;
  *out = (uint32_t)v;
  return 0;
}

/* A number with a sign, in two's complement; 0 where it is left out. */
static int read_signed(const struct reader *r, const char *key, uint64_t most, uint64_t *out) {
  const struct pkt_value *v = parameter(r, key);
  char shown[PKT_QUOTE_ROOM];
  *out = 0;
  if (!v) return 0;
  if (v->type == PKT_V_INT && v->num <= most) {
    *out = v->negative ? 0 - v->num : v->num;
    return 0;
  }
  show_value(shown, sizeof shown, v);
  return fail(r, "%s is %s, not a number from -%llu to %llu", key, shown, (unsigned long long)most,
              (unsigned long long)most);
}

static int read_bool(const struct reader *r, const char *key, bool *out) {
  const struct pkt_value *v = parameter(r, key);
  char shown[PKT_QUOTE_ROOM];
  if (!v) return 0;
  if (v->type == PKT_V_BOOL || (v->type == PKT_V_INT && v->num <= 1 && !v->negative)) {
    *out = v->num != 0;
    return 0;
  }
  show_value(shown, sizeof shown, v);
  return fail(r, "%s is %s, not true or false", key, shown);
}

static int read_text(const struct reader *r, const char *key, const struct pkt_value **out) {
  const struct pkt_value *v = parameter(r, key);
  if (!v) return fail(r, "%s is missing", key);
  if (v->type != PKT_V_TEXT || v->len == 0 || memchr(v->ptr, 0, v->len))
    return fail(r, "%s is %s, not a name", key, v->len ? pkt_value_kind(v) : "empty");
  *out = v;
  return 0;
}

/* ---------------------------------------------------------------------------------- variables */

static uint64_t greatest(unsigned size) { return UINT64_MAX >> (64 - 8 * size); }

static int read_size(const struct reader *r, struct vm_var *v) {
  uint64_t size = 0;
  if (read_number(r, "size", true, 1, 8, &size) != 0) return -1;
  if (size & (size - 1)) return fail(r, "size is %u, not 1, 2, 4 or 8", (unsigned)size);
  v->size = (uint8_t)size;
  return 0;
}

static int read_list(const struct reader *r, const struct pkt_value *list, struct vm_var *v) {
  if (list->type != PKT_V_LIST)
    return fail(r, "value_list is %s, not a list", pkt_value_kind(list));
  if (list->len == 0) return fail(r, "value_list is empty");
  if (list->len > PKT_MAX_ITEMS)
    return fail(r, "value_list has %u values, over the limit of %d", list->len, PKT_MAX_ITEMS);
  uint64_t *values = pkt_alloc(r->vm->arena, list->len * sizeof *values);
  if (!values) return no_memory(r->err);
  for (uint32_t i = 0; i < list->len; i++) {
    char key[32];
    snprintf(key, sizeof key, "value_list[%u]", i + 1);
    if (check_number(r, key, &list->items[i], 0, greatest(v->size), &values[i]) != 0) return -1;
  }
  v->list = values;
  v->last = list->len - 1;
  return 0;
}

/* Either value_list, or min_value and max_value. */
static int read_range(const struct reader *r, struct vm_var *v) {
  const struct pkt_value *list = parameter(r, "value_list");
  uint64_t max = 0, most = greatest(v->size);
  if (list) return read_list(r, list, v);
  if (read_number(r, "min_value", true, 0, most, &v->min) != 0) return -1;
  if (read_number(r, "max_value", true, 0, most, &max) != 0) return -1;
  if (max < v->min)
    return fail(r, "max_value %llu is less than min_value %llu", (unsigned long long)max,
                (unsigned long long)v->min);
  v->last = max - v->min;
  return 0;
}

/* The rest of what a counter has. Of a list dec begins with the last element. */
static int read_counter(const struct reader *r, struct vm_var *v) {
  uint64_t init = v->min + (v->kind == VM_DOWN ? v->last : 0);
  v->step = 1;
  if (!v->list && read_number(r, "init_value", false, v->min, v->min + v->last, &init) != 0)
    return -1;
  if (read_number(r, "step", false, 0, UINT64_MAX, &v->step) != 0) return -1;
  if (v->last < UINT64_MAX) v->step %= v->last + 1;
  v->first = init - v->min;
  return 0;
}

static int read_flow_var(const struct reader *r, struct vm_var *v) {
  const struct pkt_value *op = parameter(r, "op");
  char shown[PKT_QUOTE_ROOM];
  if (!op || pkt_value_is(op, "inc"))
    v->kind = VM_UP;
  else if (pkt_value_is(op, "dec"))
    v->kind = VM_DOWN;
  else if (pkt_value_is(op, "random"))
    v->kind = VM_RANDOM;
  else {
    show_value(shown, sizeof shown, op);
    return fail(r, "op is %s, not inc, dec or random", shown);
  }
  if (read_size(r, v) != 0 || read_range(r, v) != 0) return -1;
  return v->kind == VM_RANDOM ? 0 : read_counter(r, v);
}

static int read_rand_limit(const struct reader *r, struct vm_var *v) {
  uint64_t seed = 1;
  v->kind = VM_RAND_LIMIT;
  if (read_size(r, v) != 0 || read_range(r, v) != 0) return -1;
  if (read_number(r, "limit", true, 1, UINT64_MAX, &v->limit) != 0) return -1;
  if (read_number(r, "seed", false, 0, UINT64_MAX, &seed) != 0) return -1;
  v->seed = (uint32_t)seed; /* the generator has no more bits */
  return 0;
}

static int read_tuple(const struct reader *r, struct vm_var *v) {
  uint32_t ip_min = 0, ip_max = 0, port_max = 65535, flags = 0;
  v->kind = VM_TUPLE;
  v->size = 4;
  v->port_min = 1025;
  if (read_u32(r, "ip_min", true, UINT32_MAX, &ip_min) != 0) return -1;
  if (read_u32(r, "ip_max", true, UINT32_MAX, &ip_max) != 0) return -1;
  if (read_u32(r, "port_min", false, 65535, &v->port_min) != 0) return -1;
  if (read_u32(r, "port_max", false, 65535, &port_max) != 0) return -1;
  if (read_u32(r, "flags", false, UINT32_MAX, &flags) != 0) return -1;
  if (read_number(r, "limit_flows", false, 0, UINT64_MAX, &v->limit) != 0) return -1;
  v->unlimited = flags & 1;
  if (ip_max < ip_min) return fail(r, "ip_max %u is less than ip_min %u", ip_max, ip_min);
  if (v->unlimited) v->limit = 0;
  if (v->unlimited) port_max = 65535;
  if (port_max < v->port_min)
    return fail(r, "port_max %u is less than port_min %u", port_max, v->port_min);
  v->min = ip_min;
  v->last = ip_max - ip_min;
  v->port_max = port_max;
  return 0;
}

static const struct {
  const char *type;
  int (*read)(const struct reader *r, struct vm_var *v);
} variables[] = {
    {"flow_var", read_flow_var},
    {"flow_var_rand_limit", read_rand_limit},
    {"tuple_flow_var", read_tuple},
};

static struct vm_var *find_var(struct pkt_vm *vm, const char *name, size_t len) {
  for (uint32_t i = 0; i < vm->nvars; i++)
    if (strlen(vm->vars[i].name) == len && memcmp(vm->vars[i].name, name, len) == 0)
      return &vm->vars[i];
  return NULL;
}

/* A name in the arena: 'name' and what is behind it. */
static const char *make_name(struct pkt_vm *vm, const char *name, size_t len, const char *end) {
  char *copy = pkt_alloc(vm->arena, len + strlen(end) + 1);
  if (!copy) return NULL;
  memcpy(copy, name, len);
  memcpy(copy + len, end, strlen(end) + 1);
  return copy;
}

static int add_slot(const struct reader *r, uint32_t var, unsigned size, const char *part) {
  struct pkt_vm *vm = r->vm;
  const char *name = vm->vars[var].name;
  vm->slots[vm->nslots] = (struct vm_slot){
      .name = make_name(vm, name, strlen(name), part), .var = var, .size = (uint8_t)size};
  return vm->slots[vm->nslots++].name ? 0 : no_memory(r->err);
}

static int add_variable(const struct reader *r,
                        int (*read)(const struct reader *r, struct vm_var *v)) {
  struct pkt_vm *vm = r->vm;
  const struct pkt_value *name;
  struct vm_var *v = &vm->vars[vm->nvars];
  *v = (struct vm_var){
      .instruction = r->number, .slot = vm->nslots, .next = VM_NONE, .mover = VM_NONE};
  if (read_text(r, "name", &name) != 0) return -1;
  if (find_var(vm, name->ptr, name->len))
    return fail(r, "there is a variable of this name already");
  if (read(r, v) != 0) return -1;
  if (v->kind == VM_RANDOM || v->kind == VM_RAND_LIMIT) v->draws = v->size <= 2 ? 1 : v->size / 2;
  v->name = make_name(vm, name->ptr, name->len, "");
  if (!v->name) return no_memory(r->err);
  uint32_t i = vm->nvars++;
  if (v->kind != VM_TUPLE) return add_slot(r, i, v->size, "");
  return add_slot(r, i, 4, ".ip") == 0 ? add_slot(r, i, 2, ".port") : -1;
}

/* ------------------------------------------------------------------------------------- writes */

/* The value that 'name' says. */
static int read_slot(const struct reader *r, uint32_t *slot) {
  const struct pkt_value *name;
  if (read_text(r, "name", &name) != 0) return -1;
  for (*slot = 0; *slot < r->vm->nslots; (*slot)++)
    if (pkt_value_is(name, r->vm->slots[*slot].name)) return 0;
  if (find_var(r->vm, name->ptr, name->len))
    return fail(r, "a tuple is written as NAME.ip and NAME.port");
  return fail(r, "there is no variable of this name");
}

static struct vm_write *add_write(const struct reader *r, unsigned kind) {
  struct pkt_vm *vm = r->vm;
  struct vm_write *w = &vm->writes[vm->nwrites];
  *w = (struct vm_write){.kind = (uint8_t)kind, .instruction = r->number, .slot = VM_NONE};
  w->size = 2;
  vm->steps[vm->nsteps++] = (struct vm_step){.kind = VM_STEP_WRITE, .index = vm->nwrites++};
  return w;
}

/* pkt_offset, from which 'size' bytes are there. */
static int read_offset(const struct reader *r, unsigned size, uint32_t *at) {
  if (read_u32(r, "pkt_offset", true, UINT32_MAX, at) != 0) return -1;
  if (*at > r->vm->len || size > r->vm->len - *at)
    return fail(r, "%u bytes at pkt_offset %u are not within the packet's %u bytes", size, *at,
                r->vm->len);
  return 0;
}

static int read_store(const struct reader *r) {
  struct vm_write *w = add_write(r, VM_STORE);
  w->big_endian = true;
  if (read_slot(r, &w->slot) != 0) return -1;
  w->size = r->vm->slots[w->slot].size;
  if (read_offset(r, w->size, &w->at) != 0) return -1;
  if (read_signed(r, "add_value", UINT64_MAX, &w->add) != 0) return -1;
  return read_bool(r, "is_big_endian", &w->big_endian);
}

static int read_mask(const struct reader *r) {
  struct vm_write *w = add_write(r, VM_MASK);
  uint64_t size = 4, shift = 0;
  w->mask = UINT32_MAX;
  w->big_endian = true;
  if (read_slot(r, &w->slot) != 0) return -1;
  if (read_number(r, "pkt_cast_size", false, 1, 4, &size) != 0) return -1;
  if (size == 3) return fail(r, "pkt_cast_size is 3, not 1, 2 or 4");
  w->size = (uint8_t)size;
  if (read_offset(r, w->size, &w->at) != 0) return -1;
  if (read_u32(r, "mask", false, UINT32_MAX, &w->mask) != 0) return -1;
  if (read_signed(r, "shift", 32, &shift) != 0) return -1;
  if (read_signed(r, "add_value", UINT64_MAX, &w->add) != 0) return -1;
  w->shift = (int8_t)shift;
  return read_bool(r, "is_big_endian", &w->big_endian);
}

/* An IPv4 header's own sum; 'l3_len' 0: as long as it says itself. */
static int add_ipv4_sum(const struct reader *r, uint32_t l3, uint32_t l3_len) {
  struct vm_write *w = add_write(r, VM_SUM_IPV4);
  w->l3 = l3;
  w->l3_len = l3_len;
  w->at = l3 + 10;
  return 0;
}

static int read_ipv4_sum(const struct reader *r) {
  uint32_t at = 0;
  if (read_offset(r, 20, &at) != 0) return -1;
  uint32_t len = (r->vm->base[at] & 15) * 4u;
  if (len < 20 || len > r->vm->len - at)
    return fail(r, "there is no IPv4 header at %u: its length says %u bytes", at, len);
  return add_ipv4_sum(r, at, 0);
}

static uint32_t ip_header_size(const uint8_t *header) {
  return header[0] >> 4 == 6 ? 40 : (header[0] & 15) * 4u;
}

/* l2_len and l3_len, and room for 'need' bytes of what is summed behind them: where that is none,
** an l3_len of 0 stands for what the header says itself. */
static int read_lengths(const struct reader *r, unsigned need, uint32_t *l3, uint32_t *l3_len) {
  uint32_t len = r->vm->len;
  if (read_u32(r, "l2_len", true, PKT_MAX_PACKET, l3) != 0) return -1;
  if (read_u32(r, "l3_len", true, PKT_MAX_PACKET, l3_len) != 0) return -1;
  if (need == 0 && *l3_len == 0 && *l3 < len) *l3_len = ip_header_size(&r->vm->base[*l3]);
  if (*l3 >= len || *l3_len > len - *l3 || need > len - *l3 - *l3_len)
    return fail(r, "l2_len %u and l3_len %u leave less than %u of the packet's %u bytes", *l3,
                *l3_len, need, len);
  unsigned version = r->vm->base[*l3] >> 4, least = version == 6 ? 40 : 20;
  if (*l3_len < least)
    return fail(r, "l3_len is %u, less than the %u bytes of an IPv%u header", *l3_len, least,
                version == 6 ? 6 : 4);
  return 0;
}

static int add_l4_sum(const struct reader *r, uint32_t l3, uint32_t l3_len, unsigned place,
                      unsigned proto) {
  struct vm_write *w = add_write(r, VM_SUM_L4);
  w->l3 = l3;
  w->l3_len = l3_len;
  w->at = l3 + l3_len + place;
  w->proto = (uint8_t)proto;
  return 0;
}

/* TRex's numbers for what is above IP. */
enum { L4_UDP = 11, L4_TCP = 13, L4_IP = 17 };

static int read_hw_sum(const struct reader *r) {
  uint32_t l3 = 0, l3_len = 0, type = 0;
  if (read_u32(r, "l4_type", true, UINT32_MAX, &type) != 0) return -1;
  if (type != L4_UDP && type != L4_TCP && type != L4_IP)
    return fail(r, "l4_type is %u, not 11 (UDP), 13 (TCP) or 17 (IP alone)", type);
  if (read_lengths(r, type == L4_TCP ? 18 : type == L4_UDP ? 8 : 0, &l3, &l3_len) != 0) return -1;
  add_ipv4_sum(r, l3, l3_len);
  if (type == L4_TCP) add_l4_sum(r, l3, l3_len, 16, 6);
  if (type == L4_UDP) add_l4_sum(r, l3, l3_len, 6, 17);
  return 0;
}

static int read_icmpv6_sum(const struct reader *r) {
  uint32_t l3 = 0, l3_len = 0;
  if (read_lengths(r, 4, &l3, &l3_len) != 0) return -1;
  return add_l4_sum(r, l3, l3_len, 2, 58);
}

uint64_t vm_greatest(const struct pkt_vm *vm, uint32_t slot) {
  const struct vm_var *v = &vm->vars[vm->slots[slot].var];
  uint64_t most = 0;
  if (slot != v->slot) return v->port_max;
  if (!v->list) return v->min + v->last;
  for (uint64_t i = 0; i <= v->last; i++)
    if (v->list[i] > most) most = v->list[i];
  return most;
}

static int read_trim(const struct reader *r) {
  struct pkt_vm *vm = r->vm;
  uint32_t slot;
  if (read_slot(r, &slot) != 0) return -1;
  uint64_t most = vm_greatest(vm, slot);
  if (most > 65535) most = 65535; /* what counts are its low 16 bits */
  if (most > vm->len)
    return fail(r, "the variable's greatest value %u is over the packet's %u bytes", (unsigned)most,
                vm->len);
  vm->steps[vm->nsteps++] =
      (struct vm_step){.kind = VM_STEP_TRIM, .index = slot, .instruction = r->number};
  return 0;
}

static const struct {
  const char *type;
  int (*read)(const struct reader *r);
} actions[] = {
    {"write_flow_var", read_store},           {"write_mask_flow_var", read_mask},
    {"fix_checksum_ipv4", read_ipv4_sum},     {"fix_checksum_hw", read_hw_sum},
    {"fix_checksum_icmpv6", read_icmpv6_sum}, {"trim_pkt_size", read_trim},
};

/* ------------------------------------------------------------------------------- all of them */

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static int read_as_variable(const struct reader *r) {
  const struct pkt_value *type = pkt_value_get(r->item, "type");
  for (size_t i = 0; i < COUNT(variables); i++)
    if (pkt_value_is(type, variables[i].type)) return add_variable(r, variables[i].read);
  return 0;
}

static int read_as_action(const struct reader *r) {
  const struct pkt_value *type = pkt_value_get(r->item, "type");
  struct pkt_vm *vm = r->vm;
  for (size_t i = 0; i < COUNT(actions); i++)
    if (pkt_value_is(type, actions[i].type)) return actions[i].read(r);
  for (uint32_t i = 0; i < vm->nvars; i++)
    if (vm->vars[i].instruction == r->number)
      vm->steps[vm->nsteps++] = (struct vm_step){.kind = VM_STEP_VAR, .index = i};
  return 0;
}

static int check_type(const struct reader *r) {
  char quote[PKT_QUOTE_ROOM];
  const struct pkt_value *type = pkt_value_get(r->item, "type");
  if (r->item->type != PKT_V_MAP)
    return pkt_fail(r->err, PKT_ERR_VALUE, "instruction %u is %s, not an object", r->number,
                    pkt_value_kind(r->item));
  if (!type || type->type != PKT_V_TEXT)
    return pkt_fail(r->err, PKT_ERR_VALUE, "instruction %u has no type", r->number);
  for (size_t i = 0; i < COUNT(variables); i++)
    if (pkt_value_is(type, variables[i].type)) return 0;
  for (size_t i = 0; i < COUNT(actions); i++)
    if (pkt_value_is(type, actions[i].type)) return 0;
  return pkt_fail(r->err, PKT_ERR_UNKNOWN, "instruction %u: there is no instruction %s", r->number,
                  pkt_quote(quote, type->ptr, type->len));
}

/* Once all variables are known: who moves whom. */
static int read_next(const struct reader *r, struct vm_var *v) {
  const struct pkt_value *next = parameter(r, "next_var");
  char quote[PKT_QUOTE_ROOM];
  if (v->kind == VM_TUPLE || !next || (next->type == PKT_V_TEXT && next->len == 0)) return 0;
  if (read_text(r, "next_var", &next) != 0) return -1;
  struct vm_var *other = find_var(r->vm, next->ptr, next->len);
  pkt_quote(quote, next->ptr, next->len);
  if (!other) return fail(r, "next_var: there is no variable %s", quote);
  if (other->mover != VM_NONE)
    return fail(r, "next_var: %s is the next_var of another one already", quote);
  v->next = (uint32_t)(other - r->vm->vars);
  other->mover = (uint32_t)(v - r->vm->vars);
  uint32_t steps = 0;
  for (uint32_t i = v->next; i != VM_NONE; i = r->vm->vars[i].next)
    if (steps++ > r->vm->nvars || &r->vm->vars[i] == v)
      return fail(r, "next_var: %s comes back to this one", quote);
  return 0;
}

static int each(struct reader *r, const struct pkt_value *list,
                int (*read)(const struct reader *r)) {
  for (r->number = 1; r->number <= list->len; r->number++) {
    r->item = &list->items[r->number - 1];
    if (read(r) != 0) return -1;
  }
  return 0;
}

static int allocate(struct pkt_vm *vm, uint32_t n, struct pkt_err *err) {
  n = n ? n : 1;
  vm->vars = pkt_calloc(vm->arena, n * sizeof *vm->vars);
  vm->slots = pkt_calloc(vm->arena, 2 * n * sizeof *vm->slots);
  vm->values = pkt_calloc(vm->arena, 2 * n * sizeof *vm->values);
  vm->writes = pkt_calloc(vm->arena, 2 * n * sizeof *vm->writes);
  vm->steps = pkt_calloc(vm->arena, 2 * n * sizeof *vm->steps);
  bool all = vm->vars && vm->slots && vm->values && vm->writes && vm->steps;
  return all ? 0 : no_memory(err);
}

/* {"instructions": [...], "cache": n}, where the list isn't given alone. */
static int read_frame(struct pkt_vm *vm, const struct pkt_value **list, struct pkt_err *err) {
  const struct pkt_value *cache = pkt_value_get(*list, "cache");
  if ((*list)->type == PKT_V_MAP) *list = pkt_value_get(*list, "instructions");
  if (!*list || (*list)->type != PKT_V_LIST)
    return pkt_fail(err, PKT_ERR_VALUE, "the instructions are %s, not a list",
                    *list ? pkt_value_kind(*list) : "missing");
  if ((*list)->len > PKT_MAX_INSTRUCTIONS)
    return pkt_fail(err, PKT_ERR_LIMIT, "%u instructions are over the limit of %d", (*list)->len,
                    PKT_MAX_INSTRUCTIONS);
  if (!cache || cache->type == PKT_V_NULL) return 0;
  if (cache->type != PKT_V_INT || cache->negative)
    return pkt_fail(err, PKT_ERR_VALUE, "cache is %s, not a number of packets",
                    cache->type == PKT_V_INT ? "negative" : pkt_value_kind(cache));
  vm->cache = cache->num;
  return 0;
}

int vm_read(struct pkt_vm *vm, const struct pkt_value *instructions, struct pkt_err *err) {
  struct reader r = {.vm = vm, .err = err};
  const struct pkt_value *list = instructions;
  if (read_frame(vm, &list, err) != 0 || allocate(vm, list->len, err) != 0) return -1;
  if (each(&r, list, check_type) != 0 || each(&r, list, read_as_variable) != 0) return -1;
  for (uint32_t i = 0; i < vm->nvars; i++) {
    r.number = vm->vars[i].instruction;
    r.item = &list->items[r.number - 1];
    if (read_next(&r, &vm->vars[i]) != 0) return -1;
  }
  return each(&r, list, read_as_action);
}
