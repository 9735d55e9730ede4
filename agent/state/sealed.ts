import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'

const CIPHER = 'aes-256-gcm'
const PURPOSE = 'sealed secrets'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Derives a separate key for each purpose from the one in `seal.key`. */
export function derivedKey(sealKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', sealKey, Buffer.alloc(0), `fiskal-edge ${purpose}`, 32))
}

/** The file of a secret: nonce, tag, JSON. The tag covers its name, so that no file can replace another. */
export function sealedFile(sealKey: Uint8Array, name: string, value: Json, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, derivedKey(sealKey, PURPOSE), nonce)
  cipher.setAAD(Buffer.from(name))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

export function newNonce(random: (length: number) => Uint8Array): Uint8Array {
  return random(NONCE_BYTES)
}

/** The content of such a file; undefined if it does not open with this key. */
export function openedFile(sealKey: Uint8Array, name: string, bytes: Uint8Array): { value: Json } | undefined {
  const tagEnd = NONCE_BYTES + TAG_BYTES
  if (bytes.length < tagEnd) return undefined
  const key = derivedKey(sealKey, PURPOSE)
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8')
    return { value: JSON.parse(text) as Json }
  } catch {
    return undefined
  }
}
