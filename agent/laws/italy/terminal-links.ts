import type { TerminalLink } from '../../contract/payment-terminals.ts'
import { confirmedTasks, isConfirmed } from '../../journal/confirmed-tasks.ts'
import { bodyOf } from '../../journal/events.ts'
import { everyId } from '../../journal/every-id.ts'
import type { View } from '../../journal/projections/view.ts'
import type { InParts } from '../law.ts'
import type { UnlinkedTerminal } from '../terminal-rules.ts'
import type { LinkWindow } from './link-window.ts'
import { linkWindow } from './link-window.ts'
import type { HistoryReader } from './printer-history.ts'
import { PrinterHistory } from './printer-history.ts'
import { romeDay } from './rome-time.ts'

export type LinkReader = HistoryReader & Pick<View, 'paymentTerminal' | 'confirmedTask' | 'resources' | 'location'>

/** A duty about the link of a terminal and a printer: to make it, or to end it. */
export type LinkDuty = {
  readonly id: string
  readonly what: 'link' | 'unlink'
  readonly terminal: UnlinkedTerminal
  /** Matricola, a register that has it, or had it, and the place of both. */
  readonly serial: string
  readonly register: string
  readonly location: string
  /** The day of the event. */
  readonly day: string
  readonly window: LinkWindow
}

/** The printers of a terminal, each with one of its registers, and their place. */
type Linked = ReadonlyMap<string, Pick<LinkDuty, 'register' | 'location'>>
/** A change of a terminal, or of printer or place of one of its registers. */
type LinkChange = {
  readonly seq: number
  readonly at: string
  /** The register that has another printer, or another place; `ends`: it had a printer before. */
  readonly register?: string
  readonly ends?: boolean
  readonly registers?: readonly string[]
  /** Its last day, null without one. */
  readonly last?: string | null
}
/** Days from the last one, which was taken back later, until that day. */
type Pause = { readonly from: string; readonly to: string }

const NOTHING: Linked = new Map()
const NEVER = ''

/** The links of a terminal. `at`: the time of a change of it that the journal does not have yet. */
export function terminalLinks(view: LinkReader, terminal: UnlinkedTerminal, at?: string): TerminalLink[] {
  return dutiesOf(view, new PrinterHistory(view), terminal, at).map(({ id, serial, window }) => {
    const state = isConfirmed(view, id) ? 'confirmed' : 'due'
    return { rt_serial_number: serial, duty_id: id, window, state }
  })
}

/** The duties of all terminals. */
export function* linkDuties(view: LinkReader): InParts<LinkDuty> {
  let history: PrinterHistory | undefined
  for (const id of everyId(view, 'payment_terminal')) {
    const terminal = view.paymentTerminal(id)?.shown
    if (terminal === undefined) continue
    history ??= new PrinterHistory(view)
    yield undefined
    yield* dutiesOf(view, history, terminal)
  }
}

