/* show.c - slots as text. */
#include "show.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "../wire/ber.h"
#include "json.h"
#include "option.h"
#include "real.h"
#include "shown.h"

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

/* A float as the reference prints it. */
static void show_real(struct pkt_buf *b, double v) {
  char text[PKT_REAL_ROOM];
  pkt_buf_add(b, text, pkt_real_text(text, v));
}

void pkt_show_float(struct pkt_buf *b, const struct pkt_op *op, uint64_t bits, char quote) {
  char text[PKT_REAL_ROOM];
  size_t n = pkt_float_text(text, op->width, bits);
  bool quoted = quote && (text[n - 1] < '0' || text[n - 1] > '9');
  if (quoted) pkt_buf_byte(b, quote);
  pkt_buf_add(b, text, n);
  if (quoted) pkt_buf_byte(b, quote);
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

/* Hundredths of a second; the most that two bytes hold stands for more than that. */
static void show_centi(struct pkt_buf *b, const struct pkt_op *op, uint64_t v) {
  if (op->width < 64 && v == ((uint64_t)1 << op->width) - 1)
    pkt_buf_fmt(b, "infinity (0x%llx)", (unsigned long long)v);
  else
    pkt_buf_fmt(b, "%llu.%02u sec", (unsigned long long)v / 100, (unsigned)(v % 100));
}

/* Units of four seconds. */
static void show_quad(struct pkt_buf *b, uint64_t v) {
  pkt_buf_fmt(b, "%llu sec", (unsigned long long)v * 4);
}

static void show_pair(struct pkt_buf *b, uint64_t v) {
  pkt_buf_fmt(b, "%u:%u", (unsigned)(v >> 16), (unsigned)(v & 0xffff));
}

static void show_uuid(struct pkt_buf *b, const struct pkt_op *op, const uint8_t p[16]) {
  for (unsigned i = 0; i < 16; i++) {
    uint8_t byte = p[op->flags & PKT_OP_MIRRORED ? 15 - i : i];
    if (i == 4 || i == 6 || i == 8 || i == 10) pkt_buf_byte(b, '-');
    pkt_buf_add(b, (char[]){hex_digits[byte >> 4], hex_digits[byte & 15]}, 2);
  }
}

static bool is_uuid(const struct pkt_op *op, const struct pkt_slot *s) {
  return op->show == PKT_SHOW_UUID && s->len == 16;
}

/* What a person sees of a number. Returns false where that is a JSON number, not text. */
static bool show_number(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                        const struct pkt_slot *s) {
  const struct pkt_names *names = pkt_op_names(op, layer);
  if (op->show == PKT_SHOW_BOOLEAN && s->num <= 1) {
    pkt_buf_str(b, s->num ? "true" : "false");
    return false;
  }
  if (names && !s->negative) {
    const struct pkt_name *n = pkt_names_find(names, s->num);
    if (n) {
      pkt_buf_add(b, n->text, n->len);
      return true;
    }
  }
  switch (op->show) {
    case PKT_SHOW_HEX: pkt_buf_hex(b, s->num); return true;
    case PKT_SHOW_FLOAT: pkt_show_float(b, op, s->num, 0); return true;
    case PKT_SHOW_FLAGS: show_flags(b, op, s->num); return true;
    case PKT_SHOW_CENTI: show_centi(b, op, s->num); return true;
    case PKT_SHOW_QUAD: show_quad(b, s->num); return true;
    case PKT_SHOW_PAIR: show_pair(b, s->num); return true;
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

/* What literals are made of. */
static const struct syntax {
  const char *none;
  char quote;          /* of text */
  char list[2];        /* what stands around the items of a list */
  char pair[2];        /* around an option: its name and its value */
  char call[2];        /* around the fields of a packet */
  const char *between; /* the fields of a packet */
} syntaxes[PKT_DIALECTS] = {
    [PKT_PYTHON] = {"None", '\'', "[]", "()", "()", ","},
    [PKT_LUA] = {"nil", '"', "{}", "{}", "{}", ", "},
};

static void show_quoted_pair(struct pkt_buf *b, enum pkt_dialect d, uint64_t v) {
  pkt_buf_byte(b, syntaxes[d].quote);
  show_pair(b, v);
  pkt_buf_byte(b, syntaxes[d].quote);
}

/* UUID('00112233-4455-6677-8899-aabbccddeeff') */
static void show_uuid_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                              const uint8_t p[16]) {
  if (d == PKT_PYTHON) pkt_buf_lit(b, "UUID(");
  pkt_buf_byte(b, syntaxes[d].quote);
  show_uuid(b, op, p);
  pkt_buf_byte(b, syntaxes[d].quote);
  if (d == PKT_PYTHON) pkt_buf_byte(b, ')');
}

/* Both languages know these escapes. */
static void show_escaped(struct pkt_buf *b, uint8_t c, char quote) {
  if (c == '\t')
    pkt_buf_lit(b, "\\t");
  else if (c == '\n')
    pkt_buf_lit(b, "\\n");
  else if (c == '\r')
    pkt_buf_lit(b, "\\r");
  else if (c == '\\' || c == quote)
    pkt_buf_add(b, (char[]){'\\', (char)c}, 2);
  else if (c < 0x20 || c >= 0x7f)
    pkt_buf_add(b, (char[]){'\\', 'x', hex_digits[c >> 4], hex_digits[c & 15]}, 4);
  else
    pkt_buf_byte(b, (char)c);
}

static void show_quoted(struct pkt_buf *b, const void *p, size_t n, char quote) {
  const uint8_t *bytes = p;
  pkt_buf_byte(b, quote);
  for (size_t i = 0; i < n; i++) show_escaped(b, bytes[i], quote);
  pkt_buf_byte(b, quote);
}

/* b'\x00a', "\x00a" */
static void show_bytes_literal(struct pkt_buf *b, enum pkt_dialect d, const uint8_t *p, size_t n) {
  bool apostrophe = n > 0 && memchr(p, '\'', n) && !memchr(p, '"', n);
  if (d == PKT_PYTHON) pkt_buf_byte(b, 'b');
  show_quoted(b, p, n, apostrophe ? '"' : syntaxes[d].quote);
}

/* The magnitude of an INTEGER of any size in hexadecimal: 'p' are its content octets. */
static void show_big(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  bool negative = p[0] >> 7, any = false;
  pkt_buf_str(b, negative ? "-0x" : "0x");
  size_t at = b->len;
  if (!pkt_buf_room(b, (size_t)n * 2)) return;
  unsigned carry = negative ? 1 : 0;
  for (uint32_t i = n; i-- > 0;) { /* the negative of two's complement, from the last octet */
    unsigned byte = negative ? (unsigned)(uint8_t)~p[i] + carry : p[i];
    carry = byte >> 8;
    b->data[at + i * 2] = hex_digits[byte >> 4 & 15];
    b->data[at + i * 2 + 1] = hex_digits[byte & 15];
  }
  for (uint32_t i = 0; i < n * 2; i++) {
    any = any || b->data[at + i] != '0';
    if (any) b->data[b->len++] = b->data[at + i];
  }
}

/* An INTEGER as the number that it is, in decimal unless it is large. */
static void show_integer(struct pkt_buf *b, const struct pkt_slot *s) {
  if (pkt_slot_is_big(s))
    show_big(b, s->bytes, s->len);
  else
    show_int(b, s);
}

/* 1.3.6.1; false, and nothing: the octets aren't those of an identifier. */
static bool show_dotted(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  size_t before = b->len, at = 0;
  unsigned index = 0;
  uint64_t number;
  bool bad;
  while (pkt_ber_oid_next(p, n, &at, &index, &number, &bad)) {
    if (index > 1) pkt_buf_byte(b, '.');
    pkt_buf_u64(b, number);
  }
  if (bad) b->len = before;
  return !bad;
}

/* The name of an identifier, or else its numbers. */
static bool show_oid(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  const struct pkt_oid *known = pkt_oids_find(op->element->oids, s->bytes, s->len);
  if (!known) return show_dotted(b, s->bytes, s->len);
  pkt_buf_add(b, known->name, known->name_len);
  return true;
}

/* How many bits a BIT STRING has. */
static uint32_t count_bits(const struct pkt_slot *s) { return (s->len - 1) * 8 - s->bytes[0]; }

static void show_digits(struct pkt_buf *b, const struct pkt_slot *s, uint32_t most) {
  uint32_t n = count_bits(s);
  for (uint32_t i = 0; i < n && i < most; i++)
    pkt_buf_byte(b, s->bytes[1 + i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
  if (n > most) pkt_buf_lit(b, "...");
}

/* Bits that fill bytes in hexadecimal, others one by one. */
static void show_bits(struct pkt_buf *b, const struct pkt_slot *s) {
  if (s->bytes[0] != 0) {
    show_digits(b, s, UINT32_MAX);
    return;
  }
  pkt_buf_lit(b, "0x");
  for (uint32_t i = 1; i < s->len; i++)
    pkt_buf_add(b, (char[]){hex_digits[s->bytes[i] >> 4], hex_digits[s->bytes[i] & 15]}, 2);
}

/* Part of an option's value: bare, as the reference shows DHCP's, or as a literal. A literal of
** Python has numbers without their names, as the reference has them, but those of attributes. */
static void show_option_part(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_option *o,
                             const struct pkt_part *part, bool bare) {
  const struct pkt_names *names = o->def && !part->address ? o->def->names : NULL;
  bool named = names && (bare || d == PKT_LUA || pkt_option_is_attribute(o));
  const struct pkt_name *n = named ? pkt_names_find(names, part->num) : NULL;
  bool quoted = !bare && (n || part->address);
  if (quoted) pkt_buf_byte(b, syntaxes[d].quote);
  if (part->address)
    pkt_show_ipv4(b, (uint32_t)part->num);
  else if (n)
    pkt_buf_add(b, n->text, n->len);
  else
    pkt_buf_u64(b, part->num);
  if (quoted) pkt_buf_byte(b, syntaxes[d].quote);
}

/* Bytes where text means something else: Lua has one type for both. */
static void show_raw_literal(struct pkt_buf *b, enum pkt_dialect d, const uint8_t *p, size_t n) {
  if (d == PKT_PYTHON) {
    show_bytes_literal(b, d, p, n);
    return;
  }
  pkt_buf_lit(b, "{vtype=\"BYTES\", base64=\"");
  pkt_buf_base64(b, p, n);
  pkt_buf_lit(b, "\"}");
}

/* An option's bytes, where they aren't the numbers or addresses that its code has. */
static void show_option_bytes(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_option *o) {
  bool text = !pkt_option_is_attribute(o) && (!o->def || o->def->form == PKT_FORM_BYTES);
  if (text)
    show_bytes_literal(b, d, o->data, o->len);
  else
    show_raw_literal(b, d, o->data, o->len);
}

/* The value of an option; several parts joined by 'comma'. */
static void show_option_value(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_option *o,
                              const char *comma, bool bare) {
  struct pkt_part part;
  if (!pkt_option_part(o, 0, 0, &part)) {
    show_option_bytes(b, d, o);
    return;
  }
  bool tuple = !bare && d == PKT_PYTHON && o->len > part.width;
  if (tuple) pkt_buf_byte(b, '(');
  for (uint32_t at = 0, i = 0; pkt_option_part(o, at, i, &part); at += part.width, i++) {
    if (i) pkt_buf_str(b, comma);
    show_option_part(b, d, o, &part, bare);
  }
  if (tuple) pkt_buf_byte(b, ')');
}

/* ('MSS', 1460), {"MSS", 1460}, {"LifeDuration", 3600, 4} */
static void show_option(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_option *o) {
  const struct syntax *y = &syntaxes[d];
  pkt_buf_byte(b, y->pair[0]);
  if (o->def)
    show_quoted(b, o->def->name, o->def->name_len, y->quote);
  else
    pkt_buf_u64(b, o->code);
  bool flag = o->form == PKT_OPTION_FLAG;
  bool empty = flag || (o->len == 0 && o->def && o->def->form != PKT_FORM_BYTES);
  unsigned width = d == PKT_LUA ? pkt_option_said_width(o) : 0;
  if (flag && d == PKT_PYTHON) {
    pkt_buf_lit(b, ", None");
  } else if (!empty || d == PKT_PYTHON) {
    pkt_buf_lit(b, ", ");
    show_option_value(b, d, o, ", ", false);
  }
  if (width) pkt_buf_fmt(b, ", %u", width);
  pkt_buf_byte(b, y->pair[1]);
}

static void show_options(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_list *list) {
  pkt_buf_byte(b, syntaxes[d].list[0]);
  for (uint32_t i = 0; i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    show_option(b, d, &list->options[i]);
  }
  if (list->rest) {
    if (list->len) pkt_buf_lit(b, ", ");
    show_raw_literal(b, d, pkt_list_rest(list), list->rest);
  }
  pkt_buf_byte(b, syntaxes[d].list[1]);
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
    if (o->form == PKT_OPTION_FLAG) continue;
    pkt_buf_byte(b, '=');
    show_option_value(b, PKT_PYTHON, o, ",", true);
  }
  if (list->rest) {
    if (list->len) pkt_buf_byte(b, ' ');
    const uint8_t *p = pkt_list_rest(list);
    for (uint32_t i = 0; i < list->rest; i++)
      pkt_buf_byte(b, p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.');
  }
  pkt_buf_byte(b, ']');
}

/* Is the field left out of a constructor call? */
static bool field_hidden(const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->element && s->none) return false;
  if (s->state == PKT_UNREAD || s->state == PKT_ABSENT) {
    return !(op->flags & PKT_OP_LISTED) || !s->list || s->list->len == 0;
  }
  if (op->kind == PKT_PHANTOM) return true;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_OPTIONS;
  return list && (!s->list || s->list->len == 0);
}

/* Will a later field of the same id be shown? An argument is given once. */
static bool shown_later(const struct pkt_layer *layer, const struct pkt_op *op) {
  if (!(op->flags & PKT_OP_TWIN)) return false;
  while ((op = pkt_plan_twin(layer->plan, op)))
    if (!field_hidden(op, &layer->slots[op - layer->plan->ops])) return true;
  return false;
}

static void show_calls(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                       const struct pkt_list *list, const char *comma);

/* Is the field's default a list or a packet? */
static bool comes_first(const struct pkt_plan *plan, const struct pkt_op *op) {
  bool packet = op->kind == PKT_LAYER && plan->defaults[op - plan->ops].list;
  return packet || op->flags & PKT_OP_LISTED;
}

static void show_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                         const struct pkt_op *op, const struct pkt_slot *s);

/* Is this a name in Lua, and none of its own words (manual, section 3.1)? */
static bool is_lua_name(const char *id) {
  static const char *const words[] = {"and",   "break", "do",       "else", "elseif", "end",
                                      "false", "for",   "function", "goto", "if",     "in",
                                      "local", "nil",   "not",      "or",   "repeat", "return",
                                      "then",  "true",  "until",    "while"};
  if (*id >= '0' && *id <= '9') return false;
  for (const char *p = id; *p; p++)
    if (!isalnum((unsigned char)*p) && *p != '_') return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (*id == *words[i] && strcmp(id, words[i]) == 0) return false;
  return true;
}

/* A field's id before its value. */
static void show_key(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op) {
  if (d == PKT_PYTHON || is_lua_name(op->id)) {
    pkt_buf_add(b, op->id, op->id_len);
  } else {
    pkt_buf_byte(b, '[');
    show_quoted(b, op->id, op->id_len, '"');
    pkt_buf_byte(b, ']');
  }
  pkt_buf_byte(b, '=');
}

/* No value: to Python a value like others. In Lua it is left out, but no bytes are some. */
static void show_argument(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                          const struct pkt_op *op, const struct pkt_slot *s, bool *any) {
  if (s->none && d == PKT_LUA && (op->kind != PKT_BYTES || op->element)) return;
  if (*any) pkt_buf_str(b, syntaxes[d].between);
  *any = true;
  show_key(b, d, op);
  if (s->none && d == PKT_LUA)
    pkt_buf_lit(b, "\"\"");
  else if (op->kind == PKT_LAYERS && !s->none && !(s->list && s->list->as_bytes))
    show_calls(b, d, op, s->list, ","); /* the reference's comma within packets */
  else
    show_literal(b, d, layer, op, s);
}

/* The reference prints the fields whose default is a list or a packet before the others. */
static void show_call(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer) {
  bool any = false;
  pkt_buf_add(b, layer->plan->id, layer->plan->id_len);
  pkt_buf_byte(b, syntaxes[d].call[0]);
  for (int pass = 0; pass < 2; pass++) {
    for (unsigned i = 0; i < layer->plan->nops; i++) {
      const struct pkt_op *op = &layer->plan->ops[i];
      const struct pkt_slot *s = &layer->slots[i];
      if (comes_first(layer->plan, op) != (pass == 0) || field_hidden(op, s)) continue;
      if (shown_later(layer, op)) continue;
      show_argument(b, d, layer, op, s, &any);
    }
  }
  pkt_buf_byte(b, syntaxes[d].call[1]);
}

static bool rides_on_last(const struct pkt_list *list, uint32_t i) {
  return pkt_plan_rides(list->layers[i]->plan, list->layers[i - 1]->plan);
}

static void show_calls(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                       const struct pkt_list *list, const char *comma) {
  bool chain = (op->flags & PKT_OP_CHAIN) != 0 || op->kind == PKT_LAYER;
  if (chain && (!list || list->len == 0)) {
    pkt_buf_str(b, syntaxes[d].none);
    return;
  }
  if (!chain) pkt_buf_byte(b, syntaxes[d].list[0]);
  for (uint32_t i = 0; list && i < list->len; i++) {
    bool rides = chain || (op->flags & PKT_OP_STACK && i && rides_on_last(list, i));
    if (i) pkt_buf_str(b, rides ? "/" : comma);
    show_call(b, d, list->layers[i]);
    if (!list->layers[i]->rest) continue;
    pkt_buf_byte(b, '/');
    show_call(b, d, list->layers[i]->rest);
  }
  if (!chain) pkt_buf_byte(b, syntaxes[d].list[1]);
}

/* The items of a list have a value each: none is left out, and Lua's table has no hole. */
static void show_slots(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                       const struct pkt_op *op, const struct pkt_list *list) {
  pkt_buf_byte(b, syntaxes[d].list[0]);
  for (uint32_t i = 0; list && i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    show_literal(b, d, layer, op->item, &list->slots[i]);
  }
  pkt_buf_byte(b, syntaxes[d].list[1]);
}

static void show_address(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_MAC)
    pkt_show_mac(b, s->num);
  else if (op->kind == PKT_IPV4)
    pkt_show_ipv4(b, (uint32_t)s->num);
  else
    pkt_show_ipv6(b, s->bytes);
}

static void show_quoted_address(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                                const struct pkt_slot *s) {
  pkt_buf_byte(b, syntaxes[d].quote);
  show_address(b, op, s);
  pkt_buf_byte(b, syntaxes[d].quote);
}

/* Is a fixed-point number shown in units: where it is never given in steps, and in Lua where its
** steps would be taken for units? A double holds those, since they have 32 bits at most. */
static bool in_units(enum pkt_dialect d, const struct pkt_op *op, const struct pkt_slot *s) {
  int fraction = pkt_op_fraction(op);
  return fraction == 8 || (d == PKT_LUA && fraction && s->num >> (op->width - fraction) == 0);
}

static void show_units(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  show_real(b, (double)s->num / (double)((uint64_t)1 << pkt_op_fraction(op)));
}

/* What is over 2^63-1 is text in Lua, whose integers end there. */
static void show_int_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s) {
  if (op->show == PKT_SHOW_FLOAT) {
    pkt_show_float(b, op, s->num, syntaxes[d].quote);
    return;
  }
  if (in_units(d, op, s)) {
    show_units(b, op, s);
    return;
  }
  bool text = d == PKT_LUA && !s->negative && s->num > INT64_MAX;
  if (text) pkt_buf_byte(b, '"');
  show_int(b, s);
  if (text) pkt_buf_byte(b, '"');
}

