import { ReceiptOutages } from '../../devices/receipt-outages.ts'
import type { Books } from '../../journal/books/books.ts'
import type { DeviceLogs } from '../../journal/books/device-logs.ts'
import type { ExportedEvent, ExportReader } from '../../journal/verify/chains.ts'
import { JournalledReceipts } from '../../laws/austria/journalled-receipts.ts'
import { JournalledBons } from '../../laws/germany/journalled-bons.ts'
import { OtherActs } from './other-acts.ts'

/**
 * The receipts of an exported journal: the bons of German registers, and the outages of all units with their
 * receipts, and the other acts of registers in a range.
 */
export type RecordedReceipts = {
  readonly bons: JournalledBons
  readonly outages: ReceiptOutages
  readonly others: OtherActs
}

/** Reads an exported journal for the comparisons of an audit, while it is verified. */
export class JournalReading implements ExportReader {
  readonly #outages = new ReceiptOutages()
  readonly #bons = new JournalledBons(this.#outages)
  readonly #receipts = new JournalledReceipts(this.#outages)
  readonly #others: OtherActs
  #failure: { readonly error: unknown } | undefined
  #logs: DeviceLogs | undefined

  constructor(range: { from: string; to: string }) {
    this.#others = new OtherActs(range)
  }

  note(event: ExportedEvent, json: () => unknown): void {
    if (this.#failure !== undefined) return
    try {
      this.#outages.note(event)
      this.#bons.note(event, json)
      this.#receipts.note(event, json)
      this.#others.note(event, json)
    } catch (error) {
      this.#failure = { error }
    }
  }

  end({ logs }: Books): void {
    this.#logs = logs
  }

  /** The logs that the TSEs must hold; undefined unless the journal is whole and no rule is broken. For one comparison. */
  get logs(): DeviceLogs | undefined {
    return this.#logs
  }

  /** Throws for a journal with an event that this program does not write. */
  receipts(): RecordedReceipts {
    if (this.#failure !== undefined) throw this.#failure.error
    return { bons: this.#bons, outages: this.#outages, others: this.#others }
  }
}
