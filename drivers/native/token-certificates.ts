import type { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DeviceError } from '../errors.ts'
import type { Curve } from '../tr03151/algorithms.ts'
import { certifiedKey, isCertificateOf, makeCertificateChain, readCertificate } from '../tr03151/certificate.ts'
import { readAll, readTlv } from '../tr03151/der.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import { MalformedError } from '../tr03151/malformed.ts'
import type { TokenCertificate } from './pkcs11-calls.ts'
import type { Pkcs11Token } from './pkcs11-token.ts'
import { readable } from './unit-serials.ts'

/** A key in a token with its public half. */
export type CertifiableKey = { id: string; curve: Curve; point: Uint8Array }

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The readable certificates in the token. */
export async function certificatesIn(token: Pkcs11Token): Promise<X509Certificate[]> {
  return (await token.certificates()).flatMap(readable)
}

/**
 * DER or PEM, for a token without its certificate or those of the issuers. `readFile`: for a file that the agent itself
 * may not read.
 */
export type CertificateFile = {
  certFile?: string | undefined
  readFile?: ((path: string) => Promise<Buffer>) | undefined
}

/** Certificates of a configured file, DER or PEM. Throws `unavailable`, or `refused` if it holds none. */
export async function certificatesOfFile({
  certFile,
  readFile: read = readFile,
}: CertificateFile): Promise<X509Certificate[]> {
  if (certFile === undefined) return []
  let content: Buffer
  try {
    content = await read(certFile)
  } catch {
    throw new DeviceError('unavailable', 'none', `the certificate file ${certFile} cannot be read`)
  }
  const certificates = parseCertificates(content)
  if (certificates.length === 0)
    throw new DeviceError('refused', 'none', `${certFile} holds no certificate in DER or PEM`)
  return certificates
}

/** DER, or PEM with any number of certificates; empty if there are no certificates. */
export function parseCertificates(content: Buffer): X509Certificate[] {
  const blocks = content.toString('latin1').match(PEM)
  return (blocks?.map((block) => Buffer.from(block)) ?? [content]).flatMap(readable)
}

/**
 * Our own chain for a key without one. The keys of its authorities are discarded: they could certify another key under
 * the same names, and a unit whose certificate expires gets a new key anyway.
 */
export function makeChain({ point, curve }: CertifiableKey, nowMs: number): X509Certificate[] {
  return makeCertificateChain(point, curve, nowMs).map(readCertificate)
}

/**
 * Throws the token's error if it stores no certificates. The key's own certificate is stored last: if it exists, all
 * do; authorities without it are harmless.
 */
export async function storeChain(
  token: Pick<Pkcs11Token, 'storeCertificate'>,
  key: CertifiableKey,
  chain: readonly X509Certificate[],
): Promise<void> {
  for (const certificate of chain.toReversed()) await token.storeCertificate(asTokenObject(certificate, key))
}

/** The fields that PKCS#11 requires in addition to the certificate, cut from it (RFC 5280 §4.1). */
function asTokenObject(certificate: X509Certificate, key: CertifiableKey): TokenCertificate {
  const [toBeSigned] = readAll(readTlv(certificate.raw).content)
  const [, serialNumber, , issuer, , subject] = readAll(toBeSigned?.content ?? new Uint8Array())
  if (!serialNumber || !issuer || !subject) throw new MalformedError('a certificate with its names was expected')
  const isLeaf = isCertificateOf(certificate, key.point)
  const own = certifiedKey(certificate)?.point ?? key.point
  return {
    label: isLeaf ? 'fiskal-edge leaf' : 'fiskal-edge authority',
    // CKA_ID pairs a certificate with its private key: an authority must not have the leaf's.
    id: isLeaf ? key.id : serialOfPoint(own).subarray(0, 8).toString('hex'),
    der: certificate.raw,
    subject: subject.encoded,
    issuer: issuer.encoded,
    serialNumber: serialNumber.encoded,
  }
}
