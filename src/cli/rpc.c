#include "rpc.h"

#include <string.h>

#include "../engine/json.h"

#define REPLY_VALUES (1u << 30) /* bytes of a reply's values: the largest reply is 64 MiB of text */
#define KEEP_BYTES (1u << 20)   /* kept of a request's and a reply's memory between calls */

int pkt_rpc_open(struct pkt_rpc *r, const char *endpoint, int timeout_ms, struct pkt_err *err) {
  *r = (struct pkt_rpc){0};
  pkt_arena_init(&r->arena, REPLY_VALUES);
  r->client = pkt_client_open(endpoint, timeout_ms, err);
  return r->client != NULL ? 0 : -1;
}

void pkt_rpc_close(struct pkt_rpc *r) {
  pkt_client_close(r->client);
  pkt_buf_free(&r->handle);
  pkt_buf_free(&r->bare);
  pkt_buf_free(&r->request);
  pkt_buf_free(&r->reply);
  pkt_arena_free(&r->arena);
}

static bool takes_handle(const struct pkt_rpc *r, const char *method) {
  const char *end = r->bare.data + r->bare.len;
  for (const char *name = r->bare.data; name < end; name += strlen(name) + 1)
    if (strcmp(name, method) == 0) return false;
  return r->handle.len > 0;
}

static void write_request(struct pkt_rpc *r, const char *method, const char *const *params,
                          size_t n) {
  struct pkt_buf *b = &r->request;
  pkt_buf_clear(b, KEEP_BYTES);
  pkt_buf_fmt(b, "{\"jsonrpc\":\"2.0\",\"id\":\"%u\",\"method\":", ++r->last_id);
  pkt_json_string(b, method, strlen(method));
  pkt_buf_lit(b, ",\"params\":[");
  bool handled = takes_handle(r, method);
  if (handled) pkt_buf_add(b, r->handle.data, r->handle.len);
  for (size_t i = 0; i < n; i++) {
    if (i > 0 || handled) pkt_buf_byte(b, ',');
    pkt_buf_str(b, params[i]);
  }
  pkt_buf_lit(b, "]}");
}

static int read_reply(struct pkt_rpc *r, struct pkt_rpc_answer *answer, struct pkt_err *err) {
  pkt_arena_reset(&r->arena);
  struct pkt_value *v = pkt_alloc(&r->arena, sizeof *v);
  if (v == NULL) return pkt_fail(err, PKT_ERR_MEMORY, "no memory for the reply");
  if (pkt_json_read(&r->arena, r->reply.data, r->reply.len, v, err) != 0) {
    pkt_err_prefix(err, "the reply is no JSON: ");
    return -1;
  }
  answer->result = pkt_value_get(v, "result");
  answer->error = pkt_value_get(v, "error");
  answer->ok = answer->error == NULL && answer->result != NULL;
  if (answer->ok || answer->error != NULL) return 0;
  return pkt_fail(err, PKT_ERR_MALFORMED, "the reply has neither a result nor an error");
}

int pkt_rpc_call(struct pkt_rpc *r, const char *method, const char *const *params, size_t n,
                 struct pkt_rpc_answer *answer, struct pkt_err *err) {
  write_request(r, method, params, n);
  if (r->request.failed) return pkt_fail(err, PKT_ERR_MEMORY, "no memory for the request");
  pkt_buf_clear(&r->reply, KEEP_BYTES);
  if (pkt_client_call(r->client, r->request.data, r->request.len, &r->reply, err) != 0) return -1;
  return read_reply(r, answer, err);
}

/* "v1.01" to the two numbers 1 and 01 that get_version_handler takes, as text in quotes. */
static void split_version(const struct pkt_value *version, char major[16], char minor[16]) {
  char text[16] = "1.01";
  if (version != NULL && version->type == PKT_V_TEXT && version->len < sizeof text) {
    memcpy(text, version->ptr, version->len);
    text[version->len] = '\0';
  }
  const char *start = text + (text[0] == 'v');
  size_t n = strcspn(start, ".");
  snprintf(major, 16, "\"%.*s\"", n < 12 ? (int)n : 12, start);
  snprintf(minor, 16, "\"%.12s\"", start[n] == '.' ? start + n + 1 : "0");
}

