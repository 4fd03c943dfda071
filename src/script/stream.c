#include "stream.h"

#include <string.h>

#include "../engine/dissect.h"
#include "../engine/json.h"
#include "../engine/registry.h"
#include "budget.h"
#include "service_inner.h"

/* The LINKTYPE of packets that begin with this protocol. If there are several, the greatest one:
** small LINKTYPE numbers differ from system to system. */
static int32_t find_link(const struct pkt_registry *r, const struct pkt_plan *plan,
                         const struct pkt_buf *bytes) {
  int32_t found = -1;
  for (uint32_t i = 0; i < r->nlinks; i++) {
    const struct pkt_link *link = &r->links[i];
    const uint8_t *p = (const uint8_t *)bytes->data;
    if (link->type <= found || (link->plan != plan && link->plan->nvariants == 0)) continue;
    const struct pkt_plan *first = pkt_dissect_link(r, link->type, p, bytes->len);
    if (first == plan || pkt_dissect_variant(first, p, bytes->len) == plan) found = link->type;
  }
  return found;
}

/* The first layer's protocol, by its id in the model, which has been read. */
static const struct pkt_plan *first_plan(const struct pkt_service *s,
                                         const struct pkt_value *model) {
  const struct pkt_value *id = pkt_value_get(&model->items[0], "id");
  return id ? pkt_registry_find(s->registry, id->ptr, id->len) : NULL;
}

/* What varies the packet: "field_engine", or its two halves as .trp files have them, the second
** under the name that the packet editor gave it. Null where there is none. */
static struct pkt_value find_engine(const struct pkt_value *file, struct pkt_member room[2]) {
  const struct pkt_value *engine = pkt_value_get(file, "field_engine");
  const struct pkt_value *list = pkt_value_get(file, "feInstructions");
  const struct pkt_value *globals = pkt_value_get(file, "fePrarameters");
  if (engine) return *engine;
  if (!list) return (struct pkt_value){.type = PKT_V_NULL};
  room[0] = (struct pkt_member){.key = "instructions", .key_len = 12, .value = *list};
  if (globals)
    room[1] = (struct pkt_member){.key = "global_parameters", .key_len = 17, .value = *globals};
  return (struct pkt_value){.type = PKT_V_MAP, .members = room, .len = globals ? 2 : 1};
}

/* The first member that neither a model nor a .trp file has, quoted; NULL where all are known. */
static const char *find_stray(struct pkt_arena *arena, const struct pkt_value *file) {
  static const char *const known[] = {"packet",   "field_engine",  "fileType",       "version",
                                      "metadata", "fePrarameters", "feInstructions", NULL};
  const struct pkt_member *stray = file->type == PKT_V_MAP ? pkt_value_stray(file, known) : NULL;
  char quote[PKT_QUOTE_ROOM];
  if (!stray) return NULL;
  pkt_quote(quote, stray->key, stray->key_len);
  return pkt_memdup(arena, quote, strlen(quote) + 1);
}

int pkt_service_stream(struct pkt_service *s, const char *text, size_t len, uint32_t seed,
                       struct pkt_stream *out, struct pkt_err *err) {
  struct pkt_member room[2];
  struct pkt_value v;
  pkt_arena_reset(&s->arena);
  s->may_wait = true;
  if (pkt_json_read(&s->arena, text, len, &v, err) != 0) return -1;
  const struct pkt_value *model = v.type == PKT_V_MAP ? pkt_value_get(&v, "packet") : &v;
  const struct pkt_value engine = find_engine(&v, room);
  if (!model)
    return pkt_fail(err, PKT_ERR_VALUE, "there is neither a list of layers nor one as \"packet\"");
  out->vm = pkt_service_vm(s, model, &engine, seed, err);
  if (!out->vm) return -1;
  const struct pkt_plan *plan = first_plan(s, model);
  out->link = plan ? find_link(s->registry, plan, &s->packet) : -1;
  out->first_id = plan ? plan->id : "?";
  out->stray = find_stray(&s->arena, &v);
  return 0;
}

