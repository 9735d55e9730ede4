import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import { counterIn } from './dep7-counter.ts'
import type { Finding, FindingId, UnitFlaw } from './dep7-findings.ts'
import { Findings } from './dep7-findings.ts'
import { Dep7SyntaxError } from './dep7-lexer.ts'
import { SeenNumbers } from './dep7-numbers.ts'
import type { Dep7Event } from './dep7-reader.ts'
import { readDep7 } from './dep7-reader.ts'
import type { CheckedReceipt } from './dep7-receipt.ts'
import { readReceipt } from './dep7-receipt.ts'
import type { CheckedUnit } from './dep7-units.ts'
import { Dep7Units, isSignedBy, plainSerial } from './dep7-units.ts'

export type VerifyDep7Options = {
  /** 32 bytes; without it the turnover counter is not checked. */
  aesKey?: KeyObject
  /** DER certificates of the register's units, also for groups that hold none: another one is a finding. */
  certificates?: readonly Uint8Array[]
  /** Keys of the units of a closed system, by field 11 of the receipts. */
  publicKeys?: readonly CheckedUnit[]
  /** A part of the chain: it need not begin with the Startbeleg. */
  partial?: boolean
  /** Local time, `YYYY-MM-DDThh:mm:ss`, that no receipt may be later than. */
  now?: string
}

export type Dep7Report = {
  /** No finding of level `error`. */
  valid: boolean
  cashBoxId: string | undefined
  groups: number
  receipts: number
  /** Receipts whose signature was checked, and receipts with the outage marker, which have none. */
  signaturesVerified: number
  outageReceipts: number
  /** Those whose signature nobody could check, for want of a certificate: each is a finding. */
  unchecked: number
  /** Serials of the units whose certificate says that they are not certified. */
  uncertified: readonly string[]
  first: { number: string; stamp: string } | undefined
  last: { number: string; stamp: string } | undefined
  /** Counter after the last receipt, where the key was given. */
  turnoverCents: bigint | undefined
  /** The first hundred of `findingsTotal`. */
  findings: readonly Finding[]
  findingsTotal: number
}

/**
 * Checks the Datenerfassungsprotokoll of one register as it streams in: form, chain, signatures, counter, numbers, times and
 * the order of special receipts. Shares no code with what writes it.
 */
export async function verifyDep7(chunks: AsyncIterable<Uint8Array>, options: VerifyDep7Options): Promise<Dep7Report> {
  const verifier = new Dep7Verifier(options)
  try {
    for await (const event of readDep7(chunks)) verifier.take(event)
  } catch (error) {
    if (!(error instanceof Dep7SyntaxError)) throw error
    verifier.note('DEP_STRUCTURE', error.message)
  }
  return verifier.report()
}

const UNITS_TOLD = 64

class Dep7Verifier {
  readonly #options: VerifyDep7Options
  readonly #findings = new Findings()
  readonly #numbers = new SeenNumbers()
  readonly #units: Dep7Units
  #unit: CheckedUnit | undefined
  #groups = 0
  #receipts = 0
  #verified = 0
  #unsigned = 0
  #unchecked = 0
  readonly #uncertified = new Set<string>()
  #first: CheckedReceipt | undefined
  #last: CheckedReceipt | undefined
  /** Field 12 of the next receipt. */
  #next: string | undefined
  #turnover: bigint | undefined
  /** Signed receipts since the last one with the marker; undefined where none is waited for. */
  #sinceOutage: 0 | 1 | undefined

  constructor(options: VerifyDep7Options) {
    this.#options = options
    this.#units = new Dep7Units(options.certificates ?? [], options.publicKeys ?? [])
    this.#turnover = options.partial ? undefined : 0n
  }

  take(event: Dep7Event): void {
    if (event.kind === 'flaw') this.note('DEP_STRUCTURE', event.message, event.level)
    else if (event.kind === 'receipt') this.#receipt(event.jws)
    else {
      this.#groups += 1
      const { unit, flaws } = this.#units.group(event.certificate, event.issuers)
      this.#unit = unit
      for (const flaw of flaws) this.note('DEP_CERTIFICATES', flaw)
    }
  }

  note(id: FindingId, message: string, level: 'error' | 'warning' = 'error', number = ''): void {
    this.#findings.add({ id, level, position: this.#receipts, number, message })
  }

