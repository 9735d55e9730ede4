import { setImmediate } from 'node:timers/promises'
import { formatCents } from '../../../base/money.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import { numberOf } from '../../laws/returned-goods.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import type { UnsettledOriginal } from '../administration.ts'
import { leftOfDeposit } from '../selling/deposits.ts'
import { soldDocument } from '../selling/related-operations.ts'
import { leftOfClaim } from '../selling/settlements.ts'
import { leftOfVouchers } from '../selling/vouchers.ts'
import type { Range } from './operations-within.ts'
import { msOf, operationsWithin, PORTION } from './operations-within.ts'

/** In cents; 0 if it is settled, or none. */
type Left = { readonly left: bigint; readonly number?: string }

type Original = Pick<UnsettledOriginal, 'what'> & {
  /** One for each deposit, claim or voucher of the operation. */
  left(view: View, document: SoldDocument): readonly Left[]
}

const DEPOSITS: Original = { what: 'deposit', left: (view, document) => [{ left: leftOfDeposit(view, document) }] }
const CLAIMS: Original = { what: 'claim', left: (view, document) => [{ left: leftOfClaim(view, document) }] }
const VOUCHERS: Original = { what: 'voucher', left: leftOfVouchers }

/** The originals of a range of which something is left now. */
export async function unsettledOriginals(
  view: View,
  laws: readonly ReceiptLaw[],
  range: Range,
): Promise<readonly UnsettledOriginal[]> {
  const found: UnsettledOriginal[] = []
  for await (const id of operationsWithin(view, range, { type: 'deposit', status: 'completed' })) {
    const document = originalWith(view, id)
    if (document !== undefined) found.push(...unsettled(view, laws, DEPOSITS, document))
  }
  return [...found, ...(await openClaimsAndVouchers(view, laws, range))]
}

/** Few sales are on account or sell a voucher: found by their events, not by reading all sales. */
async function openClaimsAndVouchers(
  view: View,
  laws: readonly ReceiptLaw[],
  range: Range,
): Promise<readonly UnsettledOriginal[]> {
  const [fromMs, toMs] = [msOf(range.from), msOf(range.to)]
  const seen = new Set<string>()
  const claims: UnsettledOriginal[] = []
  const vouchers: UnsettledOriginal[] = []
  for (let after = 0, read = PORTION; read === PORTION; await setImmediate()) {
    const events = view.voucherEvents(after, Number.MAX_SAFE_INTEGER, PORTION)
    read = events.length
    after = events.at(-1)?.seq ?? after
    for (const { op } of events) {
      if (seen.has(op)) continue
      seen.add(op)
      const document = originalWith(view, op)
      const atMs = document === undefined ? 0 : msOf(endOf(document))
      if (document === undefined || atMs < fromMs || atMs > toMs) continue
      claims.push(...unsettled(view, laws, CLAIMS, document))
      vouchers.push(...unsettled(view, laws, VOUCHERS, document))
    }
  }
  return [...claims, ...vouchers]
}

/** Nothing is left of training. */
function originalWith(view: View, id: string): SoldDocument | undefined {
  const document = soldDocument(view, id)
  return document?.shown.training === true ? undefined : document
}

function endOf({ shown: { completed_at: completedAt, created_at: createdAt } }: SoldDocument): string {
  return completedAt ?? createdAt
}

function unsettled(
  view: View,
  laws: readonly ReceiptLaw[],
  { what, left: restsOf }: Original,
  document: SoldDocument,
): UnsettledOriginal[] {
  return restsOf(view, document).flatMap(({ left, number }) =>
    left <= 0n
      ? []
      : [
          {
            what,
            operation_id: document.id,
            receipt_number: numberOf(laws, document),
            completed_at: endOf(document),
            left_amount: formatCents(left),
            ...(number !== undefined && { gift_card_id: number }),
          },
        ],
  )
}
