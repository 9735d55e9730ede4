/* A process that builds the index of a log again, as SQLite does after a kill, and takes its time (wal.c, WAL_RECOVER_LOCK). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  char spoiled[96];
  int index = count > 1 ? open(words[1], O_RDWR) : -1;
  struct flock write = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
  struct flock recover = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 122, .l_len = 1};
  if (index < 0 || fcntl(index, F_SETLK, &write) || fcntl(index, F_SETLK, &recover)) return 1;
  memset(spoiled, 1, sizeof spoiled);
  if (pwrite(index, spoiled, sizeof spoiled, 0) != sizeof spoiled) return 1;
  puts("recovers");
  fflush(stdout);
  getchar();
  return 0;
}
