import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Curve } from './algorithms.ts'
import { algorithmByName, curveByOid, curves } from './algorithms.ts'
import { oid, readAll, readTlv, tlv, unsigned } from './der.ts'
import { MalformedError } from './malformed.ts'

const EC_PUBLIC_KEY_OID = '2a8648ce3d0201'

/** SubjectPublicKeyInfo (RFC 5480 §2) around an uncompressed point. */
export function spkiOfPoint(point: Uint8Array, curve: Curve): Uint8Array {
  return tlv(0x30, tlv(0x30, oid(EC_PUBLIC_KEY_OID), oid(curve.oid)), tlv(0x03, Uint8Array.of(0), point))
}

/** Curve and uncompressed point of a SubjectPublicKeyInfo. */
export function pointOfSpki(spki: Uint8Array): { curve: Curve; point: Uint8Array } {
  const [identifier, key] = readAll(readTlv(spki).content)
  const [keyType, parameters] = readAll(identifier?.content ?? new Uint8Array())
  if (hex(keyType?.content) !== EC_PUBLIC_KEY_OID || !parameters || key?.tag !== 0x03)
    throw new MalformedError('a public key on a named elliptic curve was expected')
  const point = key.content.subarray(1)
  // Some certificates contain the parameters instead of naming the curve.
  const curve = parameters.tag === 0x06 ? curveByOid(hex(parameters.content)) : findCurve(point).curve
  if (!isUncompressed(point, curve)) throw new MalformedError(`an uncompressed point on ${curve.name} was expected`)
  return { curve, point }
}

/**
 * The uncompressed point of a public key in any form that devices return: bare, without its mark, or in a
 * SubjectPublicKeyInfo.
 */
export function pointOfKey(key: Uint8Array): Uint8Array {
  if (key[0] === 0x30) return pointOfSpki(key).point
  const point = key.length % 2 === 0 ? Buffer.concat([Uint8Array.of(4), key]) : key
  findCurve(point)
  return point
}

/** Throws MalformedError if the point is not on the curve. */
export function publicKeyOfPoint(point: Uint8Array, curve: Curve): KeyObject {
  if (!isUncompressed(point, curve)) throw new MalformedError(`an uncompressed point on ${curve.name} was expected`)
  try {
    return createPublicKey({ key: Buffer.from(spkiOfPoint(point, curve)), format: 'der', type: 'spki' })
  } catch {
    throw new MalformedError(`the point is not on ${curve.name}`)
  }
}

/** The only known curve that contains the point: neither a log nor a QR code names it. */
export function findCurve(point: Uint8Array): { curve: Curve; key: KeyObject } {
  for (const curve of curves) {
    if (!isUncompressed(point, curve)) continue
    try {
      return { curve, key: publicKeyOfPoint(point, curve) }
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
    }
  }
  throw new MalformedError('the public key is not on an allowed curve (TR-03116-5)')
}

/**
 * Verifies a plain r‖s over the hash of `message`; the algorithm by its name, e.g. `ecdsa-plain-SHA256`. Converts to
 * DER, because for r‖s Node inspects the key at each call, which is a quarter of the work.
 */
export function verifyPlain(key: KeyObject, algorithm: string, message: Uint8Array, signature: Uint8Array): boolean {
  return hasItsSize(key, signature) && verify(algorithmByName(algorithm).hash, message, key, plainToDer(signature))
}

/** The same on the thread pool, so that a server can continue. */
export async function verifyPlainAside(
  key: KeyObject,
  algorithm: string,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!hasItsSize(key, signature)) return false
  return await new Promise((resolve, reject) => {
    verify(algorithmByName(algorithm).hash, message, key, plainToDer(signature), (error, isRight) => {
      if (error === null) resolve(isRight)
      else reject(error)
    })
  })
}

function hasItsSize(key: KeyObject, signature: Uint8Array): boolean {
  const named = key.asymmetricKeyDetails?.namedCurve
  const size = curves.find(({ namedCurve }) => namedCurve === named)?.size
  return size !== undefined && signature.length === 2 * size
}

/** r‖s → SEQUENCE { r, s } (RFC 3279 §2.2.3), as OpenSSL requires. */
export function plainToDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2
  return tlv(0x30, unsigned(signature.subarray(0, half)), unsigned(signature.subarray(half)))
}

/** SEQUENCE { r, s } → r‖s, each left-padded to `size` bytes. */
export function derToPlain(signature: Uint8Array, size: number): Uint8Array {
  const sequence = readTlv(signature)
  const { content } = sequence
  const r = readTlv(content)
  const s = readTlv(content, r.encoded.length)
  const isWhole = sequence.encoded.length === signature.length && r.encoded.length + s.encoded.length === content.length
  if (sequence.tag !== 0x30 || r.tag !== 0x02 || s.tag !== 0x02 || !isWhole)
    throw new MalformedError('a signature of two integers was expected')
  const plain = Buffer.alloc(2 * size)
  putPadded(plain, r.content, size)
  putPadded(plain, s.content, 2 * size)
  return plain
}

/** SHA-256 over the uncompressed point, for every curve (TR-03153-1 §9.3.2). */
export function serialOfPoint(point: Uint8Array): Buffer {
  return createHash('sha256').update(point).digest()
}

/** A device's signature as plain r‖s; the DER of early firmware is converted. */
export function plainSignature(bytes: Uint8Array): Uint8Array {
  const isPlain = bytes[0] !== 0x30 || curves.some(({ size }) => bytes.length === 2 * size)
  return isPlain ? bytes : (plainOfDer(bytes) ?? bytes)
}

function plainOfDer(bytes: Uint8Array): Uint8Array | undefined {
  try {
    // Without the sign octet.
    const longest = Math.max(...readAll(readTlv(bytes).content).map(({ content }) => content.length)) - 1
    const size = curves.map((curve) => curve.size).find((width) => longest <= width)
    return size === undefined ? undefined : derToPlain(bytes, size)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return undefined
  }
}

function isUncompressed(point: Uint8Array, curve: Curve): boolean {
  return point.length === 1 + 2 * curve.size && point[0] === 0x04
}

/** Writes the digits of an INTEGER so that they end before `end`. */
function putPadded(plain: Buffer, content: Uint8Array, end: number): void {
  const digits = content[0] === 0 ? content.subarray(1) : content
  const size = plain.length / 2
  if (digits.length > size) throw new MalformedError(`a signature half of at most ${size} bytes was expected`)
  plain.set(digits, end - digits.length)
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex')
}
