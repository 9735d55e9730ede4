import * as z from 'zod'
import { foreignCashList } from './foreign-cash.ts'
import { locationId, merchantId, operatorId, operatorName, ownId, registerId } from './members.ts'
import { calendarDate, currency, listOf, money, moneySum, timestamp } from './scalars.ts'

const sessionState = z
  .enum(['open', 'counted', 'closed'])
  .describe(
    '`open`: the till sells · `counted`: the drawer was counted, nothing is sold any longer · `closed`: the shift has ended.',
  )
export type SessionState = z.output<typeof sessionState>

export const interimCount = z
  .strictObject({
    counted_closing_amount: money.describe('Cash that was counted.'),
    expected_closing_amount: moneySum.describe('Cash that should have been in the drawer.'),
    closing_cashcount_diff: moneySum.describe('Counted minus expected.'),
    foreign_cash: foreignCashList,
    operator_id: operatorId.optional(),
    operator_name: operatorName.optional(),
    counted_at: timestamp.describe('When the drawer was counted.'),
  })
  .describe('A count of the drawer during the shift.')
export type InterimCount = z.output<typeof interimCount>

export const session = z
  .strictObject({
    id: ownId,
    merchant_id: merchantId,
    location_id: locationId.describe('The shop in which the register was at the opening.'),
    register_id: registerId,
    state: sessionState,
    currency,
    opening_balance_amount: money.describe('The float: cash in the drawer at the beginning.'),
    expected_closing_amount: moneySum.describe('The expected cash in the drawer according to the journal.'),
    counted_closing_amount: money.nullable().describe('Cash that was counted; null before the count.'),
    closing_cashcount_diff: moneySum
      .nullable()
      .describe('Counted minus expected; negative if cash is missing. Null before the count.'),
    foreign_cash: foreignCashList,
    interim_count: interimCount.optional().describe('The newest count with `interim`.'),
    business_date: calendarDate.nullable().describe('The date that the shift counts by; null before the close.'),
    closing_adjustment_amount: money
      .nullable()
      .describe('Cash moved at the close: negative was taken out. Null before the close.'),
    amount_left: moneySum.nullable().describe('Cash left for the next shift; null before the close.'),
    opened_at: timestamp.describe('When the session was opened.'),
    counted_at: timestamp.nullable().describe('When the drawer was counted; null before.'),
    closed_at: timestamp.nullable().describe('When the session was closed; null before.'),
  })
  .describe('One shift of a register: opened with a float, counted, closed. Values that are not known yet are null.')
export type Session = z.output<typeof session>
export const sessionList = listOf(session)
