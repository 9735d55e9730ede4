import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import { isRepetitionOf } from '../exchange.ts'
import type { WatchFactory } from './rule.ts'
import { seconds } from './rule.ts'

export const LATE_MS = 8_000
export const RETRY_AFTER_MS = 2_000
/** The clock of a till, and the way. */
export const TOLERANCE_MS = 50
const MOST_A_SECOND = 4

/** T-4. */
export const waitsForTheAnswer: WatchFactory = (notes) => {
  let late: { readonly exchange: Exchange; readonly basket: Basket } | undefined
  const tooEarly = (exchange: Exchange, afterMs: number, basket: Basket): void => {
    notes.break('T-4', exchange, `The till closed the connection after ${seconds(afterMs)}.`, basket)
    basket.endFault()
    late = undefined
  }
  return {
    asked(exchange, basket) {
      if (basket?.fault?.name !== 'answer-late' || exchange.act.kind !== 'complete' || basket.fault.isOver) return
      if (late === undefined) late = { exchange, basket }
      else tooEarly(late.exchange, exchange.atMs - late.exchange.atMs, basket)
    },
    left(exchange, basket, afterMs) {
      if (late?.exchange === exchange && basket !== undefined) tooEarly(exchange, afterMs, basket)
    },
    answered(exchange, basket) {
      if (late?.exchange !== exchange || basket === undefined) return
      notes.keep('T-4', exchange, `The till waited for ${seconds(LATE_MS)}.`)
      basket.endFault()
      late = undefined
    },
  }
}

/** T-5. */
export const notBeforeRetryAfter: WatchFactory = (notes) => {
  let busy: { readonly exchange: Exchange; readonly basket: Basket; readonly sinceMs: number } | undefined
  let recentMs: number[] = []
  const judge = (exchange: Exchange, fault: string | undefined): void => {
    if (busy === undefined) return
    if (fault === undefined) notes.keep('T-5', exchange, 'The same request came again after Retry-After.')
    else notes.break('T-5', exchange, fault, busy.basket)
    busy.basket.endFault()
    busy = undefined
  }
  return {
    asked(exchange, basket) {
      if (busy === undefined || basket !== busy.basket) return
      if (exchange.act.kind === 'void') return judge(exchange, 'It was voided, and not sent again after 503.')
      if (exchange.act.kind !== 'complete') return
      const afterMs = exchange.atMs - busy.sinceMs
      recentMs = [...recentMs, exchange.atMs].filter((ms) => exchange.atMs - ms < 1000)
      if (recentMs.length > MOST_A_SECOND) judge(exchange, `It was sent ${recentMs.length} times in a second.`)
      else if (afterMs < RETRY_AFTER_MS - TOLERANCE_MS)
        judge(exchange, `It was sent again after ${seconds(afterMs)}; Retry-After was ${seconds(RETRY_AFTER_MS)}.`)
      else if (isRepetitionOf(busy.exchange, exchange)) judge(exchange, undefined)
      else judge(exchange, 'After 503 it was sent with another key or body.')
    },
    answered(exchange, basket) {
      if (basket?.fault?.name !== 'device-busy' || exchange.answer?.isMadeUp !== true || basket.fault.isOver) return
      busy = { exchange, basket, sinceMs: exchange.atMs }
      recentMs = []
    },
    basketOver(basket) {
      if (basket === busy?.basket) judge(busy.exchange, 'It was answered 503, and never sent again.')
    },
    over() {
      if (busy !== undefined) judge(busy.exchange, 'It was answered 503, and never sent again.')
    },
  }
}

/** T-6: twice is a person who pressed the key again. */
const SAME_MAX = 2

/** T-6. */
export const notAgainAsItIs: WatchFactory = (notes) => {
  let refused: { readonly exchange: Exchange; readonly basket: Basket; times: number } | undefined
  const keep = (exchange: Exchange): void => {
    if (refused === undefined) return
    notes.keep('T-6', exchange, 'The refused request did not come again as it was.')
    refused.basket.endFault()
    refused = undefined
  }
  return {
    asked(exchange, basket) {
      if (refused === undefined || basket !== refused.basket) return
      if (exchange.act.kind === 'void') return keep(exchange)
      if (exchange.act.kind !== 'complete') return
      if (exchange.print !== refused.exchange.print) return keep(exchange)
      refused.times++
      if (refused.times <= SAME_MAX) return
      notes.break('T-6', exchange, `It was refused, and sent ${refused.times} times as it was.`, basket)
      refused.basket.endFault()
      refused = undefined
    },
    answered(exchange, basket) {
      if (basket?.fault?.name !== 'amounts-refused' || exchange.answer?.isMadeUp !== true || basket.fault.isOver) return
      refused ??= { exchange, basket, times: 1 }
    },
    basketOver(basket) {
      if (basket === refused?.basket) keep(refused.exchange)
    },
    over() {
      if (refused !== undefined) keep(refused.exchange)
    },
  }
}
