import { rfc3339 } from '../../../base/clock.ts'
import type { LogMessage } from '../../../drivers/tr03151/log-message.ts'
import { transactionOperation } from '../../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'
import { NumberRuns } from '../../../drivers/tr03151/number-runs.ts'
import type { DeviceLogs, FinishedLog, KeptArchive, LostStart } from '../../journal/books/device-logs.ts'
import type { IndexedLog, LogIndex } from '../../journal/books/log-index.ts'
import { EXPECTED_FINISH, EXPECTED_START, MET_FINISH, MET_START, TRIED_FINISH } from '../../journal/books/log-index.ts'
import { partsOf } from '../../journal/documents/parts.ts'
import type { Act, EventBody } from '../../journal/events.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import type { EndOfDocument } from '../../journal/tse-logs.ts'
import { endOfDocument } from '../../journal/tse-logs.ts'
import type { CountedSpan, Span } from './archive-logs.ts'
import { logsIn, widen } from './archive-logs.ts'
import type { GermanFindings } from './books/texts.ts'
import type { ForeignClient } from './foreign-clients.ts'
import { ForeignClients } from './foreign-clients.ts'
import { ABBRUCH } from './process-data.ts'
import type { RecordedEvents } from './recorded-acts.ts'
import { recordedData, withActs } from './recorded-acts.ts'

/** Maximum number of gaps remembered per unit. */
const RUNS_MAX = 65_536
/** Maximum number of each kind kept with their facts; beyond that only the count is reported. */
const KEPT_MAX = 1000
/** If a unit signed for so long after a finish, its outcome was reconciled by then. */
const ASKED_MS = 24 * 3_600_000

/**
 * `whole`: everything a unit holds; `part`: some of it; `kept`: logs that were taken out of a unit that is not at hand.
 */
type Extent = 'whole' | 'part' | 'kept'
/**
 * `isWhole`: a log missing in its archives is missing in the unit. `sections`: counters that an archive has without a
 * gap. `open`: transactions that were started and not finished.
 */
type Unit = {
  seen: NumberRuns
  spans: Span[]
  sections: Span[]
  highest: number
  newestMs: number
  isWhole: boolean
  isKeptOnly: boolean
  open: Set<number>
}
type Log = FinishedLog & { serial: string; transaction: number }

export type MatchReport = {
  /** Starts and finishes of this journal's registers that are in an archive as recorded. */
  readonly matched: number
  /** Recorded finishes with a counter above the last one of their archive. */
  readonly younger: number
  /** Units without an archive, and how many finishes are recorded for each. */
  readonly without: readonly { serial: string; finishes: number; isRetired: boolean }[]
  /** Clients of this program's form that no register of the journal ever had. */
  readonly strangers: readonly ForeignClient[]
  /** Units of which only parts are at hand: logs outside those parts are not reported as missing. */
  readonly inPart: readonly string[]
  /** Recorded finishes of such units with a counter below or between the parts at hand. */
  readonly outside: number
  /** How far each unit was read. */
  readonly units: readonly MatchedUnit[]
}

/** `counter`: the highest that was compared. `open`: transactions started by then and not finished, at most 1,000. */
export type MatchedUnit = { readonly serial: string; readonly counter: number; readonly open: readonly number[] }

/**
 * Compares the logs of TSEs with a journal in both directions: each start and finish of its registers has its event,
 * and each signed event has its log. A log is compared once, even if several archives contain it.
 */
export class ArchiveMatch {
  readonly #logs: DeviceLogs
  readonly #findings: GermanFindings
  readonly #units = new Map<string, Unit>()
  readonly #foreign = new ForeignClients()
  readonly #lostStarts: LostStart[]
  readonly #differing = new Map<number, Log>()
  readonly #signedInOutage = new Map<number, Log>()
  /** Finishes whose outcome the journal does not have. */
  readonly #withoutOutcome: Log[] = []
  readonly #missing = new Set<string>()
  #matched = 0

  constructor(logs: DeviceLogs, findings: GermanFindings) {
    this.#logs = logs
    this.#findings = findings
    this.#lostStarts = logs.lostStarts()
  }

  /** The units of which an archive was read. */
  serials(): Iterable<string> {
    return this.#units.keys()
  }

