import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import { foreignRateDuty } from '../../journal/books/foreign-rates.ts'
import { isGoods } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { FACTS } from './facts.ts'

const PREFIX = foreignRateDuty('')

/** The reason for the rate of a payment: only an audit knows which rates are far from the others of its period. */
export function foreignRateTask(view: Pick<View, 'operation'>, id: string): Task | undefined {
  const operation = id.startsWith(PREFIX) ? view.operation(id.slice(PREFIX.length)) : undefined
  if (operation === undefined || !isGoods(operation) || operation.shown.status !== 'completed') return undefined
  const { payments = [], created_at: at } = operation.shown
  if (payments.every(({ base_amount: base }) => base === undefined)) return undefined
  return {
    id,
    ...DUTY_KINDS.foreignRate,
    title: `Give the reason for the rate of foreign cash in ${operation.id}`,
    due: localDate(parseRfc3339(at) ?? 0, FACTS.timeZone),
    instructions: [
      instruction('State the reason: fiskal-edge duty confirm {} --reason TEXT. The audit report prints it.', id),
    ],
  }
}
