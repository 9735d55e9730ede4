import { DeviceError } from '../errors.ts'

/** Faults of a unit that exports its logs. `lost-request` makes it never answer. */
export const exportFaults = ['no-data', 'read-error', 'old-only'] as const

/**
 * The part of the memory that exports show under the faults of the running act: nothing, an error, or old logs only.
 */
export class FaultyExports {
  #struck: ReadonlySet<string> = new Set()
  /** The last signature counter of an export so far. */
  #shown = 0

  strike(struck: ReadonlySet<string>): void {
    this.#struck = struck
  }

  /** The last signature counter that an export contains. Throws `no_data` and `refused`. */
  lastShown(counter: number): number {
    if (this.#has('no-data')) throw new DeviceError('no_data', 'none', 'nothing is handed out', 'ErrorNoDataAvailable')
    if (this.#has('read-error'))
      throw new DeviceError('refused', 'none', 'the memory cannot be read', 'ErrorRetrieveLogMessageFailed')
    if (!this.#has('old-only')) this.#shown = Math.max(this.#shown, counter)
    return Math.min(this.#shown, counter)
  }

  /** Some units may not delete while transactions are open. Throws `transactions_open`. */
  demandFinished(open: number): void {
    if (open === 0 || !this.#struck.has('refuse-open')) return
    throw new DeviceError('transactions_open', 'none', `${open} transactions are open`, 'ErrorUnfinishedTransactions')
  }

  #has(fault: (typeof exportFaults)[number]): boolean {
    return this.#struck.has(fault)
  }
}
