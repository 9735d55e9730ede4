import type { TillRuleId } from '../../contract/till-rules.ts'
import type { Basket } from './baskets.ts'
import { Baskets } from './baskets.ts'
import type { Answer, Exchange } from './exchange.ts'
import { Notes } from './notes.ts'
import { Refusals } from './refusals.ts'
import { oneKeyForEachAct, oneUnknownSale, registerKeyAlone, sameRequestAgain } from './rules/keys.ts'
import { printsTheReceiptText, readsWhatIsPending, versionThatWasAnswered } from './rules/operations.ts'
import { sameCompletionUntilItIsPrinted } from './rules/printer.ts'
import { continuesAfterItself, continuesAfterTheAgent, noOpenOperations } from './rules/restarts.ts'
import type { Watch, WatchFactory } from './rules/rule.ts'
import { amountsAddUp, orderOfAShift } from './rules/shift.ts'
import { ignoresTheUnknown, reconnects } from './rules/tolerance.ts'
import { notAgainAsItIs, notBeforeRetryAfter, waitsForTheAnswer } from './rules/waiting.ts'

/** All rules over all requests of a run. */
export class RuleBook {
  readonly baskets = new Baskets()
  readonly notes = new Notes()
  readonly refusals = new Refusals()
  readonly #watches: readonly Watch[]

  constructor() {
    const factories: Readonly<Record<TillRuleId, WatchFactory>> = {
      'T-1': oneKeyForEachAct,
      'T-2': sameRequestAgain,
      'T-3': oneUnknownSale,
      'T-4': waitsForTheAnswer,
      'T-5': notBeforeRetryAfter,
      'T-6': notAgainAsItIs,
      'T-7': versionThatWasAnswered,
      'T-8': readsWhatIsPending,
      'T-9': printsTheReceiptText,
      'T-10': continuesAfterTheAgent,
      'T-11': continuesAfterItself,
      'T-12': noOpenOperations((id) => this.baskets.named(id)),
      'T-13': orderOfAShift,
      'T-14': amountsAddUp,
      'T-15': registerKeyAlone,
      'T-16': sameCompletionUntilItIsPrinted,
      'T-17': ignoresTheUnknown,
      'T-18': reconnects,
    }
    this.#watches = Object.values(factories).map((factory) => factory(this.notes))
  }

  /** A create under a new key ends the fault of the basket before. Returns the basket of the request. */
  asked(exchange: Exchange): Basket | undefined {
    const { newest } = this.baskets
    if (this.baskets.isNew(exchange)) {
      if (newest !== undefined) {
        newest.isPast = true
        for (const watch of this.#watches) watch.basketOver?.(newest, exchange)
      }
      this.baskets.begin(exchange)
    }
    const basket = this.baskets.of(exchange)
    for (const watch of this.#watches) watch.asked?.(exchange, basket)
    return basket
  }

  /** An answer exists; it is not passed on yet. */
  recorded(exchange: Exchange, basket: Basket | undefined, answer: Answer): void {
    exchange.answer = answer
    if (answer.isMadeUp) return
    this.baskets.record(basket, exchange)
    this.refusals.note(exchange, basket)
    for (const watch of this.#watches) watch.recorded?.(exchange, basket)
  }

  /** It has reached the till. */
  answered(exchange: Exchange, basket: Basket | undefined): void {
    const shown = this.baskets.show(exchange)
    for (const watch of this.#watches) watch.answered?.(exchange, basket, shown)
  }

  left(exchange: Exchange, basket: Basket | undefined, afterMs: number): void {
    for (const watch of this.#watches) watch.left?.(exchange, basket, afterMs)
  }

  killed(): void {
    for (const watch of this.#watches) watch.killed?.()
  }

  over(): void {
    for (const watch of this.#watches) watch.over?.()
  }
}
