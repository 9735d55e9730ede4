import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'

const signAside = promisify(sign)

/** The signed bytes of a checkpoint: "ea-cp/1" ‖ chainId (16) ‖ u64 epoch ‖ u64 seq ‖ head (32), big-endian. */
function checkpointMessage(chainId: Buffer, epoch: number, seq: number, head: Uint8Array): Buffer {
  const numbers = Buffer.alloc(16)
  numbers.writeBigUInt64BE(BigInt(epoch), 0)
  numbers.writeBigUInt64BE(BigInt(seq), 8)
  return Buffer.concat([Buffer.from('ea-cp/1', 'ascii'), chainId, numbers, head])
}

/** As in the end line of a batch or export; `sig` base64url. */
export type Checkpoint = { alg: 'Ed25519'; kid: string; sig: string }

export type CheckpointSigner = {
  /** Raw Ed25519 public key, base64url, 32 bytes. */
  readonly publicKey: string
  sign(chainId: Buffer, epoch: number, seq: number, head: Uint8Array): Signature
  /** The same, which takes no time of the main thread. */
  signAside(chainId: Buffer, epoch: number, seq: number, head: Uint8Array): Promise<Signature>
}

export type Signature = { kid: string; sig: Buffer }

/** Signs with the agent's own key, which never leaves the host. `kid` is the first 16 hex digits of SHA-256 of the public key. */
export function checkpointSigner(privateKey: KeyObject): CheckpointSigner {
  const publicKey = createPublicKey(privateKey).export({ format: 'jwk' }).x ?? ''
  const kid = keyId(publicKey)
  return {
    publicKey,
    sign: (chainId, epoch, seq, head) => ({
      kid,
      sig: sign(null, checkpointMessage(chainId, epoch, seq, head), privateKey),
    }),
    signAside: async (chainId, epoch, seq, head) => ({
      kid,
      sig: await signAside(null, checkpointMessage(chainId, epoch, seq, head), privateKey),
    }),
  }
}

export function keyId(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16)
}

export function verifyCheckpoint(
  publicKey: string,
  chainId: Buffer,
  epoch: number,
  seq: number,
  head: Uint8Array,
  sig: Uint8Array,
): boolean {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
  return verify(null, checkpointMessage(chainId, epoch, seq, head), key, sig)
}
