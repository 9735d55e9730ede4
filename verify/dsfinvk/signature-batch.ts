import type { KeyObject } from 'node:crypto'
import { verifyPlain } from '../../drivers/tr03151/ecdsa.ts'

/** Messages and signatures of one key, one after the other: `length message length signature`, lengths in 32 bits. */
export type SignatureBatch = { algorithm: string; key: KeyObject; packed: Uint8Array }

const LENGTH_BYTES = 4

export function pack(parts: readonly Uint8Array[]): Uint8Array {
  const packed = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + LENGTH_BYTES + part.length, 0))
  let at = 0
  for (const part of parts) {
    packed.writeUInt32LE(part.length, at)
    packed.set(part, at + LENGTH_BYTES)
    at += LENGTH_BYTES + part.length
  }
  return packed
}

/** Places, from 0, of the signatures that do not match their message. */
export function misfits({ algorithm, key, packed }: SignatureBatch): number[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const bad: number[] = []
  const part = (at: number): Buffer => bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + bytes.readUInt32LE(at))
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const message = part(at)
    const signature = part(at + LENGTH_BYTES + message.length)
    at += 2 * LENGTH_BYTES + message.length + signature.length
    if (!verifyPlain(key, algorithm, message, signature)) bad.push(index)
  }
  return bad
}
