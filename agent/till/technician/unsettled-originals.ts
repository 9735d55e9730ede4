import { setImmediate } from 'node:timers/promises'
import { justAfter, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import { numberOf } from '../../laws/returned-goods.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import type { UnsettledOriginal } from '../administration.ts'
import { leftOfClaim } from '../selling/claims.ts'
import { leftOfDeposit } from '../selling/deposits.ts'
import { soldDocument } from '../selling/related-operations.ts'
import { leftOfVouchers } from '../selling/vouchers.ts'

/** In cents; 0 if it is settled, or none. */
type Left = { readonly left: bigint; readonly number?: string }

type Original = Pick<UnsettledOriginal, 'what'> & {
  /** One for each deposit, claim or voucher of the operation. */
  left(view: View, document: SoldDocument): readonly Left[]
}

const DEPOSITS: Original = { what: 'deposit', left: (view, document) => [{ left: leftOfDeposit(view, document) }] }
const CLAIMS: Original = { what: 'claim', left: (view, document) => [{ left: leftOfClaim(view, document) }] }
const VOUCHERS: Original = { what: 'voucher', left: leftOfVouchers }

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
    const filter = { merchant, type: 'deposit', status: 'completed', from, to }
    for (let after: number | undefined = 0; after !== undefined; await setImmediate()) {
      const end = view.operationsUpTo(filter, after)
      const rows = view.operations(filter, after, PORTION, end)
      found.push(...rows.flatMap(({ id }) => unsettled(view, laws, DEPOSITS, id)))
      after = rows.length < PORTION ? end : rows.at(-1)?.seq
    }
  }
  return [...found, ...(await openClaimsAndVouchers(view, laws, range))]
}

/** Few sales are on account or sell a voucher: found by their events, not by reading all sales. */
async function openClaimsAndVouchers(
  view: View,
  laws: readonly ReceiptLaw[],
  range: { from: string; to: string },
): Promise<readonly UnsettledOriginal[]> {
  const [fromMs, toMs] = [parseRfc3339(range.from) ?? 0, parseRfc3339(range.to) ?? 0]
  const seen = new Set<string>()
  const found: Record<'claim' | 'voucher', UnsettledOriginal[]> = { claim: [], voucher: [] }
  for (let after = 0, read = PORTION; read === PORTION; await setImmediate()) {
    const events = view.voucherEvents(after, Number.MAX_SAFE_INTEGER, PORTION)
    read = events.length
    after = events.at(-1)?.seq ?? after
    for (const { op } of events) {
      if (seen.has(op)) continue
      seen.add(op)
      const ofSale = { claim: unsettled(view, laws, CLAIMS, op), voucher: unsettled(view, laws, VOUCHERS, op) }
      const atMs = parseRfc3339([...ofSale.claim, ...ofSale.voucher][0]?.completed_at ?? '') ?? 0
      if (atMs < fromMs || atMs > toMs) continue
      found.claim.push(...ofSale.claim)
      found.voucher.push(...ofSale.voucher)
    }
  }
  return [...found.claim, ...found.voucher]
}

function unsettled(view: View, laws: readonly ReceiptLaw[], original: Original, id: string): UnsettledOriginal[] {
  const document = soldDocument(view, id)
  if (document === undefined || document.shown.training === true) return []
  const { completed_at: completedAt, created_at: createdAt } = document.shown
  return original.left(view, document).flatMap(({ left, number }) =>
    left <= 0n
      ? []
      : [
          {
            what: original.what,
            operation_id: id,
            receipt_number: numberOf(laws, document),
            completed_at: completedAt ?? createdAt,
            left_amount: formatCents(left),
            ...(number !== undefined && { gift_card_id: number }),
          },
        ],
  )
}
