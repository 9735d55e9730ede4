import { setImmediate } from 'node:timers/promises'
import { justAfter, parseRfc3339, rfc3339 } from '../../clock.ts'
import { operationDocument } from '../../journal/documents.ts'
import type { View } from '../../journal/projections/view.ts'
import { formatCents, toCents } from '../../money.ts'
import type { AuditNotes } from '../administration.ts'
import type { Exports } from '../exports/exports.ts'

const MERCHANTS_MAX = 10_000
/** Documents that are read before the tills have their turn. */
const PORTION = 16

/** What an auditor has to know of a range beside its files. */
export async function auditNotes(
  view: View,
  exports: Pick<Exports, 'leftOut' | 'waitingBons'>,
  range: { from: string; to: string },
): Promise<AuditNotes> {
  return {
    left_out: await exports.leftOut(range),
    waiting_bons: exports.waitingBons(range),
    online: await onlineOperations(view, range),
  }
}

/** Completed operations of no register: no TSE signed them, and no closing has them. */
async function onlineOperations(view: View, range: { from: string; to: string }): Promise<AuditNotes['online']> {
  const [from, to] = [rfc3339(parseRfc3339(range.from) ?? 0), justAfter(range.to)]
  let [operations, cents] = [0, 0n]
  for (const { id: merchant } of view.resources('merchant', {}, 0, MERCHANTS_MAX)) {
    const filter = { merchant, register: null, status: 'completed', from, to }
    for (let after = 0, read = PORTION; read === PORTION; await setImmediate()) {
      const rows = view.operations(filter, after, PORTION)
      read = rows.length
      after = rows.at(-1)?.seq ?? after
      operations += read
      for (const { id } of rows) cents += toCents(operationDocument(view, id)?.total_amount ?? '0')
    }
  }
  return { operations, total_amount: formatCents(cents) }
}
