import { isGoods, isUnpaid } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { BegunOperation, OpenGroup } from '../administration.ts'
import { firstOrderIn } from '../selling/order-effects.ts'
import type { Range } from './operations-within.ts'
import { msOf, operationsWithin } from './operations-within.ts'

/** The goods movements that were begun in a range and are open now. */
export async function begunOperations(view: View, range: Range): Promise<readonly BegunOperation[]> {
  const begun: BegunOperation[] = []
  for await (const id of operationsWithin(view, range, { status: 'open' })) {
    const document = view.operation(id)
    if (document === undefined || !(isGoods(document) || isUnpaid(document))) continue
    const { register_id: register, created_at: createdAt, total_amount: total } = document.shown
    begun.push({ operation_id: id, register_id: register, created_at: createdAt, total_amount: total })
  }
  return begun
}

/** The groups whose first order that is not settled is of a range. */
export function openGroups(view: View, { from, to }: Range): readonly OpenGroup[] {
  return view.openLocations().flatMap((location) =>
    (view.openLines(location)?.groups() ?? []).flatMap(({ group, lines }): OpenGroup[] => {
      const first = firstOrderIn(view, lines)
      if (first === undefined || msOf(first) < msOf(from) || msOf(first) > msOf(to)) return []
      const ids = new Set(lines.map(({ order }) => order))
      return [{ allocation_group: group, location_id: location, first_order_at: first, orders: ids.size }]
    }),
  )
}
