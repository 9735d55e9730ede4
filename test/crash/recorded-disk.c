/* Writes down in RECORD_LOG what a process and its children change below paths that contain RECORD_BELOW, and what they sync. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int log_fd = -1;
static const char *below;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("RECORD_LOG");
  below = getenv("RECORD_BELOW");
  if (path && below) log_fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* One write each, appended, so that the records of all processes stand in one order: u32 length of all, u8 what, u32
   process, u64 inode, u64 offset, u32 length of the first text, the first text, the second one. */
static void note(char what, uint64_t inode, uint64_t offset, const char *first, const struct iovec *parts, int count) {
  if (log_fd < 0) return;
  int error = errno;
  uint32_t text = first ? strlen(first) : 0, length = 29 + text;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  char *record = malloc(length), *at = record + 29;
  uint32_t process = getpid();
  memcpy(record, &length, 4);
  record[4] = what;
  memcpy(record + 5, &process, 4);
  memcpy(record + 9, &inode, 8);
  memcpy(record + 17, &offset, 8);
  memcpy(record + 25, &text, 4);
  if (text) memcpy(at, first, text);
  at += text;
  for (int i = 0; i < count; at += parts[i].iov_len, i++) memcpy(at, parts[i].iov_base, parts[i].iov_len);
  if (syscall(SYS_write, log_fd, record, length) != length) abort();
  free(record);
  errno = error;
}

static int inside(int folder, const char *path, char *whole) {
  char base[PATH_MAX] = "";
  if (log_fd < 0) return 0;
  if (path[0] != '/' && folder == AT_FDCWD && !getcwd(base, sizeof base)) return 0;
  snprintf(whole, PATH_MAX, path[0] == '/' ? "%s%s" : "%s/%s", base, path);
  return strstr(whole, below) != NULL;
}

/* 1 for a regular file, 2 for a folder below the path, with its name and inode. */
static int kind(int fd, char *name, struct stat *found) {
  char link[64];
  if (log_fd < 0 || fstat(fd, found) || !(S_ISREG(found->st_mode) || S_ISDIR(found->st_mode))) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, name, PATH_MAX - 1);
  if (length < 0) return 0;
  name[length] = 0;
  return strstr(name, below) ? (S_ISDIR(found->st_mode) ? 2 : 1) : 0;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  struct stat found;
  int is_inside = inside(folder, path, whole);
  int is_new = is_inside && (flags & O_CREAT) && syscall(SYS_newfstatat, AT_FDCWD, whole, &found, 0) != 0;
  int fd = syscall(SYS_openat, folder, path, flags, mode);
  if (fd < 0 || !is_inside || fstat(fd, &found) || !S_ISREG(found.st_mode)) return fd;
  if (is_new) note('C', found.st_ino, 0, whole, NULL, 0);
  else if (flags & O_TRUNC) note('T', found.st_ino, 0, NULL, NULL, 0);
  return fd;
}

#define WITH_MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & O_CREAT) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }
int open(const char *path, int flags, ...) { WITH_MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { WITH_MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { WITH_MODE(flags) return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { WITH_MODE(flags) return opened(folder, path, flags, mode); }

/* Before the write, so that no sync of another thread seems to come before it. */
static void writing(int fd, off_t offset, const struct iovec *parts, int count) {
  char name[PATH_MAX];
  struct stat found;
  if (kind(fd, name, &found) != 1) return;
  if (offset < 0) offset = fcntl(fd, F_GETFL) & O_APPEND ? found.st_size : lseek(fd, 0, SEEK_CUR);
  note('W', found.st_ino, offset, NULL, parts, count);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec part = {(void *)bytes, length};
  writing(fd, -1, &part, 1);
  return syscall(SYS_write, fd, bytes, length);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  struct iovec part = {(void *)bytes, length};
  writing(fd, offset, &part, 1);
  return syscall(SYS_pwrite64, fd, bytes, length, offset);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  writing(fd, -1, parts, count);
  return syscall(SYS_writev, fd, parts, count);
}

/* What was written before the small letter is on the medium at the large one. */
static int synced(int fd, long call) {
  char name[PATH_MAX];
  struct stat found;
  int is = kind(fd, name, &found);
  if (is) note(is == 1 ? 'f' : 'd', found.st_ino, 0, NULL, NULL, 0);
  int result = syscall(call, fd);
  if (is && result == 0) note(is == 1 ? 'F' : 'D', found.st_ino, 0, name, NULL, 0);
  return result;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int ftruncate64(int fd, off64_t length) {
  char name[PATH_MAX];
  struct stat found;
  if (kind(fd, name, &found) == 1) note('T', found.st_ino, length, NULL, NULL, 0);
  return syscall(SYS_ftruncate, fd, length);
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int rename(const char *from, const char *to) {
  char a[PATH_MAX], b[PATH_MAX];
  int is_inside = inside(AT_FDCWD, from, a) + inside(AT_FDCWD, to, b);
  int result = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  struct iovec part = {b, strlen(b)};
  if (result == 0 && is_inside) note('R', 0, 0, a, &part, 1);
  return result;
}
int link(const char *from, const char *to) {
  char a[PATH_MAX], b[PATH_MAX];
  int is_inside = inside(AT_FDCWD, from, a) + inside(AT_FDCWD, to, b);
  int result = syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  struct iovec part = {b, strlen(b)};
  if (result == 0 && is_inside) note('L', 0, 0, a, &part, 1);
  return result;
}
static int gone(int folder, const char *path, int flags) {
  char whole[PATH_MAX];
  int is_inside = inside(folder, path, whole);
  int result = syscall(SYS_unlinkat, folder, path, flags);
  if (result == 0 && is_inside) note('U', 0, 0, whole, NULL, 0);
  return result;
}
int unlink(const char *path) { return gone(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) { return gone(folder, path, flags); }
int rmdir(const char *path) { return gone(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdir(const char *path, mode_t mode) {
  char whole[PATH_MAX];
  int is_inside = inside(AT_FDCWD, path, whole);
  int result = syscall(SYS_mkdirat, AT_FDCWD, path, mode);
  if (result == 0 && is_inside) note('M', 0, 0, whole, NULL, 0);
  return result;
}

/* Copies go by read and write, which are seen. */
ssize_t copy_file_range(int a, off64_t *b, int c, off64_t *d, size_t e, unsigned f) { errno = ENOSYS; return -1; }
ssize_t sendfile(int a, int b, off_t *c, size_t d) { errno = EINVAL; return -1; }
ssize_t sendfile64(int a, int b, off64_t *c, size_t d) { errno = EINVAL; return -1; }
