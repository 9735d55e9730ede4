import { DeviceError } from '../errors.ts'
import type { RtDocument, RtLine, RtOriginal, RtPayment, RtReturn, RtSale } from '../ports/fiscal-printer.ts'
import { lineCents, thousandthsOf } from '../rt/amounts.ts'
import { markerOf } from '../rt/exactly-once.ts'
import { transliterate } from '../rt/italian-text.ts'
import { checkPayments } from '../rt/payments.ts'
import type { RchProfile } from './profile.ts'

/** The commands of a document, in order. Sent whole or, after a loss that is settled, whole again. */
export type DocumentPlan = {
  commands: readonly string[]
  /** What `<</?S` must tell before the first payment. */
  totalCents: bigint
}

export type PlanSettings = {
  /** Rate or natura → department. */
  departments: Readonly<Record<string, number>>
  profile: RchProfile
}

const linesMax = 1000
const centsMax = 99_999_999n
const deductionTypes = { gift: 1, advance: 2, single_use_voucher: 3 } as const

/** Pure. Throws `refused` or `department_unknown` (none) for what the printer could not print whole. */
export const planDocument = (document: RtDocument, settings: PlanSettings): DocumentPlan => {
  switch (document.kind) {
    case 'sale':
      return planContent([], document, settings)
    case 'return':
      return planContent([`=r${originalOf(document.original)}`], document, settings)
    case 'void':
      return { commands: [`=k${originalOf(document.original)}`], totalCents: 0n }
    case 'non_fiscal': {
      if (document.lines.length > linesMax) throw refusal(`more than ${linesMax} lines`)
      const max = settings.profile.nonFiscalTextMax
      return { commands: ['=o', ...document.lines.map((line) => textLine('', line, max)), '=o'], totalCents: 0n }
    }
    case 'cash': {
      const { amountCents } = document
      if (amountCents === 0n) throw refusal('no cash was moved')
      const direction = amountCents > 0n ? '=e' : '=p'
      return { commands: [`${direction}/$${cents(amountCents > 0n ? amountCents : -amountCents)}`], totalCents: 0n }
    }
  }
}

/** What the printer prints of a text: its ASCII, without what the grammar needs, cut to `max`. */
export const printable = (text: string, max: number): string =>
  transliterate(text)
    .replaceAll('/', '-')
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replace(/totale/gi, 'TOT.')
    .slice(0, max)

const planContent = (opening: readonly string[], document: RtSale | RtReturn, settings: PlanSettings): DocumentPlan => {
  const { lines, payments, reference, texts = [] } = document
  if (lines.length === 0 || lines.length > linesMax) throw refusal(`1 to ${linesMax} lines were expected`)
  if (!/^[0-9A-Za-z]{8,12}$/.test(reference)) throw refusal('a reference of 8 to 12 letters and digits was expected')
  const commands = [...opening]
  let totalCents = 0n
  for (const line of lines) totalCents = addLine(commands, totalCents, line, settings)
  if (document.kind === 'sale') totalCents = addDeductions(commands, totalCents, document, settings)
  for (const text of texts) commands.push(textLine('/?A', text, settings.profile.textMax))
  commands.push(`="/?A/(${markerOf(reference)})`)
  if (document.kind === 'sale') commands.push(...customerOf(document))
  commands.push(...paymentsOf(payments, totalCents, settings.profile), '=c')
  return { commands, totalCents }
}

const addLine = (commands: string[], before: bigint, line: RtLine, settings: PlanSettings): bigint => {
  const thousandths = thousandthsOf(line.quantity)
  const text = printable(line.text, settings.profile.textMax)
  const department = departmentOf(line.vat, settings)
  commands.push(`=R${department}/$${cents(line.unitPriceCents)}/*${decimal(thousandths)}${parameter(text)}`)
  let amount = lineCents(line.unitPriceCents, thousandths)
  for (const { kind, amountCents, text: why } of line.adjustments ?? []) {
    if (kind === 'discount' && amountCents > amount) throw refusal('a discount is larger than its line')
    amount += kind === 'discount' ? -amountCents : amountCents
    const sign = kind === 'discount' ? '-' : '+'
    commands.push(`=V${sign}/*${cents(amountCents)}${parameter(printable(why, settings.profile.textMax))}`)
  }
  return before + amount
}

