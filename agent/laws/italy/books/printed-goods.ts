import type { Rates } from './rates.ts'
import { add, markedKey, NO_RATES, ROUNDING, rateKey, TIP, together, VOUCHERS } from './rates.ts'

/**
 * The goods of printed documents by rate or natura, and the number of their lines. `gifts` are not in `rates`; `deducted`: cents
 * by the reason for which they were taken off.
 */
export type PrintedGoods = {
  readonly rates: Rates
  readonly gifts: Rates
  readonly deducted: ReadonlyMap<string, number>
  readonly lines: number
}

type Amount = { vat: string; amount_cents: number }
type Line = {
  vat: string
  unit_price_cents: number
  quantity: string
  text: string
  voucher?: true
  adjustments?: readonly (Pick<Amount, 'amount_cents'> & { kind: string })[]
}

/** A document that an intent asks a printer for. The journal may come from anywhere: a member may be missing. */
export type RequestedDocument = {
  readonly kind?: string
  readonly reference?: string
  readonly original?: { readonly z: number; readonly number: number; readonly serial?: string }
  readonly lines?: readonly Line[]
  readonly deductions?: readonly (Amount & { reason: string })[]
}

export const NO_GOODS: PrintedGoods = { rates: NO_RATES, gifts: NO_RATES, deducted: NO_RATES, lines: 0 }

const GIFT = 'gift'
const THOUSAND = 1000n

/** The goods of a sale or return that were sent to a printer, positive; undefined for a document without lines. */
export function printedGoods({ lines, deductions = [] }: RequestedDocument): PrintedGoods | undefined {
  if (!Array.isArray(lines) || !Array.isArray(deductions)) return undefined
  const [rates, gifts, deducted] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
  // The tip follows the goods, and a rounding the tip.
  const last = lines.length - 1
  const tipAt = lines[last]?.text === ROUNDING ? last - 1 : last
  for (const [index, line] of lines.entries()) {
    const key = rateKey(line.vat)
    const isRounding = index === last && line.text === ROUNDING
    const ofEnd = isRounding ? ROUNDING : index === tipAt && line.text === TIP && TIP
    const mark = ofEnd || (line.voucher && VOUCHERS)
    add(rates, mark === undefined ? key : markedKey(mark, key), lineCents(line))
  }
  for (const { vat, amount_cents, reason } of deductions) {
    add(rates, rateKey(vat), -amount_cents)
    add(deducted, reason, amount_cents)
    if (reason === GIFT) add(gifts, rateKey(vat), amount_cents)
  }
  return { rates, gifts, deducted, lines: lines.length + deductions.length }
}

/** Both; with `sign` -1 the amounts of the second are taken off. */
export function joined(one: PrintedGoods, other: PrintedGoods, sign: 1 | -1): PrintedGoods {
  return {
    rates: together(one.rates, other.rates, sign),
    gifts: together(one.gifts, other.gifts, sign),
    deducted: together(one.deducted, other.deducted, sign),
    lines: one.lines + other.lines,
  }
}

/** The goods as a closing has them: the office counts a gift, with its tax. */
export function ratesWithGifts({ rates, gifts }: PrintedGoods): Rates {
  return together(rates, gifts)
}

/** Half up, as printers round. */
function lineCents({ unit_price_cents, quantity, adjustments = [] }: Line): number {
  const [whole = '0', decimals = ''] = quantity.split('.')
  const thousandths = BigInt(whole) * THOUSAND + BigInt(decimals.slice(0, 3).padEnd(3, '0'))
  const cents = Number((BigInt(unit_price_cents) * thousandths + THOUSAND / 2n) / THOUSAND)
  return adjustments.reduce(
    (sum, { kind, amount_cents }) => (kind === 'surcharge' ? sum + amount_cents : sum - amount_cents),
    cents,
  )
}
