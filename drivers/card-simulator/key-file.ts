import type { KeyObject } from 'node:crypto'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import { openKeyFolder } from '../se-api/key-folder.ts'
import { certificateExpiryMs, shortSerial } from '../tr03151/certificate.ts'

/** The simulated card's key and certificates; `serial` as in field 11 of the machine-readable code. */
export type CardKey = {
  privateKey: KeyObject
  publicKey: KeyObject
  serial: string
  certificates: readonly Uint8Array[]
  certificateExpiresAtMs: number
}

/**
 * Key and certificates in the simulator's folder, created if missing: signing certificate, issuer, root. The key is
 * stored unencrypted (0600): one reason why this is not a signature creation device.
 */
export async function openCardKey(directory: string, nowMs: number): Promise<CardKey> {
  const { key: privateKey, certificates } = await openKeyFolder(directory, 'P-256', () => nowMs)
  const leaf = new X509Certificate(certificates[0] ?? new Uint8Array())
  if (!leaf.checkPrivateKey(privateKey))
    throw new DeviceError('refused', 'none', `the certificate in ${directory} is not that of the key`)
  return {
    privateKey,
    publicKey: createPublicKey(privateKey),
    serial: shortSerial(leaf),
    certificates,
    certificateExpiresAtMs: certificateExpiryMs(leaf),
  }
}
