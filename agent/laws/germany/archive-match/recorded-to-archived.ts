import { rfc3339 } from '../../../../base/clock.ts'
import type { DeviceLogs } from '../../../journal/books/device-logs.ts'
import { EXPECTED_FINISH, MET_FINISH } from '../../../journal/books/log-index.ts'
import { partsOf } from '../../../journal/documents/parts.ts'
import type { Act, EventBody } from '../../../journal/events.ts'
import { transactionFacts } from '../../../journal/transaction-facts.ts'
import type { EndOfDocument } from '../../../journal/tse-logs.ts'
import { endOfDocument } from '../../../journal/tse-logs.ts'
import type { GermanFindings } from '../books/texts.ts'
import type { RecordedEvents } from '../recorded-acts.ts'
import { recordedData, withActs } from '../recorded-acts.ts'
import type { ArchivedLog } from './archived-log.ts'
import { contentOf, dataOf, placeOf } from './archived-log.ts'
import type { ArchivedToRecorded } from './archived-to-recorded.ts'
import type { ArchivedUnit, ArchivedUnits } from './archived-units.ts'

/** Recorded finishes that the archives at hand cannot contain: `younger` than their last log, or `outside` of the parts. */
export type Uncovered = { younger: number; outside: number }

/** A recorded finish that no archive has. */
type Unmatched = { serial: string; transaction: number; unit: ArchivedUnit }

/**
 * Compares each recorded finish with the archives: a unit that was read must have its log. Reads the events for the
 * findings, those of the other direction too.
 */
export class RecordedToArchived {
  readonly #logs: DeviceLogs
  readonly #findings: GermanFindings
  readonly #units: ArchivedUnits
  readonly #uncovered: Uncovered = { younger: 0, outside: 0 }

  constructor(logs: DeviceLogs, findings: GermanFindings, units: ArchivedUnits) {
    this.#logs = logs
    this.#findings = findings
    this.#units = units
  }

  async compare(
    events: RecordedEvents,
    { differing, signedInOutage }: Pick<ArchivedToRecorded, 'differing' | 'signedInOutage'>,
  ): Promise<Uncovered> {
    const unmatched = this.#unmatched()
    if (unmatched.size + differing.size + signedInOutage.size === 0) return this.#uncovered
    for await (const { seq, body, act } of withActs(events)) {
      const finish = unmatched.get(seq)
      if (finish !== undefined) this.#reportUnmatched(seq, body, finish)
      const other = differing.get(seq)
      if (other !== undefined) this.#reportDiffering(seq, other, body, recordedIn(body, act))
      const signed = body.ref === undefined ? undefined : signedInOutage.get(body.ref)
      if (signed !== undefined) this.#reportSignedInOutage(seq, signed, body)
    }
    return this.#uncovered
  }

  /** By their events; only those of units with an archive. */
  #unmatched(): Map<number, Unmatched> {
    const unmatched = new Map<number, Unmatched>()
    for (const [serial, index] of this.#logs.units) {
      const unit = this.#units.all.get(serial)
      if (unit === undefined) continue
      for (const { transaction, seq } of index.lacking(EXPECTED_FINISH, MET_FINISH))
        unmatched.set(seq, { serial, transaction, unit })
    }
    return unmatched
  }

  /** A finding if an archive should have it; otherwise it is counted. */
  #reportUnmatched(
    seq: number,
    body: EventBody,
    { serial, transaction, unit: { highest, isWhole, isKeptOnly, sections } }: Unmatched,
  ): void {
    const counter = counterIn(body)
    if (counter > highest) this.#uncovered.younger += isKeptOnly ? 0 : 1
    else if (isWhole || sections.some((section) => counter >= section.lowest && counter <= section.highest))
      this.#findings.add('bon_without_log', seq, { serial, transaction, counter, bon: bonOf(body) })
    else if (!isKeptOnly) this.#uncovered.outside += 1
  }

  /** An outage removes the signature of a bon, never its end: a void that was signed as a sale is still not a void. */
  #reportSignedInOutage(seq: number, signed: ArchivedLog, body: EventBody): void {
    const isSignedAsSale = body.status === 'voided' && !dataOf(signed).startsWith('AVBelegabbruch')
    if (isSignedAsSale) this.#reportDiffering(seq, signed, body, 'AVBelegabbruch')
    else this.#findings.add('tse_signed_in_outage', seq, { ...placeOf(signed), bon: bonOf(body) })
  }

  #reportDiffering(seq: number, log: ArchivedLog, body: EventBody, recorded: string): void {
    this.#findings.add('tse_log_differs', seq, { ...placeOf(log), bon: bonOf(body), secured: contentOf(log), recorded })
  }
}

function bonOf(body: EventBody): string | number {
  return body.receipt?.number ?? transactionFacts(body).receipt_number ?? '–'
}

/** processData, counter and time, as the journal has them. */
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
