import { asciiText } from '../../base/ascii.ts'
import { DeviceError } from '../errors.ts'
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
import { thousandthsOf } from '../rt/amounts.ts'
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
import type { CustomProfile } from './profile.ts'

/** The reply to a command that lets the next one be sent. */
export type Expectation =
  /** 1003: the total of the lines. */
  | { of: 'total'; cents: bigint }
  /** 3007: the rest; below 0 it is change. */
  | { of: 'rest'; cents: bigint }
  /** 1021: the open document is a return, unless the model has no such enquiry. */
  | { of: 'return' }
  /** 7112: the rate of an index of the VAT table, four digits. */
  | { of: 'rate'; digits: string }
  /** 1012: a void that is still open wants its end first. */
  | { of: 'end' }
  /** 7101: one of these flags. `opens`: a document is open then, whatever the flag. */
  | { of: 'original'; flags: string; opens: boolean }

/** `forms`: other forms of the same command, for models that refuse the first. */
export type Step = { command: string; expects?: Expectation; forms?: readonly string[] }

/** Sent as a whole, and after a settled loss as a whole again. `opensAt`: the first step that begins a document. */
export type DocumentPlan = { steps: readonly Step[]; opensAt: number }

/** `serial` is the printer's own, '' if it is not known. */
export type PlanSettings = {
  departments: Readonly<Record<string, number>>
  profile: CustomProfile
  serial: string
}

/** TYPE of command 3301. */
const lineType = { sale: '1', surcharge: '2', discount: '3', cancelDocument: '8', advance: 'F', gift: 'G' } as const

const LINE_TEXT_MAX = 44
const TEXT_MAX = 32
const SLIP_TEXT_MAX = 42
const TICKETS = 5

/** Aborts the open document. */
export const CANCEL_COMMAND = `3301${lineType.cancelDocument}${'0'.repeat(9 + 3 + 2 + 9 + 2)}`
/** Entries that may wait in the printer for the next document: lottery code, returned document, evidence. */
export const RESET_COMMANDS = ['301900', '71010', '71140'] as const

/** Pure. Throws `refused` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return planSale(document, settings)
    case 'return':
      return planReturn(document, settings)
    case 'void':
      return planVoid(document.original, settings)
    case 'non_fiscal':
      checkSlip(document.lines)
      // The manual says both that DOC, COPIA and IMP_FAT are optional and that none is.
      return commands([
        { command: '400110', forms: ['400110000000000', '40011'] },
        ...document.lines.map((line) => ({ command: `4003${pitched(line, SLIP_TEXT_MAX, settings)}` })),
        { command: '4004' },
      ])
    case 'cash': {
      const { amountCents } = document
      checkCash(amountCents)
      const amount = amountCents > 0n ? amountCents : -amountCents
      return commands([{ command: `7106${amountCents > 0n ? 'D' : 'P'}${nine(amount)}` }])
    }
  }
}

/** Asks whether a document may be voided: 1 yes, 0 unknown, 2 not, as after its void. */
export function voidQuestion(original: RtOriginal): string {
  return `7101A${named(original)}9`
}

function planSale(sale: RtSale, settings: PlanSettings): DocumentPlan {
  checkContent(sale)
  const { lines, totalCents } = linesOf(sale, settings)
  const advances = (sale.deductions ?? []).filter(({ reason }) => reason === 'advance')
  // A wrong index would print the advance at another rate.
  const asked = advances.map(({ vat }) => rateStep(vat, settings))
  const lottery = sale.lotteryCode === undefined ? [] : [{ command: `3019${lotteryField(sale.lotteryCode)}` }]
  const before = [...asked, ...lottery]
  return commands([...before, ...lines, ...endOf(sale, totalCents, settings)], before.length)
}

function planReturn(back: RtReturn, settings: PlanSettings): DocumentPlan {
  checkContent(back)
  const { lines, totalCents } = linesOf(back, settings)
  const { before, opening } = openingOf(back, settings)
  // Power may fail after the opening without a lost reply: then the lines have opened a sale.
  const isReturn: Step = { command: '1021', expects: { of: 'return' } }
  return commands([...before, opening, ...lines, ...endOf(back, totalCents, settings, [isReturn])], before.length)
}

