import type { KeyObject } from 'node:crypto'
import { createPublicKey, createSecretKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CodedError } from '../../base/thrown.ts'

/** Keys and certificates that a DEP7 is checked with. */
export type Material = {
  aesKey?: KeyObject
  certificates: readonly Uint8Array[]
  publicKeys: readonly { serial: string; key: KeyObject }[]
}

type Written = {
  base64AESKey?: unknown
  certificateOrPublicKeyMap?: Readonly<Record<string, Unit | null>> | null
}

type Unit = { signatureDeviceType?: unknown; signatureCertificateOrPublicKey?: unknown }

/**
 * Reads AES key, certificates and (for closed systems) public keys from the JSON of the ministry's checking tool, or the
 * certificate of one unit (PEM or DER). Throws `usage`.
 */
export async function readMaterial(file: string): Promise<Material> {
  const bytes = await readFile(file)
  const certificate = certificateIn(bytes)
  if (certificate) return { certificates: [certificate], publicKeys: [] }
  const { base64AESKey, certificateOrPublicKeyMap } = parsed(file, bytes.toString('utf8'))
  const secret = Buffer.from(String(base64AESKey), 'base64')
  if (secret.length !== 32) throw new CodedError('usage', `${file}: base64AESKey is not a key of 32 bytes`)
  const certificates: Uint8Array[] = []
  const publicKeys: { serial: string; key: KeyObject }[] = []
  for (const [serial, unit] of Object.entries(certificateOrPublicKeyMap ?? {})) {
    const der = Buffer.from(String(unit?.signatureCertificateOrPublicKey), 'base64')
    const isKey = unit?.signatureDeviceType === 'PUBLIC_KEY'
    try {
      if (isKey) publicKeys.push({ serial, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) })
      else certificates.push(new X509Certificate(der).raw)
    } catch {
      throw new CodedError(
        'usage',
        `${file}: the entry of ${serial} is not a ${isKey ? 'public key' : 'certificate'} in DER`,
      )
    }
  }
  return { aesKey: createSecretKey(secret), certificates, publicKeys }
}

function certificateIn(bytes: Buffer): Uint8Array | undefined {
  try {
    return new X509Certificate(bytes).raw
  } catch {
    return undefined
  }
}

function parsed(file: string, text: string): Written {
  try {
    return (JSON.parse(text) as Written | null) ?? {}
  } catch {
    throw new CodedError('usage', `${file} is neither JSON nor a certificate`)
  }
}
