import { toCents } from '../../../../base/money.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { PrintedGoods } from './printed-goods.ts'
import type { RateDifference } from './rates.ts'
import { add, departmentKey, differencesOf, rateIn, rateKey, rateText, withoutMarks } from './rates.ts'

/** A row of the VAT of a closing: a rate with its name, or a natura; the code of a department follows either. */
export type VatShare = {
  readonly name: string
  readonly rate?: string
  readonly department?: string
  readonly amount: string
  readonly tax_amount?: string
}

/** The tax of each line is rounded, of goods and of a deposit taken off them. */
const CENT_A_LINE = 1

/** The rates and natura of which a closing has other amounts, or another tax, than the printed documents. */
export function vatDifferences(
  rows: readonly VatShare[],
  { rates, lines }: Pick<PrintedGoods, 'rates' | 'lines'>,
): RateDifference[] {
  const [amounts, taxes] = [new Map<string, number>(), new Map<string, number>()]
  for (const row of rows) {
    add(amounts, keyOf(row), Number(toCents(row.amount)))
    add(taxes, keyOf(row), Number(toCents(row.tax_amount ?? '0')))
  }
  const differences = differencesOf(withoutMarks(rates), amounts)
  if (differences.length > 0) return differences
  return [...new Set([...amounts.keys(), ...taxes.keys()])].flatMap((key) => {
    const [due, sent] = [taxWithin(amounts.get(key) ?? 0, key), taxes.get(key) ?? 0]
    const isRounded = Math.abs(due - sent) <= (lines + 1) * CENT_A_LINE
    return isRounded ? [] : [taxDifference(key, due, sent)]
  })
}

/** `imposta`: the tax within the amount of a rate. */
export function taxDifference(key: string, due: number, sent: number): RateDifference {
  return {
    rate: `${rateText(key)} (imposta)`,
    stated: centsText(Math.round(due)),
    counted: centsText(Math.round(sent)),
  }
}

/** The tax within a gross amount, in fractions of cents. */
export function taxWithin(cents: number, key: string): number {
  const rate = rateIn(key)
  return (cents * rate) / (1 + rate)
}

/** A rate or department under the name of another one is neither. */
function keyOf({ name, rate, department }: VatShare): string {
  const end = department === undefined ? '' : ` ${department}`
  const kind = name.slice(0, name.length - end.length)
  const isNamed = name.endsWith(end) && (rate === undefined || kind === `IVA ${Number(rate) * 100} %`)
  if (!isNamed) return `${name} (${rate ?? department})`
  return departmentKey(rate === undefined ? kind : rateKey(rate), department)
}
