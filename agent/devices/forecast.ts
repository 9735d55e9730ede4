import { HOUR_MS, PLAUSIBLE_MS } from '../../base/clock.ts'

/** How much of a TSE was left at a time. */
export type Sample = { atMs: number; signaturesLeft: number; memoryUsedPercent: number }

/** A trend over less than a day proves nothing: at night there are no sales. */
const SPAN_MIN_MS = 24 * HOUR_MS
const SAMPLES_MAX = 14 * 24

/** Predicts when a TSE runs out of signatures or memory, at the rate of the last two weeks. */
export class Forecast {
  #samples: Sample[] = []

  /**
   * Keeps at most one sample an hour; none from a clock that has lost its time, nor, once it is right, from one that
   * ran ahead.
   */
  note(sample: Sample): void {
    if (sample.atMs < PLAUSIBLE_MS) return
    this.#samples = this.#samples.filter(({ atMs }) => atMs <= sample.atMs)
    const last = this.#samples.at(-1)
    if (last !== undefined && sample.atMs - last.atMs < HOUR_MS) return
    // Another unit, or one whose logs were exported and deleted: the samples begin again.
    const isOther = last !== undefined && (sample.signaturesLeft > last.signaturesLeft || isLess(sample, last))
    this.#samples = isOther ? [sample] : [...this.#samples.slice(1 - SAMPLES_MAX), sample]
  }

  /** Milliseconds since 1970; undefined if nothing is used up, or too little is known. */
  get signaturesEndAtMs(): number | undefined {
    return this.#endOf(({ signaturesLeft }) => signaturesLeft)
  }

  get memoryEndAtMs(): number | undefined {
    return this.#endOf(({ memoryUsedPercent }) => 100 - memoryUsedPercent)
  }

  #endOf(remainingIn: (sample: Sample) => number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || last.atMs - first.atMs < SPAN_MIN_MS) return undefined
    const usedPerMs = (remainingIn(first) - remainingIn(last)) / (last.atMs - first.atMs)
    return usedPerMs <= 0 ? undefined : last.atMs + remainingIn(last) / usedPerMs
  }
}

function isLess(sample: Sample, last: Sample): boolean {
  return sample.memoryUsedPercent < last.memoryUsedPercent
}
