import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { View } from '../../journal/projections/view.ts'
import { sessionBefore } from '../../journal/session-before.ts'
import type { ClosingReport, ClosingReports, ReportType } from '../closing-reports.ts'
import { postedDate } from '../session-date.ts'
import { FACTS } from './facts.ts'
import { stampOf } from './machine-code.ts'
import { ReportSums } from './report-sums.ts'
import { isOurs } from './shapes.ts'
import { stateMembers, stateOf } from './state.ts'

export type ReceiptReportsOptions = {
  view: Pick<
    View,
    'lastSession' | 'closedSessionBefore' | 'session' | 'operations' | 'newestOperations' | 'operation' | 'event'
  >
  now: () => number
  /** Yields to other work. */
  pause: () => Promise<void>
}

/** Operations per portion: about 3 ms. */
const PORTION = 100
const NONE = 0

/**
 * Reports over the receipts of a calendar date or session, including those that need no signature. They sign nothing.
 */
export class ReceiptReports implements ClosingReports {
  readonly types: readonly ReportType[] = ['daily', 'shift']
  readonly #options: ReceiptReportsOptions

  constructor(options: ReceiptReportsOptions) {
    this.#options = options
  }

  report(registerId: string, businessDate: string | undefined, type: ReportType): Promise<ClosingReport> {
    return type === 'shift' ? this.#ofSession(registerId, businessDate) : this.#ofDate(registerId, businessDate)
  }

  sessionsOf(closing: DocumentOf<'closing'>, seq: number): readonly SessionRow[] {
    const { view } = this.#options
    const { register_id: register, business_date: date } = closing.shown
    const { report } = stateOf(closing)
    if (report === undefined || date === null) return []
    if (report.session !== undefined) return [view.session(report.session) ?? []].flat()
    const sessions: SessionRow[] = []
    let session = sessionBefore(view, register, seq)
    while (session !== undefined && !isClosedBefore(session, date)) {
      if (dateOf(session.document.shown.opened_at) <= date) sessions.unshift(session)
      session = view.closedSessionBefore(register, session.seq)
    }
    return sessions
  }

  async #ofSession(registerId: string, wanted: string | undefined): Promise<ClosingReport> {
    const session = this.#options.view.lastSession(registerId)
    const date = session && this.#dateOf(session)
    if (session === undefined || date === undefined || (wanted !== undefined && wanted !== date)) {
      const details = { register_id: registerId, business_date: wanted ?? null }
      const message = 'The running or last session of the register is of another date, or does not exist.'
      throw new FiskalError('session_invalid_state', message, details)
    }
    const sums = new ReportSums()
    await this.#addSession(sums, session, () => true)
    const report = reportOf(sums, date, session.seq, [session.id], session.id)
    const isOpen = session.document.shown.state !== 'closed'
    return isOpen ? { ...report, interim: { receipts: sums.count, pending_receipts: 0 } } : report
  }

  /** A business date that is not possible, which older versions accepted, does not count. */
  #dateOf(session: SessionRow): string {
    const { opened_at: opened, closed_at: closed } = session.document.shown
    return postedDate(this.#options.view, session, FACTS.timeZone) ?? dateOf(closed ?? opened)
  }

  async #ofDate(registerId: string, wanted: string | undefined): Promise<ClosingReport> {
    const { view } = this.#options
    const date = wanted ?? this.#lastDate(registerId)
    const sums = new ReportSums()
    const ids: string[] = []
    let session = view.lastSession(registerId)
    while (session !== undefined && !isClosedBefore(session, date)) {
      await this.#addSession(sums, session, (operation) => receiptDate(operation) === date)
      ids.push(session.id)
      session = view.closedSessionBefore(registerId, session.seq)
    }
    return reportOf(sums, date, session?.seq ?? NONE, ids)
  }

  /** The date of the last recorded receipt; today without one. */
  #lastDate(registerId: string): string {
    const { view, now } = this.#options
    const [newest] = view.newestOperations({ register: registerId }, 1)
    const operation = newest && view.operation(newest.id)
    return (operation && receiptDate(operation)) ?? localDate(now(), FACTS.timeZone)
  }

  async #addSession(
    sums: ReportSums,
    { id, document }: SessionRow,
    isWanted: (operation: OperationDocument) => boolean,
  ): Promise<void> {
    const { view, pause } = this.#options
    const filter = { merchant: document.shown.merchant_id, session: id, status: 'completed' }
    for (let after = 0, read = PORTION; read === PORTION; ) {
      const rows = view.operations(filter, after, PORTION)
      for (const row of rows) {
        const operation = view.operation(row.id)
        if (operation === undefined || !isGoods(operation)) continue
        if (isWanted(operation)) sums.add(operation)
      }
      after = rows.at(-1)?.seq ?? after
      read = rows.length
      await pause()
    }
  }
}

/** A set of receipts only grows: an equal count means an equal report. */
function reportOf(
  sums: ReportSums,
  businessDate: string,
  lastSeq: number,
  ids: readonly string[],
  session?: string,
): ClosingReport {
  return {
    businessDate,
    numbers: [],
    totals: sums.totals(),
    lastSeq,
    sessions: { ids, upTo: Number.MAX_SAFE_INTEGER },
    law: stateMembers({ report: { receipts: sums.count, session } }),
  }
}

function isClosedBefore({ document }: SessionRow, date: string): boolean {
  const { closed_at: closedAt } = document.shown
  return closedAt !== null && dateOf(closedAt) < date
}

/** The date on the receipt: that in its code, if it has one. */
function receiptDate({ shown }: OperationDocument): string {
  const { fiscal_information: facts, completed_at: at, created_at: created } = shown
  if (isOurs(facts)) return stampOf(facts.machine_code).slice(0, 10)
  return dateOf(at ?? created)
}

function dateOf(time: string): string {
  return localDate(parseRfc3339(time) ?? 0, FACTS.timeZone)
}
