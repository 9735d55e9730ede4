import { toCents } from '../../../base/money.ts'
import type { LineType } from '../../contract/goods.ts'
import { DEFAULT_LINE_TYPE, lineRules } from '../../register/line-types.ts'
import { AustrianRefusal } from './refusal.ts'
import type { Field } from './vat.ts'
import { fieldOfAccepted, fields } from './vat.ts'

/** Gross cents by amount field of the machine-readable code. */
export type FieldAmounts = Readonly<Record<Field, bigint>>

export const noAmounts: FieldAmounts = { normal: 0n, reduced1: 0n, reduced2: 0n, zero: 0n, special: 0n }

type Line = { total_amount: string; type?: LineType | undefined; taxes: readonly { rate: string }[] }
type Amounts = { line_items?: readonly Line[]; tip_amount?: string }

/** The contribution of one line, or of the tip, to a field. */
export type Share = { type: LineType | 'tip'; field: Field; rate: string; cents: bigint }

/**
 * The contribution of a goods document to the turnover counter, by field. Lines are whole cents after all discounts and
 * carry their sign: those of a return are negative, an exchange nets per field. A tip and a sold value voucher count in
 * Null; a redeemed voucher is a means of payment, so the goods keep their full price. Documents without lines add 0.
 */
export function amountsOf(document: Amounts): FieldAmounts {
  const sums = { ...noAmounts }
  for (const { field, cents } of sharesOf(document)) sums[field] += cents
  return sums
}

/** The same, line by line. */
export function sharesOf({ line_items: lines = [], tip_amount: tip = '0' }: Amounts): Share[] {
  const goods = lines.map((line): Share => {
    const { type = DEFAULT_LINE_TYPE, taxes, total_amount: total } = line
    const cents = toCents(total)
    if (!lineRules(type).isTurnover) return { type, field: 'zero', rate: '0', cents }
    return { type, field: fieldOfLine(line), rate: taxes[0]?.rate ?? '0', cents }
  })
  const cents = toCents(tip)
  return cents === 0n ? goods : [...goods, { type: 'tip', field: 'zero', rate: '0', cents }]
}

export function sumOf(amounts: FieldAmounts): bigint {
  return fields.reduce((sum, field) => sum + amounts[field], 0n)
}

export function areZero(amounts: FieldAmounts): boolean {
  return fields.every((field) => amounts[field] === 0n)
}

function fieldOfLine(line: Line): Field {
  const rate = line.taxes[0]?.rate ?? '0'
  const field = fieldOfAccepted(rate)
  if (field === undefined) throw new AustrianRefusal('rate_unknown', `Austria has no VAT rate ${rate}.`)
  return field
}
