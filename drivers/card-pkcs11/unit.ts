import type { X509Certificate } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import type { Pkcs11Token } from '../native/pkcs11-token.ts'
import type { CertificateFile } from '../native/token-certificates.ts'
import type { TokenKeyPair } from '../native/token-keys.ts'
import { keyNamed, severalKeys, withPoint } from '../native/token-keys.ts'
import { curveByName } from '../tr03151/algorithms.ts'
import { certificateExpiryMs, chainFor, shortSerial } from '../tr03151/certificate.ts'
import { gatherCertificates, isForRegisters, storeOwnChain } from './certificates.ts'

const KEY_LABEL = 'fiskal-edge-card'

export type UnitOptions = CertificateFile & {
  /** Label or CKA_ID (hex) of the key; default: that of the certificates for cash registers, else the only one. */
  key?: string | undefined
}

/** The signing key, and its certificate as the law names it. */
export type Unit = {
  key: TokenKeyPair
  serial: string
  certificates: readonly Uint8Array[]
  certificateExpiresAtMs: number
}

/** Finds key and certificate. Throws `not_initialised` if one is missing, `refused` if the choice is ambiguous. */
export async function findUnit(token: Pkcs11Token, options: UnitOptions): Promise<Unit> {
  const pool = await gatherCertificates(token, options)
  const key = choose(await cardKeys(token, pool.all), options.key, pool)
  if (!key) throw missing('no P-256 key that may sign')
  const chain = chainFor(key.point, pool.all)
  if (chain.length === 0) throw missing('no certificate for its key: set "certFile"')
  return unitOf(key, chain)
}

/** Creates the missing parts. Repeating is harmless: after a crash it continues with the existing parts. */
export async function makeUnit(token: Pkcs11Token, options: UnitOptions, nowMs: number): Promise<Unit> {
  const pool = await gatherCertificates(token, options)
  if ((await cardKeys(token, pool.all)).length === 0) {
    const id = randomBytes(8).toString('hex')
    await token.generateKey({ id, label: options.key ?? KEY_LABEL, curve: curveByName('P-256') })
  }
  const key = choose(await cardKeys(token, pool.all), options.key, pool)
  if (!key) throw missing('no key of that name')
  const chain = chainFor(key.point, pool.all)
  if (chain.length > 0) return unitOf(key, chain)
  if (options.certFile !== undefined)
    throw new DeviceError('refused', 'none', `${options.certFile} is not the certificate of the card's key`)
  return unitOf(key, await storeOwnChain(token, key, nowMs))
}

/** Keys on P-256 with their public half. A-Trust cards have a second pair for encryption, which must not sign. */
async function cardKeys(token: Pkcs11Token, pool: readonly X509Certificate[]): Promise<TokenKeyPair[]> {
  const pairs: TokenKeyPair[] = []
  for (const key of await token.keys()) {
    const pair = key.curve.name === 'P-256' ? await withPoint(token, key, pool) : undefined
    if (pair) pairs.push(pair)
  }
  return pairs
}

function choose(
  keys: readonly TokenKeyPair[],
  wanted: string | undefined,
  pool: { configured: readonly X509Certificate[]; all: readonly X509Certificate[] },
): TokenKeyPair | undefined {
  if (wanted !== undefined) return keyNamed(keys, wanted)
  const forRegisters = pool.all.filter(isForRegisters)
  const ours = keys.filter((key) => key.label === KEY_LABEL)
  for (const preferred of [certified(keys, pool.configured), certified(keys, forRegisters), ours, keys])
    if (preferred.length === 1) return preferred[0]
  if (keys.length === 0) return undefined
  throw severalKeys('the card', keys)
}

function certified(keys: readonly TokenKeyPair[], certificates: readonly X509Certificate[]): TokenKeyPair[] {
  return keys.filter((key) => chainFor(key.point, certificates).length > 0)
}

function unitOf(key: TokenKeyPair, chain: readonly X509Certificate[]): Unit {
  return {
    key,
    serial: chain[0] ? shortSerial(chain[0]) : '',
    certificates: chain.map((certificate) => certificate.raw),
    certificateExpiresAtMs: chain[0] ? certificateExpiryMs(chain[0]) : 0,
  }
}

function missing(what: string): DeviceError {
  return new DeviceError('not_initialised', 'none', `the card has ${what}`)
}
