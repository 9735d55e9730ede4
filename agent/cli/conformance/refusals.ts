import { at } from '../../laws/demo-shift.ts'
import type { Basket } from './baskets.ts'
import type { Exchange } from './exchange.ts'

/** Requests that the agent refused, by its code and the first member that it named. */
export type Refusal = { readonly code: string; readonly pointer: string | null; readonly count: number }
/** `refused`: of those that did not end. */
export type Sales = { readonly begun: number; readonly ended: number; readonly refused: number }

/** Answers of the agent with 4xx. */
export class Refusals {
  readonly #counts = new Map<string, Refusal>()
  readonly #refused = new Set<Basket>()
  /** Creates that no basket has: they came without a key. */
  #keyless = 0

  note({ act, answer }: Exchange, basket: Basket | undefined): void {
    const { status = 0, body } = answer ?? {}
    if (status < 400 || status >= 500) return
    if (basket !== undefined) this.#refused.add(basket)
    else if (act.kind === 'create' && !act.type.startsWith('session_')) this.#keyless++
    const { pointer = null, errors } = Object(body?.['details'])
    const first: unknown = pointer ?? Object(errors?.[0]).pointer
    const refusal = { code: at(body, 'code'), pointer: typeof first === 'string' ? first : null }
    const key = JSON.stringify(refusal)
    this.#counts.set(key, { ...refusal, count: (this.#counts.get(key)?.count ?? 0) + 1 })
  }

  all(): readonly Refusal[] {
    return [...this.#counts.values()].sort((one, other) => other.count - one.count)
  }

  sales(baskets: readonly Basket[]): Sales {
    const [open, keyless] = [baskets.filter(({ hasEnded }) => !hasEnded), this.#keyless]
    const refused = open.filter((basket) => this.#refused.has(basket)).length
    return { begun: baskets.length + keyless, ended: baskets.length - open.length, refused: refused + keyless }
  }
}