/** A document of this printer is asked for first; of another printer, the serial and its lottery code are named. */
function openingOf({ original, lotteryCode }: RtReturn, settings: PlanSettings): { before: Step[]; opening: Step } {
  const isOwn = !('evidence' in original) && isOf(original, settings)
  if (lotteryCode !== undefined) checkLotteryCode(lotteryCode)
  if ('evidence' in original) {
    if (lotteryCode !== undefined) throw refusal('a lottery code goes with a return of another printer only')
    return { before: [], opening: { command: `7114R${evidenceField(original)}` } }
  }
  if (isOwn) {
    const before: Step = { command: `7101R${named(original)}9`, expects: { of: 'original', flags: '1', opens: false } }
    const opening: Step = { command: `7101R${named(original)}8`, expects: { of: 'original', flags: '1', opens: true } }
    return { before: [before], opening }
  }
  const { serial = '' } = original
  const lottery = lotteryCode === undefined ? '' : lotteryField(lotteryCode)
  const command = `7101R${named(original)}8${two(serial.length)}${serial}${lottery}`
  return { before: [], opening: { command, expects: { of: 'original', flags: '01', opens: true } } }
}

/** Two commands after the question, without lines: the second prints the whole document, and some models end it. */
function planVoid(original: RtOriginal, settings: PlanSettings): DocumentPlan {
  if (!isOf(original, settings))
    throw new DeviceError('document_unknown', 'none', 'a document of another printer is voided there')
  const oper = (digit: string, opens: boolean): Step => ({
    command: `7101A${named(original)}${digit}`,
    expects: { of: 'original', flags: '1', opens },
  })
  return commands(
    [
      oper('9', false),
      oper('8', true),
      oper('1', true),
      { command: '1012', expects: { of: 'end' } },
      { command: '3013' },
    ],
    1,
  )
}

/** A document without a serial is the printer's own. */
function isOf({ serial }: RtOriginal, settings: PlanSettings): boolean {
  return serial === undefined || settings.serial === '' || serial === settings.serial
}

function commands(steps: readonly Step[], opensAt = 0): DocumentPlan {
  return { steps, opensAt }
}

