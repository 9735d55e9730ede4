import { ATOMS_PER_CENT, absolute, formatRounded, toAtoms } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { listCents, piecesOf } from './cart-discount.ts'

/** Of STK_BR (DSFinV-K). */
const PRICE_DECIMALS = 5

/** What one cost before all discounts: as it was sent, unless that is the price behind them; then as STK_BR is told. */
export function listPrice(line: CreateGoods['line_items'][number], beforeCents: bigint, isReduced: boolean): string {
  const quantity = absolute(toAtoms(String(line.quantity)))
  const difference = absolute(listCents(line)) - absolute(beforeCents)
  // A till rounds weighed goods in its own way.
  if (!isReduced || quantity === 0n || absolute(difference) <= 1n) return piecesOf(line, beforeCents).unitPrice
  const price = formatRounded(absolute(beforeCents) * ATOMS_PER_CENT, quantity, PRICE_DECIMALS)
  return price.replace(/0{1,3}$/, '')
}
