/* A name service that knows the machine's own names and is silent about those of the internet: what a router without a line does. Writes a mark for each
 * that waits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
  if (name && strstr(name, ".example")) {
    int log = open(getenv("SILENT_NAMES_LOG"), O_WRONLY | O_APPEND);
    write(log, "?", 1);
    close(log);
    sleep(20);
    return EAI_AGAIN;
  }
  return ((lookup *)dlsym(RTLD_NEXT, "getaddrinfo"))(name, port, hints, found);
}
