import { toCents } from '../../money.ts'
import { RksvRefusal } from './refusal.ts'
import type { Field } from './vat.ts'
import { fieldOfAccepted, fields } from './vat.ts'

/** Gross cents by amount field of the machine-readable code. */
export type FieldAmounts = Readonly<Record<Field, bigint>>

export const noAmounts: FieldAmounts = { normal: 0n, reduced1: 0n, reduced2: 0n, zero: 0n, special: 0n }

type Line = { total_amount: string; type?: string; taxes: readonly { rate: string }[] }
type Amounts = { line_items?: readonly Line[]; tip_amount?: string }

/**
 * What a goods document adds to the turnover counter, by field. Lines are whole cents after all discounts and carry their
 * sign: those of a return are negative, an exchange nets per field. A tip and a value voucher that is sold stand in Null;
 * a voucher that is redeemed is a means of payment, so the goods stay at their full price. Documents without lines are 0.
 */
export function amountsOf({ line_items: lines = [], tip_amount: tip = '0' }: Amounts): FieldAmounts {
  const sums = { ...noAmounts }
  for (const line of lines) {
    const field = line.type === 'gift_card' ? 'zero' : fieldOfLine(line)
    sums[field] += toCents(line.total_amount)
  }
  sums.zero += toCents(tip)
  return sums
}

/** The amounts of the Stornobeleg that takes back a receipt with these. */
export function opposite(amounts: FieldAmounts): FieldAmounts {
  const { normal, reduced1, reduced2, zero, special } = amounts
  return { normal: -normal, reduced1: -reduced1, reduced2: -reduced2, zero: -zero, special: -special }
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
  if (field === undefined) throw new RksvRefusal('rate_unknown', `Austria has no VAT rate ${rate}.`)
  return field
}
