import { hash as digest } from 'node:crypto'

/** `sha-256=:…:` of the bytes as they are sent (RFC 9530 §2). */
export function contentDigest(bytes: Uint8Array): string {
  return `sha-256=:${digest('sha256', bytes, 'base64')}:`
}
