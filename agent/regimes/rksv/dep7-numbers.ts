const digitsMax = 15
const runsMax = 100_000
const namesMax = 1_000_000

/**
 * Belegnummern that were seen. Numbers that rise without gaps take no memory; every gap costs one entry, every number that
 * is no plain number one too.
 */
export class SeenNumbers {
  /** Ascending, apart from each other: first and last of numbers without a gap. */
  readonly #runs: { first: number; last: number }[] = []
  readonly #names = new Set<string>()
  /** More numbers than can be remembered: what comes now is no longer compared with all. */
  isFull = false

  /** True where the number was not seen before. */
  add(text: string): boolean {
    if (!/^(0|[1-9][0-9]*)$/.test(text) || text.length > digitsMax) return this.#addName(text)
    const value = Number(text)
    const index = this.#indexOf(value)
    const below = this.#runs[index - 1]
    if (below && value <= below.last) return false
    const above = this.#runs[index]
    if (below && below.last + 1 === value) {
      below.last = value
      if (above?.first !== value + 1) return true
      below.last = above.last
      this.#runs.splice(index, 1)
    } else if (above?.first === value + 1) above.first = value
    else if (this.#runs.length < runsMax) this.#runs.splice(index, 0, { first: value, last: value })
    else this.isFull = true
    return true
  }

  #addName(text: string): boolean {
    if (this.#names.has(text)) return false
    if (this.#names.size < namesMax) this.#names.add(text)
    else this.isFull = true
    return true
  }

  /** Place of the first run that begins after the value. */
  #indexOf(value: number): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#runs[middle]?.first ?? 0) <= value) low = middle + 1
      else high = middle
    }
    return low
  }
}
