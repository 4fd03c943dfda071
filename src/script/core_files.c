/* core_files.c - the files below a folder. */
#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../engine/err.h"
#include "../engine/limits.h"
#include "collected.h"
#include "core_inner.h"

static bool ends_with(const char *name, const char *suffix) {
  size_t n = strlen(name), k = strlen(suffix);
  return n >= k && strcmp(name + n - k, suffix) == 0;
}

/* Does a symbolic link lead to what doesn't lie below 'root'? */
static bool leads_out(const char *path, const char *root) {
  char real[PATH_MAX];
  size_t n = strlen(root);
  if (!realpath(path, real)) return true;
  return strncmp(real, root, n) != 0 || real[n] != '/';
}

/* DT_REG, DT_DIR, or DT_UNKNOWN for what is left out. Links count as what they lead to, if that may
** be. The system is asked only about those, and on file systems that don't tell. */
static int file_type(const struct dirent *e, const char *path, const char *root) {
  struct stat st;
  if (e->d_type == DT_REG || e->d_type == DT_DIR) return e->d_type;
  if (root && (lstat(path, &st) != 0 || (S_ISLNK(st.st_mode) && leads_out(path, root))))
    return DT_UNKNOWN;
  if (stat(path, &st) != 0) return DT_UNKNOWN;
  return S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
}

/* What files are looked for. */
struct search {
  const char *top, *suffix;
  const char *root; /* not NULL, without links: none that links find elsewhere */
  struct pkt_buf *out;
  struct pkt_err *err;
};

/* Report a folder that can't be opened or read. One that has disappeared since it was seen counts as
** absent, not as an error. */
static int refuse_folder(const struct search *s, const char *folder) {
  char quote[PKT_QUOTE_ROOM];
  const char *why = strerror(errno), *below = folder + strlen(s->top);
  if (errno == ENOENT || errno == ENOTDIR) return 0;
  if (*below == 0) return pkt_fail(s->err, PKT_ERR_SYSTEM, "%s", why);
  return pkt_fail(s->err, PKT_ERR_SYSTEM, "its folder %s: %s",
                  pkt_quote(quote, below + 1, strlen(below + 1)), why);
}

/* The folder's next entry; NULL at its end, and with *status -1 and an error where it can't be
** read. */
static struct dirent *next_entry(const struct search *s, const char *folder, DIR *dir,
                                 int *status) {
  errno = 0;
  struct dirent *e = readdir(dir);
  if (!e && errno != 0) *status = refuse_folder(s, folder);
  return e;
}

/* Append the paths of the files of a folder and its sub-folders, a NUL behind each; hidden ones are
** left out. Returns 0, or -1 with *s->err: a folder can't be read. */
static int add_files(const struct search *s, const char *folder, int depth) {
  DIR *dir = opendir(folder);
  if (!dir) return refuse_folder(s, folder);
  struct dirent *e;
  int status = 0;
  while (status == 0 && (e = next_entry(s, folder, dir, &status))) {
    char path[4096];
    if (e->d_name[0] == '.') continue;
    if (snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path) continue;
    int type = file_type(e, path, s->root);
    if (type == DT_DIR && depth > 0)
      status = add_files(s, path, depth - 1);
    else if (type == DT_REG && ends_with(e->d_name, s->suffix))
      pkt_buf_add(s->out, path, strlen(path) + 1);
  }
  closedir(dir);
  return status;
}

static void push_paths(lua_State *L, const struct pkt_buf *paths) {
  lua_newtable(L);
  lua_Integer n = 0;
  for (size_t at = 0; at < paths->len; at += strlen(paths->data + at) + 1) {
    lua_pushstring(L, paths->data + at);
    lua_rawseti(L, -2, ++n);
  }
}

int pkt_list_files(lua_State *L) {
  const char *folder = luaL_checkstring(L, 1), *suffix = luaL_checkstring(L, 2);
  struct stat st;
  char root[PATH_MAX];
  bool inside = lua_toboolean(L, 3);
  if (stat(folder, &st) != 0) return luaL_fileresult(L, 0, NULL);
  if (!S_ISDIR(st.st_mode)) {
    lua_pushnil(L);
    lua_pushliteral(L, "is no folder");
    return 2;
  }
  if (inside && !realpath(folder, root)) return luaL_fileresult(L, 0, NULL);
  struct pkt_buf *paths = pkt_lua_push_buf(L);
  struct pkt_err err;
  const struct search search = {folder, suffix, inside ? root : NULL, paths, &err};
  if (add_files(&search, folder, PKT_MAX_FOLDER_DEPTH) != 0) {
    pkt_buf_free(paths);
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    return 2;
  }
  if (paths->failed) return luaL_error(L, "not enough memory");
  push_paths(L, paths);
  pkt_buf_free(paths);
  return 1;
}