static void show_options_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                                 const struct pkt_list *list) {
  if (!list)
    show_raw_literal(b, d, NULL, 0);
  else if (pkt_options_are_bytes(op, list))
    show_raw_literal(b, d, list->raw, list->raw_len);
  else if (op->flags & PKT_OP_DHCP && d == PKT_PYTHON)
    show_dhcp_options(b, list);
  else
    show_options(b, d, list);
}

/* An INTEGER in Lua: what its numbers can't hold is text. */
static void show_integer_literal(struct pkt_buf *b, const struct pkt_slot *s) {
  bool text = pkt_slot_is_big(s) || (!s->negative && s->num > INT64_MAX);
  if (text) pkt_buf_byte(b, '"');
  show_integer(b, s);
  if (text) pkt_buf_byte(b, '"');
}

/* An identifier as its numbers in Lua, which can be looked up. */
static void show_oid_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s) {
  size_t before = b->len;
  pkt_buf_byte(b, syntaxes[d].quote);
  if (d == PKT_LUA ? show_dotted(b, s->bytes, s->len) : show_oid(b, op, s)) {
    pkt_buf_byte(b, syntaxes[d].quote);
    return;
  }
  b->len = before;
  show_raw_literal(b, d, s->bytes, s->len);
}

/* Text of digits, or bytes. */
static void show_bits_literal(struct pkt_buf *b, const struct pkt_slot *s) {
  pkt_buf_byte(b, '"');
  show_bits(b, s);
  pkt_buf_byte(b, '"');
}

