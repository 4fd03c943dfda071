/* assign_option.c - lists of options and of attributes: those of TCP, DHCP, IKE. */
#include <arpa/inet.h>
#include <stdio.h>

#include "../wire/bits.h"
#include "assign_inner.h"
#include "option.h"

static int refuse_option(struct pkt_target *t, const struct pkt_option *o, const char *why) {
  char code[64];
  if (o->def)
    snprintf(code, sizeof code, "%.*s", (int)(o->def->name_len < 60 ? o->def->name_len : 60),
             o->def->name);
  else
    snprintf(code, sizeof code, "%u", o->code);
  return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: option %s: %s", t->plan->id, pkt_op_name(t->op),
                  code, why);
}

static int refuse_value(struct pkt_target *t, const struct pkt_option *o, const struct pkt_value *v,
                        const char *wanted) {
  char what[PKT_QUOTE_ROOM], why[PKT_QUOTE_ROOM + 120];
  snprintf(why, sizeof why, "%s is not %s", pkt_describe(what, v), wanted);
  return refuse_option(t, o, why);
}

/* A number that doesn't fit in so many bytes. */
static int refuse_number(struct pkt_target *t, const struct pkt_option *o, uint64_t num,
                         unsigned width) {
  char why[80];
  snprintf(why, sizeof why, "%llu is out of range: 0 to %llu", (unsigned long long)num,
           (unsigned long long)(UINT64_MAX >> (64 - 8 * width)));
  return refuse_option(t, o, why);
}

static bool has_attributes(const struct pkt_target *t) { return t->op->flags & PKT_OP_ATTRIBUTES; }

static int option_bytes(struct pkt_target *t, struct pkt_option *o, const void *p, uint32_t n) {
  uint32_t most = pkt_option_room(t->op);
  if (n > most) {
    char why[60];
    snprintf(why, sizeof why, "the value is longer than %u bytes", most);
    return refuse_option(t, o, why);
  }
  o->data = pkt_memdup(t->c->arena, p, n);
  o->len = n;
  return o->data || n == 0 ? 0 : pkt_no_memory(t);
}

static int option_number(struct pkt_target *t, const struct pkt_option *o,
                         const struct pkt_value *v, uint64_t *num) {
  const struct pkt_names *names = o->def ? o->def->names : NULL;
  if (v->type == PKT_V_INT && !v->negative) {
    *num = v->num;
    return 0;
  }
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  if (text && (pkt_read_number(v->ptr, v->len, num) ||
               (names && pkt_names_read(names, v->ptr, v->len, UINT64_MAX, num))))
    return 0;
  char wanted[100] = "a whole number from 0 on";
  if (text && names && names->values > 0)
    snprintf(wanted, sizeof wanted, "a number or a name such as %.*s", (int)names->by_value[0].len,
             names->by_value[0].text);
  return refuse_value(t, o, v, wanted);
}

/* One number or address of an option's value at 'out'. */
static int option_part(struct pkt_target *t, const struct pkt_option *o, const struct pkt_value *v,
                       unsigned width, uint8_t *out) {
  uint64_t num;
  if (pkt_is_random(v) && t->c->rng) {
    pkt_put_be(out, width, pkt_rng_next(t->c->rng) >> (64 - 8 * width));
    return 0;
  }
  if (o->def->form == PKT_FORM_IPV4) {
    char text[32];
    struct in_addr a;
    if (v->type == PKT_V_BYTES && v->len == 4) {
      memcpy(out, v->ptr, 4);
      return 0;
    }
    if ((v->type != PKT_V_TEXT && v->type != PKT_V_BYTES) ||
        !pkt_value_string(text, sizeof text, v) || inet_pton(AF_INET, text, &a) != 1)
      return refuse_value(t, o, v, "an IPv4 address such as 10.0.0.1");
    memcpy(out, &a.s_addr, 4);
    return 0;
  }
  if (option_number(t, o, v, &num) != 0) return -1;
  if (width < 8 && num >> (8 * width) != 0) return refuse_number(t, o, num, width);
  pkt_put_be(out, width, num);
  return 0;
}

