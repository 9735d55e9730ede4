import { localDate, rfc3339 } from '../../../base/clock.ts'
import type { Register } from '../../contract/register.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { ClosingBooks } from '../../laws/closing-reports.ts'
import type { LawRules } from '../../laws/law.ts'
import { newestSession } from '../guards.ts'
import type { TillParts } from '../parts.ts'

/**
 * A separate closing for bons outside any session (transactions ended after a crash), if no session will contain them;
 * undefined without such bons. Call it inside a commit. Throws `reconciling`.
 */
export function leftOverClosing(
  { newId, clock }: Pick<TillParts, 'newId' | 'clock'>,
  view: View,
  law: LawRules | undefined,
  register: Register,
): NewEvent | undefined {
  const { id } = register
  if (!isBetweenSessions(view, id) || law?.closingBooks?.hasLeftOver(id) !== true) return undefined
  // The previous session left the drawer in this state.
  const amountLeft = view.lastSession(id)?.document.shown.amount_left ?? null
  return closingWithoutSession(
    { newId, clock },
    { z: view.nextZNumber(id), law, books: law.closingBooks },
    register,
    amountLeft,
  )
}

export function isBetweenSessions(view: View, registerId: string): boolean {
  const newest = newestSession(view, registerId)
  return newest === undefined || newest.state === 'closed'
}

/** `left`: the amount in the drawer then. */
export function closingWithoutSession(
  { newId, clock }: Pick<TillParts, 'newId' | 'clock'>,
  { z, law, books }: { z: number; law: LawRules; books: ClosingBooks },
  register: Register,
  amountLeft: string | null,
): NewEvent {
  const { id } = register
  const now = rfc3339(clock.now())
  const set: ShownOf['session'] = {
    id: newId('ses'),
    merchant_id: register.merchant_id,
    location_id: register.location_id,
    register_id: id,
    state: 'closed',
    currency: 'EUR',
    opening_balance_amount: '0.00',
    expected_closing_amount: '0.00',
    counted_closing_amount: null,
    closing_cashcount_diff: null,
    business_date: localDate(clock.now(), law.facts.timeZone),
    closing_adjustment_amount: null,
    amount_left: amountLeft,
    opened_at: now,
    counted_at: null,
    closed_at: now,
  }
  const own = { origin: 'outside' as const, z_number: z, books: books.settings }
  return { kind: 'closing.made_without_session', op: '', body: { session: { id: set.id, register: id, set, own } } }
}
