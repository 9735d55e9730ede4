/*
 * A stand-in for the vendor's libWormAPI, for tests and for POS developers: the same functions, each forwarded to the
 * simulator that listens on the socket `worm.sock` next to TSE_INFO.DAT. NOT CERTIFIED, and none of the vendor's code.
 *
 * cc -shared -fPIC -O1 -o libWormAPI.so worm-stub.c
 * With -DBY_PATH each call opens the unit by its path, so it reaches whichever is plugged in; otherwise it keeps the
 * unit that it found. No source documents which of the two the vendor's library does.
 *
 * A request is u32 length, u8 function, then its arguments, each u32 length and bytes (numbers: 8 bytes); an answer is
 * u32 length, i32 WormError, then its results in the same form. All big-endian.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef int WormError;
typedef uint64_t worm_uint;
typedef int (*ExportCallback)(const uint8_t *chunk, unsigned int length, void *data);

enum { ERROR_PARAMETER = 1, ERROR_NO_CARD = 2, ERROR_IO = 3, ERROR_EXPORT_FAILED = 10, FIELDS_MAX = 24, STARTED_OF_CALL = 62 };
enum {
  FN_INFO = 1, FN_SETUP, FN_UPDATE_TIME, FN_SELF_TEST, FN_REGISTER, FN_DEREGISTER, FN_CLIENTS, FN_LOGIN, FN_LOGOUT,
  FN_UNBLOCK, FN_START, FN_UPDATE, FN_FINISH, FN_LAST, FN_STARTED, FN_EXPORT, FN_EXPORT_NEXT, FN_DELETE, FN_CERTIFICATE,
  FN_CTSS_ENABLE, FN_EXPORT_END, FN_EXPORT_ENTRY, FN_WEAR
};
enum { ENTRY_FIRST, ENTRY_LAST, ENTRY_ID, ENTRY_NEXT };

typedef struct { uint8_t *bytes; size_t length, capacity; } Buffer;
typedef struct { uint8_t *answer; const uint8_t *field[FIELDS_MAX]; uint32_t size[FIELDS_MAX]; int count; } Answer;
typedef struct { int socket; char mount[96]; } WormContext;
typedef struct { WormContext *context; Answer answer; char text[256]; } WormInfo;
typedef struct { Answer answer; } WormTransactionResponse;
typedef struct { WormContext *context; Answer answer; } WormEntry;

typedef struct { int amount; char ids[16][31]; } WormRegisteredClients;

static void append(Buffer *buffer, const void *bytes, size_t length) {
  if (buffer->length + length > buffer->capacity) {
    buffer->capacity = (buffer->length + length) * 2;
    buffer->bytes = realloc(buffer->bytes, buffer->capacity);
  }
  if (length > 0) memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

static void append_u32(Buffer *buffer, uint32_t value) {
  uint8_t bytes[4] = {value >> 24, value >> 16, value >> 8, value};
  append(buffer, bytes, 4);
}

static void add_bytes(Buffer *buffer, const void *bytes, size_t length) {
  append_u32(buffer, (uint32_t)length);
  append(buffer, bytes, length);
}

static void add_text(Buffer *buffer, const char *text) { add_bytes(buffer, text ? text : "", text ? strlen(text) : 0); }

static void add_number(Buffer *buffer, uint64_t value) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> (56 - 8 * i));
  add_bytes(buffer, bytes, 8);
}

static uint32_t read_u32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int write_all(int socket, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = send(socket, bytes, length, MSG_NOSIGNAL);
    if (written <= 0) return 0;
    bytes += written;
    length -= (size_t)written;
  }
  return 1;
}

static int read_all(int socket, uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t got = recv(socket, bytes, length, 0);
    if (got <= 0) return 0;
    bytes += got;
    length -= (size_t)got;
  }
  return 1;
}

static void forget(Answer *answer) {
  free(answer->answer);
  memset(answer, 0, sizeof *answer);
}

static int reach(const char *mount) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s/worm.sock", mount);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

static WormError call(WormContext *context, uint8_t function, Buffer *arguments, Answer *answer) {
  uint8_t head[5], size[4];
  uint32_t length = (uint32_t)arguments->length + 1;
  uint8_t prefix[4] = {length >> 24, length >> 16, length >> 8, length};
  memcpy(head, prefix, 4);
  head[4] = function;
  forget(answer);
#ifdef BY_PATH
  close(context->socket);
  context->socket = reach(context->mount);
#endif
  int sent = write_all(context->socket, head, 5) && write_all(context->socket, arguments->bytes, arguments->length);
  free(arguments->bytes);
  if (!sent || !read_all(context->socket, size, 4)) return ERROR_IO;
  uint32_t bytes = read_u32(size);
  // The simulator requests a crash of the library.
  if (bytes == UINT32_MAX) raise(SIGSEGV);
  answer->answer = malloc(bytes + 1);
  if (bytes < 4 || !read_all(context->socket, answer->answer, bytes)) return ERROR_IO;
  for (uint32_t at = 4; at + 4 <= bytes && answer->count < FIELDS_MAX;) {
    uint32_t field = read_u32(answer->answer + at);
    answer->field[answer->count] = answer->answer + at + 4;
    answer->size[answer->count++] = field;
    at += 4 + field;
  }
  return (WormError)read_u32(answer->answer);
}

static worm_uint number(const Answer *answer, int index) {
  worm_uint value = 0;
  for (uint32_t i = 0; index < answer->count && i < answer->size[index]; i++) value = value << 8 | answer->field[index][i];
  return value;
}

static WormError plain(WormContext *context, uint8_t function, Buffer *arguments) {
  Answer answer = {0};
  WormError error = call(context, function, arguments, &answer);
  forget(&answer);
  return error;
}

const char *worm_getVersion(void) { return "fiskal-edge stub"; }
const char *worm_signatureAlgorithm(void) { return "ecdsa-plain-SHA384"; }
const char *worm_logTimeFormat(void) { return "unixTime"; }

WormError worm_init(WormContext **context, const char *mountPoint) {
  int fd = reach(mountPoint);
  if (fd < 0) return ERROR_NO_CARD;
  *context = calloc(1, sizeof **context);
  (*context)->socket = fd;
  snprintf((*context)->mount, sizeof (*context)->mount, "%s", mountPoint);
  return 0;
}

WormError worm_cleanup(WormContext *context) {
  close(context->socket);
  free(context);
  return 0;
}

WormInfo *worm_info_new(WormContext *context) {
  WormInfo *info = calloc(1, sizeof *info);
  info->context = context;
  return info;
}

void worm_info_free(WormInfo *info) {
  forget(&info->answer);
  free(info);
}

WormError worm_info_read(WormInfo *info) {
  Buffer none = {0};
  WormError error = call(info->context, FN_INFO, &none, &info->answer);
  if (error == 0 && info->answer.count > 17) {
    uint32_t length = info->answer.size[17] < 255 ? info->answer.size[17] : 255;
    memcpy(info->text, info->answer.field[17], length);
    info->text[length] = 0;
  }
  return error;
}

#define NUMBER(type, name, index) type worm_info_##name(const WormInfo *info) { return (type)number(&info->answer, index); }
NUMBER(uint32_t, capacity, 0)
NUMBER(uint32_t, size, 1)
NUMBER(int, hasValidTime, 2)
NUMBER(int, hasPassedSelfTest, 3)
NUMBER(int, isCtssInterfaceActive, 4)
NUMBER(int, initializationState, 5)
NUMBER(uint32_t, timeUntilNextSelfTest, 6)
NUMBER(uint32_t, startedTransactions, 7)
NUMBER(uint32_t, maxStartedTransactions, 8)
NUMBER(uint32_t, createdSignatures, 9)
NUMBER(uint32_t, maxSignatures, 10)
NUMBER(uint32_t, remainingSignatures, 11)
NUMBER(uint32_t, registeredClients, 12)
NUMBER(uint32_t, maxRegisteredClients, 13)
NUMBER(worm_uint, certificateExpirationDate, 14)
NUMBER(uint32_t, softwareVersion, 18)
NUMBER(uint32_t, hardwareVersion, 19)
NUMBER(int, isDevelopmentFirmware, 20)
NUMBER(uint32_t, maxTimeSynchronizationDelay, 21)

void worm_info_tsePublicKey(const WormInfo *info, const uint8_t **key, worm_uint *length) {
  *key = info->answer.field[15];
  *length = info->answer.size[15];
}

void worm_info_tseSerialNumber(const WormInfo *info, const uint8_t **serial, worm_uint *length) {
  *serial = info->answer.field[16];
  *length = info->answer.size[16];
}

const char *worm_info_tseDescription(const WormInfo *info) { return info->text; }

WormError worm_tse_setup(WormContext *context, const uint8_t *seed, int seedLength, const uint8_t *puk, int pukLength,
                         const uint8_t *pin, int pinLength, const uint8_t *timePin, int timePinLength,
                         const char *clientId) {
  Buffer arguments = {0};
  add_bytes(&arguments, seed, seedLength);
  add_bytes(&arguments, puk, pukLength);
  add_bytes(&arguments, pin, pinLength);
  add_bytes(&arguments, timePin, timePinLength);
  add_text(&arguments, clientId);
  return plain(context, FN_SETUP, &arguments);
}

static WormError with_number(WormContext *context, uint8_t function, worm_uint value) {
  Buffer arguments = {0};
  add_number(&arguments, value);
  return plain(context, function, &arguments);
}

static WormError with_text(WormContext *context, uint8_t function, const char *text) {
  Buffer arguments = {0};
  add_text(&arguments, text);
  return plain(context, function, &arguments);
}

WormError worm_tse_ctss_enable(WormContext *context) {
  Buffer none = {0};
  return plain(context, FN_CTSS_ENABLE, &none);
}

WormError worm_tse_updateTime(WormContext *context, worm_uint time) { return with_number(context, FN_UPDATE_TIME, time); }
WormError worm_tse_runSelfTest(WormContext *context, const char *client) { return with_text(context, FN_SELF_TEST, client); }
WormError worm_tse_registerClient(WormContext *context, const char *client) { return with_text(context, FN_REGISTER, client); }
WormError worm_tse_deregisterClient(WormContext *context, const char *client) { return with_text(context, FN_DEREGISTER, client); }

WormError worm_tse_listRegisteredClients(WormContext *context, int toSkip, WormRegisteredClients *clients) {
  Buffer arguments = {0};
  Answer answer = {0};
  add_number(&arguments, (worm_uint)toSkip);
  memset(clients, 0, sizeof *clients);
  WormError error = call(context, FN_CLIENTS, &arguments, &answer);
  for (int i = 0; error == 0 && i < answer.count && i < 16; i++) {
    uint32_t length = answer.size[i] < 30 ? answer.size[i] : 30;
    memcpy(clients->ids[i], answer.field[i], length);
    clients->amount = i + 1;
  }
  forget(&answer);
  return error;
}

WormError worm_user_login(WormContext *context, int id, const uint8_t *pin, int length, int *remaining) {
  Buffer arguments = {0};
  Answer answer = {0};
  add_number(&arguments, (worm_uint)id);
  add_bytes(&arguments, pin, length);
  WormError error = call(context, FN_LOGIN, &arguments, &answer);
  if (answer.count > 0) *remaining = (int)number(&answer, 0);
  forget(&answer);
  return error;
}

WormError worm_user_logout(WormContext *context, int id) { return with_number(context, FN_LOGOUT, (worm_uint)id); }

WormTransactionResponse *worm_transaction_response_new(WormContext *context) {
  (void)context;
  return calloc(1, sizeof(WormTransactionResponse));
}

void worm_transaction_response_free(WormTransactionResponse *response) {
  forget(&response->answer);
  free(response);
}

worm_uint worm_transaction_response_transactionNumber(const WormTransactionResponse *r) { return number(&r->answer, 0); }
worm_uint worm_transaction_response_signatureCounter(const WormTransactionResponse *r) { return number(&r->answer, 1); }
worm_uint worm_transaction_response_logTime(const WormTransactionResponse *r) { return number(&r->answer, 2); }

void worm_transaction_response_signature(const WormTransactionResponse *r, const uint8_t **bytes, worm_uint *length) {
  *bytes = r->answer.field[3];
  *length = r->answer.size[3];
}

void worm_transaction_response_serialNumber(const WormTransactionResponse *r, const uint8_t **bytes, worm_uint *length) {
  *bytes = r->answer.field[4];
  *length = r->answer.size[4];
}

/* No source documents whether the vendor's library accepts a null pointer for no data. */
static WormError transaction(WormContext *context, uint8_t function, const char *clientId, worm_uint number,
                             const uint8_t *data, worm_uint length, const char *type, WormTransactionResponse *response) {
  if (data == NULL || type == NULL) return ERROR_PARAMETER;
  Buffer arguments = {0};
  add_text(&arguments, clientId);
  add_number(&arguments, number);
  add_bytes(&arguments, data, length);
  add_text(&arguments, type);
  return call(context, function, &arguments, &response->answer);
}

