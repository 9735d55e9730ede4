import { Readable } from 'node:stream'
import { bytesOfBase32 } from '../../base/base32.ts'
import type { Dep7Report, VerifyDep7Options } from './verify-dep7.ts'
import { verifyDep7 } from './verify-dep7.ts'

/** Elements of a code, including the empty one before the leading `_`. */
const ELEMENTS_OF_CODE = 14
const codedElements = [10, 12, 13]
const CHAIN_ELEMENT = 12
const SIGNATURE_ELEMENT = 13
/** BASE64-URL of `{"alg":"ES256"}` (RKSV Anlage Z 5). */
const HEADER = 'eyJhbGciOiJFUzI1NiJ9'

/**
 * Checks the machine-readable code of one receipt (the text of its QR code or its OCR-A line): its form, and its signature if
 * the unit is known. Returns undefined if the text does not have the elements of a code.
 */
export async function verifyCode(
  text: string,
  options: Omit<VerifyDep7Options, 'partial'>,
): Promise<Dep7Report | undefined> {
  const elements = text.split('_')
  if (elements.length !== ELEMENTS_OF_CODE || elements[0] !== '') return undefined
  const isForOcr = /^[A-Z2-7]{13}===$/.test(elements[CHAIN_ELEMENT] ?? '')
  if (isForOcr) for (const index of codedElements) elements[index] = base64Form(elements[index] ?? '')
  const signature = elements[SIGNATURE_ELEMENT] ?? ''
  const payload = elements.slice(0, SIGNATURE_ELEMENT).join('_')
  const jws = [HEADER, Buffer.from(payload, 'utf8').toString('base64url'), urlForm(signature)].join('.')
  const group = { Signaturzertifikat: '', Zertifizierungsstellen: [], 'Belege-kompakt': [jws] }
  const chunks = Readable.from([Buffer.from(JSON.stringify({ 'Belege-Gruppe': [group] }))])
  return await verifyDep7(chunks, { ...options, partial: true })
}

/** Invalid BASE32 gets a character that BASE64 does not have: a counter of 5 bytes could otherwise pass as BASE64. */
function base64Form(base32: string): string {
  return bytesOfBase32(base32)?.toString('base64') ?? `${base32}?`
}

/** Invalid BASE64 stays as it is, and `verifyDep7` reports it. */
function urlForm(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  return bytes.toString('base64') === base64 ? bytes.toString('base64url') : base64
}
