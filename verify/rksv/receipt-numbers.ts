import { NumberSpans } from '../../base/number-spans.ts'

const DIGITS_MAX = 15
const RUNS_MAX = 100_000
const NAMES_MAX = 1_000_000

/**
 * The Belegnummern seen so far. Consecutive numbers need no memory; each gap and each Belegnummer that is not a plain integer
 * needs one entry.
 */
export class ReceiptNumbers {
  readonly #runs = new NumberSpans(RUNS_MAX)
  readonly #names = new Set<string>()
  /** True if there were more numbers than the limits: later ones are not compared with all of them. */
  isFull = false

  /** Returns true if the number was not seen before. */
  add(text: string): boolean {
    if (!/^(0|[1-9][0-9]*)$/.test(text) || text.length > DIGITS_MAX) return this.#addName(text)
    const added = this.#runs.add(Number(text))
    if (added === 'lost') this.isFull = true
    return added !== 'twice'
  }

  #addName(text: string): boolean {
    if (this.#names.has(text)) return false
    if (this.#names.size < NAMES_MAX) this.#names.add(text)
    else this.isFull = true
    return true
  }
}