WormError worm_transaction_start(WormContext *context, const char *clientId, const uint8_t *data, worm_uint length,
                                 const char *type, WormTransactionResponse *response) {
  return transaction(context, FN_START, clientId, 0, data, length, type, response);
}

WormError worm_transaction_update(WormContext *context, const char *clientId, worm_uint number, const uint8_t *data,
                                  worm_uint length, const char *type, WormTransactionResponse *response) {
  return transaction(context, FN_UPDATE, clientId, number, data, length, type, response);
}

WormError worm_transaction_finish(WormContext *context, const char *clientId, worm_uint number, const uint8_t *data,
                                  worm_uint length, const char *type, WormTransactionResponse *response) {
  return transaction(context, FN_FINISH, clientId, number, data, length, type, response);
}

WormError worm_transaction_lastResponse(WormContext *context, const char *clientId, WormTransactionResponse *response) {
  Buffer arguments = {0};
  add_text(&arguments, clientId);
  return call(context, FN_LAST, &arguments, &response->answer);
}

WormError worm_transaction_listStartedTransactions(WormContext *context, const char *clientId, int toSkip, worm_uint *out,
                                                   int capacity, int *stored) {
  Buffer arguments = {0};
  Answer answer = {0};
  add_text(&arguments, clientId);
  add_number(&arguments, (worm_uint)toSkip);
  int most = capacity < STARTED_OF_CALL ? capacity : STARTED_OF_CALL;
  *stored = 0;
  WormError error = call(context, FN_STARTED, &arguments, &answer);
  for (uint32_t at = 0; error == 0 && answer.count > 0 && at + 8 <= answer.size[0] && *stored < most; at += 8) {
    worm_uint value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | answer.field[0][at + i];
    out[(*stored)++] = value;
  }
  forget(&answer);
  return error;
}

