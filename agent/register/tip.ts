import { divideRounded, formatCents, toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { lineRules } from './line-types.ts'

type Line = CreateGoods['line_items'][number]
type Tax = Line['taxes'][number]
type Share = { readonly tax: Tax; readonly key: number; grossCents: bigint; cents: bigint; remainder: bigint }

const ONE = 100_000_000n

/** Lines of a tip to the owner, and the tax in them, in cents. */
export type OwnerTip = { readonly lines: readonly Line[]; readonly taxCents: bigint }

/**
 * A tip to the owner is turnover (§ 10 UStG). It is split over the VAT keys of the articles in proportion to their gross:
 * in whole cents, by the largest remainder, in a tie by the lower key. Undefined if no article is sold.
 */
export function ownerTip(
  lines: readonly Line[],
  tipCents: bigint,
  keyOf: (tax: Tax) => number | undefined,
): OwnerTip | undefined {
  const shares = sharesOf(lines, keyOf)
  const total = shares.reduce((sum, { grossCents }) => sum + grossCents, 0n)
  if (total === 0n) return undefined
  for (const share of shares) {
    share.cents = (tipCents * share.grossCents) / total
    share.remainder = (tipCents * share.grossCents) % total
  }
  const missing = shares.reduce((sum, { cents }) => sum - cents, tipCents)
  const byRemainder = shares.toSorted((a, b) => Number(b.remainder - a.remainder) || a.key - b.key)
  for (const share of byRemainder.slice(0, Number(missing))) share.cents += 1n
  const tipped = shares.filter(({ cents }) => cents > 0n)
  return {
    lines: tipped.map(tipLine),
    taxCents: tipped.reduce((sum, { tax, cents }) => sum + taxIn(tax, cents), 0n),
  }
}

/** The articles by key, the lowest first. */
function sharesOf(lines: readonly Line[], keyOf: (tax: Tax) => number | undefined): Share[] {
  const shares = new Map<number, Share>()
  for (const { type, agency_id: agency, total_amount: total, taxes } of lines) {
    const [tax] = taxes
    const cents = toCents(total)
    // A tip to the owner is turnover of the shop: lines of an agency have no part in it.
    if (tax === undefined || agency !== undefined || !lineRules(type).isArticle || cents <= 0n) continue
    const key = keyOf(tax)
    if (key === undefined) continue
    const share = shares.get(key) ?? { tax, key, grossCents: 0n, cents: 0n, remainder: 0n }
    shares.set(key, { ...share, grossCents: share.grossCents + cents })
  }
  return [...shares.values()].sort((a, b) => a.key - b.key)
}

function tipLine({ tax, cents }: Share): Line {
  const { name, rate, code } = tax
  const amount = formatCents(cents)
  return {
    type: 'service_charge',
    sku_identifier: 'TIP',
    title: 'Trinkgeld',
    quantity: 1,
    unit_price: amount,
    total_amount: amount,
    taxes: [{ name, rate, ...(code !== undefined && { code }), tax_amount: formatCents(taxIn(tax, cents)) }],
  }
}

function taxIn({ rate }: Tax, cents: bigint): bigint {
  const atoms = toAtoms(rate)
  return divideRounded(cents * atoms, ONE + atoms)
}
