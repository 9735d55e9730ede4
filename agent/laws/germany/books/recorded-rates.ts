import { DigestTable } from '../../../../base/digest-table.ts'
import type { Rates } from './rates.ts'

/**
 * The rates of what comes back, by the operation that it comes from. Rates change once in years: most operations have the
 * set of the first one, and need no entry.
 */
export class RecordedRates {
  readonly #others = new DigestTable()
  #usual: Rates | undefined

  note(operation: string, rates: Rates): void {
    this.#usual ??= rates
    // The table has no value 0.
    if (rates !== this.#usual) this.#others.set(operation, rates + 1)
  }

  /** Those of the first operation if this one was never noted; undefined before the first. */
  of(operation: string): Rates | undefined {
    const other = this.#others.get(operation)
    return other === undefined ? this.#usual : other - 1
  }
}
