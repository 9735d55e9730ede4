import type { Register } from '../../contract/register.ts'
import { isDecommissioned } from '../../journal/documents/registers.ts'
import type { Members, NewEvent } from '../../journal/events.ts'
import { everyId } from '../../journal/every-id.ts'
import type { View } from '../../journal/projections/view.ts'
import type { UnlinkedTerminal } from '../../laws/terminal-rules.ts'

/**
 * The changes of its payment terminals in the commit in which a register comes to a place: one that no other register of
 * its place has comes along, another one stays without it. None if it does not move.
 */
export function terminalMoves(view: View, { id, location_id: from }: Register, to: unknown, at: string): NewEvent[] {
  if (typeof to !== 'string' || to === from) return []
  const isThere = (register: string): boolean => register === id || placeOf(view, register) === to
  return terminalsOf(view, id).map((terminal) => {
    const { register_ids: registers } = terminal
    const set = staysWithout(view, id, terminal)
      ? { register_ids: registers.filter((register) => register !== id) }
      : { location_id: to, register_ids: registers.filter(isThere) }
    return { kind: 'payment_terminal.updated', op: terminal.id, body: { set: { ...set, updated_at: at } } }
  })
}

/** Names the payment terminals in use that stay when a register moves; the hint of an earlier move ends. */
export function terminalHints(
  view: View,
  { id, location_id: from, hints: before }: Register,
  to: string | undefined,
  today: string,
): Members {
  const named = to === undefined || to === from ? [] : terminalsOf(view, id)
  const staying = named.filter((terminal) => (terminal.active_to ?? today) >= today && staysWithout(view, id, terminal))
  if (staying.length === 0) return before === undefined ? {} : { hints: [] }
  const ids = staying.map(({ id: terminal }) => terminal).join(', ')
  const message = `Other registers have these payment terminals, too: they stay at ${from} without ${id}: ${ids}. A terminal moves with the last of its registers: name ${id} in its register_ids again after that.`
  return { hints: [{ code: 'payment_terminals_stay', message }] }
}

function terminalsOf(view: View, register: string): UnlinkedTerminal[] {
  return [...everyId(view, 'payment_terminal')].flatMap((id) => {
    const terminal = view.paymentTerminal(id)?.shown
    return terminal?.register_ids.includes(register) === true ? [terminal] : []
  })
}

/** True for a terminal that another register of its place has, too. */
function staysWithout(
  view: View,
  register: string,
  { location_id: place, register_ids: ids }: UnlinkedTerminal,
): boolean {
  return ids.some((id) => id !== register && placeOf(view, id) === place && !isDecommissioned(view, id))
}

function placeOf(view: View, register: string): string | undefined {
  return view.register(register)?.shown.location_id
}
