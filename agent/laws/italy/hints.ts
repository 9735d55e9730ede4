import type { RtDocument, RtPayment } from '../../../drivers/ports/rt-printer.ts'
import type { Hint } from '../../contract/hint.ts'
import { totalOf } from './classes.ts'
import { NUMBERS } from './tenders.ts'

const ONE_EURO = 100n
/** The lottery takes money that is electronic, all of it; what is not asked for does no harm. */
const FOR_LOTTERY: readonly number[] = [NUMBERS.elettronico, NUMBERS.sconto_a_pagare]

/** Hints about a document that was printed as it was asked for. */
export function hintsOf(document: RtDocument): Hint[] {
  if (document.kind !== 'sale') return []
  const { lotteryCode, payments } = document
  const reason = lotteryCode === undefined ? undefined : uncounted(totalOf(document), payments)
  return [
    ...(reason === undefined ? [] : [{ code: 'lottery_not_counted', reason, message: UNCOUNTED[reason] }]),
    ...(payments.some(({ tender }) => tender === NUMBERS.non_riscosso_servizi) ? [SERVICE_DUE] : []),
  ]
}

const UNCOUNTED = {
  below_one_euro: 'The document comes to less than 1.00: its lottery code does not count.',
  not_electronic: 'A part of the document is not paid electronically: its lottery code does not count.',
} as const

const SERVICE_DUE: Hint = {
  code: 'service_due_at_payment',
  message: 'The service needs a documento commerciale when it is paid: record a sale of it then, not a receivable.',
}

function uncounted(totalCents: bigint, payments: readonly RtPayment[]): keyof typeof UNCOUNTED | undefined {
  if (totalCents < ONE_EURO) return 'below_one_euro'
  return payments.every(({ tender }) => FOR_LOTTERY.includes(tender)) ? undefined : 'not_electronic'
}
