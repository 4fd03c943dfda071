/* rule.c - the loop that runs rules. */
#include "rule.h"

#include <string.h>

#include "../wire/bits.h"
#include "limits.h"
#include "plan.h"

static const struct {
  const char *name;
  int takes;
} ops[] = {
#define X(name, text, takes) {text, takes},
    PKT_RULE_OPS(X)
#undef X
};

const char *pkt_rule_op_name(unsigned op) {
  return op < PKT_RULE_OP_COUNT ? ops[op].name : "?";
}

int pkt_rule_op_find(const char *name) {
  for (int i = 0; i < PKT_RULE_OP_COUNT; i++)
    if (strcmp(ops[i].name, name) == 0) return i;
  return -1;
}

bool pkt_rule_check(const struct pkt_rule *rule, unsigned slots) {
  int depth = 0;
  for (unsigned i = 0; i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (in->op >= PKT_RULE_OP_COUNT) return false;
    bool reads_slot = in->op == PKT_RULE_REF || in->op == PKT_RULE_SIZE ||
                      in->op == PKT_RULE_PADDED || in->op == PKT_RULE_COUNT || in->op == PKT_RULE_GIVEN;
    if (reads_slot && in->arg >= slots) return false;
    depth += 1 - ops[in->op].takes;
    if (depth < 1 || depth > PKT_MAX_STACK) return false;
  }
  return depth == 1;
}

static int64_t slot_number(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_PHANTOM: return (int64_t)s->num;
    default: return 0;
  }
}

static int64_t slot_count(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_LIST:
    case PKT_LAYERS:
    case PKT_LAYER:
    case PKT_OPTIONS: return s->list ? s->list->len : 0;
    default: return 0;
  }
}

/* Bytes on the wire; before they are written, the bytes that the value will take. */
static int64_t slot_size(const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->nbits != 0 || s->state != PKT_SET) return (s->nbits + 7) / 8;
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  switch (op->kind) {
    case PKT_BYTES: return s->len;
    case PKT_MAC:
    case PKT_IPV4: return op->width / 8;
    case PKT_IPV6: return 16;
    default: return 0;
  }
}

static int64_t slot_padded(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->align == 0) return s->nbits / 8;
  uint32_t unit = op->align * 8u;
  uint32_t end = (s->bit + s->nbits + unit - 1) / unit * unit;
  return (end - s->bit) / 8;
}

static int64_t field_by_name(const struct pkt_layer *layer, const char *name) {
  if (!layer) return 0;
  const struct pkt_op *op = pkt_plan_op(layer->plan, name, strlen(name));
  return op ? slot_number(op, &layer->slots[op - layer->plan->ops]) : 0;
}

static int64_t peek(const struct pkt_scope *s, const struct pkt_ins *in) {
  if (!s->peek || in->num + in->arg > s->left * 8) {
    if (s->missing) *s->missing = true;
    return 0;
  }
  return (int64_t)pkt_get_bits(s->peek, (uint32_t)in->num, in->arg);
}

static int64_t leaf(const struct pkt_ins *in, const struct pkt_scope *s) {
  const struct pkt_layer *layer = s->layer;
  const struct pkt_op *op = layer ? &layer->plan->ops[in->arg] : NULL;
  const struct pkt_slot *slot = layer ? &layer->slots[in->arg] : NULL;
  switch (in->op) {
    case PKT_RULE_CONST: return in->num;
    case PKT_RULE_REF: return slot ? slot_number(op, slot) : 0;
    case PKT_RULE_SIZE: return slot ? slot_size(op, slot) : 0;
    case PKT_RULE_GIVEN: return slot && slot->state == PKT_SET;
    case PKT_RULE_PADDED: return slot ? slot_padded(op, slot) : 0;
    case PKT_RULE_COUNT: return slot ? slot_count(op, slot) : 0;
    case PKT_RULE_UNDER: return field_by_name(s->below, in->name);
    case PKT_RULE_HEADER: return s->header;
    case PKT_RULE_PAYLOAD: return s->payload;
    case PKT_RULE_LEFT: return s->left;
    case PKT_RULE_TOTAL: return s->total;
    case PKT_RULE_PEEK: return peek(s, in);
    case PKT_RULE_ABOVE: return s->above && strcmp(s->above->plan->id, in->name) == 0;
    default: return 0;
  }
}

static int64_t binary(unsigned op, int64_t a, int64_t b) {
  uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
  switch (op) {
    case PKT_RULE_ADD: return (int64_t)(ua + ub);
    case PKT_RULE_SUB: return (int64_t)(ua - ub);
    case PKT_RULE_MUL: return (int64_t)(ua * ub);
    case PKT_RULE_DIV: return b == 0 || (b == -1 && a == INT64_MIN) ? 0 : a / b;
    case PKT_RULE_MOD: return b == 0 || b == -1 ? 0 : a % b;
    case PKT_RULE_BAND: return (int64_t)(ua & ub);
    case PKT_RULE_BOR: return (int64_t)(ua | ub);
    case PKT_RULE_SHL: return ub > 63 ? 0 : (int64_t)(ua << ub);
    case PKT_RULE_SHR: return ub > 63 ? 0 : (int64_t)(ua >> ub);
    case PKT_RULE_EQ: return a == b;
    case PKT_RULE_NE: return a != b;
    case PKT_RULE_LT: return a < b;
    case PKT_RULE_LE: return a <= b;
    case PKT_RULE_GT: return a > b;
    case PKT_RULE_GE: return a >= b;
    case PKT_RULE_MIN: return a < b ? a : b;
    case PKT_RULE_MAX: return a > b ? a : b;
    case PKT_RULE_LAND: return a != 0 && b != 0;
    case PKT_RULE_LOR: return a != 0 || b != 0;
    default: return 0;
  }
}

int64_t pkt_rule_eval(const struct pkt_rule *rule, const struct pkt_scope *scope) {
  int64_t stack[PKT_MAX_STACK];
  unsigned top = 0; /* values on the stack */
  for (unsigned i = 0; i < rule->len; i++) {
    const struct pkt_ins *in = &rule->code[i];
    if (ops[in->op].takes == 0) {
      stack[top++] = leaf(in, scope);
    } else if (in->op == PKT_RULE_PICK) {
      top -= 2;
      stack[top - 1] = stack[top - 1] ? stack[top] : stack[top + 1];
    } else {
      top--;
      stack[top - 1] = binary(in->op, stack[top - 1], stack[top]);
    }
  }
  return stack[0];
}
