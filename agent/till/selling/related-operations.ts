import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import { isSold, originalIn } from '../../journal/documents/document.ts'
import { isReversed } from '../../journal/documents/goods.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import { RETURNS_MAX } from '../../register/returned.ts'

/** The error for an operation that cannot be referred to; `why` is the rest of the sentence after its id. */
export function unrelated(id: string, why: string): FiskalError {
  return new FiskalError('related_operation_invalid', `Operation ${id} ${why}.`, { related_operation_id: id })
}

/**
 * Throws `related_operation_invalid` for a reversed operation, whose money was returned already, and for training,
 * which is not in the books.
 */
export function refuseUndone({ id, shown, own: { reversal } }: SoldDocument, input: CreateGoods): void {
  if (reversal.state === 'reversed') throw unrelated(id, `is reversed by ${reversal.by}`)
  if (shown.training === true && input.training !== true) throw unrelated(id, 'was training')
}

/** Records on the original the operation that returns its goods. Undefined if that is not needed. */
export function returnMark(view: View, document: SoldDocument): NewEvent | undefined {
  const { id, kind, shown } = document
  const comesBack = (kind === 'return' || kind === 'exchange') && !takesOffDeposit(shown)
  const original = originalIn(document)
  if (!comesBack || original === undefined || shown.training === true) return undefined
  const before = standingOf(view, soldDocument(view, original)?.own.returns ?? []).map((one) => one.id)
  if (before.length >= RETURNS_MAX || before.includes(id)) return undefined
  return { kind: 'operation.returned', op: original, body: { own: { returns: [...before, id] } } }
}

/** Throws `related_operation_invalid` for an operation with returns: its money would be returned twice. */
export function refuseReturned(view: View, { id, own }: SoldDocument): void {
  const [first] = standingOf(view, own.returns)
  if (first !== undefined)
    throw unrelated(
      id,
      `has come back by ${first.id}, in part at least: void that first, or record a return of the rest`,
    )
}

/** Those that are open or completed, and not reversed. */
export function standingOf(view: View, ids: readonly string[]): SoldDocument[] {
  const all = ids.map((id) => soldDocument(view, id)).filter((operation) => operation !== undefined)
  return all.filter((operation) => operation.shown.status !== 'voided' && !isReversed(view, operation))
}

/** A goods movement that was requested as such; undefined for any other document. */
export function soldDocument(view: View, id: string): SoldDocument | undefined {
  const document = view.operation(id)
  return document !== undefined && isSold(document) ? document : undefined
}
