import type { RtAdjustment, RtDeduction, RtLine, RtPayment, RtReturn, RtSale } from '../ports/rt-printer.ts'
import { thousandthsOf } from './amounts.ts'
import {
  adjustedCents,
  checkContent,
  checkedLineCents,
  checkLotteryCode,
  checkTotal,
  deductedCents,
  departmentOf,
  refusal,
  taxCodeOf,
} from './document-rules.ts'
import { markerOf } from './memory-search.ts'
import { endingPayments } from './payments.ts'

/** A discount or surcharge on the line before it, or a deduction from the total. */
export type PriceChange = Pick<RtDeduction, 'vat' | 'text' | 'amountCents'> & {
  readonly kind: RtAdjustment['kind'] | RtDeduction['reason']
}

/** How a family writes the parts of a sale or return: as commands, or as elements. */
export type Grammar<Part> = {
  /** The highest price and amount of a line. */
  readonly lineMaxCents: bigint
  /** Tenders that give change. */
  readonly changeTenders: readonly number[]
  /** A gift takes away the whole line that it follows. */
  readonly givesWholeLines?: true
  line(line: RtLine, department: number, thousandths: bigint): Part
  change(change: PriceChange, department: number): Part
  text(text: string, at: number): Part
  taxCode(code: string): Part
  lottery(code: string): Part
  /** `restCents`: after this payment; below 0 it is change. */
  payment(payment: RtPayment, restCents: bigint): Part
}

/** In the order of the printer, which may want the codes before the texts. */
export type Content<Part> = {
  readonly lines: readonly Part[]
  /** The last one is the reference. */
  readonly texts: readonly Part[]
  readonly taxCode: readonly Part[]
  readonly lottery: readonly Part[]
  readonly payments: readonly Part[]
  readonly totalCents: bigint
}

/** The checked parts of a sale or return; `texts` come before those of the document. */
export function contentOf<Part>(
  document: RtSale | RtReturn,
  departments: Readonly<Record<string, number>>,
  grammar: Grammar<Part>,
  texts: readonly string[] = [],
): Content<Part> {
  checkContent(document)
  const { lines, totalCents } = linesOf(document, departments, grammar)
  checkTotal(totalCents)
  const { lotteryCode, payments, reference } = document
  const taxCode = taxCodeOf(document)
  if (lotteryCode !== undefined) checkLotteryCode(lotteryCode)
  let restCents = totalCents
  return {
    lines,
    texts: [...texts, ...(document.texts ?? []), markerOf(reference)].map(grammar.text),
    taxCode: taxCode === undefined ? [] : [grammar.taxCode(taxCode)],
    lottery: lotteryCode === undefined ? [] : [grammar.lottery(lotteryCode)],
    payments: endingPayments(payments, totalCents, grammar.changeTenders).map((payment) => {
      restCents -= payment.amountCents
      return grammar.payment(payment, restCents)
    }),
    totalCents,
  }
}

function linesOf<Part>(
  document: RtSale | RtReturn,
  departments: Readonly<Record<string, number>>,
  grammar: Grammar<Part>,
): Pick<Content<Part>, 'lines' | 'totalCents'> {
  const lines: Part[] = []
  let totalCents = 0n
  const deduct = ({ reason, ...deduction }: RtDeduction): void => {
    totalCents = deductedCents(totalCents, deduction.amountCents)
    lines.push(grammar.change({ ...deduction, kind: reason }, departmentOf(deduction.vat, departments)))
  }
  const deductions = document.kind === 'sale' ? [...(document.deductions ?? [])] : []
  for (const line of document.lines) {
    const { vat, unitPriceCents, adjustments = [] } = line
    const thousandths = thousandthsOf(line.quantity)
    const department = departmentOf(vat, departments)
    lines.push(grammar.line(line, department, thousandths))
    let amount = checkedLineCents(unitPriceCents, thousandths, grammar.lineMaxCents)
    for (const adjustment of adjustments) {
      amount = adjustedCents(amount, adjustment)
      lines.push(grammar.change({ ...adjustment, vat }, department))
    }
    totalCents += amount
    const given = deductions.findIndex((one) => one.reason === 'gift' && one.vat === vat && one.amountCents === amount)
    if (grammar.givesWholeLines === true && given >= 0) deductions.splice(given, 1).forEach(deduct)
  }
  if (grammar.givesWholeLines === true && deductions.some(({ reason }) => reason === 'gift'))
    throw refusal('this printer gives away whole lines only')
  deductions.forEach(deduct)
  return { lines, totalCents }
}
