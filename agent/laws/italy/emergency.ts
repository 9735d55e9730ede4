import type { Unit } from '../../journal/documents/records.ts'
import { serialOfUnit, unitId } from '../../journal/documents/records.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'

/**
 * A time in which the sales of a printer are entered in the emergency register. The stored members are frozen: they are
 * in the document of the printer, so that neither a sale nor a duty searches for them.
 */
export type Emergency = {
  readonly id: string
  readonly device: string
  readonly reason: string
  /** RFC 3339 UTC, as the next ones. */
  readonly opened_at: string
  /** Since when the printer did not work. */
  readonly silent_since?: string
  /** When the technician was called, if that was before the opening. */
  readonly called_at?: string
  /** A person opened it although another printer of the place worked; earlier versions do not keep it. */
  readonly with_other_rt?: true
  readonly closed_at?: string
  /** It was closed without the printer. */
  readonly for_good?: true
  /** Calendar dates in Rome with entries, in order. */
  readonly days: readonly string[]
}

/** An emergency and the matricola of its printer. */
export type PrinterEmergency = { readonly serial: string; readonly emergency: Emergency }

/** The emergencies of a printer, the oldest first. */
export function emergenciesOf(view: Pick<View, 'unit'>, serial: string): readonly Emergency[] {
  return (view.unit(serial)?.shown.emergencies ?? []) as unknown as readonly Emergency[]
}

/** The emergency that is open for a printer. Only the newest one may be. */
export function openEmergency(view: Pick<View, 'unit'>, serial: string | undefined): Emergency | undefined {
  if (serial === undefined) return undefined
  const newest = emergenciesOf(view, serial).at(-1)
  return newest?.closed_at === undefined ? newest : undefined
}

/** The emergencies of all printers that the shop has had, each with the matricola. */
export function allEmergencies(view: Pick<View, 'unit' | 'firstOf'>): PrinterEmergency[] {
  return view.firstOf(unitId('')).flatMap(({ op }) => {
    const serial = serialOfUnit(op)
    return emergenciesOf(view, serial).map((emergency) => ({ serial, emergency }))
  })
}

/** The event that opens an emergency. */
export function openedEvent(view: Pick<View, 'unit'>, serial: string, emergency: Emergency): NewEvent {
  const { device, opened_at: at } = emergency
  const isKnown = view.unit(serial) !== undefined
  const made: Unit | false = !isKnown && { device, serial, enrolled_at: at }
  const index = !isKnown && { index: { kind: 'unit' as const } }
  const emergencies = [...emergenciesOf(view, serial), emergency]
  return { kind: 'emergency.opened', op: unitId(serial), body: { ...index, set: { ...made, emergencies } } }
}

/** Notes the first entry of a day; none if the day has one. */
export function dayEvents(view: Pick<View, 'unit'>, serial: string, { id, days }: Emergency, day: string): NewEvent[] {
  if (days.includes(day)) return []
  return [changed(view, serial, id, 'emergency.day_begun', { days: [...days, day].toSorted() })]
}

export function closedEvent(
  view: Pick<View, 'unit'>,
  serial: string,
  { id }: Emergency,
  end: Pick<Emergency, 'closed_at' | 'for_good'>,
): NewEvent {
  return changed(view, serial, id, 'emergency.closed', end)
}

function changed(
  view: Pick<View, 'unit'>,
  serial: string,
  id: string,
  kind: 'emergency.day_begun' | 'emergency.closed',
  change: Partial<Emergency>,
): NewEvent {
  const emergencies = emergenciesOf(view, serial).map((each) => (each.id === id ? { ...each, ...change } : each))
  return { kind, op: unitId(serial), body: { set: { emergencies } } }
}
