/* service_open.c - services opened, shared and closed, and the generations of protocols that they
** use. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "chunks.h"
#include "heap.h"
#include "plan_text.h"
#include "service_inner.h"

/* -------------------------------------------------------------------------------------- folders */

/* Allocated: 'folder' followed by 'rest'; NULL without memory. */
static char *join(const char *folder, const char *rest) {
  char *path;
  return asprintf(&path, "%s%s", folder, rest) < 0 ? NULL : path;
}

static bool is_home(const char *folder) {
  char *path = join(folder, "/lua/luapkt/service.lua");
  bool found = path && access(path, R_OK) == 0;
  free(path);
  return found;
}

/* LUAPKT_HOME, beside the program in a source tree, or where 'make install' puts it. */
char *pkt_find_home(const char *given) {
  char exe[4096];
  const char *env = getenv("LUAPKT_HOME");
  if (given) return strdup(given);
  if (env && *env) return is_home(env) ? strdup(env) : NULL;
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  if (n <= 0) return NULL;
  exe[n] = 0;
  for (int up = 0; up < 3; up++) { /* build/luapkt, build/asan/luapkt, bin/luapkt */
    char *slash = strrchr(exe, '/');
    if (!slash) return NULL;
    *slash = 0;
    char *installed = join(exe, "/share/luapkt");
    if (installed && is_home(installed)) return installed;
    free(installed);
    if (is_home(exe)) return strdup(exe);
  }
  return NULL;
}

const char *pkt_no_home(void) {
  const char *env = getenv("LUAPKT_HOME");
  if (env && *env) return "there is no folder lua of luapkt in the one that LUAPKT_HOME names";
  return "the folders lua and protocols were not found; set LUAPKT_HOME";
}

static size_t length(const char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  return n;
}

/* Add 'own', which is taken over, and 'more' at 'at'. Returns where they end, NULL without
** memory. */
static char **add_folders(char **at, char *own, const char *const *more) {
  if (!(*at++ = own)) return NULL;
  for (size_t k = 0; k < length(more); k++)
    if (!(*at++ = strdup(more[k]))) return NULL;
  return at;
}

/* List a generation's folders. A home must have a folder of protocols, but needs none of
** templates. */
static int list_folders(struct generation *g, const struct pkt_service_options *options) {
  size_t n = length(options->protocol_dirs) + length(options->template_dirs);
  g->folders = calloc(n + 3, sizeof *g->folders);
  if (!g->folders) return -1;
  char **at = add_folders(g->folders, join(g->home, "/protocols"), options->protocol_dirs);
  if (!at) return -1;
  g->protocol_folders = (size_t)(at - g->folders);
  return add_folders(at, join(g->home, "/templates"), options->template_dirs) ? 0 : -1;
}

/* ---------------------------------------------------------------------------------- generations */

static void free_texts(char **list) {
  for (size_t i = 0; list && list[i]; i++) free(list[i]);
  free(list);
}

static void leave_generation(struct generation *g) {
  if (!g || atomic_fetch_sub(&g->users, 1) > 1) return;
  if (g->L) lua_close(g->L);
  pkt_heap_free(g->heap);
  free_texts(g->methods);
  free_texts(g->on_worker);
  free_texts(g->folders);
  pkt_answers_free(g->answers);
  for (int i = 0; i < PKT_CONSTANTS; i++) pkt_standing_close(g->standing[i]);
  free(g->home);
  free(g);
}

static struct generation *load_generation(const struct pkt_service_options *options,
                                          struct pkt_err *err) {
  struct generation *g = calloc(1, sizeof *g);
  if (!g) {
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
    return NULL;
  }
  atomic_init(&g->users, 1);
  g->extras = options->extras;
  g->budget_ms = options->budget_ms;
  g->answers = pkt_answers_new();
  g->home = pkt_find_home(options->home);
  if (!g->home)
    pkt_fail(err, PKT_ERR_UNKNOWN, "%s", pkt_no_home());
  else if (!g->answers || list_folders(g, options) != 0)
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  else if (pkt_open_generation_lua(g, options->plain_memory, err) == 0)
    return g;
  leave_generation(g);
  return NULL;
}

