import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'
import type { Members, NewEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import { checkTakenOff } from '../register/deposits.ts'

type Lines = CreateGoods['line_items']

/** Throws where a capture would take off a deposit what it does not hold: `related_operation_invalid` and rules of sums. */
export function checkCapture(view: View, deposit: Members, input: CreateGoods): void {
  const id = String(deposit['id'])
  if ((deposit['$reversed_by'] ?? null) !== null) throw invalid(id, `is reversed by ${deposit['$reversed_by']}`)
  // Practice takes off what it likes; what was practised is in no books.
  if (deposit['training'] === true && input.training !== true) throw invalid(id, 'was training')
  const captures = input.training === true ? [] : capturesOf(view, deposit)
  checkTakenOff(input.line_items, linesOf(deposit), captures.map(linesOf))
}

/** The deposit remembers what takes it off. Undefined where it need not. */
export function captureMark(view: View, capture: Members): NewEvent | undefined {
  if (capture['type'] !== 'deposit_capture' || capture['training'] === true) return undefined
  const id = String(capture['related_operation_id'])
  const before = (view.document(id)?.['$captures'] ?? []) as readonly string[]
  return { kind: 'operation.captured', op: id, body: { set: { $captures: [...before, String(capture['id'])] } } }
}

/** Throws `related_operation_invalid` for a deposit of which something is taken off: its tax would be given back twice. */
export function refuseCaptured(view: View, original: Members): void {
  const [capture] = capturesOf(view, original)
  if (capture !== undefined) throw invalid(String(original['id']), `is taken off by ${String(capture['id'])} already`)
}

/** What takes off the deposit: open or completed, and not reversed. */
function capturesOf(view: View, deposit: Members): Members[] {
  const all = ((deposit['$captures'] ?? []) as readonly string[]).map((id) => view.document(id))
  const stands = (capture: Members) => capture['status'] !== 'voided' && (capture['$reversed_by'] ?? null) === null
  return all.filter((capture) => capture !== undefined).filter(stands)
}

function linesOf(document: Members): Lines {
  return (document['line_items'] ?? []) as unknown as Lines
}

function invalid(id: string, why: string): FiskalError {
  return new FiskalError('related_operation_invalid', `Operation ${id} ${why}.`, { related_operation_id: id })
}
