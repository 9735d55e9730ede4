import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncNow } from '../../durable-file.ts'

const PORTION_BYTES = 1_048_576

/**
 * Makes durable what the log holds, before anything is answered from it and anything follows it. A kill leaves frames
 * that nobody synced; after a sync that failed the kernel may hold frames for written that are not on the disk, and never
 * writes them again (fsync(2)): commits behind them would be lost with them at the next power cut. Hence a new file in
 * the log's place; where the disk has no room for it, the same bytes once more. What follows `end`, its last commit, is
 * left out: the commit mark of a torn transaction would look like a lost commit at the next power cut. Call it before
 * SQLite opens the file.
 */
export function settleLog(database: string, end: number): void {
  const path = `${database}-wal`
  const copy = `${path}.tmp`
  rmSync(copy, { force: true })
  const log = statSync(path, { throwIfNoEntry: false })
  if (log === undefined || log.size === 0) return
  try {
    copyDurably(path, copy, 'wx', log.mode, end)
    // Who still reads by the old log keeps its index to himself: built from that log, it would hide what the new one gets.
    rmSync(path.replace(/-wal$/, '-shm'), { force: true })
    renameSync(copy, path)
    syncNow(dirname(path))
  } catch (error) {
    rmSync(copy, { force: true })
    if (!isFull(error)) throw error
    copyDurably(path, path, 'r+', log.mode, end)
  }
}

function copyDurably(from: string, to: string, flags: string, mode: number, end: number): void {
  const source = openSync(from, 'r')
  const target = openSync(to, flags, mode)
  try {
    const portion = Buffer.alloc(PORTION_BYTES)
    for (let at = 0; at < end; ) {
      const bytes = readSync(source, portion, 0, Math.min(PORTION_BYTES, end - at), at)
      if (bytes === 0) break
      for (let written = 0; written < bytes; )
        written += writeSync(target, portion, written, bytes - written, at + written)
      at += bytes
    }
    fsyncSync(target)
  } finally {
    closeSync(target)
    closeSync(source)
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'ENOSPC' || code === 'EDQUOT'
}
