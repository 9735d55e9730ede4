export type Span = { readonly from: number; readonly to: number }

/** Whole numbers, stored as spans: consecutive numbers take the space of one. */
export class NumberSet {
  readonly #spans: { from: number; to: number }[] = []

  add(from: number, to = from): void {
    if (to < from) return
    const spans = this.#spans
    let at = spans.length
    while (at > 0 && (spans[at - 1]?.from ?? 0) > from) at--
    const before = spans[at - 1]
    if (before !== undefined && before.to >= from - 1) at--
    let end = at
    let merged = { from, to }
    for (let span = spans[end]; span !== undefined && span.from <= to + 1; span = spans[++end])
      merged = { from: Math.min(merged.from, span.from), to: Math.max(merged.to, span.to) }
    spans.splice(at, end - at, merged)
  }

  has(number: number): boolean {
    return this.#spans.some(({ from, to }) => number >= from && number <= to)
  }

  /** The number of members up to that one. */
  countTo(last: number): number {
    return this.#spans.reduce((count, { from, to }) => count + Math.max(0, Math.min(to, last) - from + 1), 0)
  }

  get size(): number {
    return this.#spans.reduce((count, { from, to }) => count + to - from + 1, 0)
  }

  /** In their order. */
  *numbers(): Generator<number> {
    for (const { from, to } of this.#spans) for (let number = from; number <= to; number++) yield number
  }

  get first(): number | undefined {
    return this.#spans[0]?.from
  }

  /** The spans between two numbers, both included, that the set does not contain. */
  missing(from: number, to: number): Span[] {
    const holes: Span[] = []
    let next = from
    for (const span of this.#spans) {
      if (span.from > to) break
      if (span.from > next) holes.push({ from: next, to: span.from - 1 })
      next = Math.max(next, span.to + 1)
    }
    if (next <= to) holes.push({ from: next, to })
    return holes
  }
}
