import type { LogMessage } from '../../../drivers/tr03151/log-message.ts'
import { transactionOperation } from '../../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'
import type { DeviceLogs, KeptArchive } from '../../journal/books/device-logs.ts'
import { EXPECTED_FINISH, MET_FINISH } from '../../journal/books/log-index.ts'
import type { CountedSpan } from './archive-logs.ts'
import { logsIn, widen } from './archive-logs.ts'
import type { ArchivedLog } from './archive-match/archived-log.ts'
import { archivedLog, placeOf } from './archive-match/archived-log.ts'
import { ArchivedToRecorded } from './archive-match/archived-to-recorded.ts'
import type { Extent } from './archive-match/archived-units.ts'
import { ArchivedUnits } from './archive-match/archived-units.ts'
import { MissingLogs } from './archive-match/missing-logs.ts'
import { RecordedToArchived } from './archive-match/recorded-to-archived.ts'
import type { GermanFindings } from './books/texts.ts'
import type { ForeignClient } from './foreign-clients.ts'
import { ForeignClients } from './foreign-clients.ts'
import type { RecordedEvents } from './recorded-acts.ts'

/** If a unit signed for so long after a finish, its outcome was reconciled by then. */
const ASKED_MS = 24 * 3_600_000

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
 * Compares the logs of TSEs with a journal in both directions: each start and finish of its registers has its event
 * (`archived-to-recorded.ts`), and each signed event has its log (`recorded-to-archived.ts`). A log is compared once,
 * even if several archives contain it.
 */
export class ArchiveMatch {
  readonly #logs: DeviceLogs
  readonly #findings: GermanFindings
  readonly #units = new ArchivedUnits()
  readonly #foreign = new ForeignClients()
  readonly #archived: ArchivedToRecorded
  readonly #missing: MissingLogs

  constructor(logs: DeviceLogs, findings: GermanFindings) {
    this.#logs = logs
    this.#findings = findings
    this.#archived = new ArchivedToRecorded(logs, findings)
    this.#missing = new MissingLogs(logs, findings)
  }

  /** The units of which an archive was read. */
  serials(): Iterable<string> {
    return this.#units.all.keys()
  }

  /** Reads the logs of an archive; the archive's own check reports unreadable ones. */
  async read(archive: AsyncIterable<Uint8Array>, extent: Extent): Promise<void> {
    const spans = new Map<string, CountedSpan>()
    let isRead = false
    try {
      for await (const message of logsIn(archive)) {
        this.#compareOnce(message)
        widen(spans, message)
      }
      isRead = true
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
    }
    for (const [serial, span] of spans) this.#units.cover(serial, span, extent, isRead)
  }

  #compareOnce(message: LogMessage): void {
    const serial = Buffer.from(message.serial).toString('hex')
    if (!this.#units.add(serial, message)) return
    const operation = transactionOperation(message)
    if (operation === undefined || message.transaction === undefined) return
    const log = archivedLog(serial, message, message.transaction)
    this.#units.noteOpen(log, operation)
    if (this.#logs.clients.has(log.client)) this.#archived.compare(log, operation)
    else this.#foreign.note(log, operation === 'Finish')
  }

  /** `holds`: whether an archive recorded in the journal is still at its place, unchanged. */
  async readKept(holds: (archive: KeptArchive, serial: string) => Promise<boolean>): Promise<void> {
    for (const serial of this.#logs.units.keys()) {
      for (const archive of this.#logs.keptArchives(serial))
        if (!(await holds(archive, serial))) this.#missing.reportArchive(serial, archive)
    }
  }

  async end(events: RecordedEvents): Promise<MatchReport> {
    const recorded = new RecordedToArchived(this.#logs, this.#findings, this.#units)
    const { younger, outside } = await recorded.compare(events, this.#archived)
    for (const log of this.#archived.withoutOutcome) this.#reportWithoutOutcome(log)
    this.#missing.reportGaps(this.#units)
    const strangers = this.#foreign.report(this.#findings)
    const all = [...this.#units.all]
    const inPart = all.flatMap(([serial, { isWhole }]) => (isWhole ? [] : [serial]))
    const units = all.map(([serial, { highest, open }]) => ({ serial, counter: highest, open: [...open] }))
    return { matched: this.#archived.matched, younger, outside, without: this.#without(), strangers, inPart, units }
  }

  /** A crash or an outage leaves the outcome open for a while; permanently, if the unit is never asked again. */
  #reportWithoutOutcome(log: ArchivedLog): void {
    const { newestMs = 0 } = this.#units.all.get(log.serial) ?? {}
    const isOld = newestMs - log.timeMs > ASKED_MS
    this.#findings.add(isOld ? 'tse_log_without_bon' : 'tse_finish_undecided', 0, placeOf(log))
  }

  #without(): MatchReport['without'] {
    return [...this.#logs.units].flatMap(([serial, index]) => {
      const unit = this.#units.all.get(serial)
      if (unit?.isKeptOnly === false) return []
      const finishes = [...index.lacking(EXPECTED_FINISH, MET_FINISH)].length
      const isRetired = this.#logs.isRetired(serial)
      // Logs after the last archive taken out of a unit are unknown.
      const isMissing = finishes > 0 || (unit !== undefined && !isRetired)
      return isMissing ? [{ serial, finishes, isRetired }] : []
    })
  }
}