/* ------------------------------------------------------------------------------------- services */

static uint64_t entropy(void) {
  uint64_t v = 0;
  if (getrandom(&v, sizeof v, 0) != sizeof v) v = (uint64_t)getpid();
  return v;
}

/* A service that takes over one use of the generation. */
static struct pkt_service *new_service(struct generation *g,
                                       const struct pkt_service_options *options,
                                       struct pkt_err *err) {
  struct pkt_service *s = calloc(1, sizeof *s);
  if (s)
    s->evaluator = pkt_evaluator_new(&options->expressions, g->answers, err);
  else
    pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  if (!s || !s->evaluator) {
    free(s);
    leave_generation(g);
    return NULL;
  }
  s->generation = g;
  s->registry = g->registry;
  s->reach = g->extras ? PKT_REACH_ALL : PKT_REACH_USUAL;
  s->lending = pkt_lending_new(PKT_KEEP_REPLY);
  pkt_arena_init(&s->arena, PKT_REQUEST_BYTES);
  s->out.limit = s->scratch.limit = PKT_REPLY_BYTES;
  pkt_rng_seed(&s->rng, options->seed ? options->seed : entropy());
  if (s->lending) return s;
  pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  pkt_service_close(s);
  return NULL;
}

struct pkt_service *pkt_service_open(const struct pkt_service_options *options,
                                     struct pkt_err *err) {
  struct generation *g = load_generation(options, err);
  struct pkt_service *s = g ? new_service(g, options, err) : NULL;
  if (s) s->owner = true;
  return s;
}

int pkt_service_settle(struct pkt_service *s, struct pkt_err *err) {
  if (!s->owner) return 0;
  pkt_collect_lua(s->generation->L); /* checking uses the memory again */
  int rc = pkt_service_check(s, err);
  pkt_collect_lua(s->generation->L);
  if (pkt_known_chunks) pkt_known_chunks->rest();
  malloc_trim(0);
  return rc;
}

struct pkt_service *pkt_service_share(struct pkt_service *s,
                                      const struct pkt_service_options *options,
                                      struct pkt_err *err) {
  atomic_fetch_add(&s->generation->users, 1);
  return new_service(s->generation, options, err);
}

void pkt_service_close(struct pkt_service *s) {
  if (!s) return;
  pkt_evaluator_free(s->evaluator);
  if (s->L) lua_close(s->L);
  leave_generation(s->generation);
  pkt_arena_free(&s->arena);
  pkt_lending_close(s->lending);
  pkt_buf_free(&s->out);
  pkt_buf_free(&s->packet);
  pkt_buf_free(&s->scratch);
  free(s);
}

const struct pkt_registry *pkt_service_registry(const struct pkt_service *s) { return s->registry; }

int pkt_service_plan(struct pkt_service *s, const char *id, struct pkt_buf *out,
                     struct pkt_err *err) {
  for (uint32_t i = 0; !id && i < s->registry->len; i++)
    pkt_buf_fmt(out, "%s\n", s->registry->plans[i].id);
  if (!id) return 0;
  const struct pkt_plan *plan = pkt_registry_find(s->registry, id, strlen(id));
  char quote[PKT_QUOTE_ROOM];
  if (!plan)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "there is no protocol %s",
                    pkt_quote(quote, id, strlen(id)));
  pkt_plan_text(out, plan);
  return 0;
}

int pkt_service_expression_pid(const struct pkt_service *s) {
  return pkt_evaluator_pid(s->evaluator);
}

const char *const *pkt_service_folders(const struct pkt_service *s) {
  return (const char *const *)s->generation->folders;
}
