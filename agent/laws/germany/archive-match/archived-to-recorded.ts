import type { DeviceLogs, LostStart } from '../../../journal/books/device-logs.ts'
import type { IndexedLog, LogIndex } from '../../../journal/books/log-index.ts'
import {
  EXPECTED_FINISH,
  EXPECTED_START,
  MET_FINISH,
  MET_START,
  TRIED_FINISH,
} from '../../../journal/books/log-index.ts'
import type { GermanFindings } from '../books/texts.ts'
import { ABBRUCH } from '../process-data.ts'
import type { ArchivedLog } from './archived-log.ts'
import { dataOf, placeOf } from './archived-log.ts'

/** Maximum number kept with their facts; beyond that only the count is reported. */
const DIFFERING_MAX = 1000

/**
 * Compares each log of an archive with the journal: a start or finish of one of its registers must be recorded, with
 * the same content. Logs whose finding quotes the recorded content, or depends on events, are kept for that.
 */
export class ArchivedToRecorded {
  /** By the event that records something else. */
  readonly differing = new Map<number, ArchivedLog>()
  /** Finishes of bons that were issued as an outage, by the event of their intent. */
  readonly signedInOutage = new Map<number, ArchivedLog>()
  /** Finishes whose outcome the journal does not have. */
  readonly withoutOutcome: ArchivedLog[] = []
  readonly #logs: DeviceLogs
  readonly #findings: GermanFindings
  readonly #lostStarts: LostStart[]
  #matched = 0

  constructor(logs: DeviceLogs, findings: GermanFindings) {
    this.#logs = logs
    this.#findings = findings
    this.#lostStarts = logs.lostStarts()
  }

  /** Starts and finishes that are recorded as they are in an archive. */
  get matched(): number {
    return this.#matched
  }

  compare(log: ArchivedLog, operation: string): void {
    if (operation === 'Start') this.#compareStart(log)
    else if (operation === 'Finish') this.#compareFinish(log)
    else this.#findings.add('tse_update_unknown', 0, placeOf(log))
  }

  #compareStart(log: ArchivedLog): void {
    const index = this.#logs.units.get(log.serial)
    const expected = index?.get(log.transaction)
    const isEmpty = log.processType === '' && log.processData.length === 0
    if (index === undefined || expected === undefined || (expected.flags & EXPECTED_START) === 0) {
      if (!this.#explainsLostStart(log) && !this.#isEndedByHand(log))
        this.#findings.add('tse_start_unknown', 0, placeOf(log))
    } else if (isEmpty && expected.start === this.#logs.startDigest(log))
      this.#markMatched(index, log, expected, MET_START)
    else this.#keepDiffering(expected.seq, log)
  }

  /** A start whose answer was lost may have been executed, and then tried again. Each try explains one log. */
  #explainsLostStart({ client, timeMs }: ArchivedLog): boolean {
    const lost = this.#lostStarts.find(
      (start) => start.client === client && start.triesLeft > 0 && timeMs >= start.fromMs && timeMs <= start.untilMs,
    )
    if (lost !== undefined) lost.triesLeft -= 1
    return lost !== undefined
  }

  #compareFinish(log: ArchivedLog): void {
    const index = this.#logs.units.get(log.serial)
    const expected = index?.get(log.transaction)
    if (index !== undefined && expected !== undefined && (expected.flags & EXPECTED_FINISH) !== 0) {
      if (expected.finish === this.#logs.finishDigest(log)) this.#markMatched(index, log, expected, MET_FINISH)
      else this.#keepDiffering(expected.seq, log)
      return
    }
    const isTried = expected !== undefined && (expected.flags & TRIED_FINISH) !== 0
    if (isTried && expected.finish === this.#logs.triedDigest(log)) {
      if (this.#logs.isOpen(expected.seq)) this.withoutOutcome.push(log)
      else this.signedInOutage.set(expected.seq, log)
    } else if (!(this.#isEndedByHand(log) && dataOf(log) === ABBRUCH))
      this.#findings.add('tse_log_without_bon', 0, placeOf(log))
  }

  /** The journal has the command. An end with amounts is a bon even so. */
  #isEndedByHand({ serial, transaction }: ArchivedLog): boolean {
    return this.#logs.isEndedByHand(serial, transaction)
  }

  #markMatched(index: LogIndex, { transaction }: ArchivedLog, { flags }: IndexedLog, met: number): void {
    index.set(transaction, { flags: flags | met })
    this.#matched += 1
  }

  #keepDiffering(seq: number, log: ArchivedLog): void {
    if (this.differing.size < DIFFERING_MAX) this.differing.set(seq, log)
    // It was found, though with other content: not reported as missing, too.
    const index = this.#logs.units.get(log.serial)
    if (index !== undefined) index.set(log.transaction, { flags: index.get(log.transaction).flags | MET_FINISH })
  }
}
