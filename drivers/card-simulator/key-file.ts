import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceError, errorCode } from '../errors.ts'
import { curveByName } from '../tr03151/algorithms.ts'
import { certificateExpiryMs, makeCertificateChain } from '../tr03151/certificate.ts'
import { pointOfSpki } from '../tr03151/ecdsa.ts'

/** The simulated card's key and certificates; `serial` as in field 11 of the machine-readable code. */
export type CardKey = {
  privateKey: KeyObject
  publicKey: KeyObject
  serial: string
  certificates: readonly Uint8Array[]
  certificateExpiresAtMs: number
}

const keyFile = 'key.pem'
const certificateFile = (level: number): string => `certificate-${level}.cer`
const levels = [0, 1, 2]

/**
 * Key and certificates in the simulator's folder, made when they are missing: signing certificate, issuer, root. The key
 * lies there in clear (0600): one of the reasons why this is no signature creation device.
 */
export const openCardKey = async (directory: string, nowMs: number): Promise<CardKey> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const pem = (await readIfThere(join(directory, keyFile))) ?? (await makeKey(directory, nowMs))
  const certificates = await Promise.all(levels.map((level) => readFile(join(directory, certificateFile(level)))))
  const privateKey = createPrivateKey(pem)
  const leaf = new X509Certificate(certificates[0] ?? new Uint8Array())
  if (!leaf.checkPrivateKey(privateKey))
    throw new DeviceError('refused', 'none', `the certificate in ${directory} is not that of the key`)
  return {
    privateKey,
    publicKey: createPublicKey(privateKey),
    serial: leaf.serialNumber.toLowerCase().replace(/^0+/, ''),
    certificates,
    certificateExpiresAtMs: certificateExpiryMs(leaf),
  }
}

/** Certificates first, the key last: where the key is, all is. */
const makeKey = async (directory: string, nowMs: number): Promise<string> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curveByName('P-256').namedCurve })
  const { point, curve } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const { certificates } = makeCertificateChain(point, curve, nowMs)
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

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