/* What a BOOLEAN is in Lua. */
static void show_boolean_literal(struct pkt_buf *b, const struct pkt_slot *s) {
  if (s->num == 0 || s->num == 0xff)
    pkt_buf_str(b, s->num ? "true" : "false");
  else
    pkt_buf_u64(b, s->num);
}

/* <ASN1_BIT_STRING[0110]=b'`' (4 unused bits)> */
static void show_python_bits(struct pkt_buf *b, const struct pkt_slot *s) {
  unsigned unused = s->bytes[0];
  pkt_buf_byte(b, '[');
  show_digits(b, s, 16);
  pkt_buf_lit(b, "]=");
  show_bytes_literal(b, PKT_PYTHON, s->bytes + 1, s->len - 1);
  pkt_buf_fmt(b, " (%u unused bit%s)>", unused, unused > 1 ? "s" : "");
}

/* 0x1 <ASN1_INTEGER[1]>, <ASN1_OID['.1.3']>: as the reference prints its objects. */
static void show_python_object(struct pkt_buf *b, const struct pkt_op *op,
                               const struct pkt_slot *s) {
  bool null = strcmp(op->element->name, "NULL") == 0;
  bool big = op->kind == PKT_INTEGER && pkt_slot_is_big(s);
  if (op->kind == PKT_INTEGER && !big && !s->negative) {
    pkt_buf_hex(b, s->num);
    pkt_buf_byte(b, ' ');
  }
  pkt_buf_fmt(b, "<ASN1_%s", op->element->name);
  if (op->kind == PKT_BITS) {
    show_python_bits(b, s);
    return;
  }
  pkt_buf_byte(b, '[');
  switch (op->kind) {
    case PKT_INTEGER:
      if (big) pkt_buf_byte(b, '\'');
      show_integer(b, s);
      if (big) pkt_buf_byte(b, '\'');
      break;
    case PKT_UINT: show_int(b, s); break;
    case PKT_OID: show_oid_literal(b, PKT_PYTHON, op, s); break;
    case PKT_IPV4: show_quoted_address(b, PKT_PYTHON, op, s); break;
    default:
      if (null && s->len == 0)
        pkt_buf_byte(b, '0');
      else
        show_bytes_literal(b, PKT_PYTHON, s->bytes, s->len);
  }
  pkt_buf_lit(b, "]>");
}

