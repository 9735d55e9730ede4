import * as z from 'zod'
import { locationId, merchantId, ownId, registerId } from './members.ts'
import { calendarDate, currency, listOf, money, moneySum, timestamp } from './scalars.ts'

const sessionState = z.enum(['open', 'counted', 'closed'])
export type SessionState = z.output<typeof sessionState>

/** One shift at one register. Facts of the future are null. */
export const session = z.strictObject({
  id: ownId,
  merchant_id: merchantId,
  location_id: locationId,
  register_id: registerId,
  state: sessionState.describe('A session is opened, counted and closed, in this order.'),
  currency,
  opening_balance_amount: money,
  expected_closing_amount: moneySum.describe('The expected cash in the drawer according to the journal.'),
  counted_closing_amount: money.nullable(),
  closing_cashcount_diff: moneySum.nullable(),
  business_date: calendarDate.nullable(),
  closing_adjustment_amount: money.nullable(),
  amount_left: moneySum.nullable(),
  opened_at: timestamp,
  counted_at: timestamp.nullable(),
  closed_at: timestamp.nullable(),
})
export type Session = z.output<typeof session>
export const sessionList = listOf(session)
