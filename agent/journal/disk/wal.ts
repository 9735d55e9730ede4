import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { endOfLog } from './wal-scan.ts'

const PORTION_BYTES = 1_048_576

/** Bytes of the log of a database in WAL mode; 0 if it has no log. */
export function logBytes(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

/**
 * Makes the log durable before anything is answered from it and anything follows it. A kill leaves frames that were not
 * synced; after a failed sync the kernel may take frames for written that are not on the disk, and never writes them
 * again (fsync(2)): the next power cut would lose them and the commits after them. Therefore it writes the same bytes
 * again, which makes each page dirty again. It writes in place and under the write lock. So any other process that has the
 * log open, even one in another PID namespace, reads the same before and after, and writes to the same file. The bytes after the last commit are cut off: the commit mark of a torn transaction would look like a lost
 * commit at the next power cut. Throws SQLITE_BUSY while another program writes.
 */
export function settleLog(db: Database.Database, database: string): void {
  if (logBytes(database) === 0) return
  db.exec('BEGIN IMMEDIATE')
  try {
    const log = openSync(`${database}-wal`, 'r+')
    try {
      // Read under the lock: another program may have written since the start began.
      const end = endOfLog(database, () => Number(db.pragma('page_size', { simple: true })))
      if (end !== undefined) writeAgain(log, end)
    } finally {
      closeSync(log)
    }
  } finally {
    db.exec('ROLLBACK')
  }
}

function writeAgain(log: number, end: number): void {
  const portion = Buffer.alloc(Math.min(PORTION_BYTES, end))
  for (let at = 0; at < end; ) {
    const bytes = readSync(log, portion, 0, Math.min(portion.length, end - at), at)
    if (bytes === 0) break
    for (let written = 0; written < bytes; ) written += writeSync(log, portion, written, bytes - written, at + written)
    at += bytes
  }
  ftruncateSync(log, end)
  fsyncSync(log)
}
