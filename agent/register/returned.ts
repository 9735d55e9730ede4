import { absolute, formatAtoms, formatCents, toAtoms, toCents, withoutZeros } from '../../base/money.ts'
import type { ReturnedBeyondSale } from '../contract/hint.ts'
import type { LineOwner } from './direction.ts'
import { isBack } from './direction.ts'
import { DEFAULT_LINE_TYPE } from './line-types.ts'

type Line = {
  sku_identifier: string
  type?: string | undefined
  quantity: number | string
  unit_price: string
  total_amount: string
  taxes: readonly { rate: string }[]
}

/** A completed goods movement or the void of one. */
export type Moved = LineOwner & {
  line_items?: readonly Line[] | undefined
  tip_amount?: string | undefined
}

/** Pieces in atoms, by article: type, SKU and rate. */
type Pieces = Map<string, { article: Pick<Line, 'sku_identifier' | 'type'>; rate: string; atoms: bigint }>
type Sum = { cents: bigint; pieces: Pieces }
export type Beyond = Pick<ReturnedBeyondSale, 'sold' | 'returned' | 'articles'>

/** Maximum number of returns recorded on one operation: each event that adds one contains all. */
export const RETURNS_MAX = 32

/** The pieces and the money by which returns exceed their sale; undefined if they do not. */
export function returnedBeyond(sale: Moved, returns: readonly Moved[]): Beyond | undefined {
  const sold = sumOf([sale], false)
  const back = sumOf(
    returns.map((moved) => ({ ...moved, reverses: sale.type })),
    true,
  )
  const articles = [...back.pieces].flatMap(([key, { article, rate, atoms }]) => {
    const had = sold.pieces.get(key)?.atoms ?? 0n
    if (atoms <= had) return []
    const { sku_identifier, type = DEFAULT_LINE_TYPE } = article
    return [{ type, sku_identifier, rate, sold: formatAtoms(had), returned: formatAtoms(atoms) }]
  })
  if (articles.length === 0 && back.cents <= sold.cents) return undefined
  return { sold: formatCents(sold.cents), returned: formatCents(back.cents), articles }
}

/** The money that returns and exchanges give back for goods, less the deposits that are valid again. */
export function paidOutCents(returns: readonly Moved[]): bigint {
  return (
    sumOf(returns, true).cents -
    sumOf(
      returns.filter(({ type }) => type === 'return'),
      false,
    ).cents
  )
}

/** The lines of one direction, with the tip of that direction. */
function sumOf(all: readonly Moved[], comesBack: boolean): Sum {
  const sum: Sum = { cents: 0n, pieces: new Map() }
  for (const moved of all) {
    const tip = toCents(moved.tip_amount ?? '0')
    if (tip < 0n === comesBack) sum.cents += absolute(tip)
    for (const line of moved.line_items ?? []) if (isBack(line, moved) === comesBack) add(sum, line)
  }
  return sum
}

/** The total has the sign of the line; the quantity may have either sign. */
function add(sum: Sum, line: Line): void {
  const { pieces } = sum
  sum.cents += absolute(toCents(line.total_amount))
  const rate = line.taxes.map((tax) => withoutZeros(tax.rate)).join('+')
  const key = JSON.stringify([line.type ?? DEFAULT_LINE_TYPE, line.sku_identifier, rate])
  const atoms = absolute(toAtoms(String(line.quantity)))
  const before = pieces.get(key)?.atoms ?? 0n
  pieces.set(key, { article: line, rate, atoms: before + atoms })
}