static WormError export_from(WormContext *context, int kind, worm_uint from, worm_uint to, const char *clientId,
                             ExportCallback callback, void *data) {
  Buffer arguments = {0};
  Answer answer = {0};
  add_number(&arguments, (worm_uint)kind);
  add_number(&arguments, from);
  add_number(&arguments, to);
  add_text(&arguments, clientId);
  WormError error = call(context, FN_EXPORT, &arguments, &answer);
  while (error == 0 && answer.count > 0 && answer.size[0] > 0) {
    Buffer none = {0};
    if (callback(answer.field[0], answer.size[0], data) == 0) {
      error = call(context, FN_EXPORT_NEXT, &none, &answer);
      continue;
    }
    error = call(context, FN_EXPORT_END, &none, &answer);
    if (error == 0) error = ERROR_EXPORT_FAILED;
  }
  forget(&answer);
  return error;
}

WormError worm_export_tar(WormContext *context, ExportCallback callback, void *data) {
  return export_from(context, 0, 0, 0, NULL, callback, data);
}

WormError worm_export_tar_filtered_time(WormContext *context, worm_uint from, worm_uint to, const char *clientId,
                                        ExportCallback callback, void *data) {
  return export_from(context, 1, from, to, clientId, callback, data);
}

WormError worm_export_tar_filtered_transaction(WormContext *context, worm_uint from, worm_uint to, const char *clientId,
                                               ExportCallback callback, void *data) {
  return export_from(context, 2, from, to, clientId, callback, data);
}

