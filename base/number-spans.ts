export type NumberSpan = { readonly from: number; readonly to: number }

/** Numbers missing before an existing one; `file` is where that one was found. */
export type NumberGap = NumberSpan & { readonly file: string }

/**
 * A set of whole numbers, added in any order: some devices export in the order of a directory. Consecutive numbers take
 * the space of one.
 */
export class NumberSpans {
  /** Ascending, and no two of them touch; `file` is that of the first number. */
  readonly #spans: NumberGap[] = []
  readonly #spansMax: number

  constructor(spansMax = Number.POSITIVE_INFINITY) {
    this.#spansMax = spansMax
  }

  /** `twice` if they were all added before, `lost` if there are too many spans to remember. */
  add(from: number, to = from, file = ''): 'new' | 'twice' | 'lost' {
    const spans = this.#spans
    const above = this.#countFrom(from)
    const below = spans[above - 1]
    if (to < from || (below !== undefined && to <= below.to)) return 'twice'
    const at = below !== undefined && below.to >= from - 1 ? above - 1 : above
    let end = at
    let merged = { from, to, file }
    for (let span = spans[end]; span !== undefined && span.from <= to + 1; span = spans[++end]) {
      const { from: first, file: found } = span.from <= merged.from ? span : merged
      merged = { from: first, to: Math.max(merged.to, span.to), file: found }
    }
    if (end === at && spans.length >= this.#spansMax) return 'lost'
    spans.splice(at, end - at, merged)
    return 'new'
  }

  has(number: number): boolean {
    return number <= (this.#spans[this.#countFrom(number) - 1]?.to ?? Number.NEGATIVE_INFINITY)
  }

  /** The number of members up to that one. */
  countTo(last: number): number {
    return this.#spans.reduce((count, { from, to }) => count + Math.max(0, Math.min(to, last) - from + 1), 0)
  }

  /** In their order. */
  *numbers(): Generator<number> {
    for (const { from, to } of this.#spans) for (let number = from; number <= to; number++) yield number
  }

  get first(): number | undefined {
    return this.#spans[0]?.from
  }

  /** The spans between two numbers, both included, that the set does not contain. */
  missing(from: number, to: number): NumberSpan[] {
    const holes: NumberSpan[] = []
    let next = from
    for (const span of this.#spans) {
      if (span.from > to) break
      if (span.from > next) holes.push({ from: next, to: span.from - 1 })
      next = Math.max(next, span.to + 1)
    }
    if (next <= to) holes.push({ from: next, to })
    return holes
  }

  /** Between the lowest and the highest number. */
  gaps(): readonly NumberGap[] {
    return this.#spans
      .slice(1)
      .map(({ from, file }, index) => ({ from: (this.#spans[index]?.to ?? 0) + 1, to: from - 1, file }))
  }

  /** The number of spans that begin up to a number: nearly always all, or all but a few. */
  #countFrom(number: number): number {
    let low = (this.#spans.at(-1)?.from ?? Number.POSITIVE_INFINITY) <= number ? this.#spans.length : 0
    let high = this.#spans.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#spans[middle]?.from ?? 0) <= number) low = middle + 1
      else high = middle
    }
    return low
  }
}