/** Texts, customer, the total as the printer comes to it, payments, end and ejection. */
function endOf(
  document: RtSale | RtReturn,
  totalCents: bigint,
  settings: PlanSettings,
  checks: readonly Step[] = [],
): readonly Step[] {
  const { payments, reference, texts = [] } = document
  checkTotal(totalCents)
  return [
    ...[...texts, markerOf(reference)].map((text) => ({ command: `3002${pitched(`#${text}`, TEXT_MAX, settings)}` })),
    ...taxCodeSteps(document),
    ...checks,
    { command: '1003', expects: { of: 'total', cents: totalCents } },
    ...paymentSteps(payments, totalCents, settings.profile),
    { command: '3011' },
    { command: '3013' },
  ]
}

function taxCodeSteps(document: RtSale | RtReturn): readonly Step[] {
  const code = taxCodeOf(document)
  if (code === undefined) return []
  return [{ command: `3010B${two(code.length)}${code}` }]
}

type PlannedLines = { lines: Step[]; totalCents: bigint }

function linesOf(document: RtSale | RtReturn, settings: PlanSettings): PlannedLines {
  const deductions = document.kind === 'sale' ? (document.deductions ?? []) : []
  if (deductions.some(({ reason }) => reason === 'single_use_voucher'))
    throw refusal('this printer has no line for a single-use voucher')
  const gifts = deductions.filter(({ reason }) => reason === 'gift')
  const planned: PlannedLines = { lines: [], totalCents: 0n }
  for (const line of document.lines) {
    const amount = addLine(planned, line, settings)
    const given = gifts.findIndex(({ vat, amountCents }) => vat === line.vat && amountCents === amount)
    if (given >= 0) addDeduction(planned, gifts.splice(given, 1)[0], settings)
  }
  if (gifts.length > 0) throw refusal('this printer gives away whole lines only')
  for (const deduction of deductions) if (deduction.reason === 'advance') addDeduction(planned, deduction, settings)
  return planned
}

/** A gift acts on the line just before, at the rate of its department; an advance comes last and names its rate. */
function addDeduction(planned: PlannedLines, deduction: RtDeduction | undefined, settings: PlanSettings): void {
  if (deduction === undefined || deduction.reason === 'single_use_voucher') return
  const { reason, vat, text, amountCents } = deduction
  planned.totalCents = deductedCents(planned.totalCents, amountCents)
  const department = departmentOf(vat, settings.departments)
  const index = reason === 'advance' ? vatIndexOf(vat, settings) : 0
  planned.lines.push(lineStep(reason, { department, text, amountCents, index }, settings))
}

function addLine(planned: PlannedLines, line: RtLine, settings: PlanSettings): bigint {
  const thousandths = thousandthsOf(line.quantity)
  const department = departmentOf(line.vat, settings.departments)
  const { text, unitPriceCents } = line
  planned.lines.push(lineStep('sale', { thousandths, department, text, amountCents: unitPriceCents }, settings))
  let amount = checkedLineCents(unitPriceCents, thousandths, NINE_DIGITS_MAX)
  for (const adjustment of line.adjustments ?? []) {
    amount = adjustedCents(amount, adjustment)
    planned.lines.push(lineStep(adjustment.kind, { ...adjustment, department }, settings))
  }
  planned.totalCents += amount
  return amount
}

/** Without a quantity it is one piece. An index of 0 means the rate of the department. */
type LineFields = { thousandths?: bigint; department: number; text: string; amountCents: bigint; index?: number }

/** TYPE(1) QTY(9) DEPT(3) LEN(2) TEXT AMOUNT(9) VAT(2). */
function lineStep(type: keyof typeof lineType, fields: LineFields, settings: PlanSettings): Step {
  const { thousandths, department, text, amountCents, index = 0 } = fields
  const quantity = thousandths === undefined ? '0'.repeat(9) : nine(thousandths)
  const title = sized(text, LINE_TEXT_MAX, settings)
  const digits = String(department).padStart(3, '0')
  return { command: `3301${lineType[type]}${quantity}${digits}${title}${nine(amountCents)}${two(index)}` }
}

function vatIndexOf(vat: string, { profile }: PlanSettings): number {
  const index = profile.vatIndexes[vat]
  if (index === undefined) throw refusal(`no index of the VAT table for ${vat}: "vatIndexes" of the "profile" names it`)
  return index
}

/** 0.22 is 2200; a natura has no rate. */
function rateStep(vat: string, settings: PlanSettings): Step {
  const digits = vat.startsWith('N') ? '0000' : `${vat.slice(2)}00`.padEnd(4, '0').slice(0, 4)
  return { command: `7112${two(vatIndexOf(vat, settings))}`, expects: { of: 'rate', digits } }
}

function lotteryField(code: string): string {
  checkLotteryCode(code)
  return `08${code}`
}

/** CODE(2) QTY(2) LEN(2) AMOUNT(9), without a text; the quantity is that of tickets. An amount of 0 pays the rest. */
function paymentSteps(payments: readonly RtPayment[], totalCents: bigint, { tenders }: CustomProfile): readonly Step[] {
  let restCents = totalCents
  return endingPayments(payments, totalCents).map(({ tender, amountCents, count = 1 }): Step => {
    const code = tenders[tender]
    if (code === undefined)
      throw refusal(`this printer has no preset payment for number ${tender}: "tenders" of its "profile" names one`)
    restCents -= amountCents
    const amount = amountCents === 0n ? '0'.repeat(9) : nine(amountCents)
    const command = `3007${code}${two(tender === TICKETS ? count : 0)}00${amount}`
    return { command, expects: { of: 'rest', cents: restCents } }
  })
}

/** Z(4) N(4) DDMMYY. */
function named(original: RtOriginal): string {
  const { day, month, year } = originalDay(original)
  return `${four(original.z)}${four(original.number)}${day}${month}${year.slice(2)}`
}

/** LEN(2), the word instead of a document, DDMMYY. */
function evidenceField(original: RtEvidence): string {
  const { day, month, year } = evidenceDay(original)
  return `${two(original.evidence.length)}${original.evidence}${day}${month}${year.slice(2)}`
}

/** PITCH(1) LEN(2) TEXT. */
function pitched(text: string, max: number, settings: PlanSettings): string {
  return `1${sized(text, max, settings)}`
}

/** Two digits of length before the text. Characters above 7Dh are refused, and so is the word TOTALE. */
function sized(text: string, max: number, { profile }: PlanSettings): string {
  const length = Math.min(max, profile.textMax)
  const ascii = asciiText(text)
    .replaceAll('~', '-')
    .replaceAll(/TOTALE/gi, 'TOT.')
    .slice(0, length)
  return `${two(ascii.length)}${ascii}`
}

function nine(value: bigint): string {
  if (value <= 0n || value > NINE_DIGITS_MAX) throw refusal('an amount above 0 of at most nine digits was expected')
  return String(value).padStart(9, '0')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
