import * as z from 'zod'
import { currency, money, moneySum } from './scalars.ts'

/** Foreign currencies that a session may have. */
export const FOREIGN_CURRENCIES_MAX = 10

/** Foreign cash by currency: cents of that currency, and of its value in euro. */
export type ForeignSums = { readonly [currency: string]: { readonly units: number; readonly base: number } }

export const countedCurrency = z
  .strictObject({
    currency: currency.describe('ISO 4217, not `EUR`.'),
    counted_amount: money.describe('Counted in that currency, 0 or more.'),
    base_amount: money
      .optional()
      .describe('The value in euro of the counted cash; only for a currency that the drawer should not hold.'),
  })
  .describe('Counted cash of one foreign currency.')
export type CountedCurrency = z.output<typeof countedCurrency>

export const foreignCash = z
  .strictObject({
    currency: currency.describe('ISO 4217, not `EUR`.'),
    expected_amount: moneySum.describe('Cash that the drawer should hold, in that currency.'),
    counted_amount: money.nullable().describe('Cash that was counted; null before the count.'),
    diff_amount: moneySum.nullable().describe('Counted minus expected; null before the count.'),
    base_amount: moneySum.describe('Value in euro of the counted cash; before the count that of the expected cash.'),
  })
  .describe('Foreign cash of one currency in the drawer.')
export type ForeignCashState = z.output<typeof foreignCash>

/** The member of a session, its count and its close. */
export const foreignCashList = z
  .array(foreignCash)
  .optional()
  .describe('Foreign cash in the drawer, by currency. Absent without any; the close takes all of it out.')
