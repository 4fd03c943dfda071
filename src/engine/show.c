/* show.c - slots as text. */
#include "show.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "json.h"

/* Seconds from 1900 to 1970, where NTP's count and the system's begin (RFC 5905 section 6). */
#define NTP_TO_UNIX 2208988800u

static const char hex_digits[] = "0123456789abcdef";

void pkt_show_mac(struct pkt_buf *b, uint64_t mac) {
  char text[17];
  for (int i = 0; i < 6; i++) {
    unsigned byte = (unsigned)(mac >> (40 - 8 * i)) & 0xff;
    text[3 * i] = hex_digits[byte >> 4];
    text[3 * i + 1] = hex_digits[byte & 15];
    if (i < 5) text[3 * i + 2] = ':';
  }
  pkt_buf_add(b, text, sizeof text);
}

void pkt_show_ipv4(struct pkt_buf *b, uint32_t addr) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    pkt_buf_u64(b, addr >> shift & 0xff);
    if (shift) pkt_buf_byte(b, '.');
  }
}

void pkt_show_ipv6(struct pkt_buf *b, const uint8_t addr[16]) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, addr, text, sizeof text);
  pkt_buf_str(b, text);
}

/* A float as the reference prints it: the shortest that reads back, always with a point. */
static void show_real(struct pkt_buf *b, double v) {
  char text[40];
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(text, sizeof text, "%.*g", precision, v);
    double back;
    if (sscanf(text, "%lf", &back) == 1 && back == v) break;
  }
  pkt_buf_str(b, text);
  if (!strpbrk(text, ".en")) pkt_buf_lit(b, ".0");
}

static void show_time(struct pkt_buf *b, int64_t seconds) {
  struct tm tm;
  time_t t = (time_t)seconds;
  char text[64];
  if (!gmtime_r(&t, &tm)) return;
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
  pkt_buf_str(b, text);
}

static void show_flags(struct pkt_buf *b, const struct pkt_op *op, uint64_t v) {
  bool first = true;
  for (unsigned i = 0; i < op->width; i++) {
    if (!(v >> i & 1)) continue;
    if (!first && !(op->flags & PKT_OP_LETTERS)) pkt_buf_byte(b, '+');
    first = false;
    if (op->flag_names[i])
      pkt_buf_str(b, op->flag_names[i]);
    else
      pkt_buf_fmt(b, "bit%u", i);
  }
}

static void show_int(struct pkt_buf *b, const struct pkt_slot *s) {
  pkt_buf_i64(b, s->negative, s->negative ? 0 - s->num : s->num);
}

static void show_ms_of_day(struct pkt_buf *b, uint64_t ms) {
  pkt_buf_fmt(b, "%u:%u:%u.%u", (unsigned)(ms / 3600000), (unsigned)(ms / 60000 % 60),
              (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}

/* What a person sees of a number. Returns false where that is a JSON number, not text. */
static bool show_number(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                        const struct pkt_slot *s) {
  const struct pkt_names *names = pkt_op_names(op, layer);
  if (names && !s->negative) {
    const struct pkt_name *n = pkt_names_find(names, s->num);
    if (n) {
      pkt_buf_add(b, n->text, n->len);
      return true;
    }
  }
  switch (op->show) {
    case PKT_SHOW_HEX: pkt_buf_hex(b, s->num); return true;
    case PKT_SHOW_FLAGS: show_flags(b, op, s->num); return true;
    case PKT_SHOW_MS_OF_DAY: show_ms_of_day(b, s->num); return true;
    case PKT_SHOW_UTC:
      show_time(b, (int64_t)s->num + op->epoch);
      pkt_buf_fmt(b, " (%lld)", (long long)s->num + op->epoch);
      return true;
    case PKT_SHOW_FIXED8:
      if ((layer->raw && s->state == PKT_SET) || s->num % 256 != 0)
        show_real(b, (double)s->num / 256);
      else
        pkt_buf_u64(b, s->num / 256);
      return true;
    case PKT_SHOW_FIXED16: show_real(b, (double)s->num / 65536); return false;
    case PKT_SHOW_NTP: {
      double seconds = (double)(s->num >> 32) + (double)(uint32_t)s->num / 4294967296.0;
      if (seconds < NTP_TO_UNIX) {
        show_real(b, seconds);
        return false;
      }
      show_time(b, (int64_t)(s->num >> 32) - NTP_TO_UNIX);
      return true;
    }
    default: show_int(b, s); return op->names_by == NULL;
  }
}

static bool is_ascii(const uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i] >= 0x80) return false;
  return true;
}

