import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { syncNow } from '../../durable-file.ts'

/** The WAL is reset at 1,000 pages (8 MB); only a rebuild of all projections makes it longer, and that one is not scanned. */
const LIMIT_BYTES = 64 * 1_048_576
const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const PORTION_BYTES = 1_048_576

/**
 * True when the write-ahead log holds a spoiled frame before synced ones. SQLite takes the first frame whose checksum is
 * wrong for the end of the log: right after a power cut, which can only spoil the last transaction, but a flipped bit
 * further up would silently take back commits that were answered. What betrays it: after the transaction with the bad
 * frame follows another commit of the same log, and that was not begun before the former was synced. Ask before SQLite
 * opens the file; afterwards the trace is gone. Source: SQLite file format §4.1, §4.2.
 */
export function walLostCommits(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= HEADER_BYTES || size > LIMIT_BYTES) return false
  const log = readFileSync(path)
  const pageBytes = log.readUInt32BE(8)
  const salts = log.subarray(16, 24)
  const frameBytes = FRAME_HEADER_BYTES + pageBytes
  const sum = checksum(log, log.readUInt32BE(0) & 1)
  let state = sum([0, 0], 0, 24)
  let spoiled = state[0] !== log.readUInt32BE(24) || state[1] !== log.readUInt32BE(28)
  let commitsAfter = 0
  for (let frame = HEADER_BYTES; frame + frameBytes <= log.length; frame += frameBytes) {
    const ofThisLog = log.subarray(frame + 8, frame + 16).equals(salts)
    if (!spoiled) {
      state = sum(sum(state, frame, 8), frame + FRAME_HEADER_BYTES, pageBytes)
      spoiled = !ofThisLog || state[0] !== log.readUInt32BE(frame + 16) || state[1] !== log.readUInt32BE(frame + 20)
    }
    if (spoiled && ofThisLog && log.readUInt32BE(frame + 4) > 0) commitsAfter++
    if (commitsAfter > 1) return true
  }
  return false
}

/**
 * Makes durable what the log holds, before anything is answered from it and anything follows it. A kill leaves frames
 * that nobody synced; after a sync that failed the kernel may hold frames for written that are not on the disk, and never
 * writes them again (fsync(2)): commits behind them would be lost with them at the next power cut. Hence a new file in
 * the log's place; where the disk has no room for it, the same bytes once more. Ask before SQLite opens the file.
 */
export function settleLog(path: string): void {
  const copy = `${path}.tmp`
  rmSync(copy, { force: true })
  const log = statSync(path, { throwIfNoEntry: false })
  if (log === undefined || log.size === 0) return
  try {
    copyDurably(path, copy, 'wx', log.mode)
    // Who still reads by the old log keeps its index to himself: built from that log, it would hide what the new one gets.
    rmSync(path.replace(/-wal$/, '-shm'), { force: true })
    renameSync(copy, path)
    syncNow(dirname(path))
  } catch (error) {
    rmSync(copy, { force: true })
    if (!isFull(error)) throw error
    copyDurably(path, path, 'r+', log.mode)
  }
}

function copyDurably(from: string, to: string, flags: string, mode: number): void {
  const source = openSync(from, 'r')
  const target = openSync(to, flags, mode)
  try {
    const portion = Buffer.alloc(PORTION_BYTES)
    let at = 0
    for (let bytes = readSync(source, portion, 0, PORTION_BYTES, at); bytes > 0; ) {
      for (let written = 0; written < bytes; )
        written += writeSync(target, portion, written, bytes - written, at + written)
      at += bytes
      bytes = readSync(source, portion, 0, PORTION_BYTES, at)
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

type Sum = readonly [number, number]

/** SQLite's running checksum over pairs of 32-bit words, in the byte order that the magic number tells. */
function checksum(log: Buffer, bigEndian: number): (state: Sum, offset: number, length: number) => Sum {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength)
  const little = bigEndian === 0
  return (state, offset, length) => {
    let [first, second] = state
    for (let at = offset; at < offset + length; at += 8) {
      first = (first + view.getUint32(at, little) + second) >>> 0
      second = (second + view.getUint32(at + 4, little) + first) >>> 0
    }
    return [first, second]
  }
}
