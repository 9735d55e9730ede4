import { formatCents } from '../../base/money.ts'
import type { Closing } from '../contract/closing.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { TakenBackName } from '../journal/books/taken-back.ts'
import { OF_ORDERS, TAKEN_BACK } from '../journal/books/taken-back.ts'
import type { DocumentOf, RecordedDocument } from '../journal/documents/document.ts'
import type { UnpaidKind } from '../journal/documents/kind.ts'
import type { Members } from '../journal/events.ts'
import type { SessionRow } from '../journal/projections/sessions.ts'

/** The type of a requested closing; a law supports some of them. */
export type ClosingType = 'daily' | 'shift' | 'monthly' | 'annual' | 'zero'

type CountedSum = { count: number; amount: string }

/** Gross sums of a closing; amounts in the format of the API. */
export type ClosingTotals = {
  vat: { key?: number; name: string; rate?: string; amount: string; tax_amount: string }[]
  payments: { name: string; amount: string; count?: number | undefined }[]
  /** `agency_id`: sold for an agency; a sum without it is own turnover. */
  business_cases: { name: string; amount: string; agency_id?: number }[]
  /** Completed without payments: in none of these sums. Absent without any. */
  unpaid_operations?: { type: UnpaidKind; count: number; amount: string }[]
  /** Claims on customers, and the payments of them. Absent without any. */
  claims?: { created: CountedSum; settled: CountedSum }
  /** Cash in other currencies that moved, in units of each. Absent without any. */
  foreign_cash?: { currency: string; amount: string }[]
  /** Taken away before the operation was completed: in none of these sums. Older closings have it only with lines. */
  cancelled_lines?: CountedSum
  /** Older closings do not have these. */
  reversals?: CountedSum
  returns?: CountedSum
  training?: CountedSum
  /** Lines of orders. Absent without any. */
  sent_back_order_lines?: CountedSum
  cancelled_order_lines?: CountedSum
}

/** The sums of a closing for acts that sold nothing, or were taken back; those of TAKEN_BACK are present even if 0. */
export type TakenBack = Pick<ClosingTotals, TakenBackName>

/** As a closing shows them. */
export function shownSums(sumOf: (name: TakenBackName) => { count: number; cents: bigint }): TakenBack {
  const names = [...TAKEN_BACK, ...OF_ORDERS.filter((name) => sumOf(name).count > 0)]
  return Object.fromEntries(
    names.map((name) => [name, { count: sumOf(name).count, amount: formatCents(sumOf(name).cents) }]),
  )
}

/** Counts acts that sold nothing, or were taken back. */
export class TakenBackSums {
  readonly #sums = new Map<TakenBackName, { count: number; cents: bigint }>()

  add(name: TakenBackName, cents: bigint): void {
    const before = this.#sums.get(name) ?? { count: 0, cents: 0n }
    this.#sums.set(name, { count: before.count + 1, cents: before.cents + cents })
  }

  totals(): TakenBack {
    const none = { count: 0, cents: 0n }
    return shownSums((name) => this.#sums.get(name) ?? none)
  }
}

/** The scope of a report: the closings of a date, the last closing, those of its month or year. */
export type ReportType = Exclude<ClosingType, 'zero'>

/** The report over closings of a register. `period`: their month (`2026-03`) or year, if the type has one. */
export type ClosingReport = {
  businessDate: string
  period?: string
  numbers: number[]
  totals: ClosingTotals
  /** Given if its session was open: the day so far. */
  interim?: Closing['interim']
  /** No report over them is older than that event. */
  lastSeq: number
  /** The law's state of the report: it distinguishes reports of the same type and date. */
  law?: Members
  /** The sessions of the report, to find facts about them that were recorded up to an event. */
  sessions: { ids: readonly string[]; upTo: number }
}

/** Reports over the register's books; they sign nothing. */
export type ClosingReports = {
  /** The types that are reports. */
  readonly types: readonly ReportType[]
  /**
   * The report over a calendar date or the period of the type, by default the last one; of type `shift` over the session
   * that is not closed. Undefined if no session was closed for it. Throws `reconciling` while the outcome of one of its
   * bons is unknown, `session_invalid_state` if there is no such session.
   */
  report(registerId: string, businessDate: string | undefined, type: ReportType): Promise<ClosingReport | undefined>
  /**
   * The sessions of a report, the oldest first: their master data head it, not those of the day on which it is drawn.
   * `seq`: its first event. None of a closing that is not a report.
   */
  sessionsOf(closing: DocumentOf<'closing'>, seq: number): readonly SessionRow[]
}

/** For laws whose closings are the closed sessions of a register. */
export type ClosingBooks = ClosingReports & {
  /** Stored with each close, in addition to the master data. */
  readonly settings: Members
  /** True if a drawer opening without an operation is signed by the device and part of the books. */
  readonly recordsDrawerOpenings: boolean
  /** True if bons were numbered after the last closing. Throws `reconciling` while the outcome of one is unknown. */
  hasLeftOver(registerId: string): boolean
  /** How the amounts of an operation enter the books: lines, VAT keys, roundings (contract/explanation.ts). Pure. */
  explain(document: RecordedDocument): Explanation
}