WormError worm_export_deleteStoredData(WormContext *context) {
  Buffer none = {0};
  return plain(context, FN_DELETE, &none);
}

WormError worm_getLogMessageCertificate(WormContext *context, uint8_t *buffer, uint32_t *length) {
  Buffer none = {0};
  Answer answer = {0};
  WormError error = call(context, FN_CERTIFICATE, &none, &answer);
  if (error == 0 && answer.count > 0 && answer.size[0] <= *length) {
    memcpy(buffer, answer.field[0], answer.size[0]);
    *length = answer.size[0];
  } else if (error == 0) {
    error = 1;
  }
  forget(&answer);
  return error;
}

WormError worm_flash_health_summary(WormContext *context, uint32_t *ecc, uint8_t *spare, uint8_t *erase, uint8_t *retention) {
  Buffer none = {0};
  Answer answer = {0};
  WormError error = call(context, FN_WEAR, &none, &answer);
  *ecc = (uint32_t)number(&answer, 0);
  *spare = (uint8_t)number(&answer, 1);
  *erase = (uint8_t)number(&answer, 2);
  *retention = (uint8_t)number(&answer, 3);
  forget(&answer);
  return error;
}

int worm_flash_health_needs_replacement(uint32_t ecc, uint8_t spare, uint8_t erase) {
  return ecc != 0 || spare < 25 || erase < 2;
}

