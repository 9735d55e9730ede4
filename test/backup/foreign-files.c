/*
 * A share or stick that is mounted for another user, and open to all: its files are his, who alone may set their mode and
 * times, and nobody may give them away.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int fchmod(int fd, mode_t mode) {
  (void)fd, (void)mode;
  errno = EPERM;
  return -1;
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  (void)folder, (void)path, (void)times, (void)flags;
  errno = EPERM;
  return -1;
}

int lchown(const char *path, uid_t uid, gid_t gid) {
  (void)path, (void)uid, (void)gid;
  errno = EPERM;
  return -1;
}
