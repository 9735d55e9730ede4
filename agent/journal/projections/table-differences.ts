/** Rows in which a table differs from the events: the events count. */
export class TableDifferences {
  readonly #onDifference: ((what: string) => void) | undefined
  #newest: string | undefined

  constructor(onDifference: ((what: string) => void) | undefined) {
    this.#onDifference = onDifference
  }

  /** The newest one since the start. */
  get newest(): string | undefined {
    return this.#newest
  }

  /** The same row again is reported once. */
  readonly report = (what: string): void => {
    if (this.#newest === what) return
    this.#newest = what
    this.#onDifference?.(what)
  }
}
