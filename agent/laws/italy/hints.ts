import { absolute, formatCents } from '../../../base/money.ts'
import type { RtDocument, RtPayment } from '../../../drivers/ports/rt-printer.ts'
import type { Hint } from '../../contract/hint.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { totalOf } from './classes.ts'
import { paidInCash } from './payments.ts'
import { romeDay } from './rome-time.ts'
import { NUMBERS } from './tenders.ts'

const ONE_EURO = 100n
/** The lottery takes money that is electronic, all of it; what is not asked for does no harm. */
const FOR_LOTTERY: readonly number[] = [NUMBERS.elettronico, NUMBERS.sconto_a_pagare]

/** More meal vouchers than an employee may use at once (D.M. 122/2017 art. 4). */
const MEAL_VOUCHERS_MAX = 8
/** Cash that may not change hands at once, by the first day (D.Lgs. 231/2007 art. 49). */
const CASH_LIMITS = [{ from: '2023-01-01', cents: 500_000n }] as const

/** Hints about an operation whose last document was printed as it was asked for. */
export function hintsOf(operation: RecordedDocument, document: RtDocument, at: string): Hint[] {
  return [...documentHints(document), ...limitHints(operation, [document], at)]
}

/** Hints about payments: the law is the same for a document and an entry. */
export function limitHints(operation: RecordedDocument, documents: readonly RtDocument[], at: string): Hint[] {
  if (!isGoods(operation) || operation.kind === 'void' || operation.shown.training === true) return []
  const tickets = documents
    .flatMap((document) => (document.kind === 'sale' ? document.payments : []))
    .filter(({ tender }) => tender === NUMBERS.ticket)
    .reduce((sum, { count = 1 }) => sum + count, 0)
  const limit = CASH_LIMITS.findLast(({ from }) => from <= romeDay(at))?.cents
  const cash = absolute(paidInCash(operation))
  const passed = `${formatCents(cash)} in cash reach the limit of ${formatCents(limit ?? 0n)} (D.Lgs. 231/2007 art. 49)`
  return [
    ...(tickets > MEAL_VOUCHERS_MAX ? [{ code: 'meal_vouchers_above_eight', message: tooMany(tickets) }] : []),
    ...(limit !== undefined && cash >= limit ? [{ code: 'cash_at_limit', message: `${passed}: use a card.` }] : []),
  ]
}

function tooMany(tickets: number): string {
  return `${tickets} meal vouchers are in one document: the law allows at most eight at once (D.M. 122/2017 art. 4).`
}

function documentHints(document: RtDocument): Hint[] {
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
