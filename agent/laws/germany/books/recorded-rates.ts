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
    // 0 is no number of the table.
    if (rates !== this.#usual) this.#others.set(operation, rates + 1)
  }

  /** Of an operation that was never noted, those of the first one; undefined before it. */
  of(operation: string): Rates | undefined {
    const other = this.#others.get(operation)
    return other === undefined ? this.#usual : other - 1
  }
}
