/* Each sync takes the milliseconds that the file SLOW_SYNC names, and leaves a mark in the file next to it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_here(void) {
  char text[32] = {0}, marks[4096];
  const char *file = getenv("SLOW_SYNC");
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  long ms = read(fd, text, sizeof text - 1) > 0 ? atol(text) : 0;
  close(fd);
  if (ms == 0) return;
  snprintf(marks, sizeof marks, "%s.begun", file);
  fd = open(marks, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (write(fd, ".", 1) < 0) abort();
  close(fd);
  usleep(ms * 1000);
}

int fsync(int fd) {
  wait_here();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  wait_here();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
