import { ATOMS_PER_CENT, absolute, formatRounded, toAtoms } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { listCents, piecesOf } from './cart-discount.ts'

/** Decimals of STK_BR (DSFinV-K). */
const PRICE_DECIMALS = 5

/**
 * The price of one piece before all discounts: the price in the request, unless that is the price after them. Then it is
 * calculated with the decimals of STK_BR.
 */
export function listPrice(line: CreateGoods['line_items'][number], beforeCents: bigint, isReduced: boolean): string {
  const quantity = absolute(toAtoms(String(line.quantity)))
  const difference = absolute(listCents(line)) - absolute(beforeCents)
  // Tills round weighed goods differently.
  if (!isReduced || quantity === 0n || absolute(difference) <= 1n) return piecesOf(line, beforeCents).unitPrice
  const price = formatRounded(absolute(beforeCents) * ATOMS_PER_CENT, quantity, PRICE_DECIMALS)
  return price.replace(/0{1,3}$/, '')
}