static int option_parts(struct pkt_target *t, struct pkt_option *o, const struct pkt_value *items,
                        uint32_t n) {
  uint8_t bytes[256] = {0};
  if (o->def->count && n != o->def->count) {
    char why[60];
    snprintf(why, sizeof why, "%u values were expected, not %u", o->def->count, n);
    return refuse_option(t, o, why);
  }
  uint32_t at = 0;
  for (uint32_t i = 0; i < n; i++) {
    unsigned width = o->def->form == PKT_FORM_IPV4 ? 4 : o->def->width;
    if (width == 0) width = o->def->widths[i < PKT_MAX_PARTS ? i : 0];
    if (at + width > pkt_option_room(t->op)) return refuse_option(t, o, "too many values");
    if (option_part(t, o, &items[i], width, bytes + at) != 0) return -1;
    at += width;
  }
  return option_bytes(t, o, bytes, at);
}

/* Text for which the reference's rules hold, which only TCP's options have. */
static bool is_python(const struct pkt_op *op, const struct pkt_value *v) {
  return v->type == PKT_V_TEXT && v->python && !(op->flags & (PKT_OP_DHCP | PKT_OP_ATTRIBUTES));
}

/* The bytes that an attribute's number is written in: as many as a second value says. */
static int attribute_width(struct pkt_target *t, const struct pkt_option *o, uint64_t num,
                           const struct pkt_value *said, uint32_t *width) {
  *width = pkt_attribute_width(num);
  if (!said) return 0;
  if (said->type != PKT_V_INT || said->negative || said->num < 1 || said->num > 8)
    return refuse_option(t, o, "a size of 1 to 8 bytes was expected behind the number");
  *width = (uint32_t)said->num;
  if (*width < 8 && num >> (8 * *width) != 0) return refuse_number(t, o, num, *width);
  return 0;
}

/* A number of two bytes that has no size said is in the short form. */
static int attribute_number(struct pkt_target *t, struct pkt_option *o,
                            const struct pkt_value *items, uint32_t n) {
  uint64_t num;
  uint8_t bytes[8];
  if (n > 2) return refuse_option(t, o, "one value was expected, and its size in bytes");
  if (option_number(t, o, &items[0], &num) != 0 ||
      attribute_width(t, o, num, n > 1 ? &items[1] : NULL, &o->len) != 0)
    return -1;
  if (n == 1 && o->len == 2) o->form = PKT_OPTION_BASIC;
  pkt_put_be(bytes, o->len, num);
  return option_bytes(t, o, bytes, o->len);
}

/* Text that is no number stands for its bytes where the attribute may be long and has no names. */
static bool is_attribute_bytes(const struct pkt_option *o, const struct pkt_value *v) {
  uint64_t num;
  if (v->type == PKT_V_BYTES) return true;
  bool bytes = !o->def || (o->def->form == PKT_FORM_BYTES && !o->def->names);
  return v->type == PKT_V_TEXT && bytes && !pkt_read_number(v->ptr, v->len, &num);
}

/* 'AES-CBC', 256, 86400, b'\x00\x01\x51\x80'; a number and how many bytes it takes */
static int attribute_value(struct pkt_target *t, struct pkt_option *o,
                           const struct pkt_value *items, uint32_t n) {
  struct pkt_value bytes;
  o->form = PKT_OPTION_LONG;
  if (n == 1 && items[0].type == PKT_V_LIST && items[0].len > 0)
    return attribute_value(t, o, items[0].items, items[0].len);
  if (n == 1 && pkt_is_wrapped(&items[0])) {
    if (pkt_unwrap(t, &items[0], &bytes) != 0) return -1;
    return option_bytes(t, o, bytes.ptr, bytes.len);
  }
  if (n == 0) return refuse_option(t, o, "it has no value");
  bytes = pkt_as_bytes(&items[0]);
  if (n == 1 && is_attribute_bytes(o, &bytes)) return option_bytes(t, o, bytes.ptr, bytes.len);
  return attribute_number(t, o, items, n);
}

