import * as z from 'zod'
import { allocationGroup } from './members.ts'
import { id, timestamp } from './scalars.ts'

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
