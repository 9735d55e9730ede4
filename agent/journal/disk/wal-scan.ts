import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { codeOf } from '../../../base/thrown.ts'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** Offset of the page size in the header of a database file (SQLite file format §1.3.2). */
const PAGE_SIZE_AT = 16
const LARGEST_PAGE = 65_536
/** The last bit gives the byte order of the checksums. */
const MAGIC = 0x377f0682

/** `damage`: names the broken place and its content, if there is one. */
type LogScan = { readonly end: number; readonly damage: string | undefined }

/** An open log file, its first 32 bytes and its size. */
type Log = { readonly fd: number; readonly header: Buffer; readonly size: number }

/**
 * The bytes of the write-ahead log up to and with its last commit; undefined if SQLite would silently drop commits that
 * were synced, and so answered. It takes the first frame with a wrong checksum for the end of the log, and ignores a
 * log whose header does not verify. After a power cut that is right: SQLite syncs the header before the first frame,
 * and a transaction before the next one begins, so that only frames of the last transaction are torn. Frames after a
 * bad header, or a second commit after a bad frame, are damage. Call it before SQLite opens the file: the first
 * connection recovers the prefix, and a writer overwrites the rest. While a writer runs, a scan can see half-written
 * frames: only a fault that two scans find identically is damage. Source: SQLite file format §4.1, §4.2. `pageBytes` is
 * for a process that has the database open: to read it from the file would release its locks (fcntl_locking(2)).
 */
export function endOfLog(
  database: string,
  pageBytes = (): number | undefined => pageBytesOf(database),
): number | undefined {
  const { end, damage } = scanLog(database, pageBytes)
  return damage !== undefined && scanLog(database, pageBytes).damage === damage ? undefined : end
}

/** Reads the log of a database file once. */
function scanLog(database: string, pageBytes: () => number | undefined): LogScan {
  const fd = openLog(`${database}-wal`)
  if (fd === undefined) return { end: 0, damage: undefined }
  try {
    const stats = fstatSync(fd)
    // SQLite refuses a path that is not a file in its own words.
    if (!stats.isFile() || !isFile(database)) return { end: stats.size, damage: undefined }
    const { size } = stats
    const header = Buffer.alloc(HEADER_BYTES)
    if (readSync(fd, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return { end: size, damage: undefined }
    const log = { fd, header, size }
    const seed = seedOf(header)
    if (seed !== undefined) return scanFrames(log, seed)
    const commit = commitAfterBadHeader(log, pageBytes())
    return { end: size, damage: commit && `header ${header.toString('hex')} ${commit.toString('hex')}` }
  } finally {
    closeSync(fd)
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function openLog(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The checksum of a header that verifies; those of the frames continue from it. */
function seedOf(header: Buffer): Sum | undefined {
  const sum = checksum(header, header, 0, 24, [0, 0])
  const isHeader = (header.readUInt32BE(0) & ~1) === MAGIC && isPageSize(header.readUInt32BE(8))
  return isHeader && isAt(header, 24, sum) ? sum : undefined
}

function scanFrames(log: Log, seed: Sum): LogScan {
  const { end, bad } = verifiedFrames(log, seed)
  const salts = saltsOf(log)
  const later = bad === undefined ? [] : frameHeads(log, bad.at, log.header.readUInt32BE(8))
  let commits = 0
  for (const head of later) {
    if (isCommit(head) && head.subarray(8, 16).equals(salts)) commits++
    if (commits > 1) return { end, damage: bad?.content }
  }
  return { end, damage: undefined }
}

type BadFrame = { readonly at: number; readonly content: string }

/** The frames that SQLite reads, up to the first bad one. */
function verifiedFrames(log: Log, seed: Sum): { end: number; bad: BadFrame | undefined } {
  const { header } = log
  const salts = saltsOf(log)
  const pageBytes = header.readUInt32BE(8)
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes)
  let sum = seed
  let end = HEADER_BYTES
  for (let at = HEADER_BYTES; readSync(log.fd, frame, 0, frame.length, at) === frame.length; at += frame.length) {
    sum = checksum(header, frame, FRAME_HEADER_BYTES, pageBytes, checksum(header, frame, 0, 8, sum))
    const isFrame = frame.readUInt32BE(0) > 0 && frame.subarray(8, 16).equals(salts) && isAt(frame, 16, sum)
    if (!isFrame) {
      const head = frame.toString('hex', 0, FRAME_HEADER_BYTES)
      return { end, bad: { at, content: `frame ${at} ${salts.toString('hex')} ${head} ${sum.join(' ')}` } }
    }
    if (isCommit(frame)) end = at + frame.length
  }
  return { end, bad: undefined }
}

function saltsOf({ header }: Log): Buffer {
  return header.subarray(16, 24)
}

/** The frame ends a transaction: the size of the database after it is not 0. */
function isCommit(head: Buffer): boolean {
  return head.readUInt32BE(4) > 0
}

/** The heads of the complete frames from an offset on. */
function* frameHeads({ fd, size }: Log, from: number, pageBytes: number): Generator<Buffer> {
  const frameBytes = FRAME_HEADER_BYTES + pageBytes
  const head = Buffer.alloc(FRAME_HEADER_BYTES)
  for (let at = from; at + frameBytes <= size; at += frameBytes) {
    if (readSync(fd, head, 0, FRAME_HEADER_BYTES, at) < FRAME_HEADER_BYTES) return
    yield head
  }
}

/** The head of the first frame that commits. */
function commitAfterBadHeader(log: Log, pageBytes: number | undefined): Buffer | undefined {
  if (pageBytes === undefined) return undefined
  for (const head of frameHeads(log, HEADER_BYTES, pageBytes))
    if (head.readUInt32BE(0) > 0 && isCommit(head)) return head
  return undefined
}

/** From the database file, since the header of the log cannot be trusted; undefined if there is no database. */
function pageBytesOf(database: string): number | undefined {
  const fd = openLog(database)
  if (fd === undefined) return undefined
  try {
    const bytes = Buffer.alloc(2)
    if (readSync(fd, bytes, 0, 2, PAGE_SIZE_AT) < 2) return undefined
    const size = bytes.readUInt16BE(0)
    const pageBytes = size === 1 ? LARGEST_PAGE : size
    return isPageSize(pageBytes) ? pageBytes : undefined
  } finally {
    closeSync(fd)
  }
}

function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= LARGEST_PAGE && Number.isInteger(Math.log2(bytes))
}

type Sum = readonly [number, number]

function isAt(bytes: Buffer, at: number, [first, second]: Sum): boolean {
  return bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second
}

/** SQLite's running checksum over pairs of 32-bit words, in the byte order of the header's magic number. */
function checksum(header: Buffer, bytes: Buffer, offset: number, length: number, before: Sum): Sum {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const little = (header.readUInt32BE(0) & 1) === 0
  let [first, second] = before
  for (let at = offset; at < offset + length; at += 8) {
    first = (first + view.getUint32(at, little) + second) >>> 0
    second = (second + view.getUint32(at + 4, little) + first) >>> 0
  }
  return [first, second]
}