/* One of several forms says which, in Lua as {"INTEGER", 1}; a packet does so itself. */
static void show_form(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s) {
  const char *name = d == PKT_LUA && op->element ? op->element->name : NULL;
  if (name) pkt_buf_fmt(b, "{\"%s\", ", name);
  show_literal(b, d, layer, op, s);
  if (name) pkt_buf_byte(b, '}');
}

/* A slot as a literal: what stands behind '=' in a constructor call. */
static void show_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                         const struct pkt_op *op, const struct pkt_slot *s) {
  if (s->none) {
    pkt_buf_str(b, syntaxes[d].none);
    return;
  }
  if (d == PKT_PYTHON && op->element && op->element->name) {
    show_python_object(b, op, s);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM:
      if (op->element)
        show_boolean_literal(b, s);
      else if (op->show == PKT_SHOW_PAIR)
        show_quoted_pair(b, d, s->num);
      else
        show_int_literal(b, d, op, s);
      break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: show_quoted_address(b, d, op, s); break;
    case PKT_BYTES:
    case PKT_NAME:
      if (is_uuid(op, s))
        show_uuid_literal(b, d, op, s->bytes);
      else
        show_bytes_literal(b, d, s->bytes, s->len);
      break;
    case PKT_LIST: show_slots(b, d, layer, op, s->list); break;
    case PKT_LAYERS:
    case PKT_LAYER:
      if (s->list && s->list->as_bytes)
        show_raw_literal(b, d, s->list->raw, s->list->raw_len);
      else
        show_calls(b, d, op, s->list, ", ");
      break;
    case PKT_CHOICE: show_form(b, d, layer, op->alts[s->alt].op, s); break;
    case PKT_OPTIONS: show_options_literal(b, d, op, s->list); break;
    case PKT_INTEGER: show_integer_literal(b, s); break;
    case PKT_OID: show_oid_literal(b, d, op, s); break;
    case PKT_BITS: show_bits_literal(b, s); break;
  }
}

