import { localDate, PLAUSIBLE_MS, parseRfc3339 } from '../../../base/clock.ts'
import { toCents } from '../../../base/money.ts'
import type { TseIdentity } from '../../../drivers/ports/tse.ts'
import type { LogTimeFormat } from '../../../drivers/tr03151/log-time.ts'
import type { Explanation } from '../../contract/explanation.ts'
import type { LeftOutSession } from '../../contract/export.ts'
import { ERRORS, FiskalError } from '../../errors.ts'
import type { Chains } from '../../journal/chains.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import { isGoods, isOperation } from '../../journal/documents/document.ts'
import type { Members } from '../../journal/events.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import { sessionBefore } from '../../journal/session-before.ts'
import type { ClosingBooks, ClosingReport, ClosingTotals, ReportType } from '../closing-reports.ts'
import type { TseMaster } from './dsfinvk/bon.ts'
import { BonTimes } from './dsfinvk/bon-times.ts'
import { ClosingSums } from './dsfinvk/closing-sums.ts'
import type { NamedKey } from './dsfinvk/closing-totals.ts'
import { nameKeys, totalsOf } from './dsfinvk/closing-totals.ts'
import { ClosingVat } from './dsfinvk/closing-vat.ts'
import { documentBon } from './dsfinvk/document-bon.ts'
import { exportInChild } from './dsfinvk/export-in-child.ts'
import { HashedEvents } from './dsfinvk/hashed-events.ts'
import type { JournalReads } from './dsfinvk/journal-bons.ts'
import type { ClosedSession, Selection } from './dsfinvk/journal-closings.ts'
import {
  closedSessionsOn,
  countedDate,
  lastClosedSeq,
  merchantsWithClosings,
  unclosedSession,
} from './dsfinvk/journal-closings.ts'
import type { BookSettings } from './dsfinvk/journal-source.ts'
import { closingOf } from './dsfinvk/journal-source.ts'
import { leftOut, waitingBons } from './dsfinvk/left-out.ts'
import { withoutOpeningBalance } from './dsfinvk/opening-balance.ts'
import { DsfinvkRefusedError } from './dsfinvk/refused.ts'
import { explain, unexplained } from './explain.ts'
import { FACTS } from './facts.ts'
import type { DatedRate, VatRates } from './vat.ts'
import { ratesIn } from './vat.ts'

export type GermanBooksOptions = {
  view: JournalReads
  chains: () => Chains
  /** State directory: a package is made there in a child process while the journal is written. */
  directory: string
  settings: Omit<BookSettings, 'hashes' | 'tse'>
  rates: VatRates
  recordsDrawerOpenings: boolean
  /** TSEs that are connected now. */
  tses: () => readonly TseIdentity[]
  now: () => number
  /** Yields to other work. */
  pause: () => Promise<void>
}

const CURRENCY = 'EUR'
const FINDINGS_SHOWN = 5
/** Sums do not need the finish of referenced bons. */
const UNKNOWN = { of: () => undefined }
/** How many characters of a date identify the period of a report. */
const PERIOD_LENGTH: Readonly<Record<ReportType, number>> = { daily: 10, shift: 10, monthly: 7, annual: 4 }

/** The closed sessions of German registers: reported by date, and handed over as DSFinV-K. */
export class GermanClosingBooks implements ClosingBooks {
  readonly recordsDrawerOpenings: boolean
  readonly types: readonly ReportType[] = ['daily', 'shift', 'monthly', 'annual']
  readonly #options: GermanBooksOptions

  constructor(options: GermanBooksOptions) {
    this.#options = options
    this.recordsDrawerOpenings = options.recordsDrawerOpenings
  }

