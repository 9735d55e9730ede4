import { sha256 } from '../../../base/sha256.ts'
import { FACTS } from './facts.ts'
import { stampOf, unitOf } from './machine-code.ts'

/** BASE64-URL of `{"alg":"ES256"}`: constant, no blank, no other member (RKSV Anlage Z 5). */
const HEADER = 'eyJhbGciOiJFUzI1NiJ9'
const CHAIN_BYTES = 8

/** Replaces the signature while the unit is down (§ 17 RKSV). */
export const OUTAGE_MARKER = Buffer.from(FACTS.outageText, 'utf8')

/** The bytes that the unit signs: ASCII of header and payload in BASE64-URL, joined by a dot. */
export function signingInputOf(payload: string): string {
  return `${HEADER}.${Buffer.from(payload, 'utf8').toString('base64url')}`
}

/** JWS compact text, stored unchanged; `signature` is R‖S, or {@link OUTAGE_MARKER}. No padding anywhere. */
export function jwsOf(payload: string, signature: Uint8Array): string {
  return `${signingInputOf(payload)}.${Buffer.from(signature).toString('base64url')}`
}

/** The payload of a JWS compact text written by this program. */
export function payloadOfJws(jws: string): string {
  return Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')
}

/**
 * Suite and certificate serial (fields 1 and 11) of a JWS written by this program, without parsing the other fields.
 */
export function unitOfJws(jws: string): { suite: string; serial: string } {
  return unitOf(payloadOfJws(jws))
}

/** Beleg-Datum-Uhrzeit (field 4) of a JWS written by this program. */
export function stampOfJws(jws: string): string {
  return stampOf(payloadOfJws(jws))
}

/** Field 12 of the receipt after the one with this JWS text, and of the Startbeleg for the Kassen-ID (RKSV Anlage Z 4). */
export function chainValue(text: string): string {
  return sha256(text).subarray(0, CHAIN_BYTES).toString('base64')
}
