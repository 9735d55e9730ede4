import type { KeyObject } from 'node:crypto'
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import type { Curve } from './algorithms.ts'
import { integer, oid, text, tlv, unsigned } from './der.ts'
import { pointOfSpki, serialOfPoint, spkiOfPoint } from './ecdsa.ts'
import { x509Time } from './log-time.ts'
import { MalformedError } from './malformed.ts'

/** The issuer; the private key stays with the caller. */
type Issuer = { name: Uint8Array; keyId: Uint8Array; curve: Curve; key: KeyObject }

type Subject = {
  name: Uint8Array
  point: Uint8Array
  curve: Curve
  notBeforeMs: number
  notAfterMs: number
  /** Number of certificates that may follow below; undefined for a key that signs logs. */
  pathLength: number | undefined
}

const CHAIN_LENGTH_MAX = 5
const LEAF_LIFE_MS = 8 * 365.25 * 86_400_000
const AUTHORITY_LIFE_MS = 20 * 365.25 * 86_400_000
/** A minute back, so that a device whose clock is a little late does not sign before its certificate is valid. */
const BACKDATE_MS = 60_000

/**
 * A three-level chain for an existing TSE key (file or token), leaf first: root → sub → leaf with the serial number in
 * hex as common name (TR-03153-1 §9.3.2). The authorities' keys are used once and discarded. WebCrypto has no brainpool
 * curves, so the DER is written here.
 */
export function makeCertificateChain(point: Uint8Array, curve: Curve, nowMs: number): readonly Uint8Array[] {
  const notBeforeMs = nowMs - BACKDATE_MS
  const authorities = { notBeforeMs, notAfterMs: nowMs + AUTHORITY_LIFE_MS }
  const root = newAuthority('fiskal-edge root', curve)
  const sub = newAuthority('fiskal-edge sub', curve)
  const leaf = { name: distinguishedName(serialOfPoint(point).toString('hex')), point, curve }
  return [
    certificate({ ...leaf, notBeforeMs, notAfterMs: nowMs + LEAF_LIFE_MS, pathLength: undefined }, sub),
    certificate({ ...sub, ...authorities, pathLength: 0 }, root),
    certificate({ ...root, ...authorities, pathLength: 1 }, root),
  ]
}

/** Curve and point of a certificate's key. */
export function pointOfCertificate(x509: X509Certificate): { curve: Curve; point: Uint8Array } {
  return pointOfSpki(x509.publicKey.export({ type: 'spki', format: 'der' }))
}

/** As above; undefined for a key that is not on a known curve, e.g. RSA. */
export function certifiedKey(x509: X509Certificate): { curve: Curve; point: Uint8Array } | undefined {
  try {
    return pointOfCertificate(x509)
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

export function isCertificateOf(x509: X509Certificate, point: Uint8Array): boolean {
  const key = certifiedKey(x509)
  return key !== undefined && Buffer.from(key.point).equals(point)
}

/** The certificate of that point and those above it, leaf first; empty if the pool does not have it. */
export function chainFor(point: Uint8Array, pool: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = []
  let current = pool.find((candidate) => isCertificateOf(candidate, point))
  while (current && chain.length < CHAIN_LENGTH_MAX) {
    const below: X509Certificate = current
    chain.push(below)
    if (below.checkIssued(below)) break
    current = pool.find((candidate) => below.checkIssued(candidate) && below.verify(candidate.publicKey))
  }
  return chain
}

/** Its serial number in hexadecimal, lower case, without leading zeros: field 11 of Austria's code. Up to 20 bytes. */
export function shortSerial(x509: X509Certificate): string {
  return x509.serialNumber.toLowerCase().replace(/^0+(?=.)/, '')
}

/** notAfter in milliseconds since 1970 UTC. */
export function certificateExpiryMs(x509: X509Certificate): number {
  return x509.validToDate.getTime()
}

/** The flaw of the chain above `leaf`, as text; undefined if it ends in a self-signed root among `all`. */
export function chainFlaw(leaf: X509Certificate, all: readonly X509Certificate[]): string | undefined {
  let current = leaf
  for (let level = 0; level <= all.length; level += 1) {
    const below = current
    const issuer = all.find((candidate) => below.checkIssued(candidate) && below.verify(candidate.publicKey))
    if (!issuer) return `no certificate in the archive has issued "${oneLine(below.subject)}"`
    if (issuer.raw.equals(below.raw)) return undefined
    current = issuer
  }
  return 'the chain of certificates does not end'
}

/** The mark of every unit that this program makes, also in its archive. */
export const UNCERTIFIED = 'NOT CERTIFIED'

/** Prefix of a register's client id for such a unit, because a receipt's code holds no certificate. */
export const UNCERTIFIED_CLIENT = 'NC-'

function namePart(identifier: string, value: Uint8Array): Uint8Array {
  return tlv(0x31, tlv(0x30, oid(identifier), value))
}

/** The organization in the name of such a unit, and of its issuers. */
const ORGANIZATION = Buffer.from(namePart('55040a', text(0x0c, `fiskal-edge, ${UNCERTIFIED}`)))

/**
 * True for a certificate made by this program, for a simulated unit or a key in a token. No manufacturer uses that
 * name.
 */
export function isUncertified(der: Uint8Array): boolean {
  return Buffer.from(der).includes(ORGANIZATION)
}

export function readCertificate(der: Uint8Array): X509Certificate {
  return new X509Certificate(der)
}

function newAuthority(commonName: string, curve: Curve): Issuer & { point: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve.namedCurve })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  return { name: distinguishedName(commonName), point, curve, keyId: keyId(point), key: privateKey }
}

