import type { X509Certificate } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import type { Pkcs11Token, SigningKey } from '../native/pkcs11-token.ts'
import type { CertificateFile } from '../native/token-certificates.ts'
import type { TokenKeyPair } from '../native/token-keys.ts'
import { keyNamed, severalKeys, withPoint } from '../native/token-keys.ts'
import type { SeSigner } from '../se-api/store.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { curveByName } from '../tr03151/algorithms.ts'
import { chainFor } from '../tr03151/certificate.ts'
import { gatherCertificates, keepOwnChain } from './certificates.ts'

const KEY_LABEL = 'fiskal-edge-tse'

export type UnitOptions = CertificateFile & {
  /** Label or CKA_ID (hex) of the key; default: ours, else the only one. */
  key?: string | undefined
  /** For a new key; default P-256. */
  curve?: CurveName
  /** For certificates that the token does not store, and the record of a refused PIN; 0700. */
  directory: string
}

/** The signing key for the secure element, and its name in the token. */
export type Unit = { key: TokenKeyPair; signer: SeSigner }

/** Finds key and certificate. Throws `not_initialised` if one is missing. */
export async function findUnit(token: Pkcs11Token, options: UnitOptions): Promise<Unit> {
  const pool = await gatherCertificates(token, options.directory, options)
  const keyPair = chooseKey(await token.keys(), options.key)
  if (!keyPair) throw notInitialised('no key that may sign')
  const key = await demandPoint(token, keyPair, pool)
  const chain = chainFor(key.point, pool)
  if (chain.length === 0) throw notInitialised('no certificate for its key')
  return unitOf(token, key, chain)
}

/** Creates the missing parts. Repeating is harmless: after a crash it continues with the existing parts. */
export async function makeUnit(token: Pkcs11Token, options: UnitOptions, nowMs: number): Promise<Unit> {
  if (!chooseKey(await token.keys(), options.key)) {
    const curve = curveByName(options.curve ?? 'P-256')
    await token.generateKey({ id: randomBytes(8).toString('hex'), label: options.key ?? KEY_LABEL, curve })
  }
  const pool = await gatherCertificates(token, options.directory, options)
  const keyPair = chooseKey(await token.keys(), options.key)
  if (!keyPair) throw new DeviceError('refused', 'none', 'the token made a key that it does not show')
  const key = await demandPoint(token, keyPair, pool)
  let chain = chainFor(key.point, pool)
  if (chain.length === 0) {
    if (options.certFile !== undefined)
      throw new DeviceError('refused', 'none', `${options.certFile} is not the certificate of the token's key`)
    chain = await keepOwnChain(token, key, options.directory, nowMs)
  }
  return unitOf(token, key, chain)
}

function chooseKey(keys: readonly SigningKey[], wanted: string | undefined): SigningKey | undefined {
  if (wanted !== undefined) return keyNamed(keys, wanted)
  const [first, second] = keys
  const ours = keys.find((key) => key.label === KEY_LABEL)
  if (ours || !second) return ours ?? first
  throw severalKeys('the token', keys)
}

async function demandPoint(
  token: Pkcs11Token,
  key: SigningKey,
  pool: readonly X509Certificate[],
): Promise<TokenKeyPair> {
  const pair = await withPoint(token, key, pool)
  if (!pair) throw notInitialised('neither public key nor certificate for its key: set "certFile"')
  return pair
}

function unitOf(token: Pkcs11Token, key: TokenKeyPair, chain: readonly X509Certificate[]): Unit {
  const signer = {
    publicKey: key.point,
    algorithm: key.curve.algorithm,
    certificates: chain.map((certificate) => certificate.raw),
    certificateExpiresAtMs: chain[0]?.validToDate.getTime() ?? 0,
    sign: (message: Uint8Array) => token.sign(key, message),
  }
  return { key, signer }
}

function notInitialised(what: string): DeviceError {
  return new DeviceError('not_initialised', 'none', `the token has ${what}: run \`device init\``)
}
