import type { X509Certificate } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { certifiedKey } from '../tr03151/certificate.ts'
import type { Pkcs11Token, SigningKey } from './pkcs11-token.ts'
import type { CertifiableKey } from './token-certificates.ts'

/** A key with its public half, and its name in the token. */
export type TokenKeyPair = CertifiableKey & { ref: string; label: string }

const UNKNOWN_STATE: ReadonlySet<DeviceErrorCode> = new Set<DeviceErrorCode>(['unavailable', 'timeout', 'garbled'])

/**
 * After such an error the reader may hold a different token: key and certificate are read again. A refusal is not such
 * an error.
 */
export function leavesStateUnknown({ code }: DeviceError): boolean {
  return UNKNOWN_STATE.has(code)
}

/** The key of that label or CKA_ID (hex). */
export function keyNamed<Key extends { id: string; label: string }>(
  keys: readonly Key[],
  wanted: string,
): Key | undefined {
  return keys.find(({ label, id }) => label === wanted || id === wanted.toLowerCase())
}

/** The error for an ambiguous key. `holder`: the token that holds them. */
export function severalKeys(holder: string, keys: readonly { id: string; label: string }[]): DeviceError {
  const names = keys.map(({ label, id }) => label || id).join(', ')
  return new DeviceError('refused', 'none', `${holder} holds several keys (${names}): name one in "key"`)
}

/**
 * The key with its public half. If the token has only the private key, the certificate that verifies a trial signature
 * provides it. Undefined if none does.
 */
export async function withPoint(
  token: Pkcs11Token,
  key: SigningKey,
  certificates: readonly X509Certificate[],
): Promise<TokenKeyPair | undefined> {
  if (key.point) return { ...key, point: key.point }
  for (const certificate of certificates) {
    const certified = certifiedKey(certificate)
    if (certified?.curve !== key.curve) continue
    const pair = { ...key, point: certified.point }
    if (await signsAs(token, pair)) return pair
  }
  return undefined
}

/** True while the token has that key, and no other under its name. */
export async function stillHolds(token: Pkcs11Token, key: TokenKeyPair): Promise<boolean> {
  const current = (await token.keys()).find(({ ref }) => ref === key.ref)
  return current !== undefined && (current.point === undefined || Buffer.from(current.point).equals(key.point))
}

async function signsAs(token: Pkcs11Token, key: TokenKeyPair): Promise<boolean> {
  try {
    await token.sign(key, randomBytes(32))
    return true
  } catch (error) {
    if (error instanceof DeviceError && error.code === 'garbled') return false
    throw error
  }
}
