import { setImmediate } from 'node:timers/promises'
import { justAfter, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { merchantIds } from '../../journal/documents/merchants.ts'
import type { View } from '../../journal/projections/view.ts'

/** Both ends are inclusive. */
export type Range = { from: string; to: string }

type Wanted = { readonly type?: string; readonly status?: string; readonly register?: null }

/** Documents read before yielding to the tills. */
export const PORTION = 16

/** The ids of the operations of all merchants that were begun in a range; yields to the tills between portions. */
export async function* operationsWithin(view: View, range: Range, wanted: Wanted): AsyncGenerator<string> {
  const [from, to] = [rfc3339(msOf(range.from)), justAfter(range.to)]
  for (const merchant of merchantIds(view)) {
    const filter = { ...wanted, merchant, from, to }
    for (let after: number | undefined = 0; after !== undefined; await setImmediate()) {
      const end = view.operationsUpTo(filter, after)
      const rows = view.operations(filter, after, PORTION, end)
      for (const { id } of rows) yield id
      after = rows.length < PORTION ? end : rows.at(-1)?.seq
    }
  }
}

export function msOf(time: string): number {
  return parseRfc3339(time) ?? 0
}
