import * as z from 'zod'
import { quantity } from './goods.ts'
import { allocationGroup, caller, typeOf } from './members.ts'
import { currency, id, metadata, money, moneySum, referenceTo, text, timestamp } from './scalars.ts'

/** The line of an order, as other shapes name it. */
export const ofOrderLine = {
  order_id: id.describe('The order.'),
  order_line_id: id.describe('Its line: `id` in the `line_items` of the order.'),
}
export const openQuantity = z.string().describe('A decimal text without trailing zeros, such as `2` or `0.5`.')

export const settledOrderLine = z
  .strictObject({
    ...ofOrderLine,
    quantity: openQuantity,
    allocation_group: allocationGroup.describe('The group of the order.'),
  })
  .describe('A line of an order that a bill settles, or a part of it.')

/** Members of a bill: an operation with `allocation_group` that settles orders. */
export const settled = {
  settled_order_lines: z
    .array(settledOrderLine)
    .optional()
    .describe(
      'The lines of orders that it settles; empty if nothing was ordered. Only of a completed bill of a group.',
    ),
  first_order_at: timestamp
    .optional()
    .describe('When the first of these orders began: the time of the TSE, in an outage that of the till.'),
}

const MOVED_LINES_MAX = 1000

export const createOrderMove = z
  .strictObject({
    type: typeOf('order_move'),
    register_id: referenceTo('register', 'The register that records it.'),
    currency,
    from_allocation_group: allocationGroup.describe('Table, room or person whose orders move.'),
    allocation_group: allocationGroup.describe('The group that gets them; it may have orders already.'),
    line_items: z
      .array(
        z
          .strictObject({
            sku_identifier: text(255).optional().describe('The article: its oldest open lines move.'),
            order_line_id: id.optional().describe('The line of an order.'),
            quantity,
          })
          .refine(
            ({ sku_identifier, order_line_id }) => (sku_identifier === undefined) !== (order_line_id === undefined),
            'must have either sku_identifier or order_line_id',
          )
          .describe('An article, or a line of an order, and how much of it moves.'),
      )
      .max(MOVED_LINES_MAX)
      .optional()
      .describe('The lines that move; everything that is open when left out.'),
    training: z.boolean().optional().describe('Practice: signed as such, and nothing moves.'),
    ...caller,
    note: text(5000).optional().describe('A remark for the shop; not printed.'),
    metadata: metadata.optional(),
  })
  .describe(
    'Moves open orders of a table, room or person to another one, or merges both (Germany). It is completed at once and moves no money.',
  )
export type CreateOrderMove = z.output<typeof createOrderMove>

export const movedOrderLine = z
  .strictObject({
    ...ofOrderLine,
    sku_identifier: z.string().describe('The article.'),
    title: z.string().describe('Its name in the order.'),
    quantity: openQuantity,
    unit_price: money.describe('The price in the order.'),
    total_amount: moneySum.describe('The share of this quantity in the line of the order.'),
  })
  .describe('A line of an order that moved, or a part of it.')

/** Members of a move. */
export const moved = {
  from_allocation_group: allocationGroup.describe('Table, room or person whose orders moved.'),
  allocation_group: allocationGroup.describe('The group that got them.'),
  moved_lines: z.array(movedOrderLine).describe('The lines that moved, the oldest first.'),
}