void pkt_show_bytes_literal(struct pkt_buf *b, const uint8_t *p, size_t n) {
  char quote = n > 0 && memchr(p, '\'', n) && !memchr(p, '"', n) ? '"' : '\'';
  pkt_buf_byte(b, 'b');
  pkt_buf_byte(b, quote);
  for (size_t i = 0; i < n; i++) {
    uint8_t c = p[i];
    if (c == '\t')
      pkt_buf_lit(b, "\\t");
    else if (c == '\n')
      pkt_buf_lit(b, "\\n");
    else if (c == '\r')
      pkt_buf_lit(b, "\\r");
    else if (c == '\\' || c == quote) {
      pkt_buf_byte(b, '\\');
      pkt_buf_byte(b, (char)c);
    } else if (c < 0x20 || c >= 0x7f)
      pkt_buf_add(b, (char[]){'\\', 'x', hex_digits[c >> 4], hex_digits[c & 15]}, 4);
    else
      pkt_buf_byte(b, (char)c);
  }
  pkt_buf_byte(b, quote);
}

/* The bytes of part 'i' of an option's value. */
static unsigned part_width(const struct pkt_optdef *def, uint32_t i) {
  if (def->form == PKT_FORM_IPV4) return 4;
  return def->width ? def->width : def->widths[i < PKT_MAX_PARTS ? i : 0];
}

static uint64_t option_number(const uint8_t *p, unsigned width) {
  uint64_t v = 0;
  for (unsigned i = 0; i < width; i++) v = v << 8 | p[i];
  return v;
}

/* Do the option's bytes have the size that its form asks for? */
static bool option_fits(const struct pkt_option *o) {
  if (!o->def) return false;
  if (o->def->form != PKT_FORM_INTS && o->def->form != PKT_FORM_IPV4) return true;
  if (o->def->count == 0) return o->len > 0 && o->len % part_width(o->def, 0) == 0;
  uint32_t size = 0;
  for (uint32_t i = 0; i < o->def->count; i++) size += part_width(o->def, i);
  return o->len == size;
}

bool pkt_option_part(const struct pkt_option *o, uint32_t at, uint32_t i, struct pkt_part *part) {
  if (at >= o->len || !option_fits(o)) return false;
  if (o->def->form != PKT_FORM_INTS && o->def->form != PKT_FORM_IPV4) return false;
  part->address = o->def->form == PKT_FORM_IPV4;
  part->width = part_width(o->def, i);
  part->num = option_number(o->data + at, part->width);
  return true;
}

static void show_option_part(struct pkt_buf *b, const struct pkt_optdef *def,
                             const struct pkt_part *part, bool quoted) {
  if (part->address) {
    if (quoted) pkt_buf_byte(b, '\'');
    pkt_show_ipv4(b, (uint32_t)part->num);
    if (quoted) pkt_buf_byte(b, '\'');
    return;
  }
  const struct pkt_name *n = def->names && !quoted ? pkt_names_find(def->names, part->num) : NULL;
  if (n)
    pkt_buf_add(b, n->text, n->len);
  else
    pkt_buf_u64(b, part->num);
}

/* The value of an option; several parts joined by 'comma', as a tuple where 'tuple'. */
static void show_option_value(struct pkt_buf *b, const struct pkt_option *o, const char *comma,
                              bool tuple) {
  struct pkt_part part;
  if (!pkt_option_part(o, 0, 0, &part)) {
    pkt_show_bytes_literal(b, o->data, o->len);
    return;
  }
  bool brackets = tuple && o->len > part.width;
  if (brackets) pkt_buf_byte(b, '(');
  for (uint32_t at = 0, i = 0; pkt_option_part(o, at, i, &part); at += part.width, i++) {
    if (i) pkt_buf_str(b, comma);
    show_option_part(b, o->def, &part, tuple);
  }
  if (brackets) pkt_buf_byte(b, ')');
}

