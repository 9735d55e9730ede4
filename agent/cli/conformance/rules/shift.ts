import type { ErrorCode } from '../../../errors.ts'
import { at } from '../../../laws/demo-shift.ts'
import type { Exchange } from '../exchange.ts'
import { isDone } from '../exchange.ts'
import type { WatchFactory } from './rule.ts'

const OUT_OF_ORDER: readonly string[] = [
  'no_open_session',
  'session_invalid_state',
  'session_already_counted',
  'session_not_counted',
] satisfies ErrorCode[]
const AMOUNTS: readonly string[] = [
  'amount_mismatch',
  'tax_amount_precision_invalid',
  'payment_total_mismatch',
] satisfies ErrorCode[]
/** The members of a request that are amounts end so. */
const AMOUNT_POINTER = /(amount|price|quantity|rate)(\/|$)/

function codeOf({ answer }: Exchange): string {
  return answer === undefined || answer.isMadeUp ? '' : at(answer.body, 'code')
}

/** T-13. A till that was killed may ask for its session by opening it. */
export const orderOfAShift: WatchFactory = (notes) => {
  let mayReopen = false
  return {
    killed() {
      mayReopen = true
    },
    answered(exchange) {
      const { act, answer } = exchange
      if (act.kind !== 'create') return
      const code = codeOf(exchange)
      const isReopened = mayReopen && act.type === 'session_open'
      if (isReopened) mayReopen = false
      else if (OUT_OF_ORDER.includes(code)) notes.break('T-13', exchange, `It was answered ${code}.`)
      if (act.type === 'session_close' && isDone(answer))
        notes.keep('T-13', exchange, 'The shift was closed in its order.')
    },
  }
}

/** T-14. */
export const amountsAddUp: WatchFactory = (notes) => ({
  answered(exchange) {
    const { act, answer } = exchange
    const code = codeOf(exchange)
    const pointer = amountIn(answer?.body?.['details'])
    if (code === 'invalid_request' && pointer !== undefined)
      notes.break('T-14', exchange, `It was answered 400 for ${pointer}.`)
    if (AMOUNTS.includes(code)) notes.break('T-14', exchange, `It was answered ${code}.`)
    if (act.kind === 'complete' && isDone(answer)) notes.keep('T-14', exchange, 'Its amounts added up.')
  },
})

/** The first amount that a refusal names. */
function amountIn(details: unknown): string | undefined {
  const errors = Object(details)['errors'] as unknown
  const pointers = Array.isArray(errors) ? errors.map((error) => at(error, 'pointer')) : []
  return pointers.find((pointer) => AMOUNT_POINTER.test(pointer))
}
