import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { OperationDocument } from '../../journal/documents.ts'
import { operationDocument } from '../../journal/documents.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { takesOffDeposit } from '../../register/deposits.ts'

/** More of them are not remembered of one operation: each event that adds one holds all. */
export const RETURNS_MAX = 32

/** An operation that the one at hand cannot refer to; `why` ends the sentence that its id begins. */
export function unrelated(id: string, why: string): FiskalError {
  return new FiskalError('related_operation_invalid', `Operation ${id} ${why}.`, { related_operation_id: id })
}

/** Throws `related_operation_invalid` for what was reversed, whose money went back already, and what was practised and is in no books. */
export function refuseUndone(
  { id, training, $reversed_by: reversal = null }: OperationDocument,
  input: CreateGoods,
): void {
  if (reversal !== null) throw unrelated(id, `is reversed by ${reversal}`)
  if (training === true && input.training !== true) throw unrelated(id, 'was training')
}

/** What was sold remembers what came back of it. Undefined where it need not. */
export function returnMark(view: View, document: OperationDocument): NewEvent | undefined {
  const { id, type, training, related_operation_id: original } = document
  const comesBack = (type === 'return' || type === 'exchange') && !takesOffDeposit(document)
  if (!comesBack || original === undefined || training === true) return undefined
  const before = standingOf(view, operationDocument(view, original)?.$returns).map((one) => one.id)
  if (before.length >= RETURNS_MAX) return undefined
  return { kind: 'operation.returned', op: original, body: { set: { $returns: [...before, id] } } }
}

/** Throws `related_operation_invalid` for an operation of which something came back: its money would go back twice. */
export function refuseReturned(view: View, { id, $returns: returns }: OperationDocument): void {
  const [first] = standingOf(view, returns)
  if (first !== undefined)
    throw unrelated(
      id,
      `has come back by ${first.id}, in part at least: void that first, or record a return of the rest`,
    )
}

/** Those that are open or completed, and not reversed. */
export function standingOf(view: View, ids: readonly string[] = []): OperationDocument[] {
  const all = ids.map((id) => operationDocument(view, id)).filter((operation) => operation !== undefined)
  return all.filter(({ status, $reversed_by: reversal = null }) => status !== 'voided' && reversal === null)
}