static void show_tcp_options(struct pkt_buf *b, const struct pkt_list *list) {
  pkt_buf_byte(b, '[');
  for (uint32_t i = 0; i < list->len; i++) {
    const struct pkt_option *o = &list->options[i];
    if (i) pkt_buf_lit(b, ", ");
    if (o->def) {
      pkt_buf_lit(b, "('");
      pkt_buf_add(b, o->def->name, o->def->name_len);
      pkt_buf_lit(b, "', ");
    } else {
      pkt_buf_fmt(b, "(%u, ", o->code);
    }
    if (o->flag)
      pkt_buf_lit(b, "None");
    else
      show_option_value(b, o, ", ", true);
    pkt_buf_byte(b, ')');
  }
  pkt_buf_byte(b, ']');
}

/* The reference shows DHCP options in a form of their own: [message-type=discover end]. */
static void show_dhcp_options(struct pkt_buf *b, const struct pkt_list *list) {
  pkt_buf_byte(b, '[');
  for (uint32_t i = 0; i < list->len; i++) {
    const struct pkt_option *o = &list->options[i];
    if (i) pkt_buf_byte(b, ' ');
    if (o->def)
      pkt_buf_add(b, o->def->name, o->def->name_len);
    else
      pkt_buf_u64(b, o->code);
    if (o->flag) continue;
    pkt_buf_byte(b, '=');
    show_option_value(b, o, ",", false);
  }
  if (list->rest) {
    if (list->len) pkt_buf_byte(b, ' ');
    const uint8_t *p = list->raw + list->raw_len - list->rest;
    for (uint32_t i = 0; i < list->rest; i++)
      pkt_buf_byte(b, p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.');
  }
  pkt_buf_byte(b, ']');
}

/* Is the field left out of a constructor call? */
static bool field_hidden(const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->state == PKT_UNREAD || s->state == PKT_ABSENT) {
    return !(op->flags & PKT_OP_LISTED) || !s->list || s->list->len == 0;
  }
  if (op->kind == PKT_PHANTOM) return true;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_OPTIONS;
  return list && (!s->list || s->list->len == 0);
}

static bool comes_first(const struct pkt_op *op) { return (op->flags & PKT_OP_LISTED) != 0; }

/* The reference prints the fields whose default is a list before the others. */
static void show_call(struct pkt_buf *b, const struct pkt_layer *layer) {
  bool any = false;
  pkt_buf_add(b, layer->plan->id, layer->plan->id_len);
  pkt_buf_byte(b, '(');
  for (int pass = 0; pass < 2; pass++) {
    for (unsigned i = 0; i < layer->plan->nops; i++) {
      const struct pkt_op *op = &layer->plan->ops[i];
      const struct pkt_slot *s = &layer->slots[i];
      if (comes_first(op) != (pass == 0) || field_hidden(op, s)) continue;
      if (any) pkt_buf_byte(b, ',');
      any = true;
      pkt_buf_add(b, op->id, op->id_len);
      pkt_buf_byte(b, '=');
      pkt_show_literal(b, layer, op, s);
    }
  }
  pkt_buf_byte(b, ')');
}

static void show_calls(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_list *list) {
  bool chain = (op->flags & PKT_OP_CHAIN) != 0 || op->kind == PKT_LAYER;
  if (chain && (!list || list->len == 0)) {
    pkt_buf_lit(b, "None");
    return;
  }
  if (!chain) pkt_buf_byte(b, '[');
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_str(b, chain ? "/" : ", ");
    show_call(b, list->layers[i]);
    if (!list->layers[i]->rest) continue;
    pkt_buf_byte(b, '/');
    show_call(b, list->layers[i]->rest);
  }
  if (!chain) pkt_buf_byte(b, ']');
}

