import * as z from 'zod'
import { tax } from './goods.ts'
import { keyedIdExample } from './key-ids.ts'
import { allocationGroup } from './members.ts'
import { ofOrderLine, openQuantity } from './order-lines.ts'
import { pageMembers } from './page.ts'
import type { Route } from './route.ts'
import { id, listOf, money, moneySum, referenceTo, timestamp } from './scalars.ts'

const openOrderLine = z
  .strictObject({
    ...ofOrderLine,
    register_id: id.describe('The register that ordered it.'),
    sku_identifier: z.string().describe('The article.'),
    title: z.string().describe('Its name in the order.'),
    quantity: openQuantity,
    unit_price: money.describe('The price in the order.'),
    total_amount: moneySum.describe('The share of this quantity in the line of the order.'),
    in_house: z.boolean().optional().describe('True: eaten here; false: taken away; absent if the order has neither.'),
    taxes: z.array(tax).describe('The taxes in this share.'),
  })
  .describe(
    'The open part of a line of an order. A bill may send its members as they are, without `order_id` and `register_id`.',
  )

export const allocationGroupDto = z
  .strictObject({
    allocation_group: allocationGroup,
    location_id: id.describe('The location; its registers share the group.'),
    first_order_at: timestamp.describe(
      'When the first order with an open line began: the time of the TSE, in an outage that of the till.',
    ),
    order_ids: z.array(id).describe('The orders with open lines, the oldest first.'),
    total_amount: moneySum.describe('Sum of the open lines.'),
    open_lines: z.array(openOrderLine).describe('The ordered lines that are not settled, the oldest first.'),
  })
  .describe('A table, room or person with orders that are not billed.')

export const allocationGroupList = listOf(allocationGroupDto)

export const allocationGroupQuery = z
  .strictObject({
    ...pageMembers,
    location_id: referenceTo('location', 'Only of this location.')
      .optional()
      .meta({ example: keyedIdExample('location') }),
    register_id: referenceTo('register', 'Only of the location of this register, from whichever register.')
      .optional()
      .meta({ example: keyedIdExample('register') }),
    allocation_group: allocationGroup.optional().describe('Only this one.').meta({ example: 'Tisch 7' }),
  })
  .transform(({ limit, cursor, location_id, register_id, allocation_group }) => ({
    limit,
    cursor,
    locationId: location_id,
    registerId: register_id,
    group: allocation_group,
  }))
export type AllocationGroupQuery = z.output<typeof allocationGroupQuery>

/** The open tables of restaurants. */
export const allocationGroupRoutes = {
  allocationGroupsList: {
    methods: ['get'],
    path: '/v1/allocation-groups',
    operationId: 'AllocationGroupsController_list',
    tag: 'Operations',
    summary: 'List tables and rooms with orders that are not billed',
    description:
      'Germany: the open order lines of each table, room or person, neither billed nor cancelled. Groups belong to the location: each of its registers lists, moves and bills those of all. A till bills from here: it sends the `order_line_id` of each line, so that no line is billed twice. A group without an open line is not listed.',
    auth: 'any',
    query: allocationGroupQuery,
    success: { status: 200, description: 'One page', schema: allocationGroupList },
    errors: ['not_found'],
  },
} as const satisfies Record<string, Route>
