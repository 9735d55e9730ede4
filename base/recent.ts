import { TransientMap } from './transient-map.ts'

/** `weight` in a unit of the caller. */
export type Weighed<Value> = { readonly value: Value; readonly weight: number }

/** The most recently used values, up to a number and a weight; the least recently used is removed first. */
export class Recent<Value> {
  readonly #limit: number
  readonly #weightLimit: number
  readonly #entries = new TransientMap<string, Weighed<Value>>()
  #weight = 0

  constructor(limit: number, weightLimit = Number.POSITIVE_INFINITY) {
    this.#limit = limit
    this.#weightLimit = weightLimit
  }

  get(id: string): Value | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    if (this.#isRunningOut()) {
      this.#entries.delete(id)
      this.#entries.set(id, entry)
    }
    return entry.value
  }

  weightOf(id: string): number {
    return this.#entries.get(id)?.weight ?? 0
  }

  keep(id: string, value: Value, weight = 0): void {
    this.delete(id)
    this.#entries.set(id, { value, weight })
    this.#weight += weight
    while (this.#entries.size > this.#limit || this.#weight > this.#weightLimit) {
      const [oldest] = this.#entries.first() ?? []
      if (oldest === undefined) return
      this.delete(oldest)
    }
  }

  delete(id: string): void {
    this.#weight -= this.weightOf(id)
    this.#entries.delete(id)
  }

  clear(): void {
    this.#entries.clear()
    this.#weight = 0
  }

  /** Below that size nothing is removed, so the order of use is not tracked: a sale reads dozens of times. */
  #isRunningOut(): boolean {
    return 2 * this.#entries.size > this.#limit || 2 * this.#weight > this.#weightLimit
  }
}

/** The value of an id, cached or read; a missing one is read again each time. */
export function recall<Value>(
  recent: Recent<Value>,
  id: string,
  read: (id: string) => Weighed<Value> | undefined,
): Value | undefined {
  const value = recent.get(id)
  if (value !== undefined) return value
  const entry = read(id)
  if (entry !== undefined) recent.keep(id, entry.value, entry.weight)
  return entry?.value
}

/** For rows of little and equal size. */
export function light<Value>(value: Value | undefined): Weighed<Value> | undefined {
  return value === undefined ? undefined : { value, weight: 0 }
}
