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
  taxCodeTexts,
} from '../rt/document-rules.ts'
import { markerOf } from '../rt/memory-search.ts'
import { endingPayments } from '../rt/payments.ts'
import type { CustomProfile } from './profile.ts'

/** Four digits of command, then data. Sent as a whole, and after a settled loss as a whole again. */
export type DocumentPlan = { commands: readonly string[]; totalCents: bigint }

/** `serial` is the printer's own. */
export type PlanSettings = {
  departments: Readonly<Record<string, number>>
  profile: CustomProfile
  serial: string
}

/** TYPE of command 3301. */
const lineType = { sale: '1', surcharge: '2', discount: '3', cancelDocument: '8', advance: 'F', gift: 'G' } as const

/** Preset payment: code(2), amount(9). */
const PAYMENT_COMMAND = '3007'
const SUBTOTAL_COMMAND = '3003'

/** The rest to pay after a command of a plan; below 0 it is the change. */
export function restAfter(command: string, restCents: bigint): bigint {
  return command.startsWith(PAYMENT_COMMAND) ? restCents - BigInt(command.slice(6)) : restCents
}

/** The printer's own figure in its reply: the total after 3003, `+` and rest or `-` and change after a payment. */
export function restIn(command: string, data: string): bigint | undefined {
  if (command.startsWith(SUBTOTAL_COMMAND)) return /^\d{9}$/.test(data) ? BigInt(data) : undefined
  return command.startsWith(PAYMENT_COMMAND) && /^[+-]\d{9}$/.test(data) ? BigInt(data.replace('+', '')) : undefined
}

/** Aborts the open document. */
export const CANCEL_COMMAND = `3301${lineType.cancelDocument}${'0'.repeat(9 + 3 + 2 + 9 + 2)}`

/** Pure. Throws `refused` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return planContent([], document, settings)
    case 'return':
      return planContent([originalCommand('R', document.original, settings)], document, settings)
    case 'void':
      return { commands: [originalCommand('A', document.original, settings)], totalCents: 0n }
    case 'non_fiscal':
      checkSlip(document.lines)
      return {
        commands: ['40011', ...document.lines.map((line) => `4003${sized(line, settings.profile.textMax)}`), '4004'],
        totalCents: 0n,
      }
    case 'cash': {
      const { amountCents } = document
      checkCash(amountCents)
      const amount = amountCents > 0n ? amountCents : -amountCents
      return { commands: [`7106${amountCents > 0n ? 'D' : 'P'}${nine(amount)}`], totalCents: 0n }
    }
  }
}

function planContent(opening: readonly string[], document: RtSale | RtReturn, settings: PlanSettings): DocumentPlan {
  const { lines, payments, reference, texts = [] } = document
  checkContent(document)
  const commands = [...opening]
  let totalCents = 0n
  for (const line of lines) totalCents += addLine(commands, line, settings)
  if (document.kind === 'sale') {
    for (const deduction of document.deductions ?? [])
      totalCents = addDeduction(commands, deduction, totalCents, settings)
  }
  checkTotal(totalCents)
  commands.push(...lotteryOf(document), SUBTOTAL_COMMAND, ...paymentsOf(payments, totalCents, settings.profile))
  for (const text of [...texts, ...taxCodeTexts(document), markerOf(reference)])
    commands.push(`3012${sized(`#${text}`, settings.profile.textMax)}`)
  commands.push('3011')
  return { commands, totalCents }
}

function addLine(commands: string[], line: RtLine, settings: PlanSettings): bigint {
  const thousandths = thousandthsOf(line.quantity)
  const department = departmentOf(line.vat, settings.departments)
  const { textMax } = settings.profile
  commands.push(lineCommand(lineType.sale, thousandths, department, line.text, line.unitPriceCents, textMax))
  let amount = checkedLineCents(line.unitPriceCents, thousandths, NINE_DIGITS_MAX)
  for (const adjustment of line.adjustments ?? []) {
    amount = adjustedCents(amount, adjustment)
    const { kind, amountCents, text } = adjustment
    commands.push(lineCommand(lineType[kind], 1000n, department, text, amountCents, textMax))
  }
  return amount
}

function addDeduction(commands: string[], deduction: RtDeduction, total: bigint, settings: PlanSettings): bigint {
  const { reason, vat, amountCents, text } = deduction
  const rest = deductedCents(total, amountCents)
  if (reason === 'single_use_voucher') throw refusal('this printer has no line for a single-use voucher')
  const department = departmentOf(vat, settings.departments)
  commands.push(lineCommand(lineType[reason], 1000n, department, text, amountCents, settings.profile.textMax))
  return rest
}

function lineCommand(
  type: string,
  thousandths: bigint,
  department: number,
  text: string,
  amountCents: bigint,
  textMax: number,
): string {
  const digits = String(department)
  return `3301${type}${nine(thousandths)}${digits.padStart(3, '0')}${sized(text, textMax)}${nine(amountCents)}${digits.padStart(2, '0')}`
}

function lotteryOf({ lotteryCode }: RtSale | RtReturn): readonly string[] {
  if (lotteryCode === undefined) return []
  checkLotteryCode(lotteryCode)
  return [`3019${lotteryCode}`]
}

function paymentsOf(payments: readonly RtPayment[], totalCents: bigint, profile: CustomProfile): readonly string[] {
  return endingPayments(payments, totalCents).map(({ tender, amountCents }) => {
    const code = profile.tenders[tender]
    if (code === undefined)
      throw refusal(`this printer has no preset payment for number ${tender}: "tenders" of its "profile" names one`)
    return `${PAYMENT_COMMAND}${code}${amountCents === 0n ? '0'.repeat(9) : nine(amountCents)}`
  })
}

/**
 * The fields of the manual's XML form (closure, number, date, serial) in the order of its serial command, which names
 * only documents without a number (`POS`, `VR`, `ND` for the serial). Not confirmed on a device yet, which refuses
 * unknown forms. A document without a serial is the printer's own.
 */
function originalCommand(type: 'R' | 'A', original: RtOriginal | RtEvidence, settings: PlanSettings): string {
  if ('evidence' in original) {
    const { evidence } = original
    const { day, month, year } = evidenceDay(original)
    return `7114${type}${two(evidence.length)}${evidence}${day}${month}${year.slice(2)}`
  }
  const { z, number, serial = settings.serial } = original
  const { day, month, year } = originalDay(original)
  return `7114${type}${two(serial.length)}${serial}${day}${month}${year.slice(2)}${four(z)}${four(number)}`
}

/** Two digits of length before the text. Characters above 7Dh are refused by the printer. */
function sized(text: string, max: number): string {
  const ascii = asciiText(text).replaceAll('~', '-').slice(0, max)
  return `${two(ascii.length)}${ascii}`
}

function nine(value: bigint): string {
  if (value <= 0n || value > NINE_DIGITS_MAX) throw refusal('an amount above 0 of at most nine digits was expected')
  return String(value).padStart(9, '0')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
