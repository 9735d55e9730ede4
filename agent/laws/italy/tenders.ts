import type { EuroPayment, Payment, Tender } from '../../contract/payment.ts'
import { FiskalError, unprocessable } from '../../errors.ts'

/** Numbers of the printers' payment table. */
export const NUMBERS = {
  contanti: 1,
  non_riscosso_beni: 2,
  assegni: 3,
  elettronico: 4,
  ticket: 5,
  non_riscosso_servizi: 6,
  non_riscosso_fatture: 7,
  non_riscosso_ssn: 8,
  sconto_a_pagare: 9,
  buono_multiuso: 10,
  buono_celiachia: 11,
} as const satisfies Record<Tender, number>

const ELECTRONIC: readonly Tender[] = ['elettronico']
const VOUCHERS: readonly Tender[] = ['ticket', 'buono_celiachia', 'buono_multiuso']
const NOT_COLLECTED = ['non_riscosso_beni', 'non_riscosso_servizi', 'non_riscosso_fatture'] as const
const NOT_CASH = (Object.keys(NUMBERS) as Tender[]).filter((tender) => tender !== 'contanti')

/** The classes under which money of a method may be printed. */
const OF_METHOD: Readonly<Record<Payment['method'], readonly Tender[]>> = {
  cash: ['contanti'],
  card: ELECTRONIC,
  mobile: ELECTRONIC,
  online: ELECTRONIC,
  digital_wallet: ELECTRONIC,
  voucher: VOUCHERS,
  gift_card: ['buono_multiuso'],
  bank_transfer: NOT_CASH,
  other: NOT_CASH,
  store_credit: NOT_CASH,
  on_account: NOT_COLLECTED,
  rounding: ['sconto_a_pagare'],
}
/** Classes of a transfer and of other money, of which the shop must choose one. */
const CHOICES = '2 or 6 (goods or services not collected), 3 (cheque), 4 (electronic), 7 (an invoice follows)'

export type TenderSettings = {
  /** Payment method of the API → number of the printer's payment table. */
  tenders: Readonly<Partial<Record<Payment['method'], number | undefined>>>
  /** True for a number that the register's printer prints. */
  hasTender: (tender: number) => boolean
}

/**
 * The number of the payment table for a payment. Throws `payment_method_not_supported` if it is not on the printer.
 * Throws `unprocessable_entity` for a class that its method cannot have, and for a `count` in another class than tickets.
 */
export function tenderNumber(
  { method, tender, count }: EuroPayment,
  index: number,
  { tenders, hasTender }: TenderSettings,
): number {
  const classes = OF_METHOD[method]
  if (tender !== undefined && !classes.includes(tender)) {
    const words = `A payment by ${method} is not ${tender}: its tender is one of ${classes.join(', ')}.`
    throw unprocessable(words, `/payments/${index}/tender`)
  }
  const own = method === 'rounding' ? NUMBERS.sconto_a_pagare : tenders[method]
  const number = tender === undefined ? own : NUMBERS[tender]
  if (count !== undefined && number !== NUMBERS.ticket)
    throw unprocessable('Meal vouchers alone have a count: their tender is ticket.', `/payments/${index}/count`)
  const isWrong = method === 'on_account' && !NOT_COLLECTED.some((name) => NUMBERS[name] === number)
  if (number !== undefined && !isWrong && hasTender(number)) return number
  const details = { payment_index: index, method, tender: tender ?? number ?? null }
  throw new FiskalError('payment_method_not_supported', whyNot({ method, tender }, number), details)
}

function whyNot({ method, tender }: Pick<EuroPayment, 'method' | 'tender'>, number: number | undefined): string {
  const wayOut = `Choose another payment, or name the preset of a Custom printer in "tenderCodes" of its "profile".`
  if (tender !== undefined) return `The printer has no payment of class ${tender}. ${wayOut}`
  if (method === 'on_account')
    return `A payment on account is not collected: send its tender, or name 2, 6 or 7 in "rt.tenders": ${NOT_COLLECTED.join(', ')}.`
  if (number === undefined)
    return `Payment method ${method} has no tender: send one, or name one in "rt.tenders": ${CHOICES}.`
  return `The printer has no payment number ${number}, which "rt.tenders" names for ${method}. ${wayOut}`
}
