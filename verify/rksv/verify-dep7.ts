import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import { counterIn } from './dep7-counter.ts'
import type { Finding, FindingId, UnitFlaw } from './dep7-findings.ts'
import { Findings } from './dep7-findings.ts'
import { Dep7SyntaxError } from './dep7-lexer.ts'
import type { Dep7Event } from './dep7-reader.ts'
import { readDep7 } from './dep7-reader.ts'
import type { CheckedReceipt } from './dep7-receipt.ts'
import { readReceipt } from './dep7-receipt.ts'
import type { CheckedUnit } from './dep7-units.ts'
import { Dep7Units, isSignedBy, plainSerial } from './dep7-units.ts'
import { ReceiptNumbers } from './receipt-numbers.ts'

export type VerifyDep7Options = {
  /** 32 bytes; without it the turnover counter is not checked. */
  aesKey?: KeyObject
  /** DER certificates of the register's units, also for groups without one: any other certificate is a finding. */
  certificates?: readonly Uint8Array[]
  /** Keys of the units of a closed system, by field 11 of the receipts. */
  publicKeys?: readonly CheckedUnit[]
  /** The file is a part of the chain and need not begin with the Startbeleg. */
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
  /** Receipts whose signature is valid; receipts with the outage marker instead of a signature. */
  signaturesVerified: number
  outageReceipts: number
  /** Receipts whose signature could not be checked, because their certificate is missing: each is a finding. */
  unchecked: number
  /** Serials of the units whose certificate declares that they are not certified. */
  uncertified: readonly string[]
  first: { number: string; stamp: string } | undefined
  last: { number: string; stamp: string } | undefined
  /** Turnover counter after the last receipt; undefined without the AES key. */
  turnoverCents: bigint | undefined
  /** The first hundred of `findingsTotal`. */
  findings: readonly Finding[]
  findingsTotal: number
}

/**
 * Checks the Datenerfassungsprotokoll of one register as it streams in: form, chain, signatures, counter, numbers, times and
 * the order of special receipts. Shares no code with the writer of DEP7.
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

const UNCERTIFIED_MAX = 64

class Dep7Verifier {
  readonly #options: VerifyDep7Options
  readonly #findings = new Findings()
  readonly #numbers = new ReceiptNumbers()
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
  /** The chain value (field 12) that the next receipt must have. */
  #next: string | undefined
  #turnover: bigint | undefined
  /** Signed receipts since the last one with the outage marker; undefined if no Sammelbeleg is expected. */
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
    if (this.#receipts === 0) this.note('DEP_STRUCTURE', 'the file has no receipts')
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
    if (!isStart)
      this.note('STATE_CASHBOX', 'the first receipt is not a signed receipt of 0,00', 'error', receipt.number)
  }

  #checkPlace(receipt: CheckedReceipt): void {
    const { number } = receipt
    if (receipt.previous !== this.#next) this.note('DEP_CHAINING_VALUE', this.#broken(receipt), 'error', number)
    if (!this.#numbers.add(number)) this.note('DEP_UNIQUE_RECEIPT_ID', 'the number was used before', 'error', number)
    const first = this.#first ?? receipt
    if (receipt.cashBoxId !== first.cashBoxId)
      this.note('DEP_ONLY_ONE_CASHBOX_ID', `"${receipt.cashBoxId}" in a file of "${first.cashBoxId}"`, 'error', number)
    if (receipt.isOfClosedSystem !== first.isOfClosedSystem)
      this.note('DEP_ONLY_ONE_SYTEM_TYPE', `${receipt.suite} in a file of ${first.suite}`, 'error', number)
    if (this.#last && receipt.stamp < this.#last.stamp)
      this.note('DEP_TIME_SEQUENCE', `${receipt.stamp} after ${this.#last.stamp}`, 'error', number)
    if (this.#options.now !== undefined && receipt.stamp > this.#options.now)
      this.note('DEP_TIME_SEQUENCE', `${receipt.stamp} is in the future`, 'error', number)
  }

  /** A receipt with the outage marker has no signature: only the chain value of the next receipt reveals a change. */
  #broken({ previous }: CheckedReceipt): string {
    const before = this.#last === undefined ? 'the Kassen-ID' : `receipt ${this.#last.number}`
    return `${previous} instead of ${this.#next}: it or ${before} was changed, or one between them is missing`
  }

  #checkSignature(receipt: CheckedReceipt): void {
    const { number } = receipt
    if (this.#unit && !receipt.isOfClosedSystem && this.#unit.serial !== plainSerial(receipt.serial))
      this.note('DEP_CERTIFICATES', `serial ${receipt.serial} in the group of ${this.#unit.serial}`, 'error', number)
    const unit = this.#units.unitFor(receipt, this.#unit)
    if (unit?.uncertified === true && this.#uncertified.size < UNCERTIFIED_MAX) this.#uncertified.add(unit.serial)
    if (receipt.isUnsigned) {
      this.#unsigned += 1
      if (receipt.kind === 'encrypted' && receipt.allZero)
        this.note('STATE_SIGDEVICE', 'a receipt of 0,00 without a signature', 'warning', number)
      return
    }
    if (!unit) {
      if (receipt.signature.length !== 64)
        this.note('CRYPTO_SIGNATURE', 'the signature is not 64 bytes long', 'error', number)
      this.#unchecked += 1
      const source = this.#units.areGiven ? 'given' : 'found'
      const message = `no certificate or key ${source} for ${receipt.serial}: the signature was not checked`
      this.#noteUnit(message, receipt, 'rksv_unit_unknown')
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
    // The next receipts are compared with the printed value, so that one wrong receipt is one finding.
    this.#turnover = shown ?? expected
    if (expected !== undefined && shown !== undefined && shown !== expected)
      this.note('DEP_TURNOVER_COMPARE', `the counter is ${shown}, not ${expected} cent`, 'error', receipt.number)
  }

  /**
   * A Sammelbeleg must be the first or second receipt after those with the outage marker (§ 17 RKSV). Training receipts do not
   * count, and the receipt of the next outage is not a Sammelbeleg.
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