/* Of all methods, each with [count, [the names of its parameters]], note those whose first isn't
** the handle. */
static void note_bare(struct pkt_buf *bare, const struct pkt_value *methods) {
  for (uint32_t i = 0; methods->type == PKT_V_MAP && i < methods->len; i++) {
    const struct pkt_member *m = &methods->members[i];
    const struct pkt_value *takes =
        m->value.type == PKT_V_LIST && m->value.len == 2 ? &m->value.items[1] : NULL;
    if (!takes || takes->type != PKT_V_LIST) continue;
    if (takes->len > 0 && pkt_value_is(&takes->items[0], "client_v_handler")) continue;
    pkt_buf_add(bare, m->key, m->key_len);
    pkt_buf_byte(bare, '\0');
  }
}

int pkt_rpc_handshake(struct pkt_rpc *r, struct pkt_err *err) {
  static const char *const all[] = {"\"all\""};
  struct pkt_rpc_answer answer;
  char major[16], minor[16];
  const char *params[] = {major, minor};
  if (pkt_rpc_call(r, "get_version", NULL, 0, &answer, err) != 0) return -1;
  split_version(answer.ok ? pkt_value_get(answer.result, "version") : NULL, major, minor);
  if (pkt_rpc_call(r, "get_version_handler", params, 2, &answer, err) != 0) return -1;
  if (!answer.ok) return pkt_fail(err, PKT_ERR_UNKNOWN, "the server gives no version handle");
  struct pkt_buf handle = {0};
  pkt_json_write(&handle, answer.result);
  int status = pkt_rpc_call(r, "supported_methods", all, 1, &answer, err);
  if (status == 0 && answer.ok) note_bare(&r->bare, answer.result);
  r->handle = handle;
  if (handle.failed || r->bare.failed)
    return pkt_fail(err, PKT_ERR_MEMORY, "no memory for the version handle");
  return status;
}

int pkt_rpc_check(const char *text, size_t len, const char *quoted_text, struct pkt_err *err) {
  struct pkt_arena arena;
  struct pkt_value v;
  char quoted[PKT_QUOTE_ROOM];
  struct pkt_err why;
  pkt_arena_init(&arena, REPLY_VALUES);
  int rc = pkt_json_read(&arena, text, len, &v, &why);
  pkt_arena_free(&arena);
  if (rc == 0) return 0;
  return pkt_fail(err, PKT_ERR_SYNTAX, "not JSON: %s: %s (text needs double quotes: %s)",
                  pkt_quote(quoted, text, len), why.message, quoted_text);
}

static void indent(struct pkt_buf *b, int depth) {
  pkt_buf_byte(b, '\n');
  for (int i = 0; i < depth; i++) pkt_buf_lit(b, "  ");
}

static void pretty(struct pkt_buf *b, const struct pkt_value *v, int depth) {
  bool map = v->type == PKT_V_MAP;
  if ((!map && v->type != PKT_V_LIST) || v->len == 0) {
    pkt_json_write(b, v);
    return;
  }
  pkt_buf_byte(b, map ? '{' : '[');
  for (uint32_t i = 0; i < v->len; i++) {
    if (i > 0) pkt_buf_byte(b, ',');
    indent(b, depth + 1);
    if (map) {
      pkt_json_string(b, v->members[i].key, v->members[i].key_len);
      pkt_buf_lit(b, ": ");
    }
    pretty(b, map ? &v->members[i].value : &v->items[i], depth + 1);
  }
  indent(b, depth);
  pkt_buf_byte(b, map ? '}' : ']');
}

/* Print what was gathered, all of it or, reported, nothing; and free it. */
static bool print_gathered(FILE *out, struct pkt_buf *b) {
  bool good = !b->failed;
  if (good)
    fwrite(b->data, 1, b->len, out);
  else
    fputs("luapkt: no memory to print the answer\n", stderr);
  fflush(out);
  pkt_buf_free(b);
  return good;
}

bool pkt_rpc_print(FILE *out, const struct pkt_value *v) {
  struct pkt_buf b = {0};
  pretty(&b, v, 0);
  pkt_buf_byte(&b, '\n');
  return print_gathered(out, &b);
}

void pkt_rpc_print_error(FILE *out, const struct pkt_value *error) {
  struct pkt_buf b = {0};
  const struct pkt_value *code = pkt_value_get(error, "code");
  const struct pkt_value *message = pkt_value_get(error, "message");
  if (message == NULL) message = pkt_value_get(error, "message:"); /* the reference's spelling */
  pkt_buf_lit(&b, "error ");
  if (code != NULL) pkt_json_write(&b, code);
  pkt_buf_lit(&b, ": ");
  if (message != NULL && message->type == PKT_V_TEXT)
    pkt_buf_add(&b, message->ptr, message->len);
  else
    pkt_json_write(&b, error);
  pkt_buf_byte(&b, '\n');
  print_gathered(out, &b);
}
