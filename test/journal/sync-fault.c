/* Counts every sync in the file SYNC_LOG and lets the n-th (SYNC_FAIL_AT), or all from there (SYNC_FAIL_ON), fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int count;

static int fails(void) {
  const char *log = getenv("SYNC_LOG");
  const char *at = getenv("SYNC_FAIL_AT");
  if (log) {
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
      if (write(fd, ".", 1) < 0) abort();
      close(fd);
    }
  }
  count++;
  if (!at) return 0;
  return getenv("SYNC_FAIL_ON") ? count >= atoi(at) : count == atoi(at);
}

int fsync(int fd) {
  if (fails()) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  if (fails()) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
