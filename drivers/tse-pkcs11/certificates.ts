import type { X509Certificate } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceError } from '../errors.ts'
import type { TokenCertificate } from '../native/pkcs11-calls.ts'
import type { Pkcs11Token } from '../native/pkcs11-token.ts'
import type { Curve } from '../tr03151/algorithms.ts'
import { makeCertificateChain, pointOfCertificate, readCertificate } from '../tr03151/certificate.ts'
import { readAll, readTlv } from '../tr03151/der.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import { MalformedError } from '../tr03151/malformed.ts'

const CHAIN_LENGTH_MAX = 5
const FILE_NAME = 'certificates.pem'
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
/** What a token answers that takes no certificates. */
const WILL_NOT_STORE: ReadonlySet<string> = new Set(['refused', 'memory_full', 'not_authorised'])

export type UnitKey = { ref: string; id: string; curve: Curve; point: Uint8Array }

/** Every certificate at hand: of the configured file, the token, and our own folder. */
export async function gatherCertificates(
  token: Pkcs11Token,
  directory: string,
  certFile: string | undefined,
): Promise<X509Certificate[]> {
  const inToken = (await token.certificates()).flatMap(readable)
  const configured = certFile === undefined ? [] : await readCertificateFile(certFile)
  return [...configured, ...inToken, ...(await readOwnFile(join(directory, FILE_NAME)))]
}

/** The key of a certificate; undefined for one that is not on a known curve, e.g. RSA. */
export function certifiedKey(certificate: X509Certificate): { curve: Curve; point: Uint8Array } | undefined {
  try {
    return pointOfCertificate(certificate)
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

/** The certificate of that point and those above it, leaf first; empty when there is none. */
export function chainFor(point: Uint8Array, pool: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = []
  let current = pool.find((candidate) => isOf(candidate, point))
  while (current && chain.length < CHAIN_LENGTH_MAX) {
    const below: X509Certificate = current
    chain.push(below)
    if (below.checkIssued(below)) break
    current = pool.find((candidate) => below.checkIssued(candidate) && below.verify(candidate.publicKey))
  }
  return chain
}

/**
 * A chain of our own for a key that has none. The keys of its authorities are thrown away: kept, they could certify
 * another key under the same names; and a unit whose certificate runs out gets a new key anyhow.
 * It is stored in the token, so that it moves with the key, or in `directory` where the token takes no certificates.
 */
export async function makeChain(
  token: Pkcs11Token,
  key: UnitKey,
  directory: string,
  nowMs: number,
): Promise<X509Certificate[]> {
  const { certificates } = makeCertificateChain(key.point, key.curve, nowMs)
  const chain = certificates.map(readCertificate)
  try {
    for (const certificate of chain) await token.storeCertificate(asTokenObject(certificate, key))
  } catch (error) {
    if (!(error instanceof DeviceError) || !WILL_NOT_STORE.has(error.code)) throw error
    await writeOwnFile(directory, chain.map((certificate) => certificate.toString()).join(''))
  }
  return chain
}

function isOf(certificate: X509Certificate, point: Uint8Array): boolean {
  const key = certifiedKey(certificate)
  return key !== undefined && Buffer.from(key.point).equals(point)
}

/** The fields that PKCS#11 wants beside the certificate, cut from it (RFC 5280 §4.1). */
function asTokenObject(certificate: X509Certificate, key: UnitKey): TokenCertificate {
  const [toBeSigned] = readAll(readTlv(certificate.raw).content)
  const [, serialNumber, , issuer, , subject] = readAll(toBeSigned?.content ?? new Uint8Array())
  if (!serialNumber || !issuer || !subject) throw new MalformedError('a certificate with its names was expected')
  const isLeaf = isOf(certificate, key.point)
  const own = certifiedKey(certificate)?.point ?? key.point
  return {
    label: isLeaf ? 'fiskal-edge leaf' : 'fiskal-edge authority',
    // CKA_ID pairs a certificate with its private key: an authority must not share the leaf's.
    id: isLeaf ? key.id : serialOfPoint(own).subarray(0, 8).toString('hex'),
    der: certificate.raw,
    subject: subject.encoded,
    issuer: issuer.encoded,
    serialNumber: serialNumber.encoded,
  }
}

function readable(der: Uint8Array): X509Certificate[] {
  try {
    return [readCertificate(der)]
  } catch {
    // Other people's objects in the token: what OpenSSL cannot read is not ours.
    return []
  }
}

async function readCertificateFile(path: string): Promise<X509Certificate[]> {
  let content: Buffer
  try {
    content = await readFile(path)
  } catch {
    throw new DeviceError('unavailable', 'none', `the certificate file ${path} cannot be read`)
  }
  const found = parseCertificates(content)
  if (found.length === 0) throw new DeviceError('refused', 'none', `${path} holds no certificate in DER or PEM`)
  return found
}

async function readOwnFile(path: string): Promise<X509Certificate[]> {
  try {
    return parseCertificates(await readFile(path))
  } catch {
    return []
  }
}

function parseCertificates(content: Buffer): X509Certificate[] {
  const blocks = content.toString('latin1').match(PEM)
  return (blocks?.map((block) => Buffer.from(block)) ?? [content]).flatMap(readable)
}

async function writeOwnFile(directory: string, pem: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, FILE_NAME)
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(pem)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
