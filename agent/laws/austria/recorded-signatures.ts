import { visible } from '../../../base/text.ts'
import type { CheckedReceipt } from '../../../verify/rksv/dep7-receipt.ts'
import type { CheckedUnit } from '../../../verify/rksv/dep7-units.ts'
import { isSignedBy, plainSerial, unitOfCertificate } from '../../../verify/rksv/dep7-units.ts'
import type { EventBody } from '../../journal/events.ts'
import type { ReceiptFindings } from './books/texts.ts'

/** `certificate`: from the journal, BASE64. */
type EnrolledUnit = CheckedUnit & { certificate: string }
/** `seq`: the event with the receipt. */
type Place = { seq: number; register: string; number: number }

/**
 * Verifies the signature of each receipt in a journal, whose events are noted in order from the first. The certificate is
 * the one that an earlier event enrolled for its serial number.
 */
export class RecordedSignatures {
  readonly #findings: ReceiptFindings
  readonly #units = new Map<string, EnrolledUnit>()
  #outages = 0
  #verified = 0

  constructor(findings: ReceiptFindings) {
    this.#findings = findings
  }

  /** Receipts with the marker of an outage. */
  get outages(): number {
    return this.#outages
  }

  get verified(): number {
    return this.#verified
  }

  enrol({ set }: EventBody): void {
    const [certificate] = (set?.['certificates'] ?? []) as readonly unknown[]
    const unit = typeof certificate === 'string' ? unitOfCertificate(certificate) : undefined
    // A second key under an enrolled serial number does not belong to the unit.
    if (unit !== undefined && !this.#units.has(unit.serial))
      this.#units.set(unit.serial, { ...unit, certificate: String(certificate) })
  }

  /** The unit that a receipt names; undefined if the journal has not enrolled it before. */
  unitOf(receipt: CheckedReceipt | undefined): EnrolledUnit | undefined {
    return receipt && this.#units.get(plainSerial(receipt.serial))
  }

  /** `isProven`: its DEP7 was verified and has it in the group of the enrolled certificate. */
  check({ seq, register, number }: Place, receipt: CheckedReceipt | undefined, isProven: boolean): void {
    const unit = this.unitOf(receipt)
    if (receipt?.isUnsigned === true) this.#outages++
    const facts = { register, number, serial: visible(receipt === undefined ? '' : plainSerial(receipt.serial)) }
    const isSigned = receipt !== undefined && unit !== undefined && (isProven || isSignedBy(unit, receipt))
    if (receipt === undefined) this.#findings.add('rksv_signature_wrong', seq, facts)
    else if (unit === undefined) this.#findings.add('rksv_unit_unknown', seq, facts)
    else if (receipt.isUnsigned) return
    else if (isSigned) this.#verified++
    else this.#findings.add('rksv_signature_wrong', seq, facts)
  }
}
