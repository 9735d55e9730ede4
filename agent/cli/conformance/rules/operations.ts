import { at } from '../../../laws/demo-shift.ts'
import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import { isChange, isDone } from '../exchange.ts'
import type { WatchFactory } from './rule.ts'

const PRECONDITION_FAILED = 412
const PRECONDITION_REQUIRED = 428

/** T-7. A repetition is never held against a newer version. */
export const versionThatWasAnswered: WatchFactory = (notes) => {
  const stale = new Map<Basket, { readonly refused: Exchange; isRead: boolean }>()
  let hasStream = false
  const over = (basket: Basket): void => {
    stale.delete(basket)
    if (basket.fault?.name === 'amended') basket.endFault()
  }
  const readOf = (basket: Basket): void => {
    const refusal = stale.get(basket)
    if (refusal?.isRead === true)
      notes.keep('T-7', refusal.refused, 'It was refused with 412, and the operation was read.')
    else if (refusal !== undefined)
      notes.break('T-7', refusal.refused, 'It was refused with 412, and nothing followed.', basket)
    over(basket)
  }
  const markRead = (shown: readonly Basket[]): void => {
    for (const basket of shown) {
      const refusal = stale.get(basket)
      if (refusal !== undefined) refusal.isRead = true
    }
  }
  const changed = (exchange: Exchange, basket: Basket): void => {
    const { answer } = exchange
    if (answer === undefined || answer.isMadeUp) return
    if (answer.status === PRECONDITION_REQUIRED) notes.break('T-7', exchange, 'It has no If-Match.', basket)
    if (answer.status === PRECONDITION_FAILED && !stale.has(basket))
      stale.set(basket, { refused: exchange, isRead: false })
    if (isDone(answer) && stale.has(basket)) readOf(basket)
  }
  return {
    asked(exchange, basket) {
      const { act, ifMatch } = exchange
      hasStream ||= act.kind === 'stream'
      if (basket === undefined || act.kind === 'create' || !isChange(exchange) || basket.isRepeated(exchange)) return
      const refusal = stale.get(basket)
      if (refusal !== undefined && !refusal.isRead && act.kind === 'complete') {
        notes.break('T-7', exchange, 'After 412 it was completed, and the operation was not read.', basket)
        over(basket)
        return
      }
      const { version } = basket
      // The events of a stream are not looked into.
      if (ifMatch === undefined || version === undefined || ifMatch === version || hasStream) return
      notes.break('T-7', exchange, `Its If-Match is ${ifMatch}, and the answer had version ${version}.`, basket)
    },
    answered(exchange, basket, shown) {
      if (exchange.act.kind === 'read' || exchange.act.kind === 'list') markRead(shown)
      else if (basket !== undefined && isChange(exchange)) changed(exchange, basket)
    },
    basketOver(basket) {
      if (stale.has(basket)) readOf(basket)
    },
    over() {
      for (const basket of [...stale.keys()]) readOf(basket)
    },
  }
}

/** T-8. */
export const readsWhatIsPending: WatchFactory = (notes) => {
  let pending: { readonly exchange: Exchange; readonly basket: Basket } | undefined
  let streams = 0
  const keep = (exchange: Exchange, note: string): void => {
    if (pending === undefined) return
    notes.keep('T-8', exchange, note)
    endFault()
  }
  const endFault = (): void => {
    pending?.basket.endFault()
    pending = undefined
  }
  const neglect = (): void => {
    if (pending === undefined) return
    notes.break('T-8', pending.exchange, 'It was answered as pending, and not looked at again.', pending.basket)
    endFault()
  }
  const closed = ({ act }: Exchange): void => {
    if (act.kind === 'stream') streams--
  }
  return {
    asked(exchange, basket) {
      const { act } = exchange
      if (act.kind === 'stream') streams++
      const isOfIt =
        basket !== undefined && basket === pending?.basket && (act.kind === 'read' || act.kind === 'complete')
      if (isOfIt || act.kind === 'list' || act.kind === 'stream')
        keep(exchange, 'The pending operation was read again.')
      else if (act.kind === 'create' && act.type === 'session_close') neglect()
    },
    left: closed,
    answered(exchange, basket) {
      closed(exchange)
      const { act, answer } = exchange
      if (act.kind !== 'complete' || basket?.fault?.name !== 'finish-slow' || basket.fault.isOver) return
      if (!isDone(answer) || at(answer.body, 'fiscal', 'state') !== 'pending') return
      pending = { exchange, basket }
      if (streams > 0) keep(exchange, 'A stream of events was open.')
    },
    over: neglect,
  }
}

/** T-9. Paper is not seen: a form of the receipt has the text. */
export const printsTheReceiptText: WatchFactory = (notes) => {
  const unsigned = new Map<Basket, Exchange>()
  return {
    asked(exchange, basket) {
      if (basket === undefined || exchange.act.kind !== 'receipt' || !unsigned.delete(basket)) return
      notes.keep('T-9', exchange, 'The receipt with the text was fetched.')
    },
    answered(exchange, basket) {
      const { act, answer } = exchange
      if (act.kind !== 'complete' || basket?.fault?.name !== 'device-unplugged' || basket.fault.isOver) return
      if (!isDone(answer) || at(answer.body, 'fiscal', 'receipt_text') === '') return
      basket.endFault()
      unsigned.set(basket, exchange)
    },
    over() {
      for (const exchange of unsigned.values())
        notes.ask('T-9', exchange, 'Its receipt has to carry the text of the outage: was it on the paper?')
    },
  }
}
