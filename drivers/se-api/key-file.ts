import type { KeyObject } from 'node:crypto'
import { createPublicKey, sign } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { algorithmByName } from '../tr03151/algorithms.ts'
import { certificateExpiryMs, readCertificate } from '../tr03151/certificate.ts'
import { derToPlain, pointOfSpki } from '../tr03151/ecdsa.ts'
import { openKeyFolder } from './key-folder.ts'
import type { SeSigner } from './store.ts'

/**
 * The simulator's key and certificates in its folder, created if missing. The key is stored unencrypted (0600): one
 * reason why this is not a certified unit.
 */
export async function openKeyFile(
  directory: string,
  curve: CurveName | undefined,
  nowMs: () => number,
): Promise<SeSigner> {
  const { key, certificates } = await openKeyFolder(directory, curve ?? 'P-256', nowMs)
  const signer = signerOf(key, certificates)
  if (curve && signer.curve !== curve)
    throw new DeviceError('refused', 'none', `the key in ${directory} is on ${signer.curve}, not on ${curve}`)
  return signer
}

function signerOf(key: KeyObject, certificates: readonly Uint8Array[]): SeSigner & { curve: CurveName } {
  const { curve, point } = pointOfSpki(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const { hash } = algorithmByName(curve.algorithm)
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  // P-256 signs in 0.03 ms, less than a switch to the thread pool costs; the other curves would block the event loop.
  // Node takes twice the time if the key is in an object of options.
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
