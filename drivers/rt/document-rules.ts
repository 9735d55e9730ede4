import { isCodiceFiscale, isPartitaIva } from '../../base/tax-codes.ts'
import { DeviceError } from '../errors.ts'
import type { RtAdjustment, RtEvidence, RtOriginal, RtReturn, RtSale } from '../ports/rt-printer.ts'
import { lineCents } from './amounts.ts'
import { NUMBER_MAX } from './document-number.ts'

/** Checks before the first byte of a document, for every family. All throw with effect `none`. */

const LINES_MAX = 1000
/** Cents in nine digits: the width of amounts and totals in commands and replies (Custom, Epson). */
export const NINE_DIGITS_MAX = 999_999_999n

export function refusal(reason: string): DeviceError {
  return new DeviceError('refused', 'none', reason)
}

export function checkContent({ lines, reference }: Pick<RtSale | RtReturn, 'lines' | 'reference'>): void {
  if (lines.length === 0 || lines.length > LINES_MAX) throw refusal(`1 to ${LINES_MAX} lines were expected`)
  if (!/^[0-9A-Za-z]{8,12}$/.test(reference)) throw refusal('a reference of 8 to 12 letters and digits was expected')
}

export function checkSlip(lines: readonly string[]): void {
  if (lines.length > LINES_MAX) throw refusal(`more than ${LINES_MAX} lines`)
}

export function checkCash(amountCents: bigint): void {
  if (amountCents === 0n) throw refusal('no cash was moved')
}

/** Cents of a line before its adjustments, half up as the printers round. */
export function checkedLineCents(unitPriceCents: bigint, thousandths: bigint, maxCents: bigint): bigint {
  const cents = lineCents(unitPriceCents, thousandths)
  if (unitPriceCents <= 0n || unitPriceCents > maxCents || cents > maxCents)
    throw refusal(`a line of more than 0 and at most ${maxCents / 100n}.${maxCents % 100n} was expected`)
  return cents
}

/** A larger total cannot be found again in the memory of the printer, which stores nine digits. */
export function checkTotal(totalCents: bigint): void {
  if (totalCents > NINE_DIGITS_MAX) throw refusal('a document comes to 9999999.99 at most')
}

/** Lotteria degli scontrini. */
export function checkLotteryCode(code: string): void {
  if (!/^[A-Z0-9]{8}$/.test(code)) throw refusal('a lottery code has 8 of A-Z and 0-9')
}

type CustomerCodes = Pick<RtSale, 'lotteryCode' | 'customerTaxCode'>

/**
 * The tax code of the customer, if the document has one: codice fiscale or partita IVA. Its check digit is computed
 * here: a printer refuses a wrong one in the middle of the document, or leaves it out.
 */
export function taxCodeOf({ lotteryCode, customerTaxCode }: CustomerCodes): string | undefined {
  if (customerTaxCode === undefined) return undefined
  if (lotteryCode !== undefined) throw refusal('a lottery code does not go with a tax code')
  const code = customerTaxCode.toUpperCase()
  if (!isPartitaIva(code) && !isCodiceFiscale(code)) throw refusal('a codice fiscale or partita IVA was expected')
  return code
}

/** `vat` is a key of the departments; the printer's installer programmed its department. */
export function departmentOf(vat: string, departments: Readonly<Record<string, number>>): number {
  const department = Object.hasOwn(departments, vat) ? departments[vat] : undefined
  if (department === undefined)
    throw new DeviceError('department_unknown', 'none', `no department for ${vat.slice(0, 30)}`)
  return department
}

/** Cents of a line after one of its adjustments. */
export function adjustedCents(cents: bigint, { kind, amountCents }: RtAdjustment): bigint {
  if (kind === 'surcharge') return cents + amountCents
  if (amountCents > cents) throw refusal('a discount is larger than its line')
  return cents - amountCents
}

/** Cents of a document after a deduction. */
export function deductedCents(totalCents: bigint, amountCents: bigint): bigint {
  if (amountCents > totalCents) throw refusal('more is deducted than the document comes to')
  return totalCents - amountCents
}

/** The serial number of an RT printer. */
export function isMatricola(serial: string): boolean {
  return /^[0-9A-Z]{10,11}$/.test(serial)
}

type Day = { day: string; month: string; year: string }

/** The day of the document that a return or void names, or of the evidence; closure and number have at most four digits. */
export function originalDay(original: RtOriginal | RtEvidence): Day {
  if ('evidence' in original) return dayOf(original.date)
  const { z, number, date, serial } = original
  const isNumber = (value: number) => Number.isInteger(value) && value >= 1 && value <= NUMBER_MAX
  if (!isNumber(z) || !isNumber(number)) throw refusal('a document ZZZZ-NNNN of a date was expected')
  if (serial !== undefined && !isMatricola(serial)) throw refusal('a matricola has 10 or 11 characters')
  return dayOf(date)
}

function dayOf(date: string): Day {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date) ?? []
  if (year === undefined || month === undefined || day === undefined) throw refusal('a date was expected')
  return { day, month, year }
}
