/* assign_bytes.c - bytes, UUIDs and sets of record types, which are bytes too, and domain names. */
#include "assign_inner.h"
#include "buf.h"
#include "name.h"
#include "text.h"

/* 32 hexadecimal digits with '-' behind the 8th, 12th, 16th and 20th, or without. */
static bool read_uuid(const char *p, uint32_t n, uint8_t *uuid) {
  unsigned digits = 0;
  for (uint32_t i = 0; i < n; i++) {
    bool dash = n == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
    if (dash && p[i] == '-') continue;
    int digit = pkt_hex_digit(p[i]);
    if (dash || digit < 0 || digits == 32) return false;
    uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | digit);
    digits++;
  }
  return digits == 32;
}

static void mirror(uint8_t uuid[16]) {
  for (unsigned i = 0; i < 8; i++) {
    uint8_t byte = uuid[i];
    uuid[i] = uuid[15 - i];
    uuid[15 - i] = byte;
  }
}

/* Its text, UUID('...') as it is shown, or its bytes. */
static int set_uuid(struct pkt_target *t, const struct pkt_value *v) {
  static const char call[] = "UUID('";
  uint8_t uuid[16] = {0};
  struct pkt_value text = *v;
  if (v->type == PKT_V_LAYER && v->layer->id_len == 4 && memcmp(v->layer->id, call, 4) == 0 &&
      v->layer->len == 1)
    text = v->layer->fields[0].value;
  bool is_text = text.type == PKT_V_TEXT || text.type == PKT_V_BYTES;
  if (is_text && text.len == 44 && memcmp(text.ptr, call, 6) == 0) {
    text.ptr += 6;
    text.len = 36;
  }
  if (pkt_are_bytes(&text, 16))
    memcpy(uuid, text.ptr, 16);
  else if (!is_text || !read_uuid(text.ptr, text.len, uuid))
    return pkt_refuse(t, text.type == PKT_V_TEXT ? &text : v,
                      "a UUID such as 00112233-4455-6677-8899-aabbccddeeff");
  else if (t->op->flags & PKT_OP_MIRRORED)
    mirror(uuid);
  return pkt_set_copy(t, uuid, 16);
}

/* The number of a record type, given as such or by name. */
static bool read_type(const struct pkt_target *t, const struct pkt_value *v, uint64_t *type) {
  *type = v->num;
  if (v->type == PKT_V_INT) return !v->negative && v->num <= UINT16_MAX;
  bool text = v->type == PKT_V_TEXT || v->type == PKT_V_BYTES;
  return text && t->op->names && pkt_names_read(t->op->names, v->ptr, v->len, UINT16_MAX, type);
}

/* Windows of up to 256 types, each with its number, its length, and a bit for each type, the most
** significant first (RFC 4034 section 4.1.2). */
static uint32_t write_bitmap(const uint8_t types[8192], uint8_t *out) {
  uint32_t at = 0;
  for (uint32_t window = 0; window < 256; window++) {
    const uint8_t *bits = types + window * 32;
    uint32_t n = 32;
    while (n > 0 && bits[n - 1] == 0) n--;
    if (n == 0) continue;
    out[at++] = (uint8_t)window;
    out[at++] = (uint8_t)n;
    memcpy(out + at, bits, n);
    at += n;
  }
  return at;
}

static int set_bitmap(struct pkt_target *t, const struct pkt_value *v) {
  uint8_t types[8192] = {0}, bytes[256 * 34];
  for (uint32_t i = 0; i < v->len; i++) {
    uint64_t type;
    if (!read_type(t, &v->items[i], &type))
      return pkt_refuse(t, &v->items[i],
                        "a type of records: a number up to 65535 or a name such as A");
    types[type / 8] |= (uint8_t)(0x80 >> type % 8);
  }
  return pkt_set_copy(t, bytes, write_bitmap(types, bytes));
}

int pkt_set_bytes(struct pkt_target *t, const struct pkt_value *v) {
  if (t->op->show == PKT_SHOW_UUID) return set_uuid(t, v);
  if (t->op->flags & PKT_OP_BITMAP && v->type == PKT_V_LIST) return set_bitmap(t, v);
  if (v->type != PKT_V_TEXT && v->type != PKT_V_BYTES) return pkt_refuse(t, v, "text or bytes");
  struct pkt_value bytes = pkt_as_bytes(v);
  if (!pkt_op_is_text(t->op)) v = &bytes;
  if (v->len > PKT_MAX_PACKET)
    return pkt_fail(t->err, PKT_ERR_LIMIT, "%s.%s: %u bytes are more than the %d of a packet",
                    t->plan->id, pkt_op_name(t->op), v->len, PKT_MAX_PACKET);
  t->slot->bytes = (const uint8_t *)v->ptr;
  t->slot->len = v->len;
  t->odd |= v->type == PKT_V_TEXT && (t->op->flags & PKT_OP_EXACT);
  return 0;
}

int pkt_set_name(struct pkt_target *t, const struct pkt_value *v) {
  if (v->type != PKT_V_TEXT && v->type != PKT_V_BYTES) return pkt_refuse(t, v, "a domain name");
  char room[PKT_MAX_NAME + 1]; /* for any: the buffer never grows */
  struct pkt_buf check = {.data = room, .cap = sizeof room, .limit = sizeof room};
  if (pkt_name_write(&check, v->ptr, v->len) != 0)
    return pkt_refuse(t, v, "a domain name of labels of 1 to 63 bytes, 255 in all");
  /* shown as it was given; the dot at the end is implied */
  t->slot->bytes = (const uint8_t *)v->ptr;
  t->slot->len = v->len;
  return 0;
}
