import type { X509Certificate } from 'node:crypto'
import type { Pkcs11Token } from '../native/pkcs11-token.ts'
import type { CertifiableKey, CertificateFile } from '../native/token-certificates.ts'
import { certificatesIn, certificatesOfFile, makeChain, storeChain } from '../native/token-certificates.ts'

/** OID 1.2.40.0.10.1.11.1, "Registrierkasseninhaber": marks certificates for cash registers. DER of the identifier. */
const holderOid = Buffer.from('06072a28000a010b01', 'hex')

/**
 * Certificates of the configured file first, then those in the token, with the ones for registers before others. Throws
 * `unavailable` or `refused` for a bad file.
 */
export async function gatherCertificates(
  token: Pkcs11Token,
  file: CertificateFile,
): Promise<{ configured: X509Certificate[]; all: X509Certificate[] }> {
  const inToken = await certificatesIn(token)
  const configured = await certificatesOfFile(file)
  const others = inToken.filter((certificate) => !isForRegisters(certificate))
  return { configured, all: [...configured, ...inToken.filter(isForRegisters), ...others] }
}

/** True for a certificate issued to sign cash receipts. */
export function isForRegisters(certificate: X509Certificate): boolean {
  return certificate.raw.includes(holderOid)
}

/**
 * Stores our own chain in the token, for a key without a certificate of a trust provider: for tests and training.
 * Throws the token's error if it stores no certificates; then a file (`certFile`) must replace it.
 */
export async function storeOwnChain(
  token: Pkcs11Token,
  key: CertifiableKey,
  nowMs: number,
): Promise<readonly X509Certificate[]> {
  const chain = makeChain(key, nowMs)
  await storeChain(token, key, chain)
  return chain
}
