/* option.c - one option of a list, as it lies on the wire. */
#include "option.h"

#include <string.h>

#define BASIC 0x8000 /* the attribute format bit: the value has two bytes */

/* -------------------------------------------------------------------------------------- reading */

static uint32_t read_attribute(const struct pkt_op *op, const uint8_t *p, uint32_t n,
                               struct pkt_option *o) {
  if (n < 4) return 0;
  unsigned type = pkt_get_be16(p);
  o->code = (uint16_t)(type & PKT_MAX_ATTRIBUTE);
  o->def = pkt_op_code(op, o->code);
  o->form = type & BASIC ? PKT_OPTION_BASIC : PKT_OPTION_LONG;
  o->len = type & BASIC ? 2 : (uint32_t)pkt_get_be16(p + 2);
  uint32_t size = pkt_option_size(o);
  o->data = p + size - o->len;
  return size <= n ? size : 0;
}

uint32_t pkt_option_read(const struct pkt_op *op, const uint8_t *p, uint32_t n,
                         struct pkt_option *o) {
  *o = (struct pkt_option){.code = p[0]};
  if (op->flags & PKT_OP_ATTRIBUTES) return read_attribute(op, p, n, o);
  o->def = pkt_op_code(op, p[0]);
  if (o->def && o->def->form == PKT_FORM_FLAG) {
    o->form = PKT_OPTION_FLAG;
    return 1;
  }
  bool whole = (op->flags & PKT_OP_DHCP) != 0;
  if (n < 2) return whole ? 0 : n;                         /* the bytes end behind the code */
  uint32_t overhead = op->flags & PKT_OP_CODE_ALL ? 0 : 2; /* what the length byte leaves out */
  uint32_t size = p[1] + overhead;
  if (size < 2) size = 2; /* a length that doesn't count itself is taken for one without a value */
  if (size > n && whole) return 0;
  if (size > n) size = n;
  o->data = p + 2;
  o->len = size - 2;
  return size;
}

/* -------------------------------------------------------------------------------------- writing */

uint32_t pkt_option_room(const struct pkt_op *op) {
  if (op->flags & PKT_OP_ATTRIBUTES) return PKT_MAX_ATTRIBUTE_BYTES;
  return op->flags & PKT_OP_CODE_ALL ? 253 : 255; /* a byte, which may count itself and the code */
}

uint8_t *pkt_option_write(const struct pkt_op *op, const struct pkt_option *o, uint8_t *p) {
  switch (o->form) {
    case PKT_OPTION_FLAG: *p = (uint8_t)o->code; return p + 1;
    case PKT_OPTION_BASIC: pkt_put_be16(p, (uint16_t)(BASIC | o->code)); break;
    case PKT_OPTION_LONG:
      pkt_put_be16(p, o->code);
      pkt_put_be16(p + 2, (uint16_t)o->len);
      p += 2;
      break;
    default:
      p[0] = (uint8_t)o->code;
      p[1] = (uint8_t)(o->len + (op->flags & PKT_OP_CODE_ALL ? 2 : 0));
  }
  p += 2;
  if (o->len) memcpy(p, o->data, o->len);
  return p + o->len;
}

unsigned pkt_attribute_width(uint64_t num) {
  unsigned width = 2;
  while (width < 8 && num >> (8 * width) != 0) width++;
  return width;
}

/* --------------------------------------------------------------------------------------- values */

/* The bytes of part 'i' of an option's value. */
static unsigned part_width(const struct pkt_optdef *def, uint32_t i) {
  if (def->form == PKT_FORM_IPV4) return 4;
  return def->width ? def->width : def->widths[i < PKT_MAX_PARTS ? i : 0];
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

bool pkt_option_is_attribute(const struct pkt_option *o) {
  return o->form == PKT_OPTION_BASIC || o->form == PKT_OPTION_LONG;
}

/* An attribute's value is a number, unless it is larger than Lua has them. */
static bool attribute_number(const struct pkt_option *o, uint32_t at, struct pkt_part *part) {
  if (at > 0 || o->len == 0 || o->len > 8 || (o->len == 8 && o->data[0] & 0x80)) return false;
  *part = (struct pkt_part){.num = pkt_get_be(o->data, o->len), .width = o->len};
  return true;
}

bool pkt_option_part(const struct pkt_option *o, uint32_t at, uint32_t i, struct pkt_part *part) {
  if (pkt_option_is_attribute(o)) return attribute_number(o, at, part);
  if (at >= o->len || !option_fits(o)) return false;
  if (o->def->form != PKT_FORM_INTS && o->def->form != PKT_FORM_IPV4) return false;
  part->address = o->def->form == PKT_FORM_IPV4;
  part->width = part_width(o->def, i);
  part->num = pkt_get_be(o->data + at, part->width);
  return true;
}

unsigned pkt_option_said_width(const struct pkt_option *o) {
  struct pkt_part part;
  if (o->form != PKT_OPTION_LONG || !attribute_number(o, 0, &part)) return 0;
  unsigned width = pkt_attribute_width(part.num);
  return width == part.width && width > 2 ? 0 : part.width;
}

bool pkt_options_are_bytes(const struct pkt_op *op, const struct pkt_list *list) {
  return list->as_bytes || (list->rest && !(op->flags & PKT_OP_DHCP));
}