  /** Reads the logs of an archive; the archive's own check reports unreadable ones. */
  async read(archive: AsyncIterable<Uint8Array>, extent: Extent): Promise<void> {
    const spans = new Map<string, CountedSpan>()
    let isRead = false
    try {
      for await (const log of logsIn(archive)) {
        this.#take(log)
        widen(spans, log)
      }
      isRead = true
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
    }
    for (const [serial, span] of spans) {
      const unit = this.#unit(serial)
      unit.spans.push(span)
      unit.highest = Math.max(unit.highest, span.highest)
      unit.isWhole &&= extent === 'whole' && isRead
      unit.isKeptOnly &&= extent === 'kept'
      if (isRead && span.highest - span.lowest + 1 === span.logs) unit.sections.push(span)
    }
  }

  #take(message: LogMessage): void {
    const serial = Buffer.from(message.serial).toString('hex')
    const unit = this.#unit(serial)
    if (unit.seen.add(message.counter) === 'twice') return
    unit.newestMs = Math.max(unit.newestMs, message.time.ms)
    const operation = transactionOperation(message)
    if (operation === undefined || message.transaction === undefined) return
    const log = logOf(serial, message, message.transaction)
    this.#noteOpen(log, operation)
    if (!this.#logs.clients.has(log.client)) this.#foreign.note(log, operation === 'Finish')
    else if (operation === 'Start') this.#takeStart(log)
    else if (operation === 'Finish') this.#takeFinish(log)
    else this.#findings.add('tse_update_unknown', 0, placeOf(log))
  }

