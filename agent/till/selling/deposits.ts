import type { CreateGoods } from '../../contract/goods.ts'
import type { OperationDocument } from '../../journal/documents.ts'
import { operationDocument } from '../../journal/documents.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { checkTakenOff, takesOffDeposit } from '../../register/deposits.ts'
import { standingOf, unrelated } from './related-operations.ts'

type Lines = CreateGoods['line_items']

/** Throws where a capture or return would take off a deposit what it does not hold: `related_operation_invalid` and rules of sums. */
export function checkCapture(view: View, deposit: OperationDocument, input: CreateGoods): void {
  // Practice takes off what it likes.
  const captures = input.training === true ? [] : capturesOf(view, deposit)
  checkTakenOff(input.line_items, linesOf(deposit), captures.map(linesOf))
}

/** The deposit remembers what takes it off. Undefined where it need not. */
export function captureMark(view: View, capture: OperationDocument): NewEvent | undefined {
  const { id, training, related_operation_id: deposit = '' } = capture
  if (!takesOffDeposit(capture) || training === true) return undefined
  const before = operationDocument(view, deposit)?.$captures ?? []
  return { kind: 'operation.captured', op: deposit, body: { set: { $captures: [...before, id] } } }
}

/** Throws `related_operation_invalid` for a deposit of which something is taken off: its tax would be given back twice. */
export function refuseCaptured(view: View, original: OperationDocument): void {
  const [capture] = capturesOf(view, original)
  if (capture !== undefined) throw unrelated(original.id, `is taken off by ${capture.id} already`)
}

/** What takes off the deposit. */
function capturesOf(view: View, { $captures: captures }: OperationDocument): OperationDocument[] {
  return standingOf(view, captures)
}

function linesOf({ line_items: lines = [] }: OperationDocument): Lines {
  return lines
}