static int option_value(struct pkt_target *t, struct pkt_option *o, const struct pkt_value *items,
                        uint32_t n) {
  const struct pkt_value *first = n > 0 ? &items[0] : NULL;
  if (o->form == PKT_OPTION_FLAG) return 0;
  if (!first || first->type == PKT_V_NULL) return option_bytes(t, o, "", 0);
  if (n == 1 && first->type == PKT_V_LIST) return option_value(t, o, first->items, first->len);
  struct pkt_value bytes;
  if (pkt_is_wrapped(first)) {
    if (pkt_unwrap(t, first, &bytes) != 0) return -1;
    return option_bytes(t, o, bytes.ptr, bytes.len);
  }
  bool parts = o->def && (o->def->form == PKT_FORM_INTS || o->def->form == PKT_FORM_IPV4);
  if (!parts) {
    bytes = pkt_as_bytes(first);
    first = &bytes;
  }
  bool as_bytes = first->type == PKT_V_BYTES || is_python(t->op, first);
  /* bytes stand for themselves; so does text where the form has no use for it */
  if (as_bytes && !(parts && o->def->form == PKT_FORM_IPV4 && first->len > 6))
    return option_bytes(t, o, first->ptr, first->len);
  if (parts) return option_parts(t, o, items, n);
  if (first->type == PKT_V_TEXT) return option_bytes(t, o, first->ptr, first->len);
  return refuse_value(t, o, first, "bytes or text");
}

static const struct pkt_optdef *find_code(const struct pkt_op *op, const struct pkt_value *v) {
  for (uint32_t i = 0; i < op->special->ncodes; i++)
    if (op->special->codes[i].name_len == v->len &&
        memcmp(op->special->codes[i].name, v->ptr, v->len) == 0)
      return &op->special->codes[i];
  return NULL;
}

/* Is this an option of the python dialect whose name isn't known? The reference leaves it out, and
** so does what clients have saved for it. */
static bool is_left_out(const struct pkt_op *op, const struct pkt_value *v) {
  uint64_t code;
  if (v->type != PKT_V_LIST || v->len == 0 || !is_python(op, &v->items[0])) return false;
  const struct pkt_value *name = &v->items[0];
  return !find_code(op, name) && !pkt_read_number(name->ptr, name->len, &code);
}

static int refuse_code(struct pkt_target *t, const struct pkt_value *code, uint64_t most) {
  char wanted[60];
  snprintf(wanted, sizeof wanted, "the number of an option, which is 0 to %llu",
           (unsigned long long)most);
  return pkt_refuse(t, code, wanted);
}

/* "NOP", ["MSS", 1460], [254, "abc"], ["name_server", "8.8.8.8", "8.8.4.4"] */
static int set_option(struct pkt_target *t, struct pkt_option *o, const struct pkt_value *v) {
  const struct pkt_value *head = v->type == PKT_V_LIST && v->len > 0 ? &v->items[0] : v;
  char quote[PKT_QUOTE_ROOM];
  uint64_t most = has_attributes(t) ? PKT_MAX_ATTRIBUTE : 255;
  if (head->type == PKT_V_INT && (head->negative || head->num > most))
    return refuse_code(t, head, most);
  if (head->type == PKT_V_INT) {
    o->code = (uint16_t)head->num;
    o->def = pkt_op_code(t->op, o->code);
  } else if (head->type == PKT_V_TEXT || head->type == PKT_V_BYTES) {
    o->def = find_code(t->op, head);
    uint64_t code;
    if (o->def)
      o->code = o->def->code;
    else if (pkt_read_number(head->ptr, head->len, &code) && code <= most) {
      o->code = (uint16_t)code;
      o->def = pkt_op_code(t->op, o->code);
    } else
      return pkt_fail(t->err, PKT_ERR_VALUE, "%s.%s: there is no option %s", t->plan->id,
                      pkt_op_name(t->op), pkt_quote(quote, head->ptr, head->len));
  } else {
    return pkt_refuse(t, v, "an option: [name or number, value]");
  }
  if (o->def && o->def->form == PKT_FORM_FLAG) o->form = PKT_OPTION_FLAG;
  uint32_t n = v->type == PKT_V_LIST && v->len > 0 ? v->len - 1 : 0;
  const struct pkt_value *items = n ? v->items + 1 : NULL;
  return has_attributes(t) ? attribute_value(t, o, items, n) : option_value(t, o, items, n);
}

