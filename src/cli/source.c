#include "source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../engine/arena.h"
#include "../engine/json.h"
#include "../engine/value.h"
#include "file.h"

#define MAX_MODEL (16u << 20)   /* bytes of a model */
#define LIST_VALUES (64u << 20) /* bytes of the list of templates, read */

int pkt_source_read(struct pkt_service *s, const char *command, const char *source,
                    struct pkt_buf *out) {
  struct stat st;
  struct pkt_err err;
  if (stat(source, &st) == 0 && !S_ISDIR(st.st_mode)) {
    if (pkt_file_read(out, source, MAX_MODEL, &err) == 0) return 0;
    fprintf(stderr, "%s: %s\n", command, err.message);
    return -1;
  }
  if (pkt_service_template(s, source, out, &err) == 0) return 0;
  if (err.code == PKT_ERR_PROTOCOL)
    fprintf(stderr, "%s: %s\n", command, err.message);
  else
    fprintf(stderr, "%s: there is no file '%s', and: %s\n", command, source, err.message);
  return -1;
}

static void print_ids(const struct pkt_value *list) {
  for (uint32_t i = 0; i < list->len; i++) {
    const struct pkt_value *id = pkt_value_get(&list->items[i], "id");
    if (id != NULL && id->type == PKT_V_TEXT) printf("%.*s\n", (int)id->len, id->ptr);
  }
}

int pkt_source_list(struct pkt_service *s, const char *command) {
  static const char request[] =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get_templates\",\"params\":[]}";
  struct pkt_arena arena;
  struct pkt_reply reply = {0};
  struct pkt_value v;
  struct pkt_err err;
  pkt_service_handle(s, request, strlen(request), false, &reply);
  pkt_arena_init(&arena, LIST_VALUES);
  int rc = pkt_json_read(&arena, reply.data, reply.len, &v, &err);
  const struct pkt_value *list = rc == 0 ? pkt_value_get(&v, "result") : NULL;
  if (list != NULL && list->type == PKT_V_LIST) {
    print_ids(list);
  } else {
    struct pkt_value why = pkt_service_why(rc == 0 ? pkt_value_get(&v, "error") : NULL);
    fprintf(stderr, "%s: the templates can't be listed: %.*s\n", command, (int)why.len, why.ptr);
    rc = -1;
  }
  pkt_arena_free(&arena);
  if (reply.release != NULL) reply.release((void *)(uintptr_t)reply.data, reply.hint);
  return rc;
}
