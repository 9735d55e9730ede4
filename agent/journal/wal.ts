import { readFileSync, statSync } from 'node:fs'

/** The WAL is reset at 1,000 pages (4 MB); only a rebuild of all projections makes it longer, and that one is not scanned. */
const LIMIT_BYTES = 64 * 1_048_576
const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

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
