import type { KeyObject } from 'node:crypto'
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { integer, oid, readAll, readTlv, text, tlv, unsigned } from '../../drivers/tr03151/der.ts'
import { x509Time } from '../../drivers/tr03151/log-time.ts'
import { generalName, NAME_CONSTRAINTS, nameConstraints } from './names.ts'

/** A key and its certificate, as PEM: what servers and terminals read. */
export type Identity = { key: string; cert: string }

export type Leaf = {
  commonName: string
  /** DNS names and addresses of a server; empty for a client. */
  names: readonly string[]
  usage: 'server' | 'client'
  lifeMs: number
}

const AUTHORITY_LIFE_MS = 5 * 365.25 * 86_400_000
/** A terminal's clock may be slow. */
const BACKDATE_MS = 24 * 3_600_000

/** A certificate authority of one shop: P-256, for certificates directly below it that have only these names. */
export function makeAuthority(commonName: string, names: readonly string[], nowMs: number): Identity {
  const { privateKey, spki } = newKey()
  const subject = distinguishedName(commonName)
  const extensions = [
    // Basic constraints: an authority, nothing below its leaves. Key usage: keyCertSign, cRLSign.
    extension('551d13', true, tlv(0x30, tlv(0x01, Uint8Array.of(0xff)), integer(0))),
    extension('551d0f', true, tlv(0x03, Uint8Array.of(1, 0x06))),
    extension(NAME_CONSTRAINTS, true, nameConstraints(names)),
    extension('551d0e', false, tlv(0x04, keyId(spki))),
  ]
  const from = { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: nowMs + AUTHORITY_LIFE_MS }
  const issuer = { name: subject, keyId: keyId(spki), key: privateKey }
  return { key: pem(privateKey), cert: certificate({ subject, spki, extensions, ...from }, issuer) }
}

/** A new key with a certificate of that authority; never longer than the authority itself. */
export function issue(authority: Identity, { commonName, names, usage, lifeMs }: Leaf, nowMs: number): Identity {
  const { privateKey, spki } = newKey()
  const above = new X509Certificate(authority.cert)
  const aboveSpki = above.publicKey.export({ type: 'spki', format: 'der' })
  const issuer = { name: subjectOf(above), keyId: keyId(aboveSpki), key: createPrivateKey(authority.key) }
  const extensions = [
    extension('551d13', true, tlv(0x30)),
    // digitalSignature; serverAuth or clientAuth (RFC 5280 §4.2.1.12).
    extension('551d0f', true, tlv(0x03, Uint8Array.of(7, 0x80))),
    extension('551d25', false, tlv(0x30, oid(usage === 'server' ? '2b06010505070301' : '2b06010505070302'))),
    extension('551d0e', false, tlv(0x04, keyId(spki))),
    extension('551d23', false, tlv(0x30, tlv(0x80, issuer.keyId))),
    ...(names.length === 0 ? [] : [extension('551d11', false, tlv(0x30, ...names.map(generalName)))]),
  ]
  const notAfterMs = Math.min(nowMs + lifeMs, above.validToDate.getTime())
  const body = {
    subject: distinguishedName(commonName),
    spki,
    extensions,
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs,
  }
  return { key: pem(privateKey), cert: certificate(body, issuer) }
}

type Issuer = { name: Uint8Array; keyId: Uint8Array; key: KeyObject }
type Body = {
  subject: Uint8Array
  spki: Uint8Array
  extensions: readonly Uint8Array[]
  notBeforeMs: number
  notAfterMs: number
}

// RFC 5758 §3.2: ecdsa-with-SHA256
const ALGORITHM = tlv(0x30, oid('2a8648ce3d040302'))

function certificate({ subject, spki, extensions, notBeforeMs, notAfterMs }: Body, issuer: Issuer): string {
  const toBeSigned = tlv(
    0x30,
    tlv(0xa0, integer(2)),
    unsigned(randomBytes(16)),
    ALGORITHM,
    issuer.name,
    tlv(0x30, x509Time(notBeforeMs), x509Time(notAfterMs)),
    subject,
    spki,
    tlv(0xa3, tlv(0x30, ...extensions)),
  )
  const der = tlv(0x30, toBeSigned, ALGORITHM, tlv(0x03, Uint8Array.of(0), sign('sha256', toBeSigned, issuer.key)))
  return new X509Certificate(der).toString()
}

function newKey(): { privateKey: KeyObject; spki: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return { privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }) }
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function extension(identifier: string, critical: boolean, value: Uint8Array): Uint8Array {
  return tlv(0x30, oid(identifier), ...(critical ? [tlv(0x01, Uint8Array.of(0xff))] : []), tlv(0x04, value))
}

function distinguishedName(commonName: string): Uint8Array {
  return tlv(0x30, tlv(0x31, tlv(0x30, oid('550403'), text(0x0c, commonName.slice(0, 64)))))
}

/** The name of the authority as written in its certificate, byte for byte. */
function subjectOf(certificate: X509Certificate): Uint8Array {
  const [toBeSigned] = readAll(readTlv(certificate.raw).content)
  const subject = readAll(toBeSigned?.content ?? new Uint8Array())[5]
  if (subject === undefined) throw new Error('the certificate of the authority has no subject')
  return subject.encoded
}

/** RFC 5280 §4.2.1.2, method 1: over the bits of the key. */
function keyId(spki: Uint8Array): Uint8Array {
  const [, key] = readAll(readTlv(spki).content)
  return createHash('sha1')
    .update(key?.content.subarray(1) ?? new Uint8Array())
    .digest()
}
