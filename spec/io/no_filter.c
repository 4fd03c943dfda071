/* no_filter.c - a kernel that takes filters on sockets from root alone, and isn't run by root.
**
** Preloaded, it stands before the C library's function that sets a socket's options. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  if (level != SOL_SOCKET || name != SO_ATTACH_FILTER)
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
  errno = EPERM;
  return -1;
}