static void show_slots(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                       const struct pkt_list *list) {
  pkt_buf_byte(b, '[');
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    pkt_show_literal(b, layer, op->item, &list->slots[i]);
  }
  pkt_buf_byte(b, ']');
}

static void show_quoted(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  pkt_buf_byte(b, '\'');
  if (op->kind == PKT_MAC)
    pkt_show_mac(b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(b, (uint32_t)s->num);
  else
    pkt_show_ipv6(b, s->bytes);
  pkt_buf_byte(b, '\'');
}

void pkt_show_literal(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_slot *s) {
  if (s->none) {
    pkt_buf_lit(b, "None");
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: show_int(b, s); break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: show_quoted(b, op, s); break;
    case PKT_BYTES:
    case PKT_NAME: pkt_show_bytes_literal(b, s->bytes, s->len); break;
    case PKT_LIST: show_slots(b, layer, op, s->list); break;
    case PKT_LAYERS:
    case PKT_LAYER: show_calls(b, op, s->list); break;
    case PKT_CHOICE: pkt_show_literal(b, layer, op->alts[s->alt].op, s); break;
    case PKT_OPTIONS:
      if (!s->list)
        pkt_buf_lit(b, "b''");
      else if (s->list->as_bytes)
        pkt_show_bytes_literal(b, s->list->raw, s->list->raw_len);
      else if (op->flags & PKT_OP_DHCP)
        show_dhcp_options(b, s->list);
      else
        show_tcp_options(b, s->list);
      break;
  }
}

static void show_list_item(struct pkt_buf *b, const struct pkt_layer *layer,
                           const struct pkt_op *op, const struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_UINT: (void)show_number(b, layer, op, s); break;
    case PKT_IPV4: pkt_show_ipv4(b, (uint32_t)s->num); break;
    case PKT_IPV6: pkt_show_ipv6(b, s->bytes); break;
    case PKT_NAME: pkt_buf_fmt(b, "'%.*s'", (int)s->len, (const char *)s->bytes); break;
    default: pkt_show_literal(b, layer, op, s);
  }
}

/* A list that is a layer's field: its items as a person sees them, those of IPv6 addresses with
** blanks around them: [1.1.1.1, 2.2.2.2], [ ::1 ]. */
static void show_list(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_list *list) {
  bool blanks = op->item->kind == PKT_IPV6 && list && list->len > 0;
  pkt_buf_str(b, blanks ? "[ " : "[");
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    show_list_item(b, layer, op->item, &list->slots[i]);
  }
  pkt_buf_str(b, blanks ? " ]" : "]");
}

static const struct pkt_given *find_given(const struct pkt_layer *layer, const struct pkt_slot *s) {
  const struct pkt_given *g = layer->given;
  while (g && &layer->slots[g->slot] != s) g = g->next;
  return g;
}

/* 'expr' twice: the reference prints the same text as value and for people. */
static void show_expression(struct pkt_buf *b, const char *text, size_t len) {
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  size_t at = b->len;
  pkt_json_string(b, text, len);
  size_t n = b->len - at;
  pkt_buf_lit(b, "},\"hvalue\":");
  if (pkt_buf_room(b, n)) {
    memcpy(b->data + b->len, b->data + at, n);
    b->len += n;
  }
}

static void show_none(struct pkt_buf *b, const struct pkt_op *op) {
  const char *quote = op->none_text ? "\"" : "", *text = op->none_text ? op->none_text : "null";
  pkt_buf_fmt(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":%s%s%s},\"hvalue\":%s%s%s", quote,
              text, quote, quote, text, quote);
}

static void show_bytes(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"BYTES\",\"base64\":\"");
  pkt_buf_base64(b, p, n);
  pkt_buf_lit(b, "\"},\"hvalue\":");
  if (n > 0 && is_ascii(p, n)) {
    pkt_json_string(b, (const char *)p, n);
  } else {
    pkt_buf_lit(b, "\"<binary>\"");
  }
}