static void show_list_item(struct pkt_buf *b, const struct pkt_layer *layer,
                           const struct pkt_op *op, const struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_UINT:
      if (op->show == PKT_SHOW_PAIR)
        show_quoted_pair(b, PKT_PYTHON, s->num);
      else
        (void)show_number(b, layer, op, s);
      break;
    case PKT_IPV4:
    case PKT_IPV6: show_address(b, op, s); break;
    case PKT_NAME: pkt_buf_fmt(b, "'%.*s'", (int)s->len, (const char *)s->bytes); break;
    default: show_literal(b, PKT_PYTHON, layer, op, s);
  }
}

/* A list that is a layer's field, as the reference shows it: its items as a person sees them, those
** of IPv6 addresses with blanks around them: [1.1.1.1, 2.2.2.2], [ ::1 ]. */
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

static void show_none(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op) {
  const char *quote = op->none_text ? "\"" : "", *text = op->none_text ? op->none_text : "null";
  bool usual = strcmp(text, syntaxes[PKT_PYTHON].none) == 0;
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  if (d == PKT_LUA)
    pkt_buf_lit(b, "\"nil\"");
  else
    pkt_buf_fmt(b, "%s%s%s", quote, text, quote);
  if (usual) text = syntaxes[d].none;
  pkt_buf_fmt(b, "},\"hvalue\":%s%s%s", quote, text, quote);
}