function certificate(subject: Subject, issuer: Issuer): Uint8Array {
  const { hash, identifier } = ecdsaWith(issuer.curve)
  const algorithm = tlv(0x30, oid(identifier))
  const serial = randomBytes(16)
  const toBeSigned = tlv(
    0x30,
    tlv(0xa0, integer(2)),
    unsigned(serial),
    algorithm,
    issuer.name,
    tlv(0x30, x509Time(subject.notBeforeMs), x509Time(subject.notAfterMs)),
    subject.name,
    spkiOfPoint(subject.point, subject.curve),
    tlv(0xa3, tlv(0x30, ...extensions(subject, issuer))),
  )
  return tlv(0x30, toBeSigned, algorithm, tlv(0x03, Uint8Array.of(0), sign(hash, toBeSigned, issuer.key)))
}

/** RFC 5758 §3.2: the hash is as long as the key. */
function ecdsaWith({ size }: Curve): { hash: string; identifier: string } {
  if (size > 48) return { hash: 'sha512', identifier: '2a8648ce3d040304' }
  if (size > 32) return { hash: 'sha384', identifier: '2a8648ce3d040303' }
  return { hash: 'sha256', identifier: '2a8648ce3d040302' }
}

function extensions(subject: Subject, issuer: Issuer): readonly Uint8Array[] {
  const isAuthority = subject.pathLength !== undefined
  // keyCertSign and cRLSign, or digitalSignature (RFC 5280 §4.2.1.3): unused bits, then the bits
  const usage = isAuthority ? Uint8Array.of(1, 0x06) : Uint8Array.of(7, 0x80)
  const basic =
    subject.pathLength === undefined
      ? tlv(0x30)
      : tlv(0x30, tlv(0x01, Uint8Array.of(0xff)), integer(subject.pathLength))
  return [
    extension('551d13', true, basic),
    extension('551d0f', true, tlv(0x03, usage)),
    extension('551d0e', false, tlv(0x04, keyId(subject.point))),
    extension('551d23', false, tlv(0x30, tlv(0x80, issuer.keyId))),
  ]
}

function extension(identifier: string, critical: boolean, value: Uint8Array): Uint8Array {
  return tlv(0x30, oid(identifier), ...(critical ? [tlv(0x01, Uint8Array.of(0xff))] : []), tlv(0x04, value))
}

function distinguishedName(commonName: string): Uint8Array {
  return tlv(0x30, namePart('550406', text(0x13, 'DE')), ORGANIZATION, namePart('550403', text(0x0c, commonName)))
}

/** RFC 5280 §4.2.1.2, method 1. */
function keyId(point: Uint8Array): Uint8Array {
  return createHash('sha1').update(point).digest()
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
