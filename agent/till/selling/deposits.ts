import type { CreateGoods } from '../../contract/goods.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import { originalIn } from '../../journal/documents/kinds.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { checkTakenOff, takesOffDeposit } from '../../register/deposits.ts'
import { soldDocument, standingOf, unrelated } from './related-operations.ts'

type Lines = CreateGoods['line_items']

/**
 * Throws if a capture or return would deduct more than the deposit holds: `related_operation_invalid`, rules of sums.
 */
export function checkCapture(view: View, deposit: SoldDocument, input: CreateGoods): void {
  // Training is not limited.
  const captures = input.training === true ? [] : capturesOf(view, deposit)
  checkTakenOff(input.line_items, linesOf(deposit), captures.map(linesOf))
}

/** Records on the deposit the operation that deducts it. Undefined if that is not needed. */
export function captureMark(view: View, capture: SoldDocument): NewEvent | undefined {
  const { id, shown } = capture
  if (!takesOffDeposit(shown) || shown.training === true) return undefined
  const deposit = originalIn(capture) ?? ''
  const before = soldDocument(view, deposit)?.own.captures ?? []
  return { kind: 'operation.captured', op: deposit, body: { own: { captures: [...before, id] } } }
}

/** Throws `related_operation_invalid` for a deposit that was partly deducted: its tax would be returned twice. */
export function refuseCaptured(view: View, original: SoldDocument): void {
  const [capture] = capturesOf(view, original)
  if (capture !== undefined) throw unrelated(original.id, `is taken off by ${capture.id} already`)
}

/** The operations that deduct the deposit. */
function capturesOf(view: View, { own }: SoldDocument): SoldDocument[] {
  return standingOf(view, own.captures)
}

function linesOf({ shown }: SoldDocument): Lines {
  return shown.line_items
}