static void show_bytes_value(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"BYTES\",\"base64\":\"");
  pkt_buf_base64(b, p, n);
  pkt_buf_lit(b, "\"}");
}

static void show_bytes(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  show_bytes_value(b, p, n);
  pkt_buf_lit(b, ",\"hvalue\":");
  if (n > 0 && is_ascii(p, n)) {
    pkt_json_string(b, (const char *)p, n);
  } else {
    pkt_buf_lit(b, "\"<binary>\"");
  }
}

/* A fixed-point number: the reference shows steps, or leaves out what isn't whole. */
static void show_fixed_value(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                             const struct pkt_slot *s) {
  int fraction = pkt_op_fraction(op);
  bool whole = d == PKT_PYTHON || s->num % ((uint64_t)1 << fraction) == 0;
  if (!in_units(d, op, s))
    show_int(b, s);
  else if (whole)
    pkt_buf_u64(b, s->num >> fraction);
  else
    show_units(b, op, s);
}

static void show_uint(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s) {
  pkt_buf_lit(b, "\"value\":");
  size_t at = b->len;
  switch (op->show) {
    case PKT_SHOW_FIXED8:
    case PKT_SHOW_FIXED16:
    case PKT_SHOW_NTP: show_fixed_value(b, d, op, s); break;
    case PKT_SHOW_FLOAT: pkt_show_float(b, op, s->num, '"'); break;
    default: show_int(b, s);
  }
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

/* An address is text, and the same for people. It is an expression where it is what a node
** information query is about, and where it stands in for one that wasn't read, which the reference
** prints bare. */
static void show_field_address(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                               const struct pkt_slot *s) {
  bool node = (op->flags & PKT_OP_NODE) != 0;
  bool expression = node || (s->state == PKT_UNREAD && (op->flags & PKT_OP_LAZY));
  const char *quote = !expression ? "" : d == PKT_LUA ? "\\\"" : node ? "'" : "";
  pkt_buf_str(b, expression ? "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":\"" : "\"value\":\"");
  size_t before = b->len;
  pkt_buf_str(b, quote);
  size_t at = b->len;
  show_address(b, op, s);
  size_t n = b->len - at;
  pkt_buf_str(b, quote);
  if (d == PKT_PYTHON) { /* for people, too */
    at = before;
    n = b->len - before;
  }
  pkt_buf_str(b, expression ? "\"},\"hvalue\":\"" : "\",\"hvalue\":\"");
  if (pkt_buf_room(b, n)) memcpy(b->data + b->len, b->data + at, n), b->len += n;
  pkt_buf_byte(b, '"');
}

/* A name that is what a node information query is about: the reference prints it bare, which is
** read back only where it looks like one. */
static void show_node_name(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                           const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  if (d == PKT_PYTHON && pkt_is_bare_name((const char *)s->bytes, s->len))
    pkt_buf_add(scratch, s->bytes, s->len);
  else
    show_bytes_literal(scratch, d, s->bytes, s->len);
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  pkt_json_string(b, scratch->data, scratch->len);
  pkt_buf_lit(b, "},\"hvalue\":");
  pkt_json_string(b, (const char *)s->bytes, s->len);
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

/* A list that is bytes. False: it isn't. */
static bool show_list_bytes(struct pkt_buf *b, const struct pkt_op *op,
                            const struct pkt_list *list) {
  bool options = op->kind == PKT_OPTIONS;
  if (list && (options ? pkt_options_are_bytes(op, list) : list->as_bytes))
    show_bytes(b, list->raw, list->raw_len);
  else if (!list && op->kind != PKT_LAYERS)
    show_bytes(b, NULL, 0);
  else
    return false;
  return true;
}

/* To the reference a UUID is an object of Python; otherwise it is text, the same for people. */
static void show_uuid_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                            const struct pkt_op *op, const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  if (d == PKT_PYTHON) {
    show_uuid_literal(scratch, d, op, s->bytes);
    show_expression(b, scratch->data, scratch->len);
    return;
  }
  show_uuid(scratch, op, s->bytes);
  pkt_buf_lit(b, "\"value\":");
  pkt_json_string(b, scratch->data, scratch->len);
  pkt_buf_lit(b, ",\"hvalue\":");
  pkt_json_string(b, scratch->data, scratch->len);
}

static void show_any_list(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                          const struct pkt_layer *layer, const struct pkt_op *op,
                          const struct pkt_slot *s) {
  if (op->kind != PKT_LIST && show_list_bytes(b, op, s->list)) return;
  pkt_buf_clear(scratch, SIZE_MAX);
  if (op->kind == PKT_LIST && d == PKT_PYTHON)
    show_list(scratch, layer, op, s->list);
  else
    show_literal(scratch, d, layer, op, s);
  show_expression(b, scratch->data, scratch->len);
}

/* The name of an INTEGER's value, or the number. */
static void show_plain_integer(struct pkt_buf *b, const struct pkt_op *op,
                               const struct pkt_slot *s) {
  bool named = op->names && !pkt_slot_is_big(s) && !s->negative;
  const struct pkt_name *name = named ? pkt_names_find(op->names, s->num) : NULL;
  if (name)
    pkt_buf_add(b, name->text, name->len);
  else
    show_integer(b, s);
}

/* A number with its name for people; bytes where it is beyond 64 bits. */
static void show_integer_field(struct pkt_buf *b, const struct pkt_op *op,
                               const struct pkt_slot *s) {
  if (pkt_slot_is_big(s)) {
    show_bytes_value(b, s->bytes, s->len);
  } else {
    pkt_buf_lit(b, "\"value\":");
    show_int(b, s);
  }
  pkt_buf_lit(b, ",\"hvalue\":\"");
  show_plain_integer(b, op, s);
  pkt_buf_byte(b, '"');
}

/* Its numbers, and its name for people. */
static void show_oid_field(struct pkt_buf *b, struct pkt_buf *scratch, const struct pkt_op *op,
                           const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  if (!show_dotted(scratch, s->bytes, s->len)) {
    show_bytes(b, s->bytes, s->len);
    return;
  }
  pkt_buf_lit(b, "\"value\":");
  pkt_json_string(b, scratch->data, scratch->len);
  pkt_buf_clear(scratch, SIZE_MAX);
  (void)show_oid(scratch, op, s);
  pkt_buf_lit(b, ",\"hvalue\":");
  pkt_json_string(b, scratch->data, scratch->len);
}

/* Bytes where they are filled, else text of digits. */
static void show_bits_field(struct pkt_buf *b, const struct pkt_slot *s) {
  if (s->bytes[0] == 0) {
    show_bytes_value(b, s->bytes + 1, s->len - 1);
  } else {
    pkt_buf_lit(b, "\"value\":\"");
    show_bits(b, s);
    pkt_buf_byte(b, '"');
  }
  pkt_buf_lit(b, ",\"hvalue\":\"");
  show_bits(b, s);
  pkt_buf_byte(b, '"');
}

/* STRING: public, as people see one of several forms; bytes that are no text can't be shown so. */
static void show_plain_form(struct pkt_buf *b, const struct pkt_layer *layer,
                            const struct pkt_op *op, const struct pkt_slot *s) {
  if (op->kind == PKT_BYTES && !is_ascii(s->bytes, s->len)) {
    pkt_buf_lit(b, "<binary>");
    return;
  }
  if (op->element->name) pkt_buf_fmt(b, "%s: ", op->element->name);
  if (op->kind == PKT_BYTES)
    pkt_buf_add(b, s->bytes, s->len);
  else
    pkt_show_plain(b, layer, op, s);
}

/* One of several forms as an expression. */
static void show_form_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                            const struct pkt_layer *layer, const struct pkt_op *op,
                            const struct pkt_slot *s) {
  pkt_buf_clear(scratch, SIZE_MAX);
  show_literal(scratch, d, layer, op, s);
  pkt_buf_lit(b, "\"value\":{\"vtype\":\"EXPRESSION\",\"expr\":");
  pkt_json_string(b, scratch->data, scratch->len);
  pkt_buf_lit(b, "},\"hvalue\":");
  op = op->alts[s->alt].op;
  bool list = op->kind == PKT_LIST || op->kind == PKT_LAYERS || op->kind == PKT_LAYER;
  if (!list) {
    pkt_buf_clear(scratch, SIZE_MAX);
    show_plain_form(scratch, layer, op, s);
  }
  pkt_json_string(b, scratch->data, scratch->len);
}

