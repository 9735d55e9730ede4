import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import { isDone } from '../exchange.ts'
import type { WatchFactory } from './rule.ts'

const UNAVAILABLE = 503

/** T-16. */
export const sameCompletionUntilItIsPrinted: WatchFactory = (notes) => {
  let unprinted: { readonly exchange: Exchange; readonly basket: Basket } | undefined
  const judge = (exchange: Exchange, fault: string | undefined): void => {
    if (unprinted === undefined) return
    const { basket } = unprinted
    if (fault === undefined) notes.keep('T-16', exchange, 'After 503 the same completion came again, and is printed.')
    else notes.break('T-16', exchange, fault, basket)
    basket.endFault()
    unprinted = undefined
  }
  return {
    asked(exchange, basket) {
      if (unprinted === undefined || basket !== unprinted.basket) return
      if (exchange.act.kind === 'void') judge(exchange, 'It was voided after 503.')
      else if (exchange.act.kind === 'complete' && exchange.key !== unprinted.exchange.key)
        judge(exchange, 'After 503 it was sent with another key.')
    },
    answered(exchange, basket) {
      const { fault } = basket ?? {}
      if (basket === undefined || exchange.act.kind !== 'complete') return
      if (fault?.name !== 'paper-out' && fault?.name !== 'print-lost') return
      if (fault.isOver) return
      if (exchange.answer?.status === UNAVAILABLE) unprinted ??= { exchange, basket }
      else if (isDone(exchange.answer)) judge(exchange, undefined)
    },
    basketOver(basket, next) {
      if (basket === unprinted?.basket) judge(next, 'After 503 a new sale began.')
    },
    over() {
      if (unprinted !== undefined) judge(unprinted.exchange, 'After 503 it was not sent again.')
    },
  }
}
