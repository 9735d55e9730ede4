import type { KeyObject } from 'node:crypto'
import { createPublicKey, hash as digest, verify } from 'node:crypto'

/** An event as it was stored; `body` is the exact text in the journal. `mono`: nanoseconds since boot. */
export type ChainEvent = {
  readonly seq: number
  readonly kind: string
  readonly op: string
  readonly at: string
  readonly boot: string
  readonly mono: string
  readonly body: string
  readonly hash: Uint8Array
}

/** The signature of a head. `sig`: Ed25519, base64url without padding. */
export type Checkpoint = { readonly alg: 'Ed25519'; readonly kid: string; readonly sig: string }

/** The head of a chain up to an event, with its signature. */
export type SignedHead = { readonly seq: number; readonly head: Uint8Array; readonly checkpoint: Checkpoint }

export const HASH_BYTES = 32
export const ZERO_HASH: Buffer = Buffer.alloc(HASH_BYTES)
const EVENT_MARK = 'ea/1'
const CHECKPOINT_MARK = 'ea-cp/1'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for the canonical (lower case) text form of a UUID. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

/**
 * SHA-256("ea/1" ‖ chain (16 bytes) ‖ u64 seq ‖ previous hash ‖ kind ‖ op ‖ at ‖ boot ‖ mono ‖ body), each member as u32
 * byte length and UTF-8, integers big-endian; the event before the first has 32 zero bytes.
 */
export function eventHash(chain: Uint8Array, previous: Uint8Array, event: Omit<ChainEvent, 'hash'>): Buffer {
  const parts: Uint8Array[] = [Buffer.from(EVENT_MARK), chain, u64(event.seq), previous]
  for (const member of [event.kind, event.op, event.at, event.boot, event.mono, event.body]) {
    const bytes = Buffer.from(member, 'utf8')
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(bytes.length)
    parts.push(length, bytes)
  }
  return digest('sha256', Buffer.concat(parts), 'buffer')
}

/** The signed bytes are "ea-cp/1" ‖ chain (16) ‖ u64 epoch ‖ u64 seq ‖ head (32). */
export function checkpointHolds(
  key: KeyObject,
  chain: string,
  epoch: number,
  seq: number,
  head: Uint8Array,
  sig: Uint8Array,
): boolean {
  const message = Buffer.concat([Buffer.from(CHECKPOINT_MARK), uuidBytes(chain), u64(epoch), u64(seq), head])
  return verify(null, message, key, sig)
}

/** `raw`: the 32 bytes of an Ed25519 public key. Throws if they are not a key. */
export function ed25519Key(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
