/*
 * A PKCS#11 module in front of SoftHSM2 for tests. It notes its calls in $FAULTY_MODULE/calls, one "NAME PID" a line,
 * and does what the file $FAULTY_MODULE/fault says: "VERB NAME", taken once, or "VERB! NAME", every time.
 *   hang    the call never returns
 *   crash   the process dies by SIGSEGV
 *   locked  CKR_PIN_LOCKED        gone  CKR_DEVICE_REMOVED
 *   wrong   CKR_PIN_INCORRECT
 *   der     a DER signature       bad   a signature of something else
 *   mute    CKR_KEY_FUNCTION_NOT_PERMITTED
 *   late    the process dies when the call is done
 *   few     one object at a time   nul  names filled up with zeros
 *   acos    a token of the model ACOS-ID 2.1   unset  a token without a user PIN
 * While $FAULTY_MODULE/a-trust holds a PIN, the module answers as A-Trust's: it reports that no login is needed (flags
 * C01h), shows the keys without one, refuses a session that writes and CKM_ECDSA_SHA256, and opens a window for
 * the PIN at a signature without a login, which no service can answer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST real;
static CK_FUNCTION_LIST mine;

static void in_folder(char *path, size_t size, const char *name) {
  snprintf(path, size, "%s/%s", getenv("FAULTY_MODULE"), name);
}

static void note(const char *call) {
  char path[512], line[64];
  in_folder(path, sizeof path, "calls");
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
  int length = snprintf(line, sizeof line, "%s %d\n", call, (int)getpid());
  if (write(file, line, length) != length) abort();
  close(file);
}

/* Notes the call and carries the fault out that waits for it. Leaves the verb in `verb` when the caller must act. */
static void enter(const char *call, char *verb) {
  char path[512], text[64] = "", name[32] = "";
  verb[0] = 0;
  in_folder(path, sizeof path, "fault");
  FILE *file = fopen(path, "r");
  if (file) {
    if (!fgets(text, sizeof text, file)) text[0] = 0;
    fclose(file);
  }
  int mine_to_do = sscanf(text, "%15s %31s", verb, name) == 2 && strcmp(name, call) == 0;
  if (!mine_to_do) verb[0] = 0;
  else if (verb[strlen(verb) - 1] == '!') verb[strlen(verb) - 1] = 0;
  else unlink(path);
  note(call);
  while (strcmp(verb, "hang") == 0) pause();
  if (strcmp(verb, "crash") == 0) raise(SIGSEGV);
}

static CK_RV initialize(CK_VOID_PTR arguments) {
  char verb[16];
  enter("C_Initialize", verb);
  return real.C_Initialize(arguments);
}

/* The length of the PIN with which the module of A-Trust opens its objects; 0: this is another module. */
static CK_ULONG as_a_trust(CK_UTF8CHAR_PTR pin, size_t size) {
  char path[512];
  in_folder(path, sizeof path, "a-trust");
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  CK_ULONG length = fread(pin, 1, size, file);
  fclose(file);
  return length;
}

static int logged_in;

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session) {
  CK_UTF8CHAR pin[16];
  note(flags & CKF_RW_SESSION ? "C_OpenSession,RW" : "C_OpenSession,RO");
  CK_ULONG length = as_a_trust(pin, sizeof pin);
  if (length > 0 && (flags & CKF_RW_SESSION)) return CKR_TOKEN_WRITE_PROTECTED;
  CK_RV result = real.C_OpenSession(slot, flags, application, notify, session);
  if (result == CKR_OK && length > 0) result = real.C_Login(*session, CKU_USER, pin, length);
  return result;
}

static CK_RV logout(CK_SESSION_HANDLE session) {
  note("C_Logout");
  return real.C_Logout(session);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  char verb[16];
  CK_UTF8CHAR own[16];
  enter("C_Login", verb);
  if (as_a_trust(own, sizeof own) > 0) real.C_Logout(session);
  if (strcmp(verb, "locked") == 0) return CKR_PIN_LOCKED;
  if (strcmp(verb, "wrong") == 0) return CKR_PIN_INCORRECT;
  CK_RV result = real.C_Login(session, user, pin, length);
  if (result == CKR_OK) logged_in = 1;
  return result;
}

