/** Numbers missing before an existing one; `file` is where that one was found. */
export type NumberGap = { from: number; to: number; file: string }

type Run = { first: number; last: number; file: string }

/**
 * A set of whole numbers, added in any order: some devices export in the order of a directory. Consecutive numbers need
 * no memory, each gap one entry.
 */
export class NumberRuns {
  /** Ascending and disjoint; `file` is that of the first number. */
  readonly #runs: Run[] = []
  readonly #runsMax: number

  constructor(runsMax: number) {
    this.#runsMax = runsMax
  }

  /** `twice` if the number was seen before, `lost` if there are too many runs to remember. */
  add(number: number, file = ''): 'new' | 'twice' | 'lost' {
    const index = this.#indexAfter(number)
    const below = this.#runs[index - 1]
    const above = this.#runs[index]
    if (below && number <= below.last) return 'twice'
    if (below?.last === number - 1) {
      below.last = number
      if (above?.first === number + 1) {
        below.last = above.last
        this.#runs.splice(index, 1)
      }
    } else if (above?.first === number + 1) Object.assign(above, { first: number, file })
    else if (this.#runs.length >= this.#runsMax) return 'lost'
    else this.#runs.splice(index, 0, { first: number, last: number, file })
    return 'new'
  }

  gaps(): readonly NumberGap[] {
    return this.#runs
      .slice(1)
      .map(({ first, file }, index) => ({ from: (this.#runs[index]?.last ?? 0) + 1, to: first - 1, file }))
  }

  /** Index of the lowest run that begins after the number; the end if numbers arrive in order. */
  #indexAfter(number: number): number {
    let low = (this.#runs.at(-1)?.first ?? Number.POSITIVE_INFINITY) <= number ? this.#runs.length : 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#runs[middle]?.first ?? 0) <= number) low = middle + 1
      else high = middle
    }
    return low
  }
}
