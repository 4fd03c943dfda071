/* show_option.c - lists of options as literals of either dialect, those of DHCP as the reference
** has them. */
#include "show_inner.h"

#include "option.h"

/* Part of an option's value: bare, as the reference shows DHCP's, or as a literal. A literal of
** Python has numbers without their names, as the reference has them, but those of attributes. */
static void show_option_part(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_option *o,
                             const struct pkt_part *part, bool bare) {
  const struct pkt_names *names = o->def && !part->address ? o->def->names : NULL;
  bool named = names && (bare || d == PKT_LUA || pkt_option_is_attribute(o));
  const struct pkt_name *n = named ? pkt_names_find(names, part->num) : NULL;
  bool quoted = !bare && (n || part->address);
  if (quoted) pkt_buf_byte(b, pkt_syntaxes[d].quote);
  if (part->address)
    pkt_show_ipv4(b, (uint32_t)part->num);
  else if (n)
    pkt_buf_add(b, n->text, n->len);
  else
    pkt_buf_u64(b, part->num);
  if (quoted) pkt_buf_byte(b, pkt_syntaxes[d].quote);
}

/* An option's bytes, where they aren't the numbers or addresses that its code has. */
static void show_option_bytes(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_option *o) {
  bool text = !pkt_option_is_attribute(o) && (!o->def || o->def->form == PKT_FORM_BYTES);
  if (text)
    pkt_show_bytes_literal(b, d, o->data, o->len);
  else
    pkt_show_raw_literal(b, d, o->data, o->len);
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
  const struct pkt_syntax *y = &pkt_syntaxes[d];
  pkt_buf_byte(b, y->pair[0]);
  if (o->def)
    pkt_show_quoted(b, o->def->name, o->def->name_len, y->quote);
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
  pkt_buf_byte(b, pkt_syntaxes[d].list[0]);
  for (uint32_t i = 0; i < list->len; i++) {
    if (i) pkt_buf_lit(b, ", ");
    show_option(b, d, &list->options[i]);
  }
  if (list->rest) {
    if (list->len) pkt_buf_lit(b, ", ");
    pkt_show_raw_literal(b, d, pkt_list_rest(list), list->rest);
  }
  pkt_buf_byte(b, pkt_syntaxes[d].list[1]);
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

void pkt_show_options_literal(struct pkt_buf *b, enum pkt_dialect d, const struct pkt_op *op,
                              const struct pkt_list *list) {
  if (!list)
    pkt_show_raw_literal(b, d, NULL, 0);
  else if (pkt_options_are_bytes(op, list))
    pkt_show_raw_literal(b, d, list->raw, list->raw_len);
  else if (op->flags & PKT_OP_DHCP && d == PKT_PYTHON)
    show_dhcp_options(b, list);
  else
    show_options(b, d, list);
}