  #noteOpen({ serial, transaction }: Log, operation: string): void {
    const { open } = this.#unit(serial)
    if (operation === 'Finish') open.delete(transaction)
    else if (operation === 'Start' && open.size < KEPT_MAX) open.add(transaction)
  }

  /** `holds`: whether an archive recorded in the journal is still at its place, unchanged. */
  async readKept(holds: (kept: KeptArchive, serial: string) => Promise<boolean>): Promise<void> {
    for (const serial of this.#logs.units.keys()) {
      for (const kept of this.#logs.keptArchives(serial))
        if (!(await holds(kept, serial))) this.#reportMissing(serial, kept)
    }
  }

  async end(events: RecordedEvents): Promise<MatchReport> {
    const { younger, outside } = await this.#report(events, this.#unmet())
    for (const log of this.#withoutOutcome) this.#reportWithoutOutcome(log)
    for (const [serial, unit] of this.#units) if (unit.isWhole) this.#reportGaps(serial, unit.spans)
    const strangers = this.#foreign.report(this.#findings)
    const inPart = [...this.#units].flatMap(([serial, { isWhole }]) => (isWhole ? [] : [serial]))
    const units = Array.from(this.#units, ([serial, { highest, open }]) => ({
      serial,
      counter: highest,
      open: [...open],
    }))
    return { matched: this.#matched, younger, outside, without: this.#without(), strangers, inPart, units }
  }

  #unit(serial: string): Unit {
    const unit = this.#units.get(serial) ?? {
      seen: new NumberRuns(RUNS_MAX),
      spans: [],
      sections: [],
      highest: 0,
      newestMs: 0,
      isWhole: true,
      isKeptOnly: true,
      open: new Set<number>(),
    }
    this.#units.set(serial, unit)
    return unit
  }

  #takeStart(log: Log): void {
    const index = this.#logs.units.get(log.serial)
    const expected = index?.get(log.transaction)
    const isEmpty = log.processType === '' && log.processData.length === 0
    if (index === undefined || expected === undefined || (expected.flags & EXPECTED_START) === 0) {
      if (!this.#isOfLostStart(log) && !this.#isEndedByHand(log))
        this.#findings.add('tse_start_unknown', 0, placeOf(log))
    } else if (isEmpty && expected.start === this.#logs.startDigest(log)) this.#meet(index, log, expected, MET_START)
    else this.#differ(expected.seq, log)
  }

  /** A start whose answer was lost may have been executed, and then tried again. */
  #isOfLostStart({ client, timeMs }: Log): boolean {
    const lost = this.#lostStarts.find(
      (start) => start.client === client && start.left > 0 && timeMs >= start.fromMs && timeMs <= start.untilMs,
    )
    if (lost !== undefined) lost.left -= 1
    return lost !== undefined
  }

  #takeFinish(log: Log): void {
    const index = this.#logs.units.get(log.serial)
    const expected = index?.get(log.transaction)
    if (index !== undefined && expected !== undefined && (expected.flags & EXPECTED_FINISH) !== 0) {
      if (expected.finish === this.#logs.finishDigest(log)) this.#meet(index, log, expected, MET_FINISH)
      else this.#differ(expected.seq, log)
      return
    }
    const isTried = expected !== undefined && (expected.flags & TRIED_FINISH) !== 0
    if (isTried && expected.finish === this.#logs.triedDigest(log)) {
      if (this.#logs.isOpen(expected.seq)) this.#withoutOutcome.push(log)
      else this.#signedInOutage.set(expected.seq, log)
    } else if (!(this.#isEndedByHand(log) && textIn(log) === ABBRUCH))
      this.#findings.add('tse_log_without_bon', 0, placeOf(log))
  }

  /** The journal has the command. An end with amounts is a bon even so. */
  #isEndedByHand({ serial, transaction }: Log): boolean {
    return this.#logs.isEndedByHand(serial, transaction)
  }

  #meet(index: LogIndex, { transaction }: Log, { flags }: IndexedLog, met: number): void {
    index.set(transaction, { flags: flags | met })
    this.#matched += 1
  }

  #differ(seq: number, log: Log): void {
    if (this.#differing.size < KEPT_MAX) this.#differing.set(seq, log)
    // It was found, though with other content: not reported as missing, too.
    const index = this.#logs.units.get(log.serial)
    if (index !== undefined) index.set(log.transaction, { flags: index.get(log.transaction).flags | MET_FINISH })
  }

  /** Expected finishes by their events that no archive has, of units with an archive. */
  #unmet(): Map<number, Expected> {
    const unmet = new Map<number, Expected>()
    for (const [serial, index] of this.#logs.units) {
      const unit = this.#units.get(serial)
      if (unit === undefined) continue
      for (const { transaction, seq } of index.lacking(EXPECTED_FINISH, MET_FINISH))
        unmet.set(seq, { serial, transaction, unit })
    }
    return unmet
  }

  /** Reads the recorded data for the findings; returns how many finishes no archive covers. */
  async #report(
    events: RecordedEvents,
    unmet: ReadonlyMap<number, Expected>,
  ): Promise<Pick<MatchReport, 'younger' | 'outside'>> {
    const uncovered = { younger: 0, outside: 0 }
    if (unmet.size + this.#differing.size + this.#signedInOutage.size === 0) return uncovered
    for await (const { seq, body, act } of withActs(events)) {
      const expected = unmet.get(seq)
      if (expected !== undefined) this.#reportUnmet(seq, body, expected, uncovered)
      this.#reportRecorded(seq, body, act)
    }
    return uncovered
  }

  #reportRecorded(seq: number, body: EventBody, act: Act | undefined): void {
    const differing = this.#differing.get(seq)
    const signed = body.ref === undefined ? undefined : this.#signedInOutage.get(body.ref)
    if (differing !== undefined) this.#reportDiffering(seq, differing, body, recordedIn(body, act))
    if (signed === undefined) return
    // An outage removes the signature of a bon, never its end: a void that was signed as a sale is still not a void.
    const isGivenUp = body.status === 'voided' && !textIn(signed).startsWith('AVBelegabbruch')
    if (isGivenUp) this.#reportDiffering(seq, signed, body, 'AVBelegabbruch')
    else this.#findings.add('tse_signed_in_outage', seq, { ...placeOf(signed), bon: bonOf(body) })
  }

  #reportDiffering(seq: number, log: Log, body: EventBody, recorded: string): void {
    this.#findings.add('tse_log_differs', seq, { ...placeOf(log), bon: bonOf(body), secured: textOf(log), recorded })
  }

  /** A crash or an outage leaves the outcome open for a while; permanently, if the unit is never asked again. */
  #reportWithoutOutcome(log: Log): void {
    const isOld = this.#unit(log.serial).newestMs - log.timeMs > ASKED_MS
    this.#findings.add(isOld ? 'tse_log_without_bon' : 'tse_finish_undecided', 0, placeOf(log))
  }

  /** A finding if an archive should have it; otherwise it is counted. */
  #reportUnmet(
    seq: number,
    body: EventBody,
    { serial, transaction, unit: { highest, isWhole, isKeptOnly, sections } }: Expected,
    uncovered: { younger: number; outside: number },
  ): void {
    const counter = counterIn(body)
    if (counter > highest) uncovered.younger += isKeptOnly ? 0 : 1
    else if (isWhole || sections.some((section) => counter >= section.lowest && counter <= section.highest))
      this.#findings.add('bon_without_log', seq, { serial, transaction, counter, bon: bonOf(body) })
    else if (!isKeptOnly) uncovered.outside += 1
  }

  /** Counters that no archive contains. Gaps inside one archive are reported by its own check. */
  #reportGaps(serial: string, spans: readonly Span[]): void {
    if (!this.#logs.units.has(serial)) return
    let highest = 0
    for (const span of spans.toSorted((one, other) => one.lowest - other.lowest)) {
      if (span.lowest > highest + 1) this.#reportGap(serial, highest + 1, span.lowest - 1)
      highest = Math.max(highest, span.highest)
    }
  }

  #reportGap(serial: string, from: number, to: number): void {
    const recorded = this.#logs.keptArchives(serial).filter((kept) => kept.first <= to && kept.last >= from)
    let next = from
    for (const kept of recorded.toSorted((one, other) => one.first - other.first)) {
      if (kept.first > next) this.#findings.add('tse_logs_deleted', 0, { serial, from: next, to: kept.first - 1 })
      next = Math.max(next, kept.last + 1)
      this.#reportMissing(serial, kept)
    }
    if (next <= to) this.#findings.add('tse_logs_deleted', 0, { serial, from: next, to })
  }

  #reportMissing(serial: string, { file }: KeptArchive): void {
    if (!this.#missing.has(file)) this.#findings.add('tse_archive_missing', 0, { serial, file })
    this.#missing.add(file)
  }

  #without(): MatchReport['without'] {
    return [...this.#logs.units].flatMap(([serial, index]) => {
      const unit = this.#units.get(serial)
      if (unit?.isKeptOnly === false) return []
      const finishes = [...index.lacking(EXPECTED_FINISH, MET_FINISH)].length
      const isRetired = this.#logs.isRetired(serial)
      // Logs after the last archive taken out of a unit are unknown.
      const isMissing = finishes > 0 || (unit !== undefined && !isRetired)
      return isMissing ? [{ serial, finishes, isRetired }] : []
    })
  }
}