const addDeductions = (commands: string[], before: bigint, document: RtSale, settings: PlanSettings): bigint => {
  let total = before
  for (const { reason, vat, amountCents, text } of document.deductions ?? []) {
    if (amountCents > total) throw refusal('more is deducted than the document comes to')
    total -= amountCents
    const department = departmentOf(vat, settings)
    const words = parameter(printable(text, settings.profile.textMax))
    commands.push(`=R${department}/$${cents(amountCents)}/&${deductionTypes[reason]}${words}`)
  }
  return total
}

const customerOf = ({ lotteryCode, customerTaxCode }: RtSale): readonly string[] => {
  if (lotteryCode !== undefined && customerTaxCode !== undefined)
    throw refusal('a lottery code does not go with a tax code')
  if (lotteryCode !== undefined) {
    if (!/^[A-Z0-9]{8}$/.test(lotteryCode)) throw refusal('a lottery code has 8 of A-Z and 0-9')
    return [`="/?L/$1/(${lotteryCode})`]
  }
  if (customerTaxCode === undefined) return []
  if (!/^([A-Za-z0-9]{16}|\d{11})$/.test(customerTaxCode)) throw refusal('a tax code has 16 characters or 11 digits')
  return [`="/?C/(${customerTaxCode.toUpperCase()})`]
}

const paymentsOf = (payments: readonly RtPayment[], totalCents: bigint, profile: RchProfile): readonly string[] => {
  checkPayments(payments, totalCents, profile.changeTenders)
  // Beyond the last of the table a number would fall on the last one, without an error.
  const unknown = payments.find(({ tender }) => !Number.isInteger(tender) || tender < 1 || tender > profile.tenders)
  if (unknown) throw refusal(`there is no payment number ${unknown.tender}`)
  return payments.length === 0 ? ['=T1'] : payments.map((payment) => paymentOf(payment, totalCents))
}

const paymentOf = ({ tender, amountCents, count }: RtPayment, totalCents: bigint): string => {
  if (totalCents === 0n && amountCents === 0n) return `=T${tender}`
  return `=T${tender}/$${cents(amountCents)}${count === undefined ? '' : `/&${count}`}`
}

/** `/&DDMMYY/[Z/]N[/(serial)]`. */
const originalOf = ({ z, number, date, serial }: RtOriginal): string => {
  const day = /^\d\d(\d\d)-(\d\d)-(\d\d)$/.exec(date)
  const isNumber = (value: number) => Number.isInteger(value) && value >= 1 && value <= 9999
  if (!day || !isNumber(z) || !isNumber(number)) throw refusal('a document ZZZZ-NNNN of a date was expected')
  if (serial !== undefined && !/^[0-9A-Z]{10,11}$/.test(serial)) throw refusal('a matricola has 10 or 11 characters')
  return `/&${day[3]}${day[2]}${day[1]}/[${z}/]${number}${parameter(serial ?? '')}`
}

const textLine = (before: string, text: string, max: number): string => `="${before}/(${printable(text, max)})`

const parameter = (text: string): string => (text === '' ? '' : `/(${text})`)

const departmentOf = (vat: string, { departments }: PlanSettings): number => {
  const department = Object.hasOwn(departments, vat) ? departments[vat] : undefined
  if (department === undefined)
    throw new DeviceError('department_unknown', 'none', `no department for ${vat.slice(0, 20)}`)
  return department
}

const cents = (amount: bigint): bigint => {
  if (amount <= 0n || amount > centsMax) throw refusal('an amount above 0 and up to 999999.99 was expected')
  return amount
}

const decimal = (thousandths: bigint): string => {
  const fraction = String(thousandths % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${thousandths / 1000n}${fraction === '' ? '' : `.${fraction}`}`
}

const refusal = (reason: string): DeviceError => new DeviceError('refused', 'none', reason)
