import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import { isChange, isDone, isRepetitionOf } from '../exchange.ts'
import type { WatchFactory } from './rule.ts'

/** T-1. A key is of one route, as for the agent, and a refusal frees it. */
export const oneKeyForEachAct: WatchFactory = (notes) => {
  const done = new Map<string, Exchange>()
  const scopeOf = ({ act, key }: Exchange): string => `${act.kind} ${key}`
  return {
    asked(exchange, basket) {
      if (!isChange(exchange)) return
      if (exchange.key === undefined) return notes.break('T-1', exchange, 'It has no Idempotency-Key.', basket)
      const first = done.get(scopeOf(exchange))
      if (first !== undefined && !isRepetitionOf(first, exchange))
        notes.break('T-1', exchange, `Its key was used for another request at ${first.at}.`, basket)
    },
    answered(exchange) {
      if (!isChange(exchange) || !isDone(exchange.answer)) return
      if (!done.has(scopeOf(exchange))) done.set(scopeOf(exchange), exchange)
      if (exchange.act.kind === 'complete') notes.keep('T-1', exchange, 'Each change had a separate key.')
    },
  }
}

/** T-2. */
export const sameRequestAgain: WatchFactory = (notes) => {
  const lost = new Map<Basket, Exchange>()
  const over = (basket: Basket): void => {
    lost.delete(basket)
    basket.endFault()
  }
  return {
    asked(exchange, basket) {
      const first = basket && lost.get(basket)
      if (first === undefined || basket === undefined) return
      if (exchange.act.kind !== first.act.kind) {
        if (!isChange(exchange)) return
        notes.break('T-2', exchange, 'It follows a request that has no answer yet.', basket)
        over(basket)
      } else if (!isRepetitionOf(first, exchange)) {
        const difference = first.key === exchange.key ? 'path or body' : 'key'
        notes.break('T-2', exchange, `After the answer was lost it was sent with another ${difference}.`, basket)
        over(basket)
      }
    },
    recorded(exchange, basket) {
      const { fault } = basket ?? {}
      const isLost =
        (fault?.name === 'create-lost' && exchange.act.kind === 'create') ||
        (fault?.name === 'completion-lost' && exchange.act.kind === 'complete')
      if (isLost && basket !== undefined && fault?.isStruck === true && !fault.isOver && !lost.has(basket))
        lost.set(basket, exchange)
    },
    answered(exchange, basket) {
      if (basket === undefined || lost.get(basket)?.act.kind !== exchange.act.kind) return
      if ((exchange.answer?.status ?? 0) >= 500) return
      notes.keep('T-2', exchange, 'The answer was lost, and the same request came again.')
      over(basket)
    },
    basketOver(basket, next) {
      const first = lost.get(basket)
      if (first === undefined) return
      const isSame = first.act.kind === 'create' && first.print === next.print
      const note = isSame
        ? 'After the answer was lost the same basket was sent with another key.'
        : 'After the answer was lost the next basket began.'
      notes.break('T-2', isSame ? next : first, note, basket)
      over(basket)
    },
    over() {
      for (const [basket, first] of lost) {
        notes.break('T-2', first, 'After the answer was lost it was not sent again.', basket)
        over(basket)
      }
    },
  }
}

/** T-3. */
export const oneUnknownSale: WatchFactory = (notes) => {
  const unknown = new Map<Basket, Exchange>()
  return {
    recorded(exchange, basket) {
      const { fault } = basket ?? {}
      if (basket === undefined || fault?.name !== 'completion-lost-thrice' || fault.isOver) return
      if (exchange.act.kind === 'complete' && fault.isStruck && !unknown.has(basket)) unknown.set(basket, exchange)
    },
    answered(exchange, basket, shown) {
      const isRead = exchange.act.kind === 'read' || exchange.act.kind === 'list'
      const known = isRead ? shown : exchange.act.kind === 'complete' && basket !== undefined ? [basket] : []
      for (const each of known) {
        if (!unknown.delete(each)) continue
        notes.keep('T-3', exchange, 'The outcome was known before the next sale.')
        each.endFault()
      }
    },
    basketOver(basket, next) {
      if (!unknown.delete(basket)) return
      notes.break('T-3', next, 'It was created while the outcome of the sale before was unknown.', basket)
      basket.endFault()
    },
  }
}

/** T-15. */
export const registerKeyAlone: WatchFactory = (notes) => ({
  asked(exchange) {
    if (exchange.hasKeyInTarget) notes.break('T-15', exchange, 'Its URL contains a key.')
    if (exchange.act.kind !== 'other' && exchange.hasPlatformKey)
      notes.break('T-15', exchange, 'It has an Authorization header.')
  },
  answered(exchange) {
    if (exchange.act.kind === 'complete' && isDone(exchange.answer))
      notes.keep('T-15', exchange, 'It came with the key of the register, in its header.')
  },
})
