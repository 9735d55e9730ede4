import { DigestTable } from '../../../../base/digest-table.ts'
import type { Rates } from './rates.ts'

/** `proven`: in force when it was made, or those of the operation it refers to; `claimed`: only its lines have them. */
export type OriginalRates = { readonly proven: Rates; readonly claimed: Rates }

/** More bits than there are rates. */
const SET = 1 << 15

/**
 * The rates of what comes back, by the operation that it comes from. Rates change once in years: most operations have the
 * set of the first one, and need no entry.
 */
export class RecordedRates {
  readonly #others = new DigestTable()
  #usual: number | undefined

  note(operation: string, rates: OriginalRates): void {
    const packed = packedOf(rates)
    this.#usual ??= packed
    // The table has no value 0.
    if (packed !== this.#usual) this.#others.set(operation, packed + 1)
  }

  /** The goods of a noted operation have changed. */
  replace(operation: string, rates: OriginalRates): void {
    this.#others.set(operation, packedOf(rates) + 1)
  }

  /** The rates of an operation; one that was never noted has those of the first. Undefined before the first. */
  of(operation: string): OriginalRates | undefined {
    const other = this.#others.get(operation)
    const rates = other === undefined ? this.#usual : other - 1
    return rates === undefined ? undefined : { proven: rates % SET, claimed: Math.floor(rates / SET) }
  }
}

/** Only what is not proven needs its bits. */
function packedOf({ proven, claimed }: OriginalRates): number {
  return proven + (claimed & ~proven) * SET
}
