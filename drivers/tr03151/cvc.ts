import { readTlv } from './der.ts'
import { MalformedError } from './malformed.ts'

/** Path to the key in a card-verifiable certificate: certificate, body, key, point (BSI TR-03110-3 App. C). */
const wayToPoint = [0x7f21, 0x7f4e, 0x7f49, 0x86]
const CVC_START = 0x7f

export function isCvc(bytes: Uint8Array): boolean {
  return bytes[0] === CVC_START
}

/** The public point of a card-verifiable certificate. It does not prove the issuer. */
export function pointOfCvc(bytes: Uint8Array): Uint8Array {
  let content = bytes
  for (const tag of wayToPoint) content = contentOf(content, tag)
  return content
}

function contentOf(bytes: Uint8Array, wanted: number): Uint8Array {
  for (let at = 0; at < bytes.length; ) {
    // A tag of two bytes: the second one is read as a separate tag.
    const first = bytes[at] ?? 0
    const isLong = (first & 0x1f) === 0x1f
    const { tag, content, encoded } = readTlv(bytes, isLong ? at + 1 : at)
    if ((isLong ? first * 256 + tag : tag) === wanted) return content
    at += (isLong ? 1 : 0) + encoded.length
  }
  throw new MalformedError(`an element ${wanted.toString(16)} of a card-verifiable certificate was expected`)
}
