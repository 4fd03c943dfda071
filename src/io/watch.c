#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <limits.h>
#include <unistd.h>

#include "../engine/limits.h"

#define EVENTS                                                                             \
  (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | \
   IN_MOVE_SELF | IN_ONLYDIR)

struct pkt_watch {
  int fd;
  char **folders; /* NULL-terminated */
  bool *known;    /* of each: it was there */
  bool lacks;     /* one of these isn't any more */
};

/* Watch a folder and what lies below. Watching one again changes nothing. False: it isn't there. */
static bool add_tree(int fd, const char *path, int depth) {
  if (depth > PKT_MAX_FOLDER_DEPTH) return true;
  if (inotify_add_watch(fd, path, EVENTS) < 0) return errno != ENOENT && errno != ENOTDIR;
  DIR *dir = opendir(path);
  if (dir == NULL) return true;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    bool may_be = e->d_type == DT_DIR || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN;
    if (e->d_name[0] == '.' || !may_be) continue;
    char below[PATH_MAX];
    if (snprintf(below, sizeof below, "%s/%s", path, e->d_name) < (int)sizeof below)
      add_tree(fd, below, depth + 1);
  }
  closedir(dir);
  return true;
}

void pkt_watch_again(struct pkt_watch *w) {
  w->lacks = false;
  for (size_t i = 0; w->folders[i] != NULL; i++) {
    bool there = add_tree(w->fd, w->folders[i], 0);
    w->lacks |= w->known[i] && !there;
    w->known[i] |= there;
  }
}

bool pkt_watch_lacks(const struct pkt_watch *w) { return w->lacks; }

bool pkt_watch_returned(struct pkt_watch *w) {
  if (!w->lacks) return false;
  pkt_watch_again(w);
  return !w->lacks;
}

static size_t length(const char *const *list) {
  size_t n = 0;
  while (list[n] != NULL) n++;
  return n;
}

static char **copy_list(const char *const *list) {
  size_t n = length(list);
  char **copy = calloc(n + 1, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < n; i++) {
    copy[i] = strdup(list[i]);
    if (copy[i] == NULL) break; /* the rest isn't watched */
  }
  return copy;
}

struct pkt_watch *pkt_watch_open(const char *const *folders, struct pkt_err *err) {
  struct pkt_watch *w = calloc(1, sizeof *w);
  if (w != NULL) w->folders = copy_list(folders);
  if (w != NULL) w->known = calloc(length(folders) + 1, sizeof *w->known);
  if (w == NULL || w->folders == NULL || w->known == NULL) {
    if (w != NULL) w->fd = -1;
    pkt_watch_close(w);
    pkt_fail(err, PKT_ERR_MEMORY, "no memory to watch folders");
    return NULL;
  }
  w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (w->fd < 0) {
    pkt_fail(err, PKT_ERR_LIMIT, "can't watch folders: %s", strerror(errno));
    pkt_watch_close(w);
    return NULL;
  }
  pkt_watch_again(w);
  return w;
}

void pkt_watch_close(struct pkt_watch *w) {
  if (w == NULL) return;
  if (w->fd >= 0) close(w->fd);
  for (char **f = w->folders; f != NULL && *f != NULL; f++) free(*f);
  free(w->folders);
  free(w->known);
  free(w);
}

int pkt_watch_fd(const struct pkt_watch *w) { return w->fd; }

static bool counts(const struct inotify_event *e) {
  if (e->mask & IN_IGNORED) return false;
  if (e->len == 0) return true; /* the folder itself, or events were lost */
  size_t n = strlen(e->name);
  return e->name[0] != '.' && e->name[0] != '#' && e->name[n - 1] != '~';
}

bool pkt_watch_changed(struct pkt_watch *w) {
  _Alignas(struct inotify_event) char bytes[4096];
  bool changed = false, folders = false;
  ssize_t n;
  while ((n = read(w->fd, bytes, sizeof bytes)) > 0) {
    for (char *p = bytes; p < bytes + n;) {
      struct inotify_event *e = (struct inotify_event *)(void *)p;
      changed |= counts(e);
      folders |= (e->mask & (IN_ISDIR | IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW)) != 0;
      p += sizeof *e + e->len;
    }
  }
  if (folders) pkt_watch_again(w); /* a new folder, or an old one put back in its place */
  return changed;
}
