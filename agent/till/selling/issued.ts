import type { IssueOperation } from '../../contract/issued.ts'
import { FiskalError } from '../../errors.ts'
import { operationOf } from '../guards.ts'
import type { TillParts } from '../parts.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'

/**
 * Records how the receipt of a completed operation was issued. Neither a plan nor an act, and no new version: the
 * operation itself stays what was signed. Throws `operation_invalid_state` for one without a receipt.
 */
export function issueOperation(
  parts: TillParts,
  mutation: Mutation,
  id: string,
  { as }: IssueOperation,
): Promise<Answer> {
  return parts.mutations.run(mutation, (view) => {
    const document = operationOf(view, mutation, id)
    const { status } = document.shown
    if (status !== 'completed')
      throw new FiskalError('operation_invalid_state', `Operation ${id} is ${status}: it has no receipt.`, {
        operation_id: id,
        status,
      })
    return singleStep(
      { kind: 'receipt.issued', op: id, body: { ...origin(mutation), set: { issued_as: as } } },
      200,
      document,
    )
  })
}
