import type { Clock } from '../base/clock.ts'
import { within } from '../base/clock.ts'
import type { AlertRecord } from './records.ts'

/** A journal that takes nothing for so long is not waited for: the owner must get the message about a full disk. */
const WAIT_MS = 3_000

type Options = {
  readonly clock: Clock
  /** Resolves when the records are durable. Rejects if the journal takes nothing now. */
  readonly append: (records: readonly AlertRecord[]) => Promise<void>
}

/** Records in their order, kept until the journal has taken them. */
export class AlertLog {
  readonly #options: Options
  #waiting: readonly AlertRecord[] = []
  #appending: Promise<void> | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Resolves when the journal has them, at the latest after 3 s: then it takes them later. Never rejects. */
  async record(records: readonly AlertRecord[]): Promise<void> {
    if (records.length === 0) return
    this.#waiting = [...this.#waiting, ...records]
    await within(this.#options.clock, WAIT_MS, this.#appendAll())
  }

  /** Tries again what the journal did not take. */
  retry(): void {
    if (this.#waiting.length > 0) void this.#appendAll()
  }

  /** One append at a time: a record never overtakes one before it. Each caller waits until its records are appended. */
  async #appendAll(): Promise<void> {
    await this.#appending
    this.#appending ??= this.#append()
    await this.#appending
  }

  async #append(): Promise<void> {
    const records = this.#waiting
    this.#waiting = []
    try {
      if (records.length > 0) await this.#options.append(records)
    } catch {
      // The journal reports its own trouble.
      this.#waiting = [...records, ...this.#waiting]
    } finally {
      this.#appending = undefined
    }
  }
}
