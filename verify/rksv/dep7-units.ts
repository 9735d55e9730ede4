import type { KeyObject } from 'node:crypto'
import { verify, X509Certificate } from 'node:crypto'
import { isUncertified } from '../../drivers/tr03151/certificate.ts'
import { plainToDer } from '../../drivers/tr03151/ecdsa.ts'
import type { CheckedReceipt } from './dep7-receipt.ts'

/** A signing certificate or key of a DEP; `serial` as `plainSerial` gives it, `uncertified` where its certificate says so. */
export type CheckedUnit = { serial: string; key: KeyObject; uncertified?: boolean }

type Group = { unit: CheckedUnit | undefined; flaws: readonly string[] }
/** `chain`: its certificate and those of its issuers, as far as each could be read. */
type ReadGroup = Group & { chain: readonly X509Certificate[] }

const cacheMax = 64

/** Certificates of the groups, read once each, and those that were given beside the file. */
export class Dep7Units {
  readonly #groups = new Map<string, Group>()
  readonly #given: readonly CheckedUnit[]
  /** The issuers of the units' certificates, given instead of the units. */
  readonly #authorities: readonly X509Certificate[]

  /**
   * DER certificates and keys of the register's units: if some are given, no others in the file count. If only authorities
   * are given, each unit counts whose certificate in the file they issued.
   */
  constructor(certificates: readonly Uint8Array[], keys: readonly CheckedUnit[]) {
    const read = certificates.map((der) => new X509Certificate(der))
    const certified = read.flatMap((certificate) => unitOf(certificate) ?? [])
    this.#authorities = keys.length === 0 && read.every(({ ca }) => ca) ? read : []
    const bare = keys.filter(({ key }) => isOnP256(key))
    this.#given = [...certified, ...bare.map(({ serial, key }) => ({ serial: plainSerial(serial), key }))]
  }

  /** The unit of a group, and what is wrong with its certificates; the flaws are told once. */
  group(certificate: string, issuers: readonly string[]): Group {
    const id = [certificate, ...issuers].join(' ')
    const known = this.#groups.get(id)
    if (known) return { unit: known.unit, flaws: [] }
    if (this.#groups.size >= cacheMax) this.#groups.clear()
    const group = this.#compared(readGroup(certificate, issuers))
    this.#groups.set(id, group)
    return group
  }

  /** True where certificates were given: a receipt of another unit proves nothing. */
  get areGiven(): boolean {
    return this.#given.length > 0 || this.#authorities.length > 0
  }

  /** Whose key the receipt must verify with: the group's own unit, else the given one of its serial. */
  unitFor(receipt: CheckedReceipt, ofGroup: CheckedUnit | undefined): CheckedUnit | undefined {
    const wanted = plainSerial(receipt.serial)
    const given = this.#given.find((unit) => unit.serial === wanted)
    // The certificate of a closed system does not tell its name.
    return receipt.isOfClosedSystem ? (given ?? ofGroup) : (ofGroup ?? given)
  }

  /** Anyone can make a certificate of any serial: the given one of that serial counts. */
  #compared({ unit, flaws, chain }: ReadGroup): Group {
    if (unit === undefined || !this.areGiven) return { unit, flaws }
    if (flaws.length === 0 && chain.some((each) => this.#authorities.some((authority) => comesFrom(each, authority))))
      return { unit, flaws }
    const isGiven = ({ serial, key }: CheckedUnit): boolean =>
      (serial === unit.serial || namesCompany(serial)) && key.equals(unit.key)
    if (this.#given.some(isGiven)) return { unit, flaws }
    const given = this.#given.find(({ serial }) => serial === unit.serial)
    const flaw = given
      ? `the certificate ${unit.serial} is another one than the one that was given`
      : `the certificate ${unit.serial} is none of those that were given`
    return { unit: given ?? unit, flaws: [...flaws, flaw] }
  }
}

/** A serial in lower-case hexadecimal without leading zeros; company and key of a closed system letter for letter. */
export function plainSerial(serial: string): string {
  return /^[0-9a-f]+$/i.test(serial) ? serial.toLowerCase().replace(/^0+(?=.)/, '') : serial
}

/** True for the name of a key in a closed system, e.g. `U:ATU12345678-K1`. */
function namesCompany(serial: string): boolean {
  return serial.includes(':')
}

/** ECDSA on P-256 over SHA-256 of the signing input, R‖S. */
export function isSignedBy({ key }: CheckedUnit, { signingInput, signature }: CheckedReceipt): boolean {
  if (signature.length !== 64) return false
  // DER, for it takes a quarter less time than the option for R‖S.
  return verify('sha256', Buffer.from(signingInput, 'latin1'), key, plainToDer(signature))
}

/** The unit of a certificate in BASE64 of its DER; undefined where it cannot be read, or has another curve. */
export function unitOfCertificate(text: string): CheckedUnit | undefined {
  try {
    return unitOf(new X509Certificate(Buffer.from(text, 'base64')))
  } catch {
    return undefined
  }
}

/** It is the authority itself, or issued by it. */
function comesFrom(certificate: X509Certificate, authority: X509Certificate): boolean {
  return (
    certificate.raw.equals(authority.raw) ||
    (certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
  )
}

function readGroup(certificate: string, issuers: readonly string[]): ReadGroup {
  const chain: X509Certificate[] = []
  if (certificate === '')
    return { unit: undefined, flaws: issuers.length > 0 ? ['a group has issuers of no certificate'] : [], chain }
  for (const text of [certificate, ...issuers]) {
    const der = Buffer.from(text, 'base64')
    if (der.toString('base64') !== text)
      return { unit: undefined, flaws: ['a certificate is not BASE64 of its DER'], chain }
    try {
      const read = new X509Certificate(der)
      // It is decoded when it is asked for, and of a certificate that was changed it may be none.
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