type Expected = { serial: string; transaction: number; unit: Unit }

function logOf(serial: string, message: LogMessage, transaction: number): Log {
  const { clientId = '', time, counter, processType, processData, signature } = message
  return {
    serial,
    transaction,
    client: clientId,
    timeMs: time.ms,
    counter,
    processType,
    processData,
    signature: Buffer.from(signature).toString('base64'),
  }
}

function placeOf({ serial, transaction, counter, client, timeMs, processData }: Log) {
  return { serial, transaction, counter, client, at: rfc3339(timeMs), data: textIn({ processData }) }
}

function textIn({ processData }: Pick<Log, 'processData'>): string {
  return Buffer.from(processData).toString('utf8')
}

function textOf(log: Log): string {
  return `${textIn(log)} [${log.counter}, ${rfc3339(log.timeMs)}]`
}

function bonOf(body: EventBody): string | number {
  return body.receipt?.number ?? transactionFacts(body).receipt_number ?? '–'
}

function recordedIn(body: EventBody, act: Act | undefined): string {
  const at = endIn(body)?.at ?? transactionFacts(body).time_ms ?? ''
  return `${recordedData(body, act)} [${counterIn(body)}, ${typeof at === 'number' ? rfc3339(at) : String(at)}]`
}

function endIn(body: EventBody): EndOfDocument | undefined {
  return endOfDocument(partsOf(body))
}

function counterIn(body: EventBody): number {
  const { finished, counter: aborted } = transactionFacts(body)
  const counter = endIn(body)?.counter ?? finished?.signature_counter ?? aborted
  return Number(counter ?? 0)
}
