import * as z from 'zod'
import { externalRelatedOperation } from './goods.ts'
import { cardTerminalId } from './members.ts'
import { currency, id, moment, money, text } from './scalars.ts'

/** Printed; the value of foreign cash is not calculated from it. */
const exchangeRate = z
  .string()
  .regex(
    /^(?!0+(\.0*)?$)\d{1,9}(\.\d{1,8})?$/,
    'must be a decimal string above 0 with a point, such as "4.50": at most 9 digits and 8 decimals',
  )
  .describe('Euro for one unit of the currency; printed. `base_amount` differs by at most 0.01.')

/** The classes of payment of an Italian printer. */
export const tender = z
  .enum([
    'contanti',
    'non_riscosso_beni',
    'assegni',
    'elettronico',
    'ticket',
    'non_riscosso_servizi',
    'non_riscosso_fatture',
    'non_riscosso_ssn',
    'sconto_a_pagare',
    'buono_multiuso',
    'buono_celiachia',
  ])
  .describe('Italy: the class under which the printer has it; left out, the one that `rt.tenders` has for the method.')

export const payment = z
  .strictObject({
    payment_id: id.describe('Your id of the payment, or that of the terminal.'),
    method: z
      .enum([
        'cash',
        'card',
        'voucher',
        'gift_card',
        'bank_transfer',
        'digital_wallet',
        'store_credit',
        'other',
        'mobile',
        'online',
        'on_account',
        'rounding',
      ])
      .describe(
        'How it was paid. `cash` at a register only: an ONLINE operation has no drawer. `on_account` (sale, return and deposit_capture): not paid, a claim on the named customer. `rounding` (Italy): what is left off cash that is rounded to 5 cents (`0.02`), or added (`-0.02`); cash is the only other method then. Italy: printed as its `tender`; `other`, `bank_transfer` and `on_account` have no default class (422 `payment_method_not_supported`).',
      ),
    status: z
      .enum(['pending', 'authorized', 'captured', 'failed', 'voided', 'refunded'])
      .describe(
        '`captured` for money that you have; a till usually sends only these. Those captured and authorized make up the total, else these with the pending ones; the others are only kept. Cash is never `authorized` or `pending`: the drawer counts captured cash. `on_account` is always `captured`.',
      ),
    amount: money.describe('Signed: change and money back are negative.'),
    currency: currency.describe('ISO 4217. `EUR`, or that of foreign cash (Germany), which needs a `base_amount`.'),
    base_amount: money
      .optional()
      .describe('The value of foreign cash in euro, with the sign of `amount`; the payments add up with it.'),
    exchange_rate: exchangeRate.optional(),
    tender: tender.optional(),
    count: z
      .int()
      .optional()
      .describe('Italy: how many meal vouchers of one value make the amount, 1 to 99; one when left out.'),
    processor: text(255).optional().describe('Who processed it, such as the acquirer of a card.'),
    processor_reference: text(255).optional().describe('The number that the processor gave it.'),
    card_brand: text(255).optional().describe('Such as `Visa` or `girocard`.'),
    scheme: text(255)
      .optional()
      .describe('The scheme of the card, such as `girocard` or `visa`; taken before `card_brand`.'),
    tid: cardTerminalId.optional().describe('Terminal id of the card terminal, not of cash.'),
    processed_at: moment.optional().describe('When the processor accepted it.'),
    gift_card_id: z
      .string()
      .max(255)
      .optional()
      .describe(
        'Needed for method gift_card. A number that was sold in training only: 422 `related_operation_invalid`.',
      ),
    external_related_operation: externalRelatedOperation
      .optional()
      .describe('Of `on_account` only: the `invoice` or `delivery_note` of the claim.'),
  })
  .describe('Money that comes in or goes out. Cash and its change are two payments.')
export type Tender = z.output<typeof tender>
/** A payment in a request. */
export type SentPayment = z.output<typeof payment>

declare const UNITS: unique symbol
/** A decimal string in a foreign currency. Not a text for the compiler, so that no sum takes it as euro. */
export type ForeignUnits = { readonly [UNITS]: true }

export type EuroPayment = Omit<SentPayment, 'base_amount' | 'exchange_rate'> & {
  base_amount?: undefined
  exchange_rate?: undefined
}
/** `base_amount`: its value in euro, with the same sign. */
export type ForeignCash = Omit<SentPayment, 'method' | 'amount' | 'base_amount'> & {
  method: 'cash'
  amount: ForeignUnits
  base_amount: string
}
/** A payment that was checked, and as it is recorded. */
export type Payment = EuroPayment | ForeignCash
