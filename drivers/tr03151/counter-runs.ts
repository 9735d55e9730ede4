/** Counters that are missing before a log that is there. */
export type CounterGap = { from: number; to: number; file: string }

type Run = { first: number; last: number; file: string }

/** Several megabytes; an archive in the order of its counters has one. */
const runsMax = 65_536

/**
 * Signature counters of an archive in whatever order they come: some devices export in that of a directory. What rises
 * without gaps takes no memory, every gap in what was seen so far one entry.
 */
export class CounterRuns {
  /** Ascending, apart from each other; `file` is that of the first log. */
  readonly #runs: Run[] = []

  /** `twice` where the counter was seen before, `lost` where it is one too many to remember. */
  add(counter: number, file: string): 'new' | 'twice' | 'lost' {
    const index = this.#indexAfter(counter)
    const below = this.#runs[index - 1]
    const above = this.#runs[index]
    if (below && counter <= below.last) return 'twice'
    if (below?.last === counter - 1) {
      below.last = counter
      if (above?.first === counter + 1) {
        below.last = above.last
        this.#runs.splice(index, 1)
      }
    } else if (above?.first === counter + 1) Object.assign(above, { first: counter, file })
    else if (this.#runs.length >= runsMax) return 'lost'
    else this.#runs.splice(index, 0, { first: counter, last: counter, file })
    return 'new'
  }

  gaps(): readonly CounterGap[] {
    return this.#runs
      .slice(1)
      .map(({ first, file }, index) => ({ from: (this.#runs[index]?.last ?? 0) + 1, to: first - 1, file }))
  }

  /** Place of the lowest run that begins after the counter; in an archive in order it is the end. */
  #indexAfter(counter: number): number {
    let low = (this.#runs.at(-1)?.first ?? Number.POSITIVE_INFINITY) <= counter ? this.#runs.length : 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#runs[middle]?.first ?? 0) <= counter) low = middle + 1
      else high = middle
    }
    return low
  }
}