  /** Journalled with each closing, so that a package needs no configuration; with the rates in force if it adds any. */
  get settings(): Members {
    const { rates, settings } = this.#options
    const { taxonomyVersion, defaultOperator, brand, model, softwareBrand, softwareVersion } = settings
    return {
      taxonomy_version: taxonomyVersion,
      default_operator: defaultOperator,
      brand,
      model,
      software_brand: softwareBrand,
      software_version: softwareVersion,
      ...(rates.hasRates && { vat_rates: rates.inForce(this.#today()) }),
    }
  }

  merchants(selection: Selection): ReadonlySet<string> {
    return merchantsWithClosings(this.#options.view, selection)
  }

  /** Throws `dsfinvk_refused` with the findings; AbortError after `signal`. `unchecked`: its reader checks the package. */
  async write(
    selection: Selection,
    path: string,
    { signal, unchecked }: { signal: AbortSignal; unchecked: boolean },
  ): Promise<{ members: Members; leftOut: readonly LeftOutSession[] }> {
    const { directory, settings, tses } = this.#options
    // Read first: a session closed while the package is made is listed as left out instead of missing.
    const leftOut = await this.leftOut(selection)
    const request = { directory, path, selection, settings, tses: tses().flatMap(masterOf), unchecked }
    const written = await exportInChild(request, signal).catch((error: unknown) => {
      throw error instanceof DsfinvkRefusedError ? refusal(error) : error
    })
    const { bytes, sha256, closings, bons, signaturesVerified, timesMoved } = written
    const moved = `${timesMoved} bons have a time of a clock that had lost it: BON_START and BON_ENDE are moved to the opening of their session, BON_NOTIZ has the time on paper (§ 4.2)`
    const members = {
      bytes,
      sha256,
      closings,
      bons,
      ...(signaturesVerified === undefined ? { unchecked: true } : { signatures_verified: signaturesVerified }),
      ...(timesMoved > 0 && { findings: [moved] }),
    }
    return { members, leftOut }
  }

  leftOut(selection: Selection): Promise<readonly LeftOutSession[]> {
    return leftOut(this.#options.view, selection, this.#options.pause)
  }

  waitingBons(selection: Selection): ReturnType<typeof waitingBons> {
    return waitingBons(this.#options.view, selection)
  }

  async report(
    registerId: string,
    businessDate: string | undefined,
    type: ReportType,
  ): Promise<ClosingReport | undefined> {
    const running = type === 'shift' ? this.#running(registerId) : undefined
    if (running !== undefined) return this.#daySoFar(running, businessDate)
    try {
      const date = businessDate ?? this.#lastDate(registerId)
      if (date === undefined) return undefined
      const period = date.slice(0, PERIOD_LENGTH[type])
      const all = await this.#sessionsOn(registerId, period)
      const sessions = type === 'shift' ? all.slice(-1) : all
      if (sessions.length === 0) return undefined
      const lastSeq = sessions.at(-1)?.closedSeq ?? 0
      const named = period.length < date.length && { period }
      return {
        businessDate: date,
        ...named,
        numbers: sessions.map(({ number }) => number),
        totals: (await this.#totals(sessions)).totals,
        lastSeq,
        sessions: { ids: sessions.map(({ sessionId }) => sessionId), upTo: lastSeq },
      }
    } catch (error) {
      throw stillSettling(error, registerId)
    }
  }

  sessionsOf({ shown }: DocumentOf<'closing'>, seq: number): readonly SessionRow[] {
    const { view } = this.#options
    const { register_id: register, z_numbers: numbers } = shown
    const first = Math.min(...numbers)
    const sessions: SessionRow[] = []
    let row = sessionBefore(view, register, seq)
    // The day so far has no number yet: it is that of the session which was open.
    if (numbers.length === 0) return row === undefined ? [] : [row]
    for (; row !== undefined; row = view.closedSessionBefore(register, row.seq)) {
      const { z_number: zNumber = Number.MAX_SAFE_INTEGER } = row.document.own
      if (zNumber < first) break
      if (numbers.includes(zNumber)) sessions.unshift(row)
    }
    return sessions
  }

  /** The business date of the newest session; undefined until it is closed. */
  #lastDate(registerId: string): string | undefined {
    const { view } = this.#options
    const row = view.lastSession(registerId)
    return row?.state === 'closed' ? countedDate(view, row) : undefined
  }

  #running(registerId: string): SessionRow | undefined {
    const row = this.#options.view.lastSession(registerId)
    return row?.state === 'closed' ? undefined : row
  }

  /** The report over the bons that have a number by now: no open operation. */
  async #daySoFar(row: SessionRow, wanted: string | undefined): Promise<ClosingReport> {
    const { view, now } = this.#options
    const { shown } = row.document
    const date = localDate(parseRfc3339(shown.opened_at) ?? 0, FACTS.timeZone)
    if (wanted !== undefined && wanted !== date) {
      const details = { register_id: row.register, session_id: row.id, state: shown.state, business_date: date }
      throw new FiskalError('session_invalid_state', `The open session ${row.id} is of ${date}.`, details)
    }
    const session = unclosedSession(view, row, Math.max(now(), PLAUSIBLE_MS))
    const { totals, receipts, pending } = await this.#totals([session], true)
    return {
      businessDate: date,
      numbers: [],
      totals,
      interim: { receipts, pending_receipts: pending },
      lastSeq: row.seq,
      sessions: { ids: [row.id], upTo: session.lastSeq },
    }
  }

  hasLeftOver(registerId: string): boolean {
    const { view } = this.#options
    let lastSeq: number
    try {
      lastSeq = lastClosedSeq(view, registerId)
    } catch (error) {
      throw stillSettling(error, registerId)
    }
    const last = view.lastReceiptNumber(registerId)
    return view.receipts(registerId, last - 1, 1).some(({ seq }) => seq > lastSeq)
  }

  /** An open session is explained at today's rates. */
  explain(document: RecordedDocument): Explanation {
    if (!isOperation(document)) return unexplained(document)
    const { view, settings } = this.#options
    const { session_id: sessionId, completed_at: completedAt, created_at: createdAt } = document.shown
    const session = sessionId === null ? undefined : view.session(sessionId)
    const ended = session?.document.shown.closed_at ?? completedAt ?? createdAt
    const date = localDate(parseRfc3339(ended) ?? 0, FACTS.timeZone)
    const recorded = session?.document.own.books
    const vat = new ClosingVat(date, recorded === undefined ? this.#ratesOn(date) : ratesIn(recorded['vat_rates']))
    const frame = {
      vat,
      leftCents: document.kind === 'session_open' ? this.#leftBefore(session) : undefined,
      defaultOperator: settings.defaultOperator,
    }
    const records = document.law !== undefined || isGoods(document)
    const nowhere = { start: '', end: '' }
    const bon = records
      ? documentBon(document, { ...frame, tseSerial: '', refer: () => undefined }, 1, nowhere)
      : undefined
    return bon === undefined ? unexplained(document) : explain(document, bon, vat)
  }

  #today(): string {
    return localDate(Math.max(this.#options.now(), PLAUSIBLE_MS), FACTS.timeZone)
  }

  /** The rates of a session that is not closed yet. */
  #ratesOn(date: string): readonly DatedRate[] | undefined {
    const { rates } = this.#options
    return rates.hasRates ? rates.inForce(date) : undefined
  }

  /** The balance that the previous session left in the drawer; undefined for the first session, or if not recorded. */
  #leftBefore(session: SessionRow | undefined): bigint | undefined {
    const before = session && this.#options.view.closedSessionBefore(session.register, session.seq)
    const amountLeft = before?.document.shown.amount_left
    return typeof amountLeft === 'string' ? toCents(amountLeft) : undefined
  }

  /** Tills get their turn between two sessions: a year has hundreds. */
  async #sessionsOn(registerId: string, period: string): Promise<readonly ClosedSession[]> {
    const sessions: ClosedSession[] = []
    for (const session of closedSessionsOn(this.#options.view, registerId, period)) {
      sessions.push(session)
      await this.#options.pause()
    }
    return sessions
  }

  /**
   * The figures of the package added up over several closings; the opening float is that of the first one.
   * `leavesOut`: bons that are still being settled are counted instead of refused.
   */
  async #totals(sessions: readonly ClosedSession[], leavesOut = false): Promise<Figures> {
    const { view, settings, chains, pause } = this.#options
    const sums = new ClosingSums(CURRENCY)
    const named = new Map<number, NamedKey>()
    let isOpened = false
    let pending = 0
    const onUnsettled = (): void => {
      pending++
    }
    const hashes = new HashedEvents(view.event, chains())
    for (const session of sessions) {
      const unclosed = leavesOut && { onUnsettled, vatRates: this.#ratesOn(this.#today()) }
      const settingsOf = { ...settings, hashes, tse: () => undefined, ...unclosed }
      const closing = closingOf(view, session, settingsOf, new BonTimes(), UNKNOWN)
      for (const bons of closing.portions()) {
        for (const bon of bons) {
          const counted = isOpened ? withoutOpeningBalance(bon, CURRENCY) : bon
          if (counted !== undefined) sums.add(counted, ({ key, cents }) => closing.vat.vatIn(key, cents))
        }
        await pause()
      }
      nameKeys(sums.keys, closing.vat, named)
      isOpened ||= session.document.own.origin === 'shift'
    }
    return { totals: totalsOf(sums, named), receipts: sums.bons, pending }
  }
}

/** `receipts`: how many bons the totals have. */
type Figures = { totals: ClosingTotals; receipts: number; pending: number }

/** The message names the first finding and the remedy, for clients that show the message alone. */
function refusal({ details }: DsfinvkRefusedError): FiskalError {
  const { findings, finding_count: count } = details
  const listed = findings.slice(0, FINDINGS_SHOWN).join('; ')
  const more = count > FINDINGS_SHOWN ? `; and ${count - FINDINGS_SHOWN} more` : ''
  const message = `The DSFinV-K package is refused, there is no file: ${listed}${more}. ${ERRORS.dsfinvk_refused.remedy}`
  return new FiskalError('dsfinvk_refused', message, details)
}

/** Rethrows everything that is not a finding of the books. */
function stillSettling(error: unknown, registerId: string): unknown {
  if (!(error instanceof DsfinvkRefusedError)) return error
  const details = { register_id: registerId, ...error.details }
  return new FiskalError('reconciling', error.message, details, { retryAfterSeconds: 5 })
}

function masterOf({ serial, algorithm, timeFormat, publicKey, certificates }: TseIdentity): TseMaster[] {
  const [certificate] = certificates
  if (certificate === undefined) return []
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const format = timeFormat as LogTimeFormat
  return [{ serial, algorithm, timeFormat: format, publicKey: base64(publicKey), certificate: base64(certificate) }]
}
