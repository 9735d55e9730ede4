/*
 * A SQLite VFS over the system's own, for one database and its write-ahead log. It lets a chosen call fail with what the
 * system's VFS returns in that case, leaves all as it is once the process is "dead", and knows what is on the medium:
 * only what was synced is, so that a power cut can take, keep or spoil any sector that was written since. A sync that
 * fails drops what it should have written (fsync(2), "errors may be reported once"). Driven by SQL functions.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1

#define SECTOR 512

enum { READS = 1, WRITES = 2, SYNCS = 4, TRUNCATES = 8 };
enum { DISK_EIO = 0, DISK_FULL = 1, DISK_SHORT = 2, DISK_STALE = 3 };

typedef struct { sqlite3_int64 offset, length; } Range;

/* What survives a power cut, of the database and of its log. */
typedef struct {
  char path[1024];
  ino_t inode;
  unsigned char *bytes;
  sqlite3_int64 size, room;
  Range *unsynced;
  int count, places;
} Medium;

typedef struct {
  sqlite3_file base;
  Medium *medium;
  sqlite3_file *real;
} DiskFile;

static Medium media[2];
static sqlite3_vfs *system_vfs;
static sqlite3_vfs disk_vfs;
static struct { int calls, fault, at, on, seen, hits; } armed;
static int dead, read_only;

/* True where this call fails; counts the calls of the armed kinds. */
static int fails(int kind) {
  if (dead && kind != READS) return 1;
  if (read_only && kind != READS) { armed.hits++; return 1; }
  if (!(armed.calls & kind)) return 0;
  armed.seen++;
  if (armed.at == 0 || (armed.on ? armed.seen < armed.at : armed.seen != armed.at)) return 0;
  armed.hits++;
  return 1;
}

static void reach(Medium *m, sqlite3_int64 size) {
  if (size > m->room) {
    m->room = size * 2;
    m->bytes = realloc(m->bytes, m->room);
    if (!m->bytes) abort();
  }
  if (size > m->size) memset(m->bytes + m->size, 0, size - m->size);
  m->size = size;
}

static void forget(Medium *m) { m->count = 0; }

static void note(Medium *m, sqlite3_int64 offset, sqlite3_int64 length) {
  if (m->count == m->places) {
    m->places = m->places * 2 + 16;
    m->unsynced = realloc(m->unsynced, m->places * sizeof(Range));
    if (!m->unsynced) abort();
  }
  m->unsynced[m->count++] = (Range){offset, length};
}

/* Reads the whole file as the programs see it. */
static unsigned char *whole(const char *path, sqlite3_int64 *size, ino_t *inode) {
  struct stat st;
  unsigned char *bytes = 0;
  int fd = open(path, O_RDONLY);
  *size = 0;
  if (fd < 0) return 0;
  if (fstat(fd, &st) == 0) {
    bytes = malloc(st.st_size + 1);
    if (!bytes || pread(fd, bytes, st.st_size, 0) != st.st_size) abort();
    *size = st.st_size;
    if (inode) *inode = st.st_ino;
  }
  close(fd);
  return bytes;
}

/* A file that was made or replaced behind this VFS counts as synced. */
static void meet(Medium *m) {
  sqlite3_int64 size;
  ino_t inode = 0;
  unsigned char *bytes = whole(m->path, &size, &inode);
  if (bytes && inode != m->inode) {
    forget(m);
    m->size = 0;
    reach(m, size);
    memcpy(m->bytes, bytes, size);
    m->inode = inode;
  }
  free(bytes);
}

static void synced(Medium *m) {
  sqlite3_int64 size;
  unsigned char *bytes = whole(m->path, &size, 0);
  reach(m, size);
  for (int i = 0; i < m->count; i++) {
    Range r = m->unsynced[i];
    if (r.offset >= size) continue;
    memcpy(m->bytes + r.offset, bytes + r.offset, r.offset + r.length > size ? size - r.offset : r.length);
  }
  free(bytes);
  forget(m);
}

static unsigned lots;
static unsigned draw(unsigned limit) {
  lots ^= lots << 13;
  lots ^= lots >> 17;
  lots ^= lots << 5;
  return lots % limit;
}

