import type { X509Certificate } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import type { Pkcs11Token, SigningKey } from '../native/pkcs11-token.ts'
import type { CertifiableKey } from '../native/token-certificates.ts'
import { certifiedKey, chainFor } from '../native/token-certificates.ts'
import type { SeSigner } from '../se-api/store.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { curveByName } from '../tr03151/algorithms.ts'
import { gatherCertificates, keepOwnChain } from './certificates.ts'

const KEY_LABEL = 'fiskal-edge-tse'

export type UnitOptions = {
  /** Label or CKA_ID (hex) of the key; else ours, else the only one. */
  key?: string
  /** For a key that is to be made; P-256 where not told. */
  curve?: CurveName
  /** DER or PEM, where the token holds no certificate. */
  certFile?: string
  /** For certificates that the token does not take, and the trace of a refused PIN; 0700. */
  directory: string
}

/** A key by its name in the token. */
type UnitKey = CertifiableKey & { ref: string }

/** The key that signs, as the secure element wants it, its name in the token, and the begin of its certificate. */
export type Unit = { key: UnitKey; signer: SeSigner; validFromMs: number }

/** Key and certificate as they are. Throws `not_initialised` where one is missing. */
export async function findUnit(token: Pkcs11Token, options: UnitOptions): Promise<Unit> {
  const pool = await gatherCertificates(token, options.directory, options.certFile)
  const found = chooseKey(await token.keys(), options.key)
  if (!found) throw notInitialised('no key that may sign')
  const key = await withPoint(token, found, pool)
  const chain = chainFor(key.point, pool)
  if (chain.length === 0) throw notInitialised('no certificate for its key')
  return unitOf(token, key, chain)
}

/** Makes what is missing. Repeating is harmless: after a crash in the middle it goes on with what is there. */
export async function makeUnit(token: Pkcs11Token, options: UnitOptions, nowMs: number): Promise<Unit> {
  if (!chooseKey(await token.keys(), options.key)) {
    const curve = curveByName(options.curve ?? 'P-256')
    await token.generateKey({ id: randomBytes(8).toString('hex'), label: options.key ?? KEY_LABEL, curve })
  }
  const pool = await gatherCertificates(token, options.directory, options.certFile)
  const found = chooseKey(await token.keys(), options.key)
  if (!found) throw new DeviceError('refused', 'none', 'the token made a key that it does not show')
  const key = await withPoint(token, found, pool)
  let chain = chainFor(key.point, pool)
  if (chain.length === 0) {
    if (options.certFile !== undefined)
      throw new DeviceError('refused', 'none', `${options.certFile} is not the certificate of the token's key`)
    chain = await keepOwnChain(token, key, options.directory, nowMs)
  }
  return unitOf(token, key, chain)
}

function chooseKey(keys: readonly SigningKey[], wanted: string | undefined): SigningKey | undefined {
  if (wanted !== undefined) return keys.find((key) => key.label === wanted || key.id === wanted.toLowerCase())
  const [first, second] = keys
  const ours = keys.find((key) => key.label === KEY_LABEL)
  if (ours || !second) return ours ?? first
  const names = keys.map((key) => key.label || key.id).join(', ')
  throw new DeviceError('refused', 'none', `the token holds several keys (${names}): name one in "key"`)
}

/** A private key alone does not tell its public half: the certificate that verifies a trial signature does. */
async function withPoint(token: Pkcs11Token, key: SigningKey, pool: readonly X509Certificate[]): Promise<UnitKey> {
  if (key.point) return { ...key, point: key.point }
  for (const certificate of pool) {
    const certified = certifiedKey(certificate)
    if (certified?.curve !== key.curve) continue
    const candidate = { ...key, point: certified.point }
    if (await fits(token, candidate)) return candidate
  }
  throw notInitialised('neither public key nor certificate for its key: set "certFile"')
}

async function fits(token: Pkcs11Token, key: UnitKey): Promise<boolean> {
  try {
    await token.sign(key, randomBytes(32))
    return true
  } catch (error) {
    if (error instanceof DeviceError && error.code === 'garbled') return false
    throw error
  }
}

function unitOf(token: Pkcs11Token, key: UnitKey, chain: readonly X509Certificate[]): Unit {
  const signer = {
    publicKey: key.point,
    algorithm: key.curve.algorithm,
    certificates: chain.map((certificate) => certificate.raw),
    certificateExpiresAtMs: chain[0]?.validToDate.getTime() ?? 0,
    sign: (message: Uint8Array) => token.sign(key, message),
  }
  return { key, signer, validFromMs: chain[0]?.validFromDate.getTime() ?? 0 }
}

function notInitialised(what: string): DeviceError {
  return new DeviceError('not_initialised', 'none', `the token has ${what}: run \`device init\``)
}
