/*
 * The file that SLOW_SYNC names says what a sync does: with "N" it takes N milliseconds, with "hold N" each but the first
 * N waits until the file says otherwise. Each leaves a mark in the file next to it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_order(char *text, size_t size) {
  memset(text, 0, size);
  int fd = open(getenv("SLOW_SYNC"), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (read(fd, text, size - 1) < 0) abort();
  close(fd);
}

/* The number of this sync. */
static long mark(void) {
  char marks[4096];
  struct stat file;
  snprintf(marks, sizeof marks, "%s.begun", getenv("SLOW_SYNC"));
  int fd = open(marks, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (write(fd, ".", 1) < 0 || fstat(fd, &file) < 0) abort();
  close(fd);
  return file.st_size;
}

static void wait_here(void) {
  char text[32];
  long passed;
  read_order(text, sizeof text);
  if (text[0] == 0 || strcmp(text, "0") == 0) return;
  long number = mark();
  if (strncmp(text, "hold", 4) != 0) usleep(atol(text) * 1000);
  while (sscanf(text, "hold %ld", &passed) == 1 && passed < number) {
    usleep(5000);
    read_order(text, sizeof text);
  }
}

int fsync(int fd) {
  wait_here();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  wait_here();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
