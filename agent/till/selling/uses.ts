import { formatCents } from '../../../base/money.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import type { UseList } from '../../journal/documents/own.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { standingOf } from './related-operations.ts'

/** The marks of each list, and how many operations may use one original: each event that adds one contains all. */
const LISTS = {
  captures: { kind: 'operation.deposit_captured', max: undefined },
  settlements: { kind: 'operation.settled', max: 100 },
  // The limit is that of each voucher that a sale sold.
  redemptions: { kind: 'operation.redeemed', max: undefined },
} as const satisfies { readonly [List in UseList]: object }

/**
 * The operations that use some of an original, each from the commit that names it on: open or completed, and not reversed,
 * with the lines and payments that a running completion brings. The original has its amount less theirs left. An operation
 * is not limited by its own former goods: `except` is its id.
 */
export function usesOf(view: View, { own }: SoldDocument, list: UseList, except?: string): SoldDocument[] {
  const uses = standingOf(view, own[list]).filter(({ id }) => id !== except)
  return uses.map((use) => {
    const progress = view.progress(use.id)
    if (progress.at !== 'acting') return use
    // It is not completed yet: its device may still refuse.
    const { line_items, payments } = progress.request.plan.set ?? {}
    return use.with({ set: { line_items, payments } })
  })
}

/** An operation that gives something back counts when it is completed and stays so: a void of it may wait for a device. */
export function staysCompleted({ shown, own }: SoldDocument): boolean {
  return shown.status === 'completed' && own.reversal.state !== 'reversed'
}

/**
 * Records on an original that the operation uses some of it; nothing if that is recorded, or in training. `uses`: false for
 * a recorded operation whose goods no longer do. Throws `unprocessable_entity` for more operations than an original may have.
 */
export function useMarks(
  view: View,
  {
    original,
    list,
    uses = () => true,
  }: { original: SoldDocument; list: UseList; uses?: (use: SoldDocument) => boolean },
  { id, shown }: SoldDocument,
): NewEvent[] {
  if (shown.training === true) return []
  const before = usesOf(view, original, list)
    .filter(uses)
    .map((use) => use.id)
  if (before.includes(id)) return []
  const { kind, max } = LISTS[list]
  if (max !== undefined && before.length >= max)
    throw unprocessable(`Operation ${original.id} is used by ${max} operations, which is the limit.`, '/line_items')
  return [{ kind, op: original.id, body: { own: { [list]: [...before, id] } } }]
}

/** Throws `amount_exceeded` if more is wanted than is left. `what`: the original, in words. */
export function refuseBeyond({ left, wanted }: { left: bigint; wanted: bigint }, what: string, pointer: string): void {
  if (wanted <= left) return
  const details = { pointer, left: formatCents(left), wanted: formatCents(wanted) }
  throw new FiskalError('amount_exceeded', `${what} has ${details.left} left: ${details.wanted} is wanted.`, details)
}