static CK_RV find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects, CK_ULONG max, CK_ULONG_PTR count) {
  char verb[16];
  enter("C_FindObjects", verb);
  return real.C_FindObjects(session, objects, strcmp(verb, "few") == 0 ? 1 : max, count);
}

static void with_zeros(CK_UTF8CHAR_PTR name, CK_ULONG size) {
  while (size > 0 && name[size - 1] == ' ') name[--size] = 0;
}

static void padded(CK_UTF8CHAR *field, size_t size, const char *text) {
  memset(field, ' ', size);
  memcpy(field, text, strlen(text));
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  char verb[16];
  enter("C_GetTokenInfo", verb);
  CK_RV result = real.C_GetTokenInfo(slot, info);
  CK_UTF8CHAR own[16];
  if (result == CKR_OK && strcmp(verb, "acos") == 0) padded(info->model, sizeof info->model, "ACOS-ID 2.1");
  if (result == CKR_OK && strcmp(verb, "unset") == 0) info->flags &= ~(CK_FLAGS)CKF_USER_PIN_INITIALIZED;
  if (result == CKR_OK && as_a_trust(own, sizeof own) > 0) info->flags = 0xC01;
  if (result != CKR_OK || strcmp(verb, "nul") != 0) return result;
  with_zeros(info->label, sizeof info->label);
  with_zeros(info->model, sizeof info->model);
  return result;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  CK_UTF8CHAR own[16];
  if (as_a_trust(own, sizeof own) > 0 && mechanism->mechanism != CKM_ECDSA) return CKR_MECHANISM_INVALID;
  return real.C_SignInit(session, mechanism, key);
}

static CK_ULONG der_integer(CK_BYTE_PTR out, const CK_BYTE *digits, CK_ULONG size) {
  CK_ULONG at = 0, from = 0;
  while (from < size - 1 && digits[from] == 0) from++;
  CK_ULONG sign_octet = digits[from] >= 0x80;
  out[at++] = 0x02;
  out[at++] = (CK_BYTE)(size - from + sign_octet);
  if (sign_octet) out[at++] = 0;
  memcpy(out + at, digits + from, size - from);
  return at + size - from;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR size) {
  char verb[16];
  CK_UTF8CHAR own[16];
  enter("C_Sign", verb);
  while (!logged_in && as_a_trust(own, sizeof own) > 0) pause();
  if (strcmp(verb, "gone") == 0) return CKR_DEVICE_REMOVED;
  if (strcmp(verb, "mute") == 0) return CKR_KEY_FUNCTION_NOT_PERMITTED;
  if (strcmp(verb, "bad") == 0) data[0] ^= 1;
  CK_RV result = real.C_Sign(session, data, length, out, size);
  if (result != CKR_OK || strcmp(verb, "der") != 0) return result;
  CK_BYTE plain[128];
  CK_ULONG half = *size / 2;
  memcpy(plain, out, *size);
  CK_ULONG inner = der_integer(out + 2, plain, half);
  inner += der_integer(out + 2 + inner, plain + half, half);
  out[0] = 0x30;
  out[1] = (CK_BYTE)inner;
  *size = inner + 2;
  return CKR_OK;
}

static CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR public_template,
                               CK_ULONG public_count, CK_ATTRIBUTE_PTR private_template, CK_ULONG private_count,
                               CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key) {
  char verb[16];
  enter("C_GenerateKeyPair", verb);
  CK_RV result = real.C_GenerateKeyPair(session, mechanism, public_template, public_count, private_template,
                                        private_count, public_key, private_key);
  if (strcmp(verb, "late") == 0) raise(SIGSEGV);
  return result;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  CK_FUNCTION_LIST_PTR found = 0;
  void *library = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
  if (!library) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  if (!get || get(&found) != CKR_OK) return CKR_GENERAL_ERROR;
  real = *found;
  mine = *found;
  mine.C_Initialize = initialize;
  mine.C_FindObjects = find_objects;
  mine.C_GetTokenInfo = get_token_info;
  mine.C_Login = login;
  mine.C_Logout = logout;
  mine.C_OpenSession = open_session;
  mine.C_SignInit = sign_init;
  mine.C_Sign = sign;
  mine.C_GenerateKeyPair = generate_key_pair;
  *list = &mine;
  return CKR_OK;
}
