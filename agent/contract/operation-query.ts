import * as z from 'zod'
import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { issuedAs } from './issued.ts'
import { keyedIdExample } from './key-ids.ts'
import { allocationGroup, externalId, operatorId } from './members.ts'
import { pageMembers, receiptNumber } from './page.ts'
import { referenceTo, timestamp } from './scalars.ts'

export const status = z
  .enum(['open', 'completed', 'voided'])
  .describe('`open`: not paid yet · `completed`: paid, final · `voided`: cancelled before it was paid.')

const operationType = z
  .enum([
    'sale',
    'return',
    'exchange',
    'deposit',
    'deposit_capture',
    'void',
    'order',
    'transfer',
    'employee_benefit',
    'order_move',
    'session_open',
    'session_cash_adjustment',
    'session_cash_count',
    'session_close',
  ])
  .describe('The kind of goods movement or session event.')

/** Filter of the list of operations: `from` is included, `to` is not, both compared with created_at. */
export const operationQuery = z
  .strictObject({
    ...pageMembers,
    register_id: referenceTo('register')
      .optional()
      .meta({ example: keyedIdExample('register') }),
    session_id: referenceTo('session')
      .optional()
      .meta({ example: keyedIdExample('session') }),
    type: operationType.optional().describe('Only operations of this type.').meta({ example: 'sale' }),
    status: status.optional().describe('Only operations in this state.').meta({ example: 'completed' }),
    from: timestamp
      .optional()
      .describe('Created then or later. In a query a `+` is written `%2B`.')
      .meta({ example: '2026-01-01T00:00:00Z' }),
    to: timestamp.optional().describe('Created before that.').meta({ example: '2100-01-01T00:00:00Z' }),
    external_id: externalId
      .optional()
      .describe('Only with this id of your own: all that have it.')
      .meta({ example: 'order-1' }),
    receipt_number: receiptNumber
      .optional()
      .describe('The one with this receipt number; send its `register_id`, too.')
      .meta({ example: 1 }),
    allocation_group: allocationGroup
      .optional()
      .describe('Only of this table, room or person.')
      .meta({ example: 'Tisch 7' }),
    operator_id: operatorId.optional().describe('Only of this person at the till.').meta({ example: 'emp-7' }),
    issued_as: issuedAs
      .optional()
      .describe('Only those whose receipt was issued in this way.')
      .meta({ example: 'paper' }),
    order: z
      .enum(['asc', 'desc'])
      .default('asc')
      .describe('`asc`: the oldest first · `desc`: the newest first. A cursor belongs to its order.')
      .meta({ example: 'desc' }),
  })
  .refine((query) => query.receipt_number === undefined || query.register_id !== undefined, {
    path: ['register_id'],
    message: 'is required with receipt_number',
  })
  .transform((query) => ({
    limit: query.limit,
    cursor: query.cursor,
    order: query.order,
    registerId: query.register_id,
    session: query.session_id,
    type: query.type,
    status: query.status,
    from: inUtc(query.from),
    to: inUtc(query.to),
    external_id: query.external_id,
    allocation_group: query.allocation_group,
    operator_id: query.operator_id,
    issued_as: query.issued_as,
    receiptNumber: query.receipt_number,
  }))

/** Query of the last operation of a register. */
export const lastOperationQuery = z.strictObject({
  type: operationType
    .optional()
    .describe('Only of this type; goods movements and voids if left out.')
    .meta({ example: 'sale' }),
})

/** Times of the journal are UTC with three decimals, so that their text sorts like time. */
function inUtc(text: string | undefined): string | undefined {
  const ms = text === undefined ? undefined : parseRfc3339(text)
  return ms === undefined ? undefined : rfc3339(ms)
}
