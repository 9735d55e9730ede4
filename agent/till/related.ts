import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'
import type { OperationDocument } from '../journal/documents.ts'

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
