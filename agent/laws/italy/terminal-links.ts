import type { TerminalLink } from '../../contract/payment-terminals.ts'
import { isConfirmed } from '../../journal/confirmed-tasks.ts'
import { bodyOf } from '../../journal/events.ts'
import { everyId } from '../../journal/every-id.ts'
import type { View } from '../../journal/projections/view.ts'
import type { UnlinkedTerminal } from '../terminal-rules.ts'
import type { LinkWindow } from './link-window.ts'
import { linkWindow } from './link-window.ts'
import type { HistoryReader, Printers } from './printer-history.ts'
import { PrinterHistory } from './printer-history.ts'
import { romeDay } from './rome-time.ts'

export type LinkReader = HistoryReader & Pick<View, 'paymentTerminal' | 'confirmedTask' | 'resources' | 'location'>

/** A duty about the link of a terminal and a printer: to make it, or to end it. */
export type LinkDuty = {
  readonly id: string
  readonly what: 'link' | 'unlink'
  readonly terminal: UnlinkedTerminal
  /** Matricola, and a register that has it, or had it. */
  readonly serial: string
  readonly register: string
  /** The day of the event. */
  readonly day: string
  readonly window: LinkWindow
}

/** The printers of a terminal, each with one of its registers. */
type Linked = ReadonlyMap<string, string>

const NOTHING: Linked = new Map()

/** The links of a terminal. `at`: the time of a change of it that the journal does not have yet. */
export function terminalLinks(view: LinkReader, terminal: UnlinkedTerminal, at?: string): TerminalLink[] {
  return dutiesOf(view, new PrinterHistory(view), terminal, at).map(({ id, serial, window }) => {
    const state = isConfirmed(view, id) ? 'confirmed' : 'due'
    return { rt_serial: serial, duty_id: id, window, state }
  })
}

/** The duties of all terminals. */
export function linkDuties(view: LinkReader): LinkDuty[] {
  let history: PrinterHistory | undefined
  const duties: LinkDuty[] = []
  for (const id of everyId(view, 'payment_terminal')) {
    const terminal = view.paymentTerminal(id)?.shown
    if (terminal === undefined) continue
    history ??= new PrinterHistory(view)
    duties.push(...dutiesOf(view, history, terminal))
  }
  return duties
}

function dutiesOf(
  view: Pick<View, 'eventsOf'>,
  history: PrinterHistory,
  terminal: UnlinkedTerminal,
  at?: string,
): LinkDuty[] {
  const { id, active_from: first, active_to: last } = terminal
  const duties: LinkDuty[] = []
  const note = (what: LinkDuty['what'], day: string, from: Linked, but: Linked): void => {
    for (const [serial, register] of from) {
      const duty = `pos-${what}-${id}-${serial}-${day.replaceAll('-', '')}`
      if (!but.has(serial)) duties.push({ id: duty, what, terminal, serial, register, day, window: linkWindow(day) })
    }
  }
  let linked = NOTHING
  for (const [day, now] of daysOf(view, history, terminal, at)) {
    // A change on the last day or later links nothing.
    if (last !== null && day >= last && day !== first) break
    note('unlink', day, linked, now)
    note('link', day, now, linked)
    linked = now
  }
  if (last !== null) note('unlink', last, linked, NOTHING)
  return duties
}

/**
 * The printers of a terminal on each day on which they changed, from its first day of use. The last state of a day
 * counts: an entry that was corrected on its day makes no duty.
 */
function daysOf(
  view: Pick<View, 'eventsOf'>,
  history: PrinterHistory,
  { id, register_ids: registers, active_from: first }: UnlinkedTerminal,
  at: string | undefined,
): ReadonlyMap<string, Linked> {
  const events = view.eventsOf(id)
  const made = events[0]?.seq ?? Number.MAX_SAFE_INTEGER
  const changes = [...events, ...history.after(made)].sort((one, other) => one.seq - other.seq)
  const days = new Map<string, Linked>()
  let own: readonly string[] = registers
  let begun: string | undefined
  let today = ''
  const note = (at: string, printers: Printers): void => {
    // The clock may have stepped back.
    if (romeDay(at) > today) today = romeDay(at)
    begun ??= today
    days.set(today === begun || today < first ? first : today, linkedWith(own, printers))
  }
  for (const change of changes) {
    const ids = 'body' in change ? bodyOf(change).set?.['register_ids'] : undefined
    if (Array.isArray(ids)) own = ids.map(String)
    note(change.at, history.at(change.seq))
  }
  own = registers
  if (at !== undefined) note(at, history.at(Number.MAX_SAFE_INTEGER))
  return days
}

function linkedWith(registers: readonly string[], printers: Printers): Linked {
  const linked = new Map<string, string>()
  for (const id of registers) {
    const serial = printers.get(id)
    if (serial !== undefined && !linked.has(serial)) linked.set(serial, id)
  }
  return linked
}
