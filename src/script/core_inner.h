/* core_inner.h - functions of luapkt.core that core.c takes from the files beside it:
** core_service.c has services, core_declare.c what luapkt.field and luapkt.compile make
** declarations with, core_files.c the search for files. */
#ifndef PKT_CORE_INNER_H
#define PKT_CORE_INNER_H

#include <lua.h>

/* service = core.service { home = ..., protocols = { folder... }, templates = { folder... }, seed =
** n, extras = boolean, plain_memory = boolean, budget_ms = n, expressions = { memory = bytes,
** instructions = n, time_ms = n, text = bytes } }, or nil and why: the daemon's requests and
** replies, for specs and for programs that bring their own transport */
int pkt_new_service(lua_State *L);

/* Make the class of services, before the first of them. */
void pkt_make_service_class(lua_State *L);

/* copy = core.copy(table, known): its members, with room for more; or nil and the name of one that
** isn't among the known ones, or has none of the types that these say, and then those types */
int pkt_copy_declaration(lua_State *L);

/* slots = core.slots(fields): { id = place from 0 }, of fields with the same id the first one's; or
** nil and the number of a field that has no id */
int pkt_list_slots(lua_State *L);

/* decl = core.field(kind, id, options, width [, key, value [, key, value]]): a field's declaration,
** its options and what its constructor, which calls this, adds to them; 'at' is the line of the
** protocol file that calls the constructor, for messages. */
int pkt_declare_field(lua_State *L);

/* paths = core.list_files(folder, suffix [, inside]): in no order, or nil and why; with 'inside'
** without what symbolic links find outside the folder */
int pkt_list_files(lua_State *L);

#endif