/* Each sector written since the last sync is there, is not, or is rubbish; the length is any that the file had. */
static void lose_power(Medium *m) {
  sqlite3_int64 size;
  unsigned char *bytes = whole(m->path, &size, 0);
  if (!bytes) return;
  int kept_of_10 = draw(11), spoils = draw(4) == 0;
  for (int i = 0; i < m->count; i++) {
    Range r = m->unsynced[i];
    for (sqlite3_int64 at = r.offset; at < r.offset + r.length;) {
      sqlite3_int64 next = (at / SECTOR + 1) * SECTOR;
      if (next > r.offset + r.length) next = r.offset + r.length;
      if (at < size && (int)draw(10) < kept_of_10) {
        if (next > m->size) reach(m, next);
        memcpy(m->bytes + at, bytes + at, (next > size ? size : next) - at);
      } else if (spoils && draw(8) == 0) {
        if (next > m->size) reach(m, next);
        for (sqlite3_int64 b = at; b < next; b++) m->bytes[b] = draw(256);
      }
      at = next;
    }
  }
  if (m->size < size && draw(2)) reach(m, size);
  int fd = open(m->path, O_WRONLY);
  if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, m->bytes, m->size, 0) != m->size) abort();
  close(fd);
  free(bytes);
  forget(m);
}

#define REAL(f) (((DiskFile *)(f))->real)
#define CALL(f, method, ...) REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__)

static int disk_close(sqlite3_file *f) {
  int rc = CALL(f, xClose);
  sqlite3_free(REAL(f));
  return rc;
}
static int disk_read(sqlite3_file *f, void *to, int amount, sqlite3_int64 offset) {
  if (((DiskFile *)f)->medium && fails(READS)) return armed.fault == DISK_STALE ? SQLITE_IOERR_READ : SQLITE_IOERR_CORRUPTFS;
  return CALL(f, xRead, to, amount, offset);
}
static int disk_write(sqlite3_file *f, const void *from, int amount, sqlite3_int64 offset) {
  Medium *m = ((DiskFile *)f)->medium;
  if (!m) return CALL(f, xWrite, from, amount, offset);
  if (fails(WRITES)) {
    if (dead || read_only || armed.fault == DISK_EIO || armed.fault == DISK_STALE) return SQLITE_IOERR_WRITE;
    if (armed.fault == DISK_SHORT && amount > 1 && CALL(f, xWrite, from, amount / 2, offset) == SQLITE_OK)
      note(m, offset, amount / 2);
    return SQLITE_FULL;
  }
  int rc = CALL(f, xWrite, from, amount, offset);
  if (rc == SQLITE_OK) note(m, offset, amount);
  return rc;
}
static int disk_truncate(sqlite3_file *f, sqlite3_int64 size) {
  if (((DiskFile *)f)->medium && fails(TRUNCATES)) return SQLITE_IOERR_TRUNCATE;
  return CALL(f, xTruncate, size);
}
static int disk_sync(sqlite3_file *f, int flags) {
  Medium *m = ((DiskFile *)f)->medium;
  if (!m) return CALL(f, xSync, flags);
  if (fails(SYNCS)) {
    if (!dead) forget(m);
    return SQLITE_IOERR_FSYNC;
  }
  synced(m);
  return SQLITE_OK;
}
static int disk_size(sqlite3_file *f, sqlite3_int64 *size) { return CALL(f, xFileSize, size); }
static int disk_lock(sqlite3_file *f, int lock) { return CALL(f, xLock, lock); }
static int disk_unlock(sqlite3_file *f, int lock) { return CALL(f, xUnlock, lock); }
static int disk_reserved(sqlite3_file *f, int *out) { return CALL(f, xCheckReservedLock, out); }
static int disk_control(sqlite3_file *f, int op, void *arg) { return CALL(f, xFileControl, op, arg); }
static int disk_sector(sqlite3_file *f) { return CALL(f, xSectorSize); }
static int disk_traits(sqlite3_file *f) { return CALL(f, xDeviceCharacteristics); }
static int disk_shm_map(sqlite3_file *f, int page, int bytes, int extend, void volatile **out) {
  return CALL(f, xShmMap, page, bytes, extend, out);
}
static int disk_shm_lock(sqlite3_file *f, int offset, int n, int flags) { return CALL(f, xShmLock, offset, n, flags); }
static void disk_shm_barrier(sqlite3_file *f) { CALL(f, xShmBarrier); }
static int disk_shm_unmap(sqlite3_file *f, int remove) { return CALL(f, xShmUnmap, remove); }

static const sqlite3_io_methods disk_methods = {
  2, disk_close, disk_read, disk_write, disk_truncate, disk_sync, disk_size, disk_lock, disk_unlock, disk_reserved,
  disk_control, disk_sector, disk_traits, disk_shm_map, disk_shm_lock, disk_shm_barrier, disk_shm_unmap, 0, 0,
};

