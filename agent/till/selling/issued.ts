import type { IssueOperation } from '../../contract/issued.ts'
import { FiskalError } from '../../errors.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
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
  { issued_as }: IssueOperation,
  id: string,
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
      { kind: 'receipt.issued', op: id, body: { ...origin(mutation), set: { issued_as } } },
      200,
      document,
    )
  })
}

/**
 * The event by which a display of ours says that it has shown the receipt: once, and only if the till has said nothing: it
 * has the last word, whatever it said.
 */
export function digitalWord(view: View, id: string): NewEvent[] {
  const shown = view.operation(id)?.shown
  if (shown?.status !== 'completed' || (shown.issued_as ?? null) !== null) return []
  return [{ kind: 'receipt.issued', op: id, body: { set: { issued_as: 'digital' }, facts: { by: 'display' } } }]
}
