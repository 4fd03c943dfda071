/* watch.h - tells when something under a list of folders has changed.
**
** Folders are watched with their sub-folders, PKT_MAX_FOLDER_DEPTH deep and those that symbolic
** links find, not the files themselves, so that an editor's rename-over is seen like a write in
** place. Hidden files and editors' backups don't count. */
#ifndef PKT_WATCH_H
#define PKT_WATCH_H

#include <stdbool.h>

#include "../engine/err.h"

struct pkt_watch;

/* Watch 'folders' (NULL-terminated, copied). A folder that isn't there is left out. Returns NULL
** with *err filled in where the system can't watch. */
struct pkt_watch *pkt_watch_open(const char *const *folders, struct pkt_err *err);
void pkt_watch_close(struct pkt_watch *w);

/* Readable when something happened: then ask pkt_watch_changed(). */
int pkt_watch_fd(const struct pkt_watch *w);

/* Read what happened, without waiting: has anything changed that counts? */
bool pkt_watch_changed(struct pkt_watch *w);

/* Watch what has appeared without being seen: a folder that was put back after its removal. */
void pkt_watch_again(struct pkt_watch *w);

/* Is one of the folders gone? Nothing tells when it is back, so ask now and then whether all have
** returned: then they are watched again, once. */
bool pkt_watch_lacks(const struct pkt_watch *w);
bool pkt_watch_returned(struct pkt_watch *w);

#endif