/* Bytes for DHCP's options are the codes of options without a value, as the reference has it. */
static int set_codes(struct pkt_target *t, const struct pkt_value *v) {
  struct pkt_list *list = pkt_new_list(t, v->len, sizeof(struct pkt_option));
  if (!list) return -1;
  for (uint32_t i = 0; i < v->len; i++)
    list->options[i] = (struct pkt_option){.code = (uint8_t)v->ptr[i]};
  list->len = v->len;
  list->raw = (const uint8_t *)v->ptr;
  list->raw_len = v->len;
  list->as_bytes = list->as_codes = true;
  t->slot->list = list;
  return 0;
}

/* Bytes that name no option: what stands behind the last one. */
static bool is_rest(const struct pkt_op *op, const struct pkt_value *v) {
  return pkt_is_wrapped(v) || (v->type == PKT_V_BYTES && !find_code(op, v));
}

/* The list's bytes, with others behind them. */
static int write_rest(struct pkt_target *t, struct pkt_list *list, const struct pkt_value *rest) {
  struct pkt_value bytes;
  if (pkt_is_wrapped(rest)) {
    if (pkt_unwrap(t, rest, &bytes) != 0) return -1;
    rest = &bytes;
  }
  uint32_t size = rest->len;
  for (uint32_t i = 0; i < list->len; i++) size += pkt_option_size(&list->options[i]);
  uint8_t *p = pkt_alloc(t->c->arena, size + 1);
  if (!p) return pkt_no_memory(t);
  list->raw = p;
  list->raw_len = size;
  list->rest = rest->len;
  for (uint32_t i = 0; i < list->len; i++) p = pkt_option_write(t->op, &list->options[i], p);
  memcpy(p, rest->ptr, rest->len);
  return 0;
}

int pkt_set_options(struct pkt_target *t, const struct pkt_value *v) {
  if (v->type == PKT_V_TEXT && has_attributes(t))
    return pkt_set_list_bytes(t, v); /* as Lua has them */
  if (v->type == PKT_V_TEXT)
    return pkt_refuse(t, v, "a list of options; for a literal use {\"vtype\": \"EXPRESSION\"}");
  if (v->type == PKT_V_BYTES)
    return t->op->flags & PKT_OP_DHCP ? set_codes(t, v) : pkt_set_list_bytes(t, v);
  if (v->type != PKT_V_LIST) return pkt_refuse(t, v, "a list of options");
  struct pkt_list *list = pkt_new_list(t, v->len, sizeof(struct pkt_option));
  if (!list) return -1;
  const struct pkt_value *rest = v->len > 0 ? &v->items[v->len - 1] : NULL;
  if (rest && !is_rest(t->op, rest)) rest = NULL;
  uint32_t n = v->len - (rest ? 1 : 0);
  for (uint32_t i = 0; i < n; i++) {
    if (is_left_out(t->op, &v->items[i])) continue;
    if (set_option(t, &list->options[list->len++], &v->items[i]) != 0) return -1;
  }
  t->slot->list = list;
  return rest ? write_rest(t, list, rest) : 0;
}
