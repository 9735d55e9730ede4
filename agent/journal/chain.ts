import { hash as digest } from 'node:crypto'

/** The chained members of an event, all text; `body` is canonical JSON made once. */
export type ChainedMembers = { kind: string; op: string; at: string; boot: string; mono: string; body: string }

export const ZERO_HASH: Buffer = Buffer.alloc(32)
const MARK = Buffer.from('ea/1', 'ascii')
const FIXED_BYTES = MARK.length + 16 + 8 + 32

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
  const lengths = members.map((member) => Buffer.byteLength(member))
  const input = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, FIXED_BYTES))
  let offset = MARK.copy(input)
  offset += chainId.copy(input, offset)
  offset = input.writeBigUInt64BE(BigInt(seq), offset)
  input.set(previous, offset)
  offset += 32
  for (const [index, member] of members.entries()) {
    offset = input.writeUInt32BE(lengths[index] ?? 0, offset)
    offset += input.write(member, offset, 'utf8')
  }
  return digest('sha256', input, 'buffer')
}