/* Take the template's text out of the method's result. */
static int take_text(struct pkt_service *s, const struct pkt_value *result, const char *id,
                     struct pkt_buf *out, struct pkt_err *err) {
  char quote[PKT_QUOTE_ROOM];
  size_t n;
  if (!result || result->type != PKT_V_TEXT || result->len == 0)
    return pkt_fail(err, PKT_ERR_UNKNOWN, "there is no template %s",
                    pkt_quote(quote, id, strlen(id)));
  const uint8_t *bytes = pkt_read_base64(s, result, "the template", &n, err);
  if (!bytes) return -1;
  pkt_buf_add(out, bytes, n);
  return out->failed ? pkt_fail(err, PKT_ERR_MEMORY, "out of memory") : 0;
}

/* Take the template's text out of the reply, or why there is none. */
static int take_template(struct pkt_service *s, const struct pkt_reply *reply, const char *id,
                         struct pkt_buf *out, struct pkt_err *err) {
  struct pkt_value v;
  if (pkt_json_read(&s->arena, reply->data, reply->len, &v, err) != 0) return -1;
  const struct pkt_value *error = pkt_value_get(&v, "error");
  const struct pkt_value *code = pkt_value_get(error, "code");
  struct pkt_value why = pkt_service_why(error);
  if (code && why.len > 0 && code->num != -RPC_NO_METHOD)
    return pkt_fail(err, PKT_ERR_VALUE, "%.*s", (int)why.len, why.ptr);
  return take_text(s, pkt_value_get(&v, "result"), id, out, err);
}

/* Raise the mistake that methods:mistake() finds in a template, if it finds one; the pointer at 1
** is to the template's id. Protected. */
static int p_mistake(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "luapkt.methods");
  lua_getfield(L, -1, "mistake");
  lua_insert(L, -2);
  lua_pushstring(L, lua_touserdata(L, 1));
  lua_call(L, 2, 1);
  return lua_isnil(L, -1) ? 0 : lua_error(L);
}

/* Fill in *err with what its author has to mend in a template. False: there is nothing, or what
** went wrong isn't the template's fault. */
static bool tell_author(struct pkt_service *s, const char *id, struct pkt_err *err) {
  lua_State *L = s->generation->L;
  lua_settop(L, 0);
  lua_pushcfunction(L, p_mistake);
  lua_pushlightuserdata(L, (void *)(uintptr_t)id); /* a copy could raise here, unprotected */
  const char *why = NULL;
  if (pkt_budget_pcall(L, 1, s->generation->budget_ms) != LUA_OK && lua_type(L, -1) == LUA_TSTRING)
    why = lua_tostring(L, -1); /* of anything else it could raise, unprotected */
  if (why) pkt_fail(err, PKT_ERR_PROTOCOL, "%s", why);
  lua_settop(L, 0);
  return why != NULL;
}

/* The template is what the method get_template answers, and has no mistake that a reload would
** tell. */
int pkt_service_template(struct pkt_service *s, const char *id, struct pkt_buf *out,
                         struct pkt_err *err) {
  struct pkt_buf request = {0};
  struct pkt_reply reply = {0};
  pkt_buf_lit(&request,
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get_template\",\"params\":[{\"id\":");
  pkt_json_string(&request, id, strlen(id));
  pkt_buf_lit(&request, "}]}");
  if (!request.failed) pkt_service_handle(s, request.data, request.len, false, &reply);
  pkt_buf_free(&request);
  if (!reply.data) return pkt_fail(err, PKT_ERR_MEMORY, "out of memory");
  int status = take_template(s, &reply, id, out, err);
  if (reply.release) reply.release((void *)(uintptr_t)reply.data, reply.hint);
  if (status == 0 || err->code == PKT_ERR_VALUE) return tell_author(s, id, err) ? -1 : status;
  return status;
}