void pkt_show_field(struct pkt_buf *b, struct pkt_buf *scratch, enum pkt_dialect d,
                    const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_slot *s) {
  const struct pkt_given *given = layer->given ? find_given(layer, s) : NULL;
  if (op->kind == PKT_CHOICE && !op->element) op = op->alts[s->alt].op;
  if (given) {
    show_given(b, &given->value);
    return;
  }
  if (s->none) {
    show_none(b, d, op);
    return;
  }
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: show_uint(b, d, layer, op, s); break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: show_field_address(b, d, op, s); break;
    case PKT_NAME:
      if (op->flags & PKT_OP_NODE)
        show_node_name(b, scratch, d, s);
      else
        show_bytes(b, s->bytes, s->len);
      break;
    case PKT_BYTES:
      if (is_uuid(op, s))
        show_uuid_field(b, scratch, d, op, s);
      else
        show_bytes(b, s->bytes, s->len);
      break;
    case PKT_INTEGER: show_integer_field(b, op, s); break;
    case PKT_OID: show_oid_field(b, scratch, op, s); break;
    case PKT_BITS: show_bits_field(b, s); break;
    case PKT_CHOICE: show_form_field(b, scratch, d, layer, op, s); break;
    default: show_any_list(b, scratch, d, layer, op, s);
  }
}

