import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import { isSold } from '../../journal/documents/document.ts'
import { isReversed } from '../../journal/documents/sold-goods.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { returnedOriginals } from '../../laws/returned-goods.ts'
import { RETURNS_MAX } from '../../register/returned.ts'
import { refuseLater, requireMerchant } from '../guards.ts'
import type { Access, Mutation } from '../requests.ts'

/** The error for an operation that cannot be referred to; `why` is the rest of the sentence after its id. */
export function unrelated(id: string, why: string): FiskalError {
  return new FiskalError('related_operation_invalid', `Operation ${id} ${why}.`, { related_operation_id: id })
}

/** Listed of the operations that have the same id of a till. */
const LISTED_MAX = 100

/**
 * The request with the id of the operation that it names by the till's own id. Inside the commit of the request: which
 * operation has that id is decided with all that was answered before. The same request if it names none, or one next to
 * another reference, which is refused as such. Throws `related_operation_invalid`.
 */
export function withOriginal(view: View, mutation: Mutation, sent: CreateGoods): CreateGoods {
  if (sent.type !== 'return' && sent.type !== 'exchange' && sent.type !== 'deposit_capture') return sent
  const { related_external_id: named, ...input } = sent
  const isAlone = input.related_operation_id === undefined && input.external_related_operation === undefined
  if (named === undefined || !isAlone) return sent
  return { ...input, related_operation_id: operationNamed(view, mutation, named) }
}

/** The one completed operation of the merchant, or of the register, with that external_id. Throws `related_operation_invalid`. */
export function operationNamed(view: View, { caller, merchantId }: Access, name: string, register?: string): string {
  const filter = { merchant: requireMerchant(merchantId), register, status: 'completed', external_id: name }
  const rows = view.operations(filter, 0, LISTED_MAX)
  const found = rows.map(({ id }) => view.operation(id)).filter((each) => each?.shown.external_id === name)
  const [only, second] = found
  if (only !== undefined && second === undefined) return only.id
  // Ids of other registers are not for a register.
  const visible = found.filter((each) => caller.kind === 'platform' || each?.shown.register_id === caller.registerId)
  const owner = register === undefined ? 'this merchant' : 'this register'
  const message =
    only === undefined
      ? `No completed operation of ${owner} has the external_id ${name}.`
      : `More than one completed operation of ${owner} has the external_id ${name}: send related_operation_id.`
  throw new FiskalError('related_operation_invalid', message, {
    related_external_id: name,
    operation_ids: visible.map((each) => each?.id ?? ''),
  })
}

/**
 * Throws `related_operation_invalid` for a reversed operation, whose money was returned already, and for training,
 * which is not in the books.
 */
export function refuseUndone({ id, shown, own: { reversal } }: SoldDocument, input: CreateGoods): void {
  if (reversal.state === 'reversed') throw unrelated(id, `is reversed by ${reversal.by}`)
  if (shown.training === true && input.training !== true) throw unrelated(id, 'was training')
}

/** Records on each original the operation that returns goods of it. One that no longer names it is left out: the list is short. */
export function returnMarks(view: View, document: SoldDocument): NewEvent[] {
  const { id, shown } = document
  if (shown.training === true) return []
  return returnedOriginals(document).flatMap((original): NewEvent[] => {
    const marked = standingOf(view, soldDocument(view, original)?.own.returns ?? [])
    const before = marked.filter((one) => comesFrom(view, one, original)).map((one) => one.id)
    if (before.length >= RETURNS_MAX || before.includes(id)) return []
    return [{ kind: 'operation.returned', op: original, body: { own: { returns: [...before, id] } } }]
  })
}

/** Throws `related_operation_invalid` for an operation with returns: its money would be returned twice. */
export function refuseReturned(view: View, { id, own }: SoldDocument): void {
  const first = standingOf(view, own.returns).find((one) => comesFrom(view, one, id))
  if (first !== undefined)
    throw unrelated(
      id,
      `has come back by ${first.id}, in part at least: void that first, or record a return of the rest`,
    )
}

/** False if an amendment took the last line away that came from it; goods of a running completion may still come. */
function comesFrom(view: View, document: SoldDocument, original: string): boolean {
  const isEnding = document.shown.status === 'open' && view.openIntentsOf(document.id).length > 0
  return isEnding || returnedOriginals(document).includes(original)
}

/** The operations that are open or completed, and not reversed. */
export function standingOf(view: View, ids: readonly string[]): SoldDocument[] {
  const all = ids.map((id) => soldDocument(view, id)).filter((operation) => operation !== undefined)
  return all.filter((operation) => operation.shown.status !== 'voided' && !isReversed(view, operation))
}

/** A goods movement that was requested as such; undefined for any other document. Throws `version_too_old`. */
export function soldDocument(view: View, id: string): SoldDocument | undefined {
  refuseLater(view, id)
  const document = view.operation(id)
  return document !== undefined && isSold(document) ? document : undefined
}