static Medium *medium_of(const char *path) {
  for (int i = 0; path && i < 2; i++)
    if (media[i].path[0] && strcmp(media[i].path, path) == 0) return &media[i];
  return 0;
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out) {
  DiskFile *file = (DiskFile *)f;
  file->base.pMethods = 0;
  file->medium = medium_of(path);
  /* open(2) for writing fails with EROFS, and the system's VFS tries again for reading. */
  if (file->medium && read_only) {
    armed.hits++;
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  }
  file->real = sqlite3_malloc(system_vfs->szOsFile);
  if (!file->real) return SQLITE_NOMEM;
  int rc = system_vfs->xOpen(system_vfs, path, file->real, flags, out);
  if (rc != SQLITE_OK) {
    sqlite3_free(file->real);
    return rc;
  }
  if (file->medium) meet(file->medium);
  file->base.pMethods = &disk_methods;
  return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
  Medium *m = medium_of(path);
  if (m && (dead || read_only)) return SQLITE_IOERR_DELETE;
  if (m) { forget(m); m->inode = 0; }
  return system_vfs->xDelete(system_vfs, path, sync_folder);
}

/* disk_watch(path of the database) */
static void watch(sqlite3_context *c, int n, sqlite3_value **v) {
  const char *path = (const char *)sqlite3_value_text(v[0]);
  for (int i = 0; i < 2; i++) {
    sqlite3_snprintf(sizeof media[i].path, media[i].path, "%s%s", path, i ? "-wal" : "");
    media[i].inode = 0;
    forget(&media[i]);
  }
  memset(&armed, 0, sizeof armed);
  dead = read_only = 0;
}
/* disk_arm(calls, fault, which call from now on or 0 for none, whether all that follow fail as well) */
static void arm(sqlite3_context *c, int n, sqlite3_value **v) {
  armed.calls = sqlite3_value_int(v[0]);
  armed.fault = sqlite3_value_int(v[1]);
  armed.at = sqlite3_value_int(v[2]);
  armed.on = sqlite3_value_int(v[3]);
  armed.seen = 0;
}
/* disk_freeze(dead, read-only) */
static void freeze(sqlite3_context *c, int n, sqlite3_value **v) {
  dead = sqlite3_value_int(v[0]);
  read_only = sqlite3_value_int(v[1]);
}
static void is_read_only(sqlite3_context *c, int n, sqlite3_value **v) { sqlite3_result_int(c, read_only); }
static void hits(sqlite3_context *c, int n, sqlite3_value **v) { sqlite3_result_int(c, armed.hits); }
/* disk_settled(): the log was written again and synced behind this VFS. */
static void settled(sqlite3_context *c, int n, sqlite3_value **v) {
  for (int i = 0; i < 2; i++)
    if (strstr(media[i].path, "-wal")) {
      media[i].inode = 0;
      meet(&media[i]);
    }
}
/* disk_cut(seed): of files that nobody has open */
static void cut(sqlite3_context *c, int n, sqlite3_value **v) {
  lots = (unsigned)sqlite3_value_int64(v[0]) | 1;
  for (int i = 0; i < 2; i++)
    if (media[i].inode) lose_power(&media[i]);
}

int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  SQLITE_EXTENSION_INIT2(api);
  if (!system_vfs) {
    system_vfs = sqlite3_vfs_find(0);
    disk_vfs = *system_vfs;
    disk_vfs.zName = "faulty-disk";
    disk_vfs.szOsFile = sizeof(DiskFile);
    disk_vfs.pNext = 0;
    disk_vfs.xOpen = disk_open;
    disk_vfs.xDelete = disk_delete;
    sqlite3_vfs_register(&disk_vfs, 1);
  }
  sqlite3_create_function(db, "disk_watch", 1, SQLITE_UTF8, 0, watch, 0, 0);
  sqlite3_create_function(db, "disk_arm", 4, SQLITE_UTF8, 0, arm, 0, 0);
  sqlite3_create_function(db, "disk_freeze", 2, SQLITE_UTF8, 0, freeze, 0, 0);
  sqlite3_create_function(db, "disk_is_read_only", 0, SQLITE_UTF8, 0, is_read_only, 0, 0);
  sqlite3_create_function(db, "disk_hits", 0, SQLITE_UTF8, 0, hits, 0, 0);
  sqlite3_create_function(db, "disk_settled", 0, SQLITE_UTF8, 0, settled, 0, 0);
  sqlite3_create_function(db, "disk_cut", 1, SQLITE_UTF8, 0, cut, 0, 0);
  return SQLITE_OK_LOAD_PERMANENTLY;
}
