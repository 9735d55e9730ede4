import type { TillRuleId } from '../../../contract/till-rules.ts'
import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import { isChange } from '../exchange.ts'
import type { FaultName } from '../faults.ts'
import type { Watch, WatchFactory } from './rule.ts'

/** T-17 and T-18: another act follows a strange answer. `by`: the sign of it. */
function goesOn(rule: TillRuleId, name: FaultName, by: 'asked' | 'answered', words: string): WatchFactory {
  return (notes): Watch => {
    let struck: { readonly exchange: Exchange; readonly basket: Basket } | undefined
    const follow = (exchange: Exchange): void => {
      if (struck === undefined || exchange === struck.exchange || !isChange(exchange)) return
      notes.keep(rule, exchange, `An act followed ${words}.`)
      struck.basket.endFault()
      struck = undefined
    }
    return {
      asked(exchange) {
        if (by === 'asked') follow(exchange)
      },
      answered(exchange, basket) {
        if (by === 'answered') follow(exchange)
        if (basket?.fault?.name === name && basket.fault.isStruck && !basket.fault.isOver)
          struck ??= { exchange, basket }
      },
      over() {
        if (struck !== undefined) notes.break(rule, struck.exchange, `No act followed ${words}.`, struck.basket)
      },
    }
  }
}

export const ignoresTheUnknown = goesOn('T-17', 'members-unknown', 'asked', 'an answer with an unknown member and hint')
/** A request on the connection that has ended gets no answer. */
export const reconnects = goesOn('T-18', 'connection-closed', 'answered', 'the end of a connection')
