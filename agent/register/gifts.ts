import { absolute, toAtoms } from '../../base/money.ts'
import type { CreateGoods, LineType } from '../contract/goods.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { discountCents, listCents, sumOf } from './cart-discount.ts'
import { isReferenced } from './direction.ts'
import type { LawMembers } from './law-members.ts'
import { lineRules } from './line-types.ts'

type Line = CreateGoods['line_items'][number]

/** True for a line that is given away. */
export function isGift({ type }: { readonly type?: string | undefined }): boolean {
  return lineRules(type).isGift
}

/** The value of a gift, positive: its price less its discounts. In a void both are negative. */
export function giftCents(line: Pick<Line, 'quantity' | 'unit_price' | 'discounts'>): bigint {
  return absolute(listCents(line)) - sumOf((line.discounts ?? []).map((discount) => absolute(discountCents(discount))))
}

/**
 * Throws for a line that is not a gift of a sale: `not_supported_by_law`, `unprocessable_entity`, and `amount_mismatch` for one
 * that has a total.
 */
export function checkGift(request: CreateGoods, line: Line, index: number, members: LawMembers | undefined): void {
  const place = `/line_items/${index}`
  members?.require('omaggio' satisfies LineType, `${place}/type`, line.type)
  if (request.type !== 'sale')
    throw unprocessable(
      `A ${request.type} has no lines of type omaggio: only a sale gives goods away.`,
      `${place}/type`,
    )
  if (isReferenced(line)) {
    const member = line.related_operation_id === undefined ? 'external_related_operation' : 'related_operation_id'
    throw unprocessable(`Line ${index} is given away: it refers to no other operation.`, `${place}/${member}`)
  }
  for (const member of ['quantity', 'unit_price'] as const)
    if (toAtoms(String(line[member])) <= 0n)
      throw unprocessable(
        `Line ${index} is given away: its ${member} is more than 0, and its total_amount 0.00.`,
        `${place}/${member}`,
      )
  if (giftCents(line) <= 0n)
    throw unprocessable(
      `Line ${index} is given away: its price less its discounts is more than 0.`,
      `${place}/discounts`,
    )
  if (toAtoms(line.total_amount) === 0n) return
  throw new FiskalError(
    'amount_mismatch',
    `Line ${index} is given away: its total_amount is 0.00, whatever its price is.`,
    {
      pointer: `${place}/total_amount`,
      line_index: index,
      total_amount: line.total_amount,
      expected_total_amount: '0.00',
    },
  )
}
