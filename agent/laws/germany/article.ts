import { absolute, divideRounded, toAtoms } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { isGivenBack } from '../../register/cart-discount.ts'
import { isBlank } from './written-text.ts'

/** The goods and their price. `MENGE × STK_BR / FAKTOR` is the gross of the line to the cent. */
export type Article = {
  number: string
  gtin?: string | undefined
  group?: string | undefined
  unit?: string | undefined
  /** Signed thousandths. */
  quantity: bigint
  /** Thousandths; 1 if absent. */
  factor?: bigint | undefined
  /** Hundred-thousandths of the currency, never negative. */
  unitPrice: bigint
}

type Line = CreateGoods['line_items'][number]

const ATOMS_PER_THOUSANDTH = 100_000n
/** 10⁻⁸ units in a price unit (10⁻⁵), and price units in a cent. */
const ATOMS_PER_PRICE_UNIT = 1000n
const PRICE_UNITS_PER_CENT = 1000n
const ONE = 1000n
/** Tried in this order if a price of five decimals is too coarse for a large quantity. */
const FACTORS: readonly (bigint | undefined)[] = [undefined, 1_000_000n, 1_000_000_000n, 1_000_000_000_000n]

/** The text of a line in the books, before it is fitted to its column. */
export function articleText({ title, sku_identifier: sku }: Pick<Line, 'title' | 'sku_identifier'>): string {
  return isBlank(title) ? sku : title
}

/**
 * MENGE, FAKTOR and STK_BR of a line: the sign is the quantity's, the price is never negative, and their product is the
 * gross to the cent. The quantity has three decimals here (six at the till), the price five.
 */
export function articleOf(line: Line, grossCents: bigint): Article {
  const sent = toAtoms(String(line.quantity))
  const price = toAtoms(line.unit_price)
  const size = divideRounded(absolute(sent), ATOMS_PER_THOUSANDTH)
  const quantity = size === 0n ? ONE : size
  return {
    number: line.sku_identifier,
    gtin: line.gtin,
    group: line.group,
    unit: line.unit,
    quantity: isGivenBack(line, grossCents) ? -quantity : quantity,
    ...fittingPrice(quantity, absolute(price), absolute(grossCents)),
  }
}

/** The requested price if it gives the gross, otherwise the nearest one that does. */
function fittingPrice(
  quantity: bigint,
  priceAtoms: bigint,
  grossCents: bigint,
): { unitPrice: bigint; factor?: bigint | undefined } {
  const sent = divideRounded(priceAtoms, ATOMS_PER_PRICE_UNIT)
  if (isGross(quantity, sent, ONE, grossCents)) return { unitPrice: sent }
  for (const factor of FACTORS) {
    const unitPrice = divideRounded(grossCents * PRICE_UNITS_PER_CENT * (factor ?? ONE), quantity)
    if (isGross(quantity, unitPrice, factor ?? ONE, grossCents)) return { unitPrice, factor }
  }
  throw new RangeError(`no price fits ${quantity} thousandths for ${grossCents} cents`)
}

/** True if `MENGE × STK_BR / FAKTOR` rounds to the gross. Quantity and factor in thousandths. */
function isGross(quantity: bigint, unitPrice: bigint, factor: bigint, grossCents: bigint): boolean {
  return divideRounded(quantity * unitPrice, factor * PRICE_UNITS_PER_CENT) === grossCents
}
