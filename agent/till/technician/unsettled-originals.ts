import { setImmediate } from 'node:timers/promises'
import { justAfter, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import type { SoldKind } from '../../journal/documents/kind.ts'
import type { View } from '../../journal/projections/view.ts'
import { numberOf } from '../../laws/returned-goods.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import type { UnsettledOriginal } from '../administration.ts'
import { leftOfDeposit } from '../selling/deposits.ts'
import { soldDocument } from '../selling/related-operations.ts'

type Original = Pick<UnsettledOriginal, 'what'> & {
  /** The operations that may be one. */
  readonly type: SoldKind
  /** In cents; 0 if it is settled, or none. */
  left(view: View, document: SoldDocument): bigint
}

const ORIGINALS: readonly Original[] = [{ what: 'deposit', type: 'deposit', left: leftOfDeposit }]

const MERCHANTS_MAX = 10_000
/** Documents read before yielding to the tills. */
const PORTION = 16

/** The originals of a range of which something is left now. */
export async function unsettledOriginals(
  view: View,
  laws: readonly ReceiptLaw[],
  range: { from: string; to: string },
): Promise<readonly UnsettledOriginal[]> {
  const [from, to] = [rfc3339(parseRfc3339(range.from) ?? 0), justAfter(range.to)]
  const found: UnsettledOriginal[] = []
  for (const { id: merchant } of view.resources('merchant', {}, 0, MERCHANTS_MAX)) {
    for (const original of ORIGINALS) {
      const filter = { merchant, type: original.type, status: 'completed', from, to }
      for (let after: number | undefined = 0; after !== undefined; await setImmediate()) {
        const end = view.operationsUpTo(filter, after)
        const rows = view.operations(filter, after, PORTION, end)
        found.push(...rows.flatMap(({ id }) => unsettled(view, laws, original, id)))
        after = rows.length < PORTION ? end : rows.at(-1)?.seq
      }
    }
  }
  return found
}

function unsettled(view: View, laws: readonly ReceiptLaw[], original: Original, id: string): UnsettledOriginal[] {
  const document = soldDocument(view, id)
  if (document === undefined || document.shown.training === true) return []
  const left = original.left(view, document)
  if (left <= 0n) return []
  const { completed_at: completedAt, created_at: createdAt } = document.shown
  return [
    {
      what: original.what,
      operation_id: id,
      receipt_number: numberOf(laws, document),
      completed_at: completedAt ?? createdAt,
      left_amount: formatCents(left),
    },
  ]
}
