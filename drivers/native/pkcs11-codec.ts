import type { Curve } from '../tr03151/algorithms.ts'
import { algorithmByName, curves } from '../tr03151/algorithms.ts'
import { oid } from '../tr03151/der.ts'
import { derToPlain, publicKeyOfPoint, verifyPlainAside } from '../tr03151/ecdsa.ts'
import { MalformedError } from '../tr03151/malformed.ts'

/** CKA_EC_PARAMS of a named curve: DER of its OID. */
export function paramsOfCurve(curve: Curve): Uint8Array {
  return oid(curve.oid)
}

/** Undefined for a curve that the drivers do not use. */
export function curveOfParams(params: Uint8Array): Curve | undefined {
  return curves.find((curve) => Buffer.from(paramsOfCurve(curve)).equals(params))
}

/** CKA_EC_POINT: by the standard a DER OCTET STRING around 04‖X‖Y; some modules return the bare point. */
export function unwrapPoint(value: Uint8Array, curve: Curve): Uint8Array | undefined {
  const size = 1 + 2 * curve.size
  const point = value.subarray(value.length - size)
  const header = value.length - point.length
  const isWrapped = header === 0 || (value[0] === 0x04 && value[header - 1] === size && header <= 3)
  return point.length === size && point[0] === 0x04 && isWrapped ? point : undefined
}

/** OpenSSL's name of the hash that goes with the curve (TR-03116-5, RFC 7518 §3.4). */
export function hashOfCurve(curve: Curve): string {
  return algorithmByName(curve.algorithm).hash
}

/** r‖s from a module's answer, which is r‖s already, or DER. Undefined for anything else. */
export function plainSignature(value: Uint8Array, curve: Curve): Uint8Array | undefined {
  if (value.length === 2 * curve.size) return value
  try {
    return derToPlain(value, curve.size)
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

/** Off the event loop: the 384-bit curves take half a millisecond. */
export function verifies(
  curve: Curve,
  point: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return verifyPlainAside(publicKeyOfPoint(point, curve), curve.algorithm, message, signature)
}
