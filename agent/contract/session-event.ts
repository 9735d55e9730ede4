import * as z from 'zod'
import { countedCurrency, FOREIGN_CURRENCIES_MAX } from './foreign-cash.ts'
import { caller, note, typeOf } from './members.ts'
import { calendarDate, currency, metadata, money, referenceTo } from './scalars.ts'

const common = {
  register_id: referenceTo('register', 'The register of the shift.'),
  currency,
  source: z.literal('POS', 'a session event is always POS').optional().describe('Always `POS`.'),
  ...caller,
  metadata: metadata.optional(),
}

/** Movement types of a cash adjustment; their signs are `register/session.ts` (DSFinV-K, GV_TYP). */
export const movementType = z
  .enum([
    'safe_drop',
    'float_in',
    'bank_deposit',
    'transfer',
    'owner_withdrawal',
    'owner_deposit',
    'pay_in',
    'pay_out',
    'wage',
    'tip_payout',
    'correction',
  ])
  .describe('Why cash is moved; in the DSFinV-K the business case (GV_TYP).')
export type MovementType = z.output<typeof movementType>

export const createSessionOpen = z
  .strictObject({
    type: typeOf('session_open'),
    ...common,
    opening_balance_amount: money.describe('The float: cash in the drawer, 0 or more.'),
  })
  .describe('Opens a session: the shift begins with a float. Nothing is sold without one.')
export type CreateSessionOpen = z.output<typeof createSessionOpen>

export const createSessionCashAdjustment = z
  .strictObject({
    type: typeOf('session_cash_adjustment'),
    ...common,
    cash_amount: money.describe('Negative takes cash out, positive puts cash in.'),
    movement_type: movementType
      .optional()
      .describe(
        'When left out `safe_drop` for what goes out, `float_in` for what comes in. `owner_withdrawal`, `pay_out`, `wage` and `tip_payout` go out, `owner_deposit` and `pay_in` come in, the others do either.',
      ),
    note: note.optional().describe('The purpose, such as `rolls of coins`; printed on the slip.'),
  })
  .describe('Cash is put into the drawer or taken out, without a sale.')
export type CreateSessionCashAdjustment = z.output<typeof createSessionCashAdjustment>

export const createSessionCashCount = z
  .strictObject({
    type: typeOf('session_cash_count'),
    ...common,
    counted_closing_amount: money.describe('Cash that was counted in the drawer, 0 or more.'),
    interim: z
      .boolean()
      .optional()
      .describe('True: a note at any time of the shift, which stays open. Nothing is signed or booked.'),
    corrects_operation_id: referenceTo(
      'operation',
      'The newest count of the session, if this one corrects it.',
    ).optional(),
    foreign_cash: z
      .array(countedCurrency)
      .min(1)
      .max(FOREIGN_CURRENCIES_MAX)
      .optional()
      .describe('Germany: foreign cash that was counted. Each currency that should be in the drawer is needed.'),
    discrepancy_note: note.optional().describe('Why the count differs from what is expected; printed on the slip.'),
  })
  .describe(
    'The drawer was counted at the end of the shift, if it is not `interim`. Afterwards only `session_close` is possible, or a count that corrects this one.',
  )
export type CreateSessionCashCount = z.output<typeof createSessionCashCount>

export const createSessionClose = z
  .strictObject({
    type: typeOf('session_close'),
    ...common,
    business_date: calendarDate.describe(
      'Business date of the shift, chosen by the shop: from the day before its opening to the day after its close, else `business_date_implausible`. Not compared while the clock is wrong.',
    ),
    closing_adjustment_amount: money
      .nullable()
      .optional()
      .describe(
        'Cash moved after the count: negative takes it out, at most the counted amount. The rest is left for the next shift.',
      ),
    closing_adjustment_note: note
      .nullable()
      .optional()
      .describe('The destination of that cash, such as `to the bank`; printed on the slip.'),
  })
  .describe('Ends the shift after its count. In Germany it is the closing of the books (Z).')
export type CreateSessionClose = z.output<typeof createSessionClose>
