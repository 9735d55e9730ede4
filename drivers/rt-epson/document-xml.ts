import { asciiText } from '../../base/ascii.ts'
import type {
  RtDeduction,
  RtDocument,
  RtEvidence,
  RtLine,
  RtOriginal,
  RtPayment,
  RtReturn,
  RtSale,
} from '../ports/rt-printer.ts'
import { lineCents, thousandthsOf } from '../rt/amounts.ts'
import { four } from '../rt/document-number.ts'
import {
  adjustedCents,
  checkCash,
  checkContent,
  checkedLineCents,
  checkLotteryCode,
  checkSlip,
  checkTotal,
  deductedCents,
  departmentOf,
  evidenceDay,
  NINE_DIGITS_MAX,
  originalDay,
  refusal,
  taxCodeOf,
} from '../rt/document-rules.ts'
import { markerOf } from '../rt/memory-search.ts'
import { endingPayments } from '../rt/payments.ts'
import type { EpsonProfile } from './profile.ts'
import { element } from './xml.ts'

/** One request, whose elements the printer executes one by one. */
export type DocumentPlan = {
  xml: string
  /** Named if the printer refuses its check digit: the rule of lottery codes is not public. */
  lotteryCode?: string
  /** The form in which it names evidence instead of a document. */
  evidence?: string
}

/** `serial` is the printer's own. */
export type PlanSettings = { departments: Readonly<Record<string, number>>; serial: string; profile: EpsonProfile }

const TEXT_MAX = 37
/**
 * Payment type and index for each number of the factory table; others are refused. Type 2 with index 0 is credit, which
 * is not collected, and type 3 with index 0 has left receipts unpaid.
 */
const tenders: Readonly<Record<number, readonly [type: number, index: number]>> = {
  1: [0, 0],
  2: [5, 1],
  3: [1, 0],
  4: [2, 1],
  5: [3, 1],
  6: [5, 2],
  7: [5, 3],
  8: [5, 5],
  9: [6, 0],
  10: [6, 1],
}

/** True for a number of the factory table that the service supports. */
export function hasTender(tender: number): boolean {
  return tenders[tender] !== undefined
}

/** A printer with a layout without deductions (10 to 12) refuses the whole document. */
const adjustmentTypes = { discount: 0, surcharge: 5, advance: 10, gift: 11, single_use_voucher: 12 } as const
const operator = { operator: 1 }
const END = element('endFiscalReceipt', operator)
const NO_DOCUMENT = { z: 0, number: 0 }
const NO_SERIAL = '0'.repeat(11)

/** Pure. Throws `refused` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return contentOf(document, 'printRecItem', [], settings)
    case 'return':
      return contentOf(document, 'printRecRefund', [originalMessage('REFUND', document.original, settings)], settings)
    case 'void': {
      const total = settings.profile.void === 'total' ? [element('printRecTotal', operator)] : []
      return receipt([originalMessage('VOID', document.original, settings), ...total, END])
    }
    case 'non_fiscal':
      return slip(document.lines)
    case 'cash': {
      // The XML service has no cash movement: the slip shows it, and the till keeps the drawer.
      const { amountCents } = document
      checkCash(amountCents)
      return slip([amountCents > 0n ? 'ENTRATA DI CASSA' : 'USCITA DI CASSA', decimal(amountCents)])
    }
  }
}

/** The total of the document; undefined if it takes the total of another one. */
export function totalOf(document: RtDocument): bigint | undefined {
  if (document.kind !== 'sale' && document.kind !== 'return') return undefined
  const amounts = document.lines.flatMap(({ unitPriceCents, quantity, adjustments = [] }) => [
    lineCents(unitPriceCents, thousandthsOf(quantity)),
    ...adjustments.map(({ kind, amountCents }) => (kind === 'discount' ? -amountCents : amountCents)),
  ])
  const deducted = deductionsOf(document).map(({ amountCents }) => -amountCents)
  return [...amounts, ...deducted].reduce((sum, amount) => sum + amount, 0n)
}

function contentOf(
  document: RtSale | RtReturn,
  name: string,
  opening: readonly string[],
  settings: PlanSettings,
): DocumentPlan {
  const { lines, payments, reference, texts = [] } = document
  checkContent(document)
  const parts = [...opening, element('beginFiscalReceipt', operator)]
  let totalCents = 0n
  for (const line of lines) totalCents += addLine(parts, line, name, settings)
  for (const deduction of deductionsOf(document)) totalCents = addDeduction(parts, deduction, totalCents, settings)
  checkTotal(totalCents)
  const { lotteryCode } = document
  const taxCode = taxCodeOf(document)
  if (taxCode !== undefined) parts.push(customerCode(taxCode))
  const trailing = [...evidenceTexts(document), ...texts, markerOf(reference)]
  parts.push(...trailing.map(trailingLine))
  if (lotteryCode !== undefined) parts.push(lottery(lotteryCode))
  parts.push(...paymentsOf(payments, totalCents), END)
  const hasEvidence = document.kind === 'return' && 'evidence' in document.original
  return {
    ...receipt(parts),
    ...(lotteryCode !== undefined && { lotteryCode }),
    ...(hasEvidence && { evidence: settings.profile.evidence }),
  }
}

