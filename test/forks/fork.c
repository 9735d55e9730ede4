/*
 * Forks a Node process that has loaded the program, so that each life of a kill test and each command begins with loaded
 * modules. A Node addon: fork(2) of libuv's loop is supported (uv_loop_fork), that of V8 if it has no other threads
 * (--single-threaded).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

static char request[1 << 16];
static size_t filled;
static int listener = -1;

static void on_child(int signal) { (void)signal; }

static void say(const char *word, int pid, int value) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s %d %d\n", word, pid, value);
  /* The pipe is shared with the lives, whose libuv makes it non-blocking. */
  while (write(1, line, (size_t)length) < 0 && (errno == EAGAIN || errno == EINTR))
    poll(&(struct pollfd){.fd = 1, .events = POLLOUT}, 1, -1);
}

static void report_ends(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    say(WIFSIGNALED(status) ? "killed" : "exited", pid, WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void throw_error(napi_env env, const char *what) {
  char message[256];
  snprintf(message, sizeof message, "%s: %s", what, strerror(errno));
  napi_throw_error(env, NULL, message);
}

/* listen(path): takes connections from now on, and waits for the first. Ends with its parent. */
static napi_value listen_at(napi_env env, napi_callback_info info) {
  napi_value path;
  size_t count = 1;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  napi_get_cb_info(env, info, &count, &path, NULL, NULL);
  napi_get_value_string_utf8(env, path, address.sun_path, sizeof address.sun_path, NULL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, SOMAXCONN) < 0) {
    throw_error(env, address.sun_path);
    return NULL;
  }
  if (write(1, "listening\n", 10) < 0) _exit(74);
  while (poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, -1) < 1) continue;
  return NULL;
}

/* A fork for each connection, which becomes its input and output; continues in these alone. */
static void accept_clients(const sigset_t *unblocked) {
  for (;;) {
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    struct pollfd input = {.fd = listener, .events = POLLIN};
    if (ppoll(&input, 1, NULL, unblocked) <= 0) continue;
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    pid_t pid = fork();
    if (pid < 0) _exit(72);
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (dup2(client, 0) < 0 || dup2(client, 1) < 0) _exit(70);
      close(client);
      close(listener);
      say("serving", getpid(), 0);
      return;
    }
    close(client);
  }
}

/* Waits for a line; false at the end of the input. */
static int next_request(const sigset_t *unblocked) {
  for (;;) {
    report_ends();
    if (memchr(request, '\n', filled) != NULL) return 1;
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (ppoll(&input, 1, NULL, unblocked) <= 0) continue;
    ssize_t got = read(0, request + filled, sizeof request - filled);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return 0;
    if (got > 0) filled += (size_t)got;
  }
}

/* The descriptor becomes that file; that of the server without a name. */
static void write_to(int descriptor, const char *name) {
  if (*name == 0) return;
  int file = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(70);
}

static void become_fork(napi_env env, int id, const char *output, const char *errors) {
  say("started", getpid(), id);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, 0) < 0) _exit(70);
  write_to(1, output);
  write_to(2, errors);
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok || uv_loop_fork(loop) != 0) _exit(71);
  uv_update_time(loop);
}

/* V8 excludes its heap from forks (MADV_DONTFORK), which Node makes to run programs only. */
static void let_heap_fork(void) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) _exit(73);
  for (unsigned long from, to; fscanf(maps, "%lx-%lx%*[^\n]\n", &from, &to) == 2;)
    madvise((void *)from, to - from, MADV_DOFORK);
  fclose(maps);
}

/*
 * serve(): forks for each client, and there for each line of its input, `ID TAB file of the output or none TAB file of
 * the errors TAB text`; returns the text in the new process.
 */
static napi_value serve(napi_env env, napi_callback_info info) {
  (void)info;
  sigset_t child, before;
  struct sigaction former, own = {.sa_handler = on_child};
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &before);
  sigaction(SIGCHLD, &own, &former);
  let_heap_fork();
  accept_clients(&before);
  while (next_request(&before)) {
    size_t length = (size_t)((char *)memchr(request, '\n', filled) - request);
    request[length] = 0;
    char *output = strchr(request, '\t') + 1, *errors = strchr(output, '\t') + 1, *text = strchr(errors, '\t') + 1;
    errors[-1] = text[-1] = 0;
    pid_t pid = fork();
    if (pid < 0) _exit(72);
    if (pid == 0) {
      sigaction(SIGCHLD, &former, NULL);
      sigprocmask(SIG_SETMASK, &before, NULL);
      become_fork(env, atoi(request), output, errors);
      napi_value result;
      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
      return result;
    }
    filled -= length + 1;
    memmove(request, request + length + 1, filled);
  }
  _exit(0);
}

/* end(code): at once, without the end of Node. */
static napi_value end(napi_env env, napi_callback_info info) {
  napi_value code;
  size_t count = 1;
  int32_t value = 70;
  napi_get_cb_info(env, info, &count, &code, NULL, NULL);
  napi_get_value_int32(env, code, &value);
  _exit(value);
}

static napi_value pid(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  napi_create_int32(env, getpid(), &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "listen", NAPI_AUTO_LENGTH, listen_at, NULL, &function);
  napi_set_named_property(env, exports, "listen", function);
  napi_create_function(env, "serve", NAPI_AUTO_LENGTH, serve, NULL, &function);
  napi_set_named_property(env, exports, "serve", function);
  napi_create_function(env, "end", NAPI_AUTO_LENGTH, end, NULL, &function);
  napi_set_named_property(env, exports, "end", function);
  napi_create_function(env, "pid", NAPI_AUTO_LENGTH, pid, NULL, &function);
  napi_set_named_property(env, exports, "pid", function);
  return exports;
}