WormEntry *worm_entry_new(WormContext *context) {
  WormEntry *entry = calloc(1, sizeof *entry);
  entry->context = context;
  return entry;
}

void worm_entry_free(WormEntry *entry) {
  forget(&entry->answer);
  free(entry);
}

static WormError iterate(WormEntry *entry, int mode, uint32_t id) {
  Buffer arguments = {0};
  add_number(&arguments, (worm_uint)mode);
  add_number(&arguments, id);
  return call(entry->context, FN_EXPORT_ENTRY, &arguments, &entry->answer);
}

int worm_entry_isValid(const WormEntry *entry) { return entry->answer.count == 3; }
uint32_t worm_entry_id(const WormEntry *entry) { return (uint32_t)number(&entry->answer, 0); }
int worm_entry_type(const WormEntry *entry) { return (int)number(&entry->answer, 1); }
worm_uint worm_entry_logMessageLength(const WormEntry *entry) { return entry->answer.size[2]; }

WormError worm_entry_iterate_first(WormEntry *entry) { return iterate(entry, ENTRY_FIRST, 0); }
WormError worm_entry_iterate_last(WormEntry *entry) { return iterate(entry, ENTRY_LAST, 0); }
WormError worm_entry_iterate_id(WormEntry *entry, uint32_t id) { return iterate(entry, ENTRY_ID, id); }
WormError worm_entry_iterate_next(WormEntry *entry) { return iterate(entry, ENTRY_NEXT, worm_entry_id(entry)); }

WormError worm_entry_readLogMessage(const WormEntry *entry, uint8_t *message, worm_uint length) {
  if (!worm_entry_isValid(entry) || length != worm_entry_logMessageLength(entry)) return ERROR_PARAMETER;
  memcpy(message, entry->answer.field[2], length);
  return 0;
}
