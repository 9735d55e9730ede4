import type { ForeignSums } from '../../contract/foreign-cash.ts'
import type { Payment } from '../../contract/payment.ts'
import { withForeign } from '../../journal/books/foreign-cash.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import { refuseForeign } from '../../register/foreign-cash.ts'
import { foreignSums } from '../../register/payments.ts'

/**
 * The foreign cash that these payments move; undefined without any. Throws `drawer_insufficient`, and
 * `unprocessable_entity` for too many currencies.
 */
export function foreignMoved(
  view: View,
  { register_id: register, session_id: session }: Pick<GoodsDocument['shown'], 'register_id' | 'session_id'>,
  payments: readonly Payment[],
): ForeignSums | undefined {
  const moved = foreignSums(payments)
  if (moved !== undefined && register !== null && session !== null)
    refuseForeign(register, reliableForeign(view, session), moved)
  return moved
}

/** The foreign cash of the session, less that of documents whose end waits for a device. */
function reliableForeign(view: View, session: string): ForeignSums {
  let held = view.session(session)?.foreign ?? {}
  for (const op of new Set(view.openIntents().map((intent) => intent.op))) {
    const progress = view.progress(op)
    const document = view.operation(op)
    if (document?.shown.session_id !== session || !('request' in progress)) continue
    held = withForeign(held, outgoing(progress.request.plan.foreign ?? {}))
  }
  return held
}

/** Incoming cash is not in the drawer yet: only its currency counts. */
function outgoing(moved: ForeignSums): ForeignSums {
  return Object.fromEntries(
    Object.entries(moved).map(([currency, sums]) => [currency, sums.units < 0 ? sums : { units: 0, base: 0 }]),
  )
}
