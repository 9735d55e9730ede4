import { asciiText } from '../../base/ascii.ts'
import type { RtDocument, RtEvidence, RtLine, RtOriginal, RtPayment, RtReturn, RtSale } from '../ports/rt-printer.ts'
import { thousandthsOf } from '../rt/amounts.ts'
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
import { checkPayments } from '../rt/payments.ts'
import type { RchProfile } from './profile.ts'
import { hasTender } from './profile.ts'

/** The commands of a document, in order. They are sent as a whole, and after a settled loss as a whole again. */
export type DocumentPlan = {
  commands: readonly string[]
  /** The total that `<</?S` must return before the first payment. */
  totalCents: bigint
}

export type PlanSettings = {
  /** Rate or natura → department. */
  departments: Readonly<Record<string, number>>
  profile: RchProfile
}

const MAX_CENTS = 99_999_999n
const deductionTypes = { gift: 1, advance: 2, single_use_voucher: 3 } as const

/** Pure. Throws `refused` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return planContent([], document, settings)
    case 'return':
      return planContent([`=r${originalOf(document.original)}`], document, settings)
    case 'void':
      return { commands: [`=k${originalOf(document.original)}`], totalCents: 0n }
    case 'non_fiscal': {
      checkSlip(document.lines)
      const max = settings.profile.nonFiscalTextMax
      return { commands: ['=o', ...document.lines.map((line) => textLine('', line, max)), '=o'], totalCents: 0n }
    }
    case 'cash': {
      const { amountCents } = document
      checkCash(amountCents)
      const direction = amountCents > 0n ? '=e' : '=p'
      return { commands: [`${direction}/$${cents(amountCents > 0n ? amountCents : -amountCents)}`], totalCents: 0n }
    }
  }
}

/** The printable form of a text: the printer's ASCII, without characters of the grammar, cut to `max`. */
export function printable(text: string, max: number): string {
  return asciiText(text)
    .replaceAll('/', '-')
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replace(/totale/gi, 'TOT.')
    .slice(0, max)
}

function planContent(opening: readonly string[], document: RtSale | RtReturn, settings: PlanSettings): DocumentPlan {
  const { lines, payments, reference, texts = [] } = document
  checkContent(document)
  const commands = [...opening]
  let totalCents = 0n
  for (const line of lines) totalCents = addLine(commands, totalCents, line, settings)
  if (document.kind === 'sale') totalCents = addDeductions(commands, totalCents, document, settings)
  checkTotal(totalCents)
  for (const text of texts) commands.push(textLine('/?A', text, settings.profile.textMax))
  commands.push(`="/?A/(${markerOf(reference)})`)
  commands.push(...customerOf(document), ...paymentsOf(payments, totalCents, settings.profile), '=c')
  return { commands, totalCents }
}

function addLine(commands: string[], before: bigint, line: RtLine, settings: PlanSettings): bigint {
  const thousandths = thousandthsOf(line.quantity)
  const text = printable(line.text, settings.profile.textMax)
  const department = departmentOf(line.vat, settings.departments)
  commands.push(`=R${department}/$${cents(line.unitPriceCents)}/*${decimal(thousandths)}${parameter(text)}`)
  let amount = checkedLineCents(line.unitPriceCents, thousandths, MAX_CENTS)
  for (const adjustment of line.adjustments ?? []) {
    amount = adjustedCents(amount, adjustment)
    const sign = adjustment.kind === 'discount' ? '-' : '+'
    const why = parameter(printable(adjustment.text, settings.profile.textMax))
    commands.push(`=V${sign}/*${cents(adjustment.amountCents)}${why}`)
  }
  return before + amount
}

function addDeductions(commands: string[], before: bigint, document: RtSale, settings: PlanSettings): bigint {
  let total = before
  for (const { reason, vat, amountCents, text } of document.deductions ?? []) {
    total = deductedCents(total, amountCents)
    const department = departmentOf(vat, settings.departments)
    const words = parameter(printable(text, settings.profile.textMax))
    commands.push(`=R${department}/$${cents(amountCents)}/&${deductionTypes[reason]}${words}`)
  }
  return total
}

function customerOf(document: RtSale | RtReturn): readonly string[] {
  const { lotteryCode } = document
  const taxCode = taxCodeOf(document)
  if (taxCode !== undefined) return [`="/?C/(${taxCode})`]
  if (lotteryCode === undefined) return []
  checkLotteryCode(lotteryCode)
  return [`="/?L/$1/(${lotteryCode})`]
}

function paymentsOf(payments: readonly RtPayment[], totalCents: bigint, profile: RchProfile): readonly string[] {
  checkPayments(payments, totalCents, profile.changeTenders)
  const unknown = payments.find(({ tender }) => !hasTender(profile, tender))
  if (unknown) throw refusal(`there is no payment number ${unknown.tender}`)
  return payments.length === 0 ? ['=T1'] : payments.map((payment) => paymentOf(payment, totalCents))
}

function paymentOf({ tender, amountCents, count }: RtPayment, totalCents: bigint): string {
  if (totalCents === 0n && amountCents === 0n) return `=T${tender}`
  return `=T${tender}/$${cents(amountCents, NINE_DIGITS_MAX)}${count === undefined ? '' : `/&${count}`}`
}

/** `/&DDMMYY/[Z/]N[/(serial)]`; without a document 0 and 0, with the evidence instead of the serial. */
function originalOf(original: RtOriginal | RtEvidence): string {
  if ('evidence' in original) {
    const { day, month, year } = evidenceDay(original)
    return `/&${day}${month}${year.slice(2)}/[0/]0${parameter(original.evidence)}`
  }
  const { day, month, year } = originalDay(original)
  return `/&${day}${month}${year.slice(2)}/[${original.z}/]${original.number}${parameter(original.serial ?? '')}`
}

function textLine(before: string, text: string, max: number): string {
  return `="${before}/(${printable(text, max)})`
}

function parameter(text: string): string {
  return text === '' ? '' : `/(${text})`
}

function cents(amount: bigint, max = MAX_CENTS): bigint {
  if (amount <= 0n || amount > max) throw refusal(`an amount above 0 and up to ${max / 100n}.99 was expected`)
  return amount
}

function decimal(thousandths: bigint): string {
  const fraction = String(thousandths % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${thousandths / 1000n}${fraction === '' ? '' : `.${fraction}`}`
}
