import type { Basket } from '../baskets.ts'
import type { Exchange } from '../exchange.ts'
import { isDone } from '../exchange.ts'
import type { FaultName } from '../faults.ts'
import type { Watch, WatchFactory } from './rule.ts'

const WORDS = {
  'T-10': ['agent-killed', 'The agent was killed after it'],
  'T-11': ['till-killed', 'The till was killed after it'],
} as const satisfies Record<string, readonly [FaultName, string]>

type Begun = { readonly create: Exchange; isTouched: boolean }

/** T-10 and T-11: the basket of a restart gets an end. */
function endsTheBasket(
  rule: keyof typeof WORDS,
  unfinished: (create: Exchange, basket: Basket, isTouched: boolean) => void,
  keep: (exchange: Exchange, note: string) => void,
): Watch {
  const [fault, words] = WORDS[rule]
  const begun = new Map<Basket, Begun>()
  return {
    asked(_exchange, basket) {
      const known = basket && begun.get(basket)
      if (known !== undefined) known.isTouched = true
    },
    recorded(exchange, basket) {
      if (basket?.fault?.name !== fault || !basket.fault.isStruck) return
      if (!begun.has(basket) && !basket.fault.isOver) begun.set(basket, { create: exchange, isTouched: false })
      if (!basket.hasEnded || !begun.delete(basket)) return
      basket.endFault()
      keep(exchange, `${words}, and the operation is ${basket.status}.`)
    },
    over() {
      for (const [basket, { create, isTouched }] of begun) unfinished(create, basket, isTouched)
    },
  }
}

/** T-10. */
export const continuesAfterTheAgent: WatchFactory = (notes) =>
  endsTheBasket(
    'T-10',
    (create, basket) =>
      notes.break('T-10', create, `${WORDS['T-10'][1]}, and the operation was neither completed nor voided.`, basket),
    (exchange, note) => notes.keep('T-10', exchange, note),
  )

/** T-11. A till that never names the basket again has no store: then a person has to see the open operation. */
export const continuesAfterItself: WatchFactory = (notes) =>
  endsTheBasket(
    'T-11',
    (create, basket, isTouched) => {
      const words = `${WORDS['T-11'][1]}, and the operation was`
      if (isTouched) notes.break('T-11', create, `${words} neither completed nor voided.`, basket)
      else notes.ask('T-11', create, `${words} not named again: does the till show it to the cashier?`)
    },
    (exchange, note) => notes.keep('T-11', exchange, note),
  )

/** T-12. Operations that a restart or a broken rule left open do not count. */
export function noOpenOperations(named: (id: string) => Basket | undefined): WatchFactory {
  return (notes) => ({
    answered(exchange) {
      const { act, answer } = exchange
      if (act.kind !== 'create' || act.type !== 'session_cash_count' || answer === undefined || answer.isMadeUp) return
      const { code, details } = answer.body ?? {}
      const others = code === 'open_operations' ? openIn(details).filter((id) => named(id)?.isExcused !== true) : []
      if (isDone(answer)) notes.keep('T-12', exchange, 'No operation was open at the count.')
      if (others.length > 0) notes.break('T-12', exchange, `At the count ${others.join(', ')} was open.`)
    },
  })
}

function openIn(details: unknown): readonly string[] {
  const ids = Object(details)['operation_ids'] as unknown
  return Array.isArray(ids) ? ids.map(String) : []
}