static void show_uint(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                      const struct pkt_slot *s) {
  pkt_buf_lit(b, "\"value\":");
  size_t at = b->len;
  if (op->show == PKT_SHOW_FIXED8)
    pkt_buf_u64(b, s->num >> 8); /* in units, as it is given */
  else
    show_int(b, s);
  size_t n = b->len - at;
  pkt_buf_lit(b, ",\"hvalue\":\"");
  if (op->show == PKT_SHOW_DEC && !op->names && !op->names_by) { /* the same digits */
    if (pkt_buf_room(b, n + 1)) memcpy(b->data + b->len, b->data + at, n), b->len += n;
    pkt_buf_byte(b, '"');
    return;
  }
  at = b->len;
  if (show_number(b, layer, op, s)) {
    pkt_buf_byte(b, '"');
  } else { /* a JSON number: take the quote back */
    memmove(b->data + at - 1, b->data + at, b->len - at);
    b->len--;
  }
}

/* A text that is both value and hvalue: an address. */
static void show_address(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  bool quoted = (op->flags & PKT_OP_NODE) != 0;
  bool expression = quoted || (s->state == PKT_UNREAD && (op->flags & PKT_OP_LAZY));
  pkt_buf_str(b, expression ? "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":\"" : "\"value\":\"");
  size_t at = b->len;
  if (quoted) pkt_buf_byte(b, '\'');
  if (op->kind == PKT_MAC)
    pkt_show_mac(b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(b, (uint32_t)s->num);
  else
    pkt_show_ipv6(b, s->bytes);
  if (quoted) pkt_buf_byte(b, '\'');
  size_t n = b->len - at;
  pkt_buf_str(b, expression ? "\"},\"hvalue\":\"" : "\",\"hvalue\":\"");
  if (pkt_buf_room(b, n)) memcpy(b->data + b->len, b->data + at, n), b->len += n;
  pkt_buf_byte(b, '"');
}

static void show_given(struct pkt_buf *b, const struct pkt_value *v) {
  if (v->type == PKT_V_BYTES) {
    show_bytes(b, (const uint8_t *)v->ptr, v->len);
    return;
  }
  pkt_buf_lit(b, "\"value\":");
  if (v->type == PKT_V_BOOL) {
    pkt_buf_str(b, v->num ? "1,\"hvalue\":\"True\"" : "0,\"hvalue\":\"False\"");
    return;
  }
  pkt_json_write(b, v);
  pkt_buf_lit(b, ",\"hvalue\":");
  pkt_json_write(b, v);
}

void pkt_show_field(struct pkt_buf *b, struct pkt_buf *scratch, const struct pkt_layer *layer,
                    const struct pkt_op *op, const struct pkt_slot *s) {
  const struct pkt_given *given = layer->given ? find_given(layer, s) : NULL;
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (given) {
    show_given(b, &given->value);
    return;
  }
  if (s->none) {
    show_none(b, op);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: show_uint(b, layer, op, s); return;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: show_address(b, op, s); return;
    case PKT_NAME:
      if (op->flags & PKT_OP_NODE) {
        show_expression(b, (const char *)s->bytes, s->len);
        return;
      }
      show_bytes(b, s->bytes, s->len);
      return;
    case PKT_BYTES: show_bytes(b, s->bytes, s->len); return;
    case PKT_LAYERS:
    case PKT_LAYER:
      if (s->list && s->list->as_bytes) {
        show_bytes(b, s->list->raw, s->list->raw_len);
        return;
      }
      if (s->list || op->kind == PKT_LAYERS) break;
      show_bytes(b, NULL, 0);
      return;
    case PKT_OPTIONS:
      if (!s->list || s->list->as_bytes) {
        show_bytes(b, s->list ? s->list->raw : NULL, s->list ? s->list->raw_len : 0);
        return;
      }
      break;
    default: break;
  }
  pkt_buf_clear(scratch, SIZE_MAX);
  if (op->kind == PKT_LIST)
    show_list(scratch, layer, op, s->list);
  else
    pkt_show_literal(scratch, layer, op, s);
  show_expression(b, scratch->data, scratch->len);
}
