import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DeviceError } from '../errors.ts'
import type { Pkcs11Token } from '../native/pkcs11-token.ts'
import type { Curve } from '../tr03151/algorithms.ts'
import { makeCertificateChain, pointOfCertificate } from '../tr03151/certificate.ts'
import { readAll, readTlv } from '../tr03151/der.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import { MalformedError } from '../tr03151/malformed.ts'

/** The key that signs, with its public half. */
export type CardKey = { ref: string; id: string; label: string; curve: Curve; point: Uint8Array }

const chainLengthMax = 5
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
/** OID 1.2.40.0.10.1.11.1, "Registrierkasseninhaber": the certificate is one for cash registers. DER of the identifier. */
const holderOid = Buffer.from('06072a28000a010b01', 'hex')

/** Those of the configured file first, then those in the token, the ones for registers before others. Throws `unavailable` or `refused` for a bad file. */
export const gatherCertificates = async (
  token: Pkcs11Token,
  certFile: string | undefined,
): Promise<{ configured: X509Certificate[]; all: X509Certificate[] }> => {
  const inToken = (await token.certificates()).flatMap(readable)
  const configured = certFile === undefined ? [] : await readFileOf(certFile)
  const others = inToken.filter((certificate) => !isForRegisters(certificate))
  return { configured, all: [...configured, ...inToken.filter(isForRegisters), ...others] }
}

/** The P-256 point of a certificate; undefined for another key, e.g. the RSA one of an issuer. */
export const pointOn256 = (certificate: X509Certificate): Uint8Array | undefined => {
  try {
    const { curve, point } = pointOfCertificate(certificate)
    return curve.name === 'P-256' ? point : undefined
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

/** True for a certificate that was issued for signing cash receipts. */
export const isForRegisters = (certificate: X509Certificate): boolean => certificate.raw.includes(holderOid)

/** The certificate of that point and those above it, leaf first; empty when there is none. */
export const chainOf = (point: Uint8Array, pool: readonly X509Certificate[]): X509Certificate[] => {
  const chain: X509Certificate[] = []
  let current = pool.find((candidate) => isOf(candidate, point))
  while (current && chain.length < chainLengthMax) {
    const below: X509Certificate = current
    chain.push(below)
    if (below.checkIssued(below)) break
    current = pool.find((candidate) => below.checkIssued(candidate) && below.verify(candidate.publicKey))
  }
  return chain
}

/**
 * A chain of our own in the token, for a key that no trust provider has certified: good for tests and training. Throws
 * what the token says when it takes no certificates; then a file (`certFile`) has to stand in.
 */
export const storeOwnChain = async (
  token: Pkcs11Token,
  key: CardKey,
  nowMs: number,
): Promise<readonly X509Certificate[]> => {
  const chain = makeCertificateChain(key.point, key.curve, nowMs).certificates.map((der) => new X509Certificate(der))
  for (const certificate of chain) await token.storeCertificate(asTokenObject(certificate, key))
  return chain
}

const isOf = (certificate: X509Certificate, point: Uint8Array): boolean => {
  const own = pointOn256(certificate)
  return own !== undefined && Buffer.from(own).equals(point)
}

/** The fields that PKCS#11 wants beside the certificate, cut from it (RFC 5280 §4.1). */
const asTokenObject = (certificate: X509Certificate, key: CardKey) => {
  const [toBeSigned] = readAll(readTlv(certificate.raw).content)
  const [, serialNumber, , issuer, , subject] = readAll(toBeSigned?.content ?? new Uint8Array())
  if (!serialNumber || !issuer || !subject) throw new MalformedError('a certificate with its names was expected')
  const isLeaf = isOf(certificate, key.point)
  return {
    label: isLeaf ? 'fiskal-edge leaf' : 'fiskal-edge authority',
    // CKA_ID pairs a certificate with its private key: an authority must not share the leaf's.
    id: isLeaf ? key.id : serialOfPoint(certificate.raw).subarray(0, 8).toString('hex'),
    der: certificate.raw,
    subject: subject.encoded,
    issuer: issuer.encoded,
    serialNumber: serialNumber.encoded,
  }
}

const readable = (der: Uint8Array): X509Certificate[] => {
  try {
    return [new X509Certificate(der)]
  } catch {
    // Other people's objects in the token: what OpenSSL cannot read is not ours.
    return []
  }
}

const readFileOf = async (path: string): Promise<X509Certificate[]> => {
  let content: Buffer
  try {
    content = await readFile(path)
  } catch {
    throw new DeviceError('unavailable', 'none', `the certificate file ${path} cannot be read`)
  }
  const blocks = content.toString('latin1').match(pemBlock)
  const found = (blocks?.map((block) => Buffer.from(block)) ?? [content]).flatMap(readable)
  if (found.length === 0) throw new DeviceError('refused', 'none', `${path} holds no certificate in DER or PEM`)
  return found
}
