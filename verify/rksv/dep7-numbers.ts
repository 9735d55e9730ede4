import { NumberRuns } from '../../drivers/tr03151/number-runs.ts'

const digitsMax = 15
const runsMax = 100_000
const namesMax = 1_000_000

/**
 * Belegnummern that were seen. Numbers that rise without gaps take no memory; every gap costs one entry, every number that
 * is no plain number one too.
 */
export class SeenNumbers {
  readonly #runs = new NumberRuns(runsMax)
  readonly #names = new Set<string>()
  /** More numbers than can be remembered: what comes now is no longer compared with all. */
  isFull = false

  /** True where the number was not seen before. */
  add(text: string): boolean {
    if (!/^(0|[1-9][0-9]*)$/.test(text) || text.length > digitsMax) return this.#addName(text)
    const added = this.#runs.add(Number(text))
    if (added === 'lost') this.isFull = true
    return added !== 'twice'
  }

  #addName(text: string): boolean {
    if (this.#names.has(text)) return false
    if (this.#names.size < namesMax) this.#names.add(text)
    else this.isFull = true
    return true
  }
}