function dutiesOf(
  view: Pick<View, 'eventsOf' | 'firstOf'>,
  history: PrinterHistory,
  terminal: UnlinkedTerminal,
  at?: string,
): LinkDuty[] {
  const { id, active_from: first, active_to: last } = terminal
  const duties: LinkDuty[] = []
  const note = (what: LinkDuty['what'], day: string, from: Linked, but: Linked): void => {
    for (const [serial, linked] of from) {
      const duty = `${prefixOf(what, id)}${serial}-${digits(day)}`
      // The same printer at another place is another link.
      if (but.get(serial)?.location === linked.location) continue
      duties.push({ id: duty, what, terminal, serial, ...linked, day, window: linkWindow(day) })
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

function prefixOf(what: LinkDuty['what'], terminal: string): string {
  return `pos-${what}-${terminal}-`
}

function digits(day: string): string {
  return day.replaceAll('-', '')
}

/**
 * The printers of a terminal on each day on which they or their place changed, from its first day of use. The last state
 * of a day counts: an entry that was corrected on its day makes no duty, but another printer or a move does.
 */
function daysOf(
  view: Pick<View, 'eventsOf' | 'firstOf'>,
  history: PrinterHistory,
  terminal: UnlinkedTerminal,
  at: string | undefined,
): readonly (readonly [string, Linked])[] {
  const { id, active_from: first } = terminal
  const days = new Map<string, Linked>()
  const pauses: Pause[] = []
  let own: readonly string[] = []
  let last: string | null = null
  let begun: string | undefined
  let today = ''
  for (const change of changesOf(view, history, terminal, at)) {
    const { seq, at: time, register = '', ends = false } = change
    const { registers, last: day }: Required<Pick<LinkChange, 'registers' | 'last'>> = {
      registers: own,
      last,
      ...change,
    }
    // The clock may have stepped back.
    if (romeDay(time) > today) today = romeDay(time)
    begun ??= today
    if (ends && own.includes(register)) begun = NEVER
    // An end that comes later or no longer.
    if (last !== null && last < today && (day === null || day > last)) pauses.push({ from: last, to: today })
    own = registers
    last = day
    days.set(today === begun || today < first ? first : today, linkedWith(own, history, seq))
  }
  return pauses.length === 0 ? [...days] : pausedDays(view, id, days, pauses)
}

function changesOf(
  view: Pick<View, 'eventsOf'>,
  history: PrinterHistory,
  { id, register_ids: registers, active_to: last }: UnlinkedTerminal,
  at: string | undefined,
): LinkChange[] {
  const events = view.eventsOf(id)
  const own: LinkChange[] = events.map(({ seq, at, body }) => {
    const { register_ids: ids, active_to: day } = bodyOf({ body }).set ?? {}
    const isDay = day === null || typeof day === 'string'
    return { seq, at, ...(Array.isArray(ids) && { registers: ids.map(String) }), ...(isDay && { last: day }) }
  })
  if (at !== undefined) own.push({ seq: Number.MAX_SAFE_INTEGER, at, registers, last })
  const named = new Set(own.flatMap((change) => change.registers ?? []))
  const made = events[0]?.seq ?? Number.MAX_SAFE_INTEGER
  return [...own, ...history.after(made, named)].sort((one, other) => one.seq - other.seq)
}

/**
 * In a pause a printer whose end a person has confirmed is not linked, and no other one is either: the terminal is linked
 * with them after it.
 */
function pausedDays(
  view: Pick<View, 'firstOf'>,
  terminal: string,
  days: Map<string, Linked>,
  pauses: readonly Pause[],
): [string, Linked][] {
  const prefix = prefixOf('unlink', terminal)
  const ended = new Set(confirmedTasks(view, prefix).map(({ id }) => id.slice(prefix.length)))
  for (const { from, to } of pauses)
    for (const day of [from, to]) {
      const [, state = NOTHING] = inOrder(days).findLast(([other]) => other <= day) ?? []
      days.set(day, state)
    }
  return inOrder(days).map(([day, linked]) => {
    const within = pauses.filter(({ from, to }) => from <= day && day < to)
    const isLinked = (serial: string): boolean =>
      within.every(({ from }) => days.get(from)?.has(serial) === true && !ended.has(`${serial}-${digits(from)}`))
    return [day, new Map([...linked].filter(([serial]) => isLinked(serial)))]
  })
}

function inOrder(days: ReadonlyMap<string, Linked>): [string, Linked][] {
  return [...days].sort(([one], [other]) => (one < other ? -1 : 1))
}

function linkedWith(registers: readonly string[], history: PrinterHistory, seq: number): Linked {
  const linked = new Map<string, Pick<LinkDuty, 'register' | 'location'>>()
  for (const register of registers) {
    const { serial, location = '' } = history.stateAt(register, seq) ?? {}
    if (serial !== undefined && !linked.has(serial)) linked.set(serial, { register, location })
  }
  return linked
}
