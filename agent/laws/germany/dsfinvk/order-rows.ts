import type { BonDocument } from '../bon-document.ts'
import type { Bon, BonReference } from './bon.ts'

/** The bon of an order; a text for an operation that is in no package. */
type Refer = (
  operation: string,
) => { registerId: string; closing: number; bonId: string; date: string | undefined } | string | undefined

/**
 * The groups of a bon: its own, and each other one in which the orders that it settles were recorded; of a move from where
 * and to where.
 */
export function groupsOf({ shown }: BonDocument): Pick<Bon, 'groups'> {
  if ('from_allocation_group' in shown) return { groups: [shown.from_allocation_group, shown.allocation_group] }
  const group = 'allocation_group' in shown ? shown.allocation_group : undefined
  if (group === undefined) return {}
  const settled = 'settled_order_lines' in shown ? (shown.settled_order_lines ?? []) : []
  return { groups: [...new Set([group, ...settled.map((line) => line.allocation_group)])] }
}

/** One reference for each order that a bill settles, or of which a move or another order takes something (DSFinV-K Tz. 4.2.2). */
export function orderReferences({ shown, own }: BonDocument, refer: Refer): BonReference[] {
  const settled = 'settled_order_lines' in shown ? (shown.settled_order_lines ?? []) : []
  const moved = 'moved_lines' in shown ? shown.moved_lines : []
  const back = 'taken_from' in own ? own.taken_from : []
  const orders = new Set([...[...settled, ...moved].map((line) => line.order_id), ...back])
  return [...orders].flatMap((order) => {
    const bon = refer(order)
    if (bon === undefined || typeof bon === 'string') return []
    const { registerId, closing, bonId, date } = bon
    return [{ type: 'Transaktion' as const, date, registerId, closing, bonId }]
  })
}
