#include "err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

const char *pkt_err_name(enum pkt_errcode code) {
  static const char *const names[] = {
#define X(code, name) name,
      PKT_ERR_CODES(X)
#undef X
  };
  return names[code];
}

/* Store 'n' bytes of text as the message; if that is too long, it is cut between two characters. */
static void set_message(struct pkt_err *err, const char *text, size_t n) {
  if (n >= PKT_MAX_MESSAGE) {
    n = PKT_MAX_MESSAGE - 1;
    while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80) n--; /* the first byte left out starts one */
  }
  memcpy(err->message, text, n);
  err->message[n] = '\0';
}

/* One byte more than a message holds, so that set_message() sees that it has to cut. */
#define DRAFT (PKT_MAX_MESSAGE + 1)

int pkt_fail(struct pkt_err *err, enum pkt_errcode code, const char *format, ...) {
  if (!err) return -1;
  char draft[DRAFT]; /* an argument may be the old message */
  va_list args;
  va_start(args, format);
  if (vsnprintf(draft, sizeof(draft), format, args) < 0) draft[0] = '\0';
  va_end(args);
  err->code = code;
  set_message(err, draft, strlen(draft));
  return -1;
}

int pkt_fail_at(struct pkt_err *err, enum pkt_errcode code, const char *text, const char *where,
                const char *what) {
  size_t line = 1, column = 1;
  for (const char *p = text; p < where; p++) {
    if (*p == '\n') {
      line++;
      column = 1;
    } else if (((uint8_t)*p & 0xc0) != 0x80) {
      column++;
    }
  }
  return pkt_fail(err, code, "line %zu column %zu: %s", line, column, what);
}

void pkt_err_prefix(struct pkt_err *err, const char *text) {
  if (!err) return;
  char draft[DRAFT];
  snprintf(draft, sizeof(draft), "%s%s", text, err->message);
  set_message(err, draft, strlen(draft));
}

/* C0 and C1 controls and DEL. */
static int is_control(const char *p, size_t len) {
  return len == 1 ? *p < ' ' || *p == 0x7f
                  : len == 2 && (uint8_t)p[0] == 0xc2 && (uint8_t)p[1] < 0xa0;
}

/* Write 'n' bytes as \xNN; returns the end. */
static char *put_escaped(char *out, const char *p, size_t n) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    *out++ = '\\';
    *out++ = 'x';
    *out++ = digits[(uint8_t)p[i] >> 4];
    *out++ = digits[(uint8_t)p[i] & 15];
  }
  return out;
}

/* Copy the character at 'p' to 'o', escaped where it can't stand for itself; returns the end. */
static char *put_printable(char *o, const char *p, size_t take, bool valid) {
  if (!valid || is_control(p, take)) return put_escaped(o, p, take);
  memcpy(o, p, take);
  return o + take;
}

int pkt_fail_bytes(struct pkt_err *err, enum pkt_errcode code, const void *text, size_t n) {
  char draft[DRAFT + 8], *o = draft; /* one escaped character more than a message */
  const char *p = text;
  for (size_t i = 0, take; i < n && o < draft + PKT_MAX_MESSAGE - 8; i += take) {
    size_t len = pkt_utf8_len(p + i, n - i);
    take = len ? len : 1;
    o = put_printable(o, p + i, take, len > 0);
  }
  *o = 0;
  return pkt_fail(err, code, "%s", draft);
}

const char *pkt_quote(char *out, const void *text, size_t n) {
  const char *p = text;
  char *o = out;
  size_t i = 0;
  *o++ = '"';
  while (i < n) {
    size_t len = pkt_utf8_len(p + i, n - i);
    size_t take = len ? len : 1;
    if (i + take > PKT_MAX_QUOTE) break;
    if (p[i] == '"' || p[i] == '\\') *o++ = '\\';
    o = put_printable(o, p + i, take, len > 0);
    i += take;
  }
  strcpy(o, i < n ? "\"..." : "\"");
  return out;
}
