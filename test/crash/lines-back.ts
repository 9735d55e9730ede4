import { elsewhere } from '../e2e/goods.ts'
import type { Seeded } from './seeded.ts'
import { money } from './till.ts'

export type Lines = [amount: string, rate: string, more?: { readonly [member: string]: unknown }][]

/** Of ten sales: empties come back in two, a piece is taken off in two, and goods of an earlier sale come back in one. */
type LineBack = 'none' | 'empties' | 'cancelled' | 'referenced'
const LOTS: readonly [LineBack, ...LineBack[]] = [
  ...(['none', 'none', 'none', 'none', 'none'] as const),
  ...(['empties', 'empties', 'cancelled', 'cancelled', 'referenced'] as const),
]

/** Lines that go the other way in a sale of these goods. `original`: an operation that goods may come from. */
export function linesBack(
  random: Seeded,
  sold: Readonly<Lines>,
  rates: readonly [string, ...string[]],
  original: () => string | undefined,
): Lines {
  const lot = random.pick(LOTS)
  switch (lot) {
    case 'none':
      return []
    case 'empties': {
      const bottles = 1 + random.below(40)
      const bottle = { type: 'container_deposit', sku_identifier: 'bottle', title: 'Flasche', unit_price: '0.25' }
      return [[money(-25 * bottles), random.pick(rates), { ...bottle, quantity: -bottles }]]
    }
    case 'cancelled':
      return takenOff(sold[0])
    case 'referenced': {
      const id = original()
      const reference = id === undefined ? elsewhere : { related_operation_id: id }
      const cents = sold.reduce((sum, [amount]) => sum + Math.round(Number(amount) * 100), 0)
      if (cents <= 0) return []
      const price = 1 + random.below(cents)
      return [[money(-price), random.pick(rates), { ...reference, quantity: -1, unit_price: money(price) }]]
    }
    default:
      return lot satisfies never
  }
}

/** The first line of an article, taken off again. */
function takenOff(first: Lines[number] | undefined): Lines {
  if (first === undefined) return []
  const [amount, rate, more = {}] = first
  const { type = 'item', discounts, quantity = 1, unit_price = amount } = more
  if (type !== 'item' || discounts !== undefined || Number(amount) === 0) return []
  const taxes = more['taxes'] as readonly { tax_amount: string }[] | undefined
  const back = taxes && { taxes: taxes.map((tax) => ({ ...tax, tax_amount: `-${tax.tax_amount}` })) }
  return [[`-${amount}`, rate, { ...more, ...back, quantity: `-${String(quantity)}`, unit_price }]]
}
