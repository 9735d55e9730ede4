/* A name service that knows the machine's own names and is silent about those of the internet: what a router without a line does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
  if (name && strstr(name, ".example")) {
    sleep(20);
    return EAI_AGAIN;
  }
  return ((lookup *)dlsym(RTLD_NEXT, "getaddrinfo"))(name, port, hints, found);
}