void pkt_show_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_layer *layer,
                      const struct pkt_op *op, const struct pkt_slot *s) {
  show_literal(b, d, layer, op, s);
}

bool pkt_show_script(struct pkt_buf *b, const struct pkt_op *op, const struct pkt_slot *s) {
  switch (op->kind) {
    case PKT_INTEGER:
      if (!pkt_slot_is_big(s) && (s->negative || s->num <= INT64_MAX)) return false;
      show_integer(b, s);
      return true;
    case PKT_OID: return show_dotted(b, s->bytes, s->len);
    default: show_bits(b, s); return true;
  }
}

static void show_plain_bytes(struct pkt_buf *b, const uint8_t *p, uint32_t n) {
  bool text = true;
  for (uint32_t i = 0; i < n; i++) text = text && p[i] >= 0x20 && p[i] < 0x7f;
  if (text) {
    pkt_buf_add(b, p, n);
    return;
  }
  for (uint32_t i = 0; i < n; i++)
    pkt_buf_add(b, (char[]){hex_digits[p[i] >> 4], hex_digits[p[i] & 15]}, 2);
}

void pkt_show_plain(struct pkt_buf *b, const struct pkt_layer *layer, const struct pkt_op *op,
                    const struct pkt_slot *s) {
  if (op->kind == PKT_CHOICE) op = op->alts[s->alt].op;
  if (s->none) return;
  switch (op->kind) {
    case PKT_UINT:
    case PKT_PHANTOM: (void)show_number(b, layer, op, s); break;
    case PKT_MAC:
    case PKT_IPV4:
    case PKT_IPV6: show_address(b, op, s); break;
    case PKT_BYTES:
    case PKT_NAME:
      if (is_uuid(op, s))
        show_uuid(b, op, s->bytes);
      else
        show_plain_bytes(b, s->bytes, s->len);
      break;
    case PKT_INTEGER: show_plain_integer(b, op, s); break;
    case PKT_OID:
      if (!show_oid(b, op, s)) show_plain_bytes(b, s->bytes, s->len);
      break;
    case PKT_BITS: show_bits(b, s); break;
    case PKT_OPTIONS:
      if (s->list && s->list->raw_len + s->list->len > 0)
        show_literal(b, PKT_LUA, layer, op, s);
      else
        pkt_buf_lit(b, "{}"); /* not as bytes, of which a default is */
      break;
    default: show_literal(b, PKT_LUA, layer, op, s);
  }
}