function addLine(parts: string[], line: RtLine, name: string, settings: PlanSettings): bigint {
  const common = commonOf(line.vat, settings)
  let amount = checkedLineCents(line.unitPriceCents, thousandthsOf(line.quantity), NINE_DIGITS_MAX)
  const description = printable(line.text)
  parts.push(
    element(name, { ...common, description, quantity: line.quantity, unitPrice: decimal(line.unitPriceCents) }),
  )
  for (const adjustment of line.adjustments ?? []) {
    amount = adjustedCents(amount, adjustment)
    parts.push(adjustmentElement(common, adjustment.kind, adjustment))
  }
  return amount
}

function deductionsOf(document: RtSale | RtReturn): readonly RtDeduction[] {
  return document.kind === 'sale' ? (document.deductions ?? []) : []
}

function addDeduction(parts: string[], deduction: RtDeduction, total: bigint, settings: PlanSettings): bigint {
  const rest = deductedCents(total, deduction.amountCents)
  const common = commonOf(deduction.vat, settings)
  parts.push(adjustmentElement(common, deduction.reason, deduction))
  return rest
}

/** The attributes of every line element. */
function commonOf(vat: string, { departments }: PlanSettings) {
  return {
    ...operator,
    department: departmentOf(vat, departments),
    justification: 1,
  }
}

function adjustmentElement(
  common: ReturnType<typeof commonOf>,
  kind: keyof typeof adjustmentTypes,
  { text, amountCents }: Pick<RtDeduction, 'text' | 'amountCents'>,
): string {
  const why = { description: printable(text), amount: decimal(amountCents) }
  return element('printRecItemAdjustment', { ...common, adjustmentType: adjustmentTypes[kind], ...why })
}

function paymentsOf(payments: readonly RtPayment[], totalCents: bigint): readonly string[] {
  return endingPayments(payments, totalCents).map(({ tender, amountCents, count }) => {
    const [paymentType, index] = tenders[tender] ?? []
    if (paymentType === undefined || index === undefined) throw refusal(`there is no payment number ${tender}`)
    if (tender === 5 && count !== undefined) return total(valueOfOne(amountCents, count), 4, count)
    return total(amountCents, paymentType, index)
  })
}

function total(cents: bigint, paymentType: number, index: number): string {
  return element('printRecTotal', { ...operator, description: '', payment: decimal(cents), paymentType, index })
}

/** Several tickets have a separate type, with their number as index and the value of one as payment. */
function valueOfOne(amountCents: bigint, count: number): bigint {
  if (amountCents % BigInt(count) === 0n) return amountCents / BigInt(count)
  throw refusal(`${count} tickets of one value were expected`)
}

/** The printer's own command: a text would not be in the file for the tax office. */
function customerCode(code: string): string {
  return element('directIO', { command: code.length === 11 ? '1060' : '1061', data: `01${code}` })
}

/** Each has its own index: of several with one index a printer prints only the last. */
function trailingLine(text: string, at: number): string {
  return element('printRecMessage', { ...operator, messageType: 3, index: at + 1, message: printable(`#${text}`) })
}

function lottery(code: string): string {
  checkLotteryCode(code)
  return element('printRecLotteryID', { ...operator, code })
}

/** `REFUND ZZZZ NNNN ddmmyyyy SERIAL`; the printer's own serial if none is given. */
function originalMessage(word: string, original: RtOriginal | RtEvidence, { serial, profile }: PlanSettings): string {
  const isNamed = !('evidence' in original)
  const { day, month, year } = isNamed ? originalDay(original) : evidenceDay(original)
  const { z, number } = isNamed ? original : NO_DOCUMENT
  const named = isNamed ? (original.serial ?? serial) : evidenceSerial(original, profile)
  const message = `${word} ${four(z)} ${four(number)} ${day}${month}${year} ${named}`
  return element('printRecMessage', { ...operator, messageType: 4, message })
}

/** In place of the serial number of the document that is not at hand. */
function evidenceSerial({ evidence }: RtEvidence, profile: EpsonProfile): string {
  if (profile.evidence === 'none') throw refusal('a return on other evidence is switched off (profile.evidence)')
  return profile.evidence === 'letters' ? evidence : NO_SERIAL
}

/** Texts of the evidence instead of a document: the service has no element for it. */
function evidenceTexts(document: RtSale | RtReturn): readonly string[] {
  if (document.kind !== 'return' || !('evidence' in document.original)) return []
  const { day, month, year } = evidenceDay(document.original)
  return [`RESO ${document.original.evidence} ${day}-${month}-${year}`]
}

function receipt(parts: readonly string[]): DocumentPlan {
  return { xml: element('printerFiscalReceipt', {}, ...parts) }
}

function slip(lines: readonly string[]): DocumentPlan {
  checkSlip(lines)
  const printed = lines.map((line) => element('printNormal', { ...operator, font: 1, data: printable(line) }))
  const parts = [element('beginNonFiscal', operator), ...printed, element('endNonFiscal', operator)]
  return { xml: element('printerNonFiscal', {}, ...parts) }
}

function printable(text: string): string {
  return asciiText(text).slice(0, TEXT_MAX)
}

function decimal(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)},${digits.slice(-2)}`
}
