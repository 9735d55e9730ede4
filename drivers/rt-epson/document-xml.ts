import { asciiText } from '../../base/ascii.ts'
import { DeviceError } from '../errors.ts'
import type { RtDocument, RtEvidence, RtOriginal, RtReturn, RtSale } from '../ports/rt-printer.ts'
import type { Grammar } from '../rt/document-content.ts'
import { contentOf } from '../rt/document-content.ts'
import { four } from '../rt/document-number.ts'
import { checkCash, checkSlip, NINE_DIGITS_MAX, originalDay, refusal } from '../rt/document-rules.ts'
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
/** The printer refuses a document with about 1,000 (status 23 and 24); lines, discounts and texts count. */
const OPERATIONS_MAX = 900
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

/** Pure. Throws `refused`, `data_too_long` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return planContent(document, 'printRecItem', [], settings)
    case 'return':
      return planContent(document, 'printRecRefund', [originalMessage('REFUND', document.original, settings)], settings)
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

function planContent(
  document: RtSale | RtReturn,
  name: string,
  opening: readonly string[],
  { departments, profile }: PlanSettings,
): DocumentPlan {
  const content = contentOf(document, departments, grammarOf(name), evidenceTexts(document))
  const { lines, taxCode, texts, lottery, payments } = content
  const begin = element('beginFiscalReceipt', operator)
  const { lotteryCode } = document
  const hasEvidence = document.kind === 'return' && 'evidence' in document.original
  return {
    ...receipt(operationsWithin([...opening, begin, ...lines, ...taxCode, ...texts, ...lottery, ...payments, END])),
    ...(lotteryCode !== undefined && { lotteryCode }),
    ...(hasEvidence && { evidence: profile.evidence }),
  }
}

/** Throws `data_too_long`. */
function operationsWithin(elements: readonly string[]): readonly string[] {
  if (elements.length <= OPERATIONS_MAX) return elements
  const words = `the document has ${elements.length} operations, the printer takes ${OPERATIONS_MAX}: divide it`
  throw new DeviceError('data_too_long', 'none', words)
}

/** `name`: the element of a line. */
function grammarOf(name: string): Grammar<string> {
  const onDepartment = (department: number) => ({ ...operator, department, justification: 1 })
  return {
    lineMaxCents: NINE_DIGITS_MAX,
    changeTenders: [1],
    line: ({ text, quantity, unitPriceCents }, department) => {
      const sold = { description: printable(text), quantity, unitPrice: decimal(unitPriceCents) }
      return element(name, { ...onDepartment(department), ...sold })
    },
    change: ({ kind, text, amountCents }, department) => {
      const why = { description: printable(text), amount: decimal(amountCents) }
      const adjustmentType = adjustmentTypes[kind]
      return element('printRecItemAdjustment', { ...onDepartment(department), adjustmentType, ...why })
    },
    // Each has its own index: of several with one index a printer prints only the last.
    text: (text, at) =>
      element('printRecMessage', { ...operator, messageType: 3, index: at + 1, message: printable(`#${text}`) }),
    // The printer's own command: a text would not be in the file for the tax office.
    taxCode: (code) => element('directIO', { command: code.length === 11 ? '1060' : '1061', data: `01${code}` }),
    lottery: (code) => element('printRecLotteryID', { ...operator, code }),
    payment: ({ tender, amountCents, count }) => {
      const [paymentType, index] = tenders[tender] ?? []
      if (paymentType === undefined || index === undefined) throw refusal(`there is no payment number ${tender}`)
      if (tender === 5 && count !== undefined) return total(valueOfOne(amountCents, count), 4, count)
      return total(amountCents, paymentType, index)
    },
  }
}

function total(cents: bigint, paymentType: number, index: number): string {
  return element('printRecTotal', { ...operator, description: '', payment: decimal(cents), paymentType, index })
}

/** Several tickets have a separate type, with their number as index and the value of one as payment. */
function valueOfOne(amountCents: bigint, count: number): bigint {
  if (amountCents % BigInt(count) === 0n) return amountCents / BigInt(count)
  throw refusal(`${count} tickets of one value were expected`)
}

/** `REFUND ZZZZ NNNN ddmmyyyy SERIAL`; the printer's own serial if none is given. */
function originalMessage(word: string, original: RtOriginal | RtEvidence, { serial, profile }: PlanSettings): string {
  const isNamed = !('evidence' in original)
  const { day, month, year } = originalDay(original)
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
  const { day, month, year } = originalDay(document.original)
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
