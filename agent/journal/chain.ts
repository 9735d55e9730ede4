import { sha256 } from '../../base/sha256.ts'

/** The chained members of an event, all text; `body` is canonical JSON made once. */
export type ChainedMembers = { kind: string; op: string; at: string; boot: string; mono: string; body: string }

export const ZERO_HASH: Buffer = Buffer.alloc(32)
const MARK = Buffer.from('ea/1', 'ascii')
const FIXED_BYTES = MARK.length + 16 + 8 + 32
/** UTF-8 of a UTF-16 code unit. */
const UNIT_BYTES_MAX = 3
/** Used for each event that fits: to measure its text and to allocate takes as long as to hash it. */
const scratch = Buffer.alloc(64 * 1024)

/** The 16 raw bytes of a UUID in text form. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

/**
 * hash_n = SHA-256("ea/1" ‖ chainId ‖ u64 seq ‖ hash_{n-1} ‖ for each of kind, op, at, boot, mono, body: u32 length ‖ UTF-8).
 * Integers big-endian; an absent member has length 0; the first event has seq 1 and follows 32 zero bytes.
 */
export function chainHash(chainId: Buffer, seq: number, previous: Uint8Array, event: ChainedMembers): Buffer {
  const members = [event.kind, event.op, event.at, event.boot, event.mono, event.body]
  let bytes = FIXED_BYTES + 4 * members.length
  for (const member of members) bytes += UNIT_BYTES_MAX * member.length
  const input = bytes > scratch.length ? Buffer.allocUnsafe(bytes) : scratch
  let offset = MARK.copy(input)
  offset += chainId.copy(input, offset)
  offset = input.writeUInt32BE(Math.floor(seq / 2 ** 32), offset)
  offset = input.writeUInt32BE(seq % 2 ** 32, offset)
  input.set(previous, offset)
  offset += 32
  for (const member of members) {
    const length = input.write(member, offset + 4, 'utf8')
    input.writeUInt32BE(length, offset)
    offset += 4 + length
  }
  return sha256(input.subarray(0, offset))
}

const HEAD_BYTES = 8

/** An event and the first 8 bytes of its hash, short enough for paper: `1234:0123456789abcdef`. */
export function headText(seq: number, hash: Uint8Array): string {
  return `${seq}:${Buffer.from(hash).toString('hex', 0, HEAD_BYTES)}`
}