  report(): Dep7Report {
    const place = (receipt: CheckedReceipt | undefined) => receipt && { number: receipt.number, stamp: receipt.stamp }
    if (this.#receipts === 0) this.note('DEP_STRUCTURE', 'the file holds no receipt')
    if (this.#numbers.isFull)
      this.note('DEP_UNIQUE_RECEIPT_ID', 'too many numbers with gaps: not all were compared', 'warning')
    return {
      valid: this.#findings.errors === 0,
      cashBoxId: this.#first?.cashBoxId,
      groups: this.#groups,
      receipts: this.#receipts,
      signaturesVerified: this.#verified,
      outageReceipts: this.#unsigned,
      unchecked: this.#unchecked,
      uncertified: [...this.#uncertified],
      first: place(this.#first),
      last: place(this.#last),
      turnoverCents: this.#options.aesKey ? this.#turnover : undefined,
      findings: this.#findings.kept,
      findingsTotal: this.#findings.total,
    }
  }

  #receipt(jws: string): void {
    this.#receipts += 1
    const { receipt, flaws } = readReceipt(jws)
    for (const { id, message, level } of flaws) this.note(id, message, level, receipt?.number)
    if (receipt) {
      if (!this.#first) this.#begin(receipt)
      this.#checkPlace(receipt)
      this.#checkSignature(receipt)
      this.#checkTurnover(receipt)
      this.#checkOutage(receipt)
      this.#first ??= receipt
      this.#last = receipt
    }
    this.#next = shortHash(jws)
  }

  #begin(receipt: CheckedReceipt): void {
    if (this.#options.partial) {
      this.#next = receipt.previous
      return
    }
    this.#next = shortHash(receipt.cashBoxId)
    const isStart = receipt.kind === 'encrypted' && receipt.allZero && !receipt.isUnsigned
    if (!isStart) this.note('STATE_CASHBOX', 'the first receipt is no signed receipt of 0,00', 'error', receipt.number)
  }

  #checkPlace(receipt: CheckedReceipt): void {
    const { number } = receipt
    if (receipt.previous !== this.#next) this.note('DEP_CHAINING_VALUE', this.#broken(receipt), 'error', number)
    if (!this.#numbers.add(number)) this.note('DEP_UNIQUE_RECEIPT_ID', 'the number was used before', 'error', number)
    const first = this.#first ?? receipt
    if (receipt.cashBoxId !== first.cashBoxId)
      this.note('DEP_ONLY_ONE_CASHBOX_ID', `"${receipt.cashBoxId}" beside "${first.cashBoxId}"`, 'error', number)
    if (receipt.isOfClosedSystem !== first.isOfClosedSystem)
      this.note('DEP_ONLY_ONE_SYTEM_TYPE', `${receipt.suite} beside ${first.suite}`, 'error', number)
    if (this.#last && receipt.stamp < this.#last.stamp)
      this.note('DEP_TIME_SEQUENCE', `${receipt.stamp} after ${this.#last.stamp}`, 'error', number)
    if (this.#options.now !== undefined && receipt.stamp > this.#options.now)
      this.note('DEP_TIME_SEQUENCE', `${receipt.stamp} is in the future`, 'error', number)
  }

  /** A receipt with the marker has no signature of its own: that it was changed shows in the next one alone. */
  #broken({ previous }: CheckedReceipt): string {
    const before = this.#last === undefined ? 'the Kassen-ID' : `receipt ${this.#last.number}`
    return `${previous} instead of ${this.#next}: it or ${before} was changed, or one between them is missing`
  }

  #checkSignature(receipt: CheckedReceipt): void {
    const { number } = receipt
    if (this.#unit && !receipt.isOfClosedSystem && this.#unit.serial !== plainSerial(receipt.serial))
      this.note('DEP_CERTIFICATES', `serial ${receipt.serial} in the group of ${this.#unit.serial}`, 'error', number)
    const unit = this.#units.unitFor(receipt, this.#unit)
    if (unit?.uncertified === true && this.#uncertified.size < UNITS_TOLD) this.#uncertified.add(unit.serial)
    if (receipt.isUnsigned) {
      this.#unsigned += 1
      if (receipt.kind === 'encrypted' && receipt.allZero)
        this.note('STATE_SIGDEVICE', 'a receipt of 0,00 without a signature', 'warning', number)
      return
    }
    if (!unit) {
      if (receipt.signature.length !== 64)
        this.note('CRYPTO_SIGNATURE', 'the signature has not 64 bytes', 'error', number)
      this.#unchecked += 1
      const where = this.#units.areGiven ? 'was given' : 'is there'
      const what = `no certificate or key ${where} for ${receipt.serial}: the signature was not checked`
      this.#noteUnit(what, receipt, 'rksv_unit_unknown')
      return
    }
    if (isSignedBy(unit, receipt)) this.#verified += 1
    else this.#noteUnit(`not signed with the key of ${unit.serial}`, receipt, 'rksv_signature_wrong')
  }

  #noteUnit(message: string, { number, serial }: CheckedReceipt, code: UnitFlaw['code']): void {
    const position = this.#receipts
    this.#findings.add({
      id: 'CRYPTO_SIGNATURE',
      level: 'error',
      position,
      number,
      message,
      unit: { code, serial: plainSerial(serial) },
    })
  }

  #checkTurnover(receipt: CheckedReceipt): void {
    const { aesKey } = this.#options
    if (!aesKey) return
    const expected =
      this.#turnover === undefined || receipt.kind === 'training' ? this.#turnover : this.#turnover + receipt.cents
    this.#turnover = expected
    if (receipt.kind !== 'encrypted') return
    const shown = counterIn(receipt, aesKey)
    // From here on the printed value counts, so that one wrong receipt is one finding.
    this.#turnover = shown ?? expected
    if (expected !== undefined && shown !== undefined && shown !== expected)
      this.note('DEP_TURNOVER_COMPARE', `the counter is ${shown}, not ${expected} cent`, 'error', receipt.number)
  }

  /**
   * A Sammelbeleg is the first or second receipt after those with the marker; training does not count (§ 17 RKSV). The next
   * outage is none.
   */
  #checkOutage(receipt: CheckedReceipt): void {
    if (receipt.kind === 'training' && !receipt.isUnsigned) return
    const since = this.#sinceOutage
    const isCollected = receipt.kind === 'encrypted' && receipt.allZero && !receipt.isUnsigned
    if (since === 1 && !isCollected) this.note('DEP_STATE', 'no Sammelbeleg after an outage', 'error', receipt.number)
    if (receipt.isUnsigned) this.#sinceOutage = 0
    else this.#sinceOutage = since === 0 && !isCollected ? 1 : undefined
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest().toString('base64', 0, 8)
}
