import { absolute, formatCents, formatRounded, powerOfTen, toAtoms, toCents, withoutZeros } from '../../base/money.ts'
import type { ReturnedBeyondSale } from '../contract/hint.ts'

type Line = {
  sku_identifier: string
  type?: string | undefined
  quantity: number | string
  unit_price: string
  total_amount: string
  taxes: readonly { rate: string }[]
}

/** A completed goods movement or the void of one. */
export type Moved = {
  type?: string | undefined
  line_items?: readonly Line[] | undefined
  tip_amount?: string | undefined
}

/** Pieces in atoms, by article: type, SKU and rate. */
type Pieces = Map<string, { article: Pick<Line, 'sku_identifier' | 'type'>; rate: string; atoms: bigint }>
type Sum = { cents: bigint; pieces: Pieces }
export type Beyond = Pick<ReturnedBeyondSale, 'sold' | 'returned' | 'articles'>

const DEFAULT_TYPE = 'item'
const ATOM_DECIMALS = 8

/** The pieces and the money by which returns exceed their sale; undefined if they do not. */
export function returnedBeyond(sale: Moved, returns: readonly Moved[]): Beyond | undefined {
  const sold = sumOf([sale], false)
  const back = sumOf(returns, true)
  const articles = [...back.pieces].flatMap(([key, { article, rate, atoms }]) => {
    const had = sold.pieces.get(key)?.atoms ?? 0n
    if (atoms <= had) return []
    const { sku_identifier, type = DEFAULT_TYPE } = article
    return [{ type, sku_identifier, rate, sold: decimal(had), returned: decimal(atoms) }]
  })
  if (articles.length === 0 && back.cents <= sold.cents) return undefined
  return { sold: formatCents(sold.cents), returned: formatCents(back.cents), articles }
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

/** A line of 0.00 has the direction of its document; in an exchange, that of its quantity and price. */
function isBack({ quantity, unit_price: price, total_amount: total }: Line, { type }: Moved): boolean {
  const cents = toCents(total)
  if (cents !== 0n) return cents < 0n
  if (type === 'return' || type === 'void') return true
  const isNegative = (text: string): boolean => text.startsWith('-')
  return isNegative(String(quantity)) !== isNegative(price)
}

/** The total has the sign of the line; the quantity may have either sign. */
function add(sum: Sum, line: Line): void {
  const { pieces } = sum
  sum.cents += absolute(toCents(line.total_amount))
  const rate = line.taxes.map((tax) => withoutZeros(tax.rate)).join('+')
  const key = JSON.stringify([line.type ?? DEFAULT_TYPE, line.sku_identifier, rate])
  const atoms = absolute(toAtoms(String(line.quantity)))
  const before = pieces.get(key)?.atoms ?? 0n
  pieces.set(key, { article: line, rate, atoms: before + atoms })
}

function decimal(atoms: bigint): string {
  return withoutZeros(formatRounded(atoms, powerOfTen(ATOM_DECIMALS), ATOM_DECIMALS))
}
