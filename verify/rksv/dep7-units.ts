import type { KeyObject } from 'node:crypto'
import { verify, X509Certificate } from 'node:crypto'
import { isUncertified } from '../../drivers/tr03151/certificate.ts'
import { plainToDer } from '../../drivers/tr03151/ecdsa.ts'
import type { CheckedReceipt } from './dep7-receipt.ts'

/** A signing certificate or key of a DEP. `serial` as `plainSerial` returns it; `uncertified` if its certificate declares it. */
export type CheckedUnit = { serial: string; key: KeyObject; uncertified?: boolean }

type Group = { unit: CheckedUnit | undefined; flaws: readonly string[] }
/** `chain`: the readable certificates of the unit and its issuers, the unit's first. */
type ReadGroup = Group & { chain: readonly X509Certificate[] }

const CACHE_MAX = 64

/** The certificates of the groups, each parsed once, and those that the caller gives in addition to the file. */
export class Dep7Units {
  readonly #groups = new Map<string, Group>()
  readonly #given: readonly CheckedUnit[]
  /** The issuers of the units' certificates, given instead of the units. */
  readonly #authorities: readonly X509Certificate[]

  /**
   * Takes DER certificates and keys of the register's units: if there are any, other certificates in the file are findings.
   * If all of them are authorities, each unit is accepted whose certificate in the file one of them issued.
   */
  constructor(certificates: readonly Uint8Array[], keys: readonly CheckedUnit[]) {
    const read = certificates.map((der) => new X509Certificate(der))
    const certified = read.flatMap((certificate) => unitOf(certificate) ?? [])
    this.#authorities = keys.length === 0 && read.every(({ ca }) => ca) ? read : []
    const bare = keys.filter(({ key }) => isOnP256(key))
    this.#given = [...certified, ...bare.map(({ serial, key }) => ({ serial: plainSerial(serial), key }))]
  }

  /** Returns the unit of a group and the flaws of its certificates. Flaws are returned on the first call only. */
  group(certificate: string, issuers: readonly string[]): Group {
    const id = [certificate, ...issuers].join(' ')
    const known = this.#groups.get(id)
    if (known) return { unit: known.unit, flaws: [] }
    if (this.#groups.size >= CACHE_MAX) this.#groups.clear()
    const group = this.#compared(readGroup(certificate, issuers))
    this.#groups.set(id, group)
    return group
  }

  /** True if certificates or keys were given: the receipt of another unit then proves nothing. */
  get areGiven(): boolean {
    return this.#given.length > 0 || this.#authorities.length > 0
  }

  /** The unit whose key the receipt must verify with: that of its group, or else the given one with its serial. */
  unitFor(receipt: CheckedReceipt, ofGroup: CheckedUnit | undefined): CheckedUnit | undefined {
    const wanted = plainSerial(receipt.serial)
    const given = this.#given.find((unit) => unit.serial === wanted)
    // The certificate of a closed system does not contain the name that its receipts have.
    return receipt.isOfClosedSystem ? (given ?? ofGroup) : (ofGroup ?? given)
  }

  /** Anyone can make a certificate with any serial: the given certificate of that serial is used. */
  #compared({ unit, flaws, chain }: ReadGroup): Group {
    if (unit === undefined || !this.areGiven) return { unit, flaws }
    if (flaws.length === 0 && chain.some((each) => this.#authorities.some((authority) => comesFrom(each, authority))))
      return { unit, flaws }
    const isGiven = ({ serial, key }: CheckedUnit): boolean =>
      (serial === unit.serial || namesCompany(serial)) && key.equals(unit.key)
    if (this.#given.some(isGiven)) return { unit, flaws }
    const given = this.#given.find(({ serial }) => serial === unit.serial)
    const flaw = given
      ? `the certificate ${unit.serial} differs from the given one`
      : `the certificate ${unit.serial} is not among the given ones`
    return { unit: given ?? unit, flaws: [...flaws, flaw] }
  }
}

/** A serial in lower-case hexadecimal without leading zeros; company and key of a closed system are unchanged. */
export function plainSerial(serial: string): string {
  return /^[0-9a-f]+$/i.test(serial) ? serial.toLowerCase().replace(/^0+(?=.)/, '') : serial
}

/** True for the name of a key in a closed system, e.g. `U:ATU12345678-K1`. */
function namesCompany(serial: string): boolean {
  return serial.includes(':')
}

/** Verifies ECDSA on P-256 over SHA-256 of the signing input; the signature is R‖S. */
export function isSignedBy({ key }: CheckedUnit, { signingInput, signature }: CheckedReceipt): boolean {
  if (signature.length !== 64) return false
  // DER takes a quarter less time than the option for R‖S.
  return verify('sha256', Buffer.from(signingInput, 'latin1'), key, plainToDer(signature))
}

/** The unit of a certificate (BASE64 of its DER); undefined if it cannot be read or its key is on another curve. */
export function unitOfCertificate(text: string): CheckedUnit | undefined {
  try {
    return unitOf(new X509Certificate(Buffer.from(text, 'base64')))
  } catch {
    return undefined
  }
}

/** True if the certificate is that of the authority or issued by it. */
function comesFrom(certificate: X509Certificate, authority: X509Certificate): boolean {
  return (
    certificate.raw.equals(authority.raw) ||
    (certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
  )
}

function readGroup(certificate: string, issuers: readonly string[]): ReadGroup {
  const chain: X509Certificate[] = []
  if (certificate === '')
    return { unit: undefined, flaws: issuers.length > 0 ? ['a group has issuers and no certificate'] : [], chain }
  for (const text of [certificate, ...issuers]) {
    const der = Buffer.from(text, 'base64')
    if (der.toString('base64') !== text)
      return { unit: undefined, flaws: ['a certificate is not BASE64 of its DER'], chain }
    try {
      const read = new X509Certificate(der)
      // Node decodes the key on access only; the key of a changed certificate may be invalid.
      void read.publicKey
      chain.push(read)
    } catch {
      return { unit: undefined, flaws: ['a certificate cannot be read'], chain }
    }
  }
  const flaws: string[] = []
  for (const [level, below] of chain.slice(0, -1).entries()) {
    const above = chain[level + 1]
    if (above && below.checkIssued(above) && below.verify(above.publicKey)) continue
    flaws.push(`Zertifizierungsstellen[${level}] did not issue the certificate below it`)
  }
  const unit = chain[0] && unitOf(chain[0])
  if (!unit) flaws.push('the key of a signing certificate is not on P-256')
  return { unit, flaws, chain }
}

function unitOf(certificate: X509Certificate): CheckedUnit | undefined {
  const key = certificate.publicKey
  if (!isOnP256(key)) return undefined
  return { serial: plainSerial(certificate.serialNumber), key, uncertified: isUncertified(certificate.raw) }
}

function isOnP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}
