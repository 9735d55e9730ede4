import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import type { Notes } from '../notes.ts'

/** Watches the requests, in their order, for one rule. `basket`: that of the request's operation. */
export type Watch = {
  /** A request has arrived. */
  asked?(exchange: Exchange, basket: Basket | undefined): void
  /** The agent has answered; the answer may be lost on its way. */
  recorded?(exchange: Exchange, basket: Basket | undefined): void
  /** An answer has reached the till. */
  answered?(exchange: Exchange, basket: Basket | undefined, shown: readonly Basket[]): void
  /** The till has closed the connection before the answer. */
  left?(exchange: Exchange, basket: Basket | undefined, afterMs: number): void
  /** The next basket begins: the fault of this one is over. */
  basketOver?(basket: Basket, next: Exchange): void
  /** The run has killed the till. */
  killed?(): void
  /** The till has ended, and is not started again. */
  over?(): void
}

export type WatchFactory = (notes: Notes) => Watch

/** Seconds, for a note. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
