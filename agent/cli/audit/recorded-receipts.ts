import { parseRfc3339 } from '../../../base/clock.ts'
import { ReceiptOutages } from '../../devices/receipt-outages.ts'
import type { CheckedBooks } from '../../journal/books/book-results.ts'
import { resultsOf } from '../../journal/books/book-results.ts'
import type { BookState } from '../../journal/books/book-state.ts'
import type { Books } from '../../journal/books/books.ts'
import type { DeviceLogs } from '../../journal/books/device-logs.ts'
import { MasterData } from '../../journal/books/master-data.ts'
import { Unsold } from '../../journal/books/unsold.ts'
import { membersIn } from '../../journal/checked.ts'
import type { EventBody } from '../../journal/events.ts'
import type { ExportedEvent, ExportReader } from '../../journal/verify/chains.ts'
import type { TakenBackIn } from '../../laws/audit-rules.ts'
import { AUSTRIAN_LAW, JournalledReceipts } from '../../laws/austria/journalled-receipts.ts'
import { JournalledBons } from '../../laws/germany/journalled-bons.ts'
import { ClosingHeads } from './closing-heads.ts'
import { outsideIn, tenderedIn, turnoverOfLaw } from './report-words.ts'

/**
 * The receipts of an exported journal: the bons of German registers, the outages of all units with their receipts, and the
 * acts of a range without turnover. `state`: after the last event.
 */
export type RecordedReceipts = {
  readonly bons: JournalledBons
  readonly outages: ReceiptOutages
  readonly unsold: Unsold
  readonly masterData: MasterData
  readonly state: BookState
  /** Laws whose comparison would find no receipt in the journal. */
  readonly absentLaws: ReadonlySet<string>
}

/** Reads an exported journal for the comparisons of an audit, while it is verified. */
export class JournalReading implements ExportReader {
  readonly #outages = new ReceiptOutages()
  readonly #bons = new JournalledBons(this.#outages)
  readonly #receipts = new JournalledReceipts(this.#outages)
  readonly #unsold: Unsold
  readonly #masterData = new MasterData()
  #failure: { readonly error: unknown } | undefined
  #books: Pick<Books, 'logs' | 'state'> | undefined
  #checked: CheckedBooks | undefined
  #last = { seq: 0, hash: '' }
  #isIssuedSaid = false
  readonly #heads = new ClosingHeads()

  constructor({ from, to }: { from: string; to: string }) {
    this.#unsold = new Unsold([parseRfc3339(from) ?? 0, parseRfc3339(to) ?? 0], {
      tendered: tenderedIn,
      outside: outsideIn,
      turnover: turnoverOfLaw,
    })
  }

  note(event: ExportedEvent, json: () => unknown): void {
    this.#last = { seq: event.seq, hash: event.hash }
    if (this.#failure !== undefined) return
    try {
      const body = json() as EventBody
      this.#heads.note(event, body)
      this.#outages.note(event)
      this.#bons.note(event, json)
      this.#receipts.note(event, body)
      this.#unsold.note(event, body)
      this.#masterData.note({ ...event, atMs: parseRfc3339(event.at) ?? 0 }, body)
      this.#isIssuedSaid ||= typeof membersIn(body.set)?.['issued_as'] === 'string'
    } catch (error) {
      this.#failure = { error }
    }
  }

  end(books: Books): void {
    const { logs, state } = books
    this.#books = { logs, state }
    // Before a comparison uses the logs.
    this.#checked = { ...resultsOf(books), ...this.#last }
  }

  /** The results of the books; undefined unless the journal is whole and no rule is broken. */
  get checked(): CheckedBooks | undefined {
    return this.#checked
  }

  /** False if the whole journal says of no receipt how it was issued. */
  get isIssuedSaid(): boolean {
    return this.#isIssuedSaid || this.#failure !== undefined || this.#checked === undefined
  }

  /** The logs that the TSEs must hold; undefined unless the journal is whole and no rule is broken. For one comparison. */
  get logs(): DeviceLogs | undefined {
    return this.#books?.logs
  }

  /** The heads of the closings; undefined unless the journal is whole. */
  get heads(): ClosingHeads | undefined {
    return this.#books === undefined || this.#failure !== undefined ? undefined : this.#heads
  }

  /** The sums of a closing that were taken back, by register and bons; undefined unless the journal is whole. */
  get takenBack(): TakenBackIn | undefined {
    if (this.#books === undefined || this.#failure !== undefined) return undefined
    return (...bons) => this.#unsold.takenBack.within(...bons)
  }

  /** The turnover of a closed session, by register and Z; undefined unless the journal is whole and has all of its lines. */
  readonly turnoverOf = (register: string, z: number): bigint | undefined =>
    this.takenBack === undefined ? undefined : this.#unsold.turnoverOf(register, z)

  /** Throws for a journal with an event that this program does not write; undefined unless it is whole. */
  receipts(): RecordedReceipts | undefined {
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#books === undefined) return undefined
    const absentLaws = new Set(this.#receipts.isEmpty ? [AUSTRIAN_LAW] : [])
    const folds = { bons: this.#bons, outages: this.#outages, unsold: this.#unsold, masterData: this.#masterData }
    return { ...folds, state: this.#books.state, absentLaws }
  }
}
