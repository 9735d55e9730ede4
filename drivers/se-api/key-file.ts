import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceError, errorCode } from '../errors.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { algorithmByName, curveByName } from '../tr03151/algorithms.ts'
import { certificateExpiryMs, makeCertificateChain, readCertificate } from '../tr03151/certificate.ts'
import { derToPlain, pointOfSpki } from '../tr03151/ecdsa.ts'
import type { SeSigner } from './store.ts'

const keyFile = 'key.pem'
const certificateFile = (level: number): string => `certificate-${level}.cer`
const levels = [0, 1, 2]

/**
 * The simulator's key and certificates in its folder, made when they are missing. The key lies there in clear (0600):
 * that is one of the reasons why this is no certified unit.
 */
export const openKeyFile = async (
  directory: string,
  curve: CurveName | undefined,
  nowMs: number,
): Promise<SeSigner> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const pem = (await readIfThere(join(directory, keyFile))) ?? (await makeKey(directory, curve ?? 'P-256', nowMs))
  const certificates = await Promise.all(levels.map((level) => readFile(join(directory, certificateFile(level)))))
  const signer = signerOf(createPrivateKey(pem), certificates)
  if (curve && signer.curve !== curve)
    throw new DeviceError('refused', 'none', `the key in ${directory} is on ${signer.curve}, not on ${curve}`)
  return signer
}

/** Certificates first, the key last: where the key is, all is. */
const makeKey = async (directory: string, curve: CurveName, nowMs: number): Promise<string> => {
  const { namedCurve } = curveByName(curve)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const { point, curve: known } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const { certificates } = makeCertificateChain(point, known, nowMs)
  const written = certificates.map((der, level) =>
    writeFile(join(directory, certificateFile(level)), der, { flush: true }),
  )
  await Promise.all(written)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const path = join(directory, keyFile)
  await writeFile(`${path}.new`, pem, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
  return pem
}

const signerOf = (key: KeyObject, certificates: readonly Uint8Array[]): SeSigner & { curve: CurveName } => {
  const { curve, point } = pointOfSpki(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const { hash } = algorithmByName(curve.algorithm)
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  // P-256 signs in 0.03 ms, less than a trip to the thread pool costs; the other curves would hold up the event loop.
  // Node takes twice the time where the key comes in an object of options.
  const signHere = async (message: Uint8Array): Promise<Uint8Array> => derToPlain(sign(hash, message, key), curve.size)
  const signAside = (message: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      sign(hash, message, options, (error, signature) => (error ? reject(error) : resolve(signature)))
    })
  return {
    curve: curve.name,
    publicKey: point,
    algorithm: curve.algorithm,
    certificates,
    certificateExpiresAtMs: certificateExpiryMs(readCertificate(certificates[0] ?? new Uint8Array())),
    sign: curve.name === 'P-256' ? signHere : signAside,
  }
}

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
