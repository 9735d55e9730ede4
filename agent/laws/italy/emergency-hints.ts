import { shiftedDate } from '../../../base/clock.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { PrinterEmergency } from './emergency.ts'
import { allEmergencies } from './emergency.ts'
import type { EntrySource } from './emergency-entries.ts'
import { entriesIn } from './emergency-entries.ts'
import { sumsOf } from './emergency-sums.ts'
import type { PeriodSettings } from './period.ts'
import type { PeriodSums, UnreportedEntries } from './printer-act.ts'
import { romeDay } from './rome-time.ts'

/** Days after its end in which a Z names the entries of an emergency. */
const NAMED_DAYS = 62
/** Closings read before yielding to other work. */
const ROWS = 50

type Source = EntrySource & { view: Pick<View, 'unit' | 'firstOf' | 'resources' | 'closing' | 'enrolledSerial'> }

/** Adds to the last period of a printer the entries that neither a report nor an earlier Z has. */
export async function withEntries(
  source: Source,
  settings: PeriodSettings,
  { serial, today }: { serial: string; today: string },
  periods: readonly PeriodSums[],
): Promise<PeriodSums[]> {
  const sums: UnreportedEntries[] = []
  for (const each of allEmergencies(source.view))
    if (isNamed(source.view, each, serial, today)) sums.push(...(await unreportedIn(source, settings, each)))
  const last = periods.at(-1)
  if (sums.length === 0 || last === undefined) return [...periods]
  return [...periods.slice(0, -1), { ...last, entries: sums }]
}

/** True if a report names the ended emergency: of this printer or of the one that it replaced, and not long ago. */
function isNamed(
  view: Pick<View, 'enrolledSerial'>,
  { serial: of, emergency }: PrinterEmergency,
  serial: string,
  today: string,
): boolean {
  const { device, closed_at: closed, days } = emergency
  if (closed === undefined || days.length === 0 || shiftedDate(romeDay(closed), NAMED_DAYS) < today) return false
  return of === serial || view.enrolledSerial(device) === serial
}

async function unreportedIn(
  source: Source,
  settings: PeriodSettings,
  each: PrinterEmergency,
): Promise<UnreportedEntries[]> {
  const entries = await entriesIn(source, each, settings)
  const after = entries[0]?.seq
  if (after === undefined) return []
  const { named, reported } = await closingsAfter(source, after)
  const left = entries.filter(({ seq, operation, facts }) => {
    return !named.has(facts.day) && seq > (reported.get(keyOf(operation.shown.register_id, facts.day)) ?? 0)
  })
  const days = [...new Set(left.map(({ facts }) => facts.day))]
  return days.map((date) => {
    const own = left.filter(({ facts }) => facts.day === date)
    return { date, amount: sumsOf(own).total }
  })
}

/** Days that a Z has named, and the last report of each register and day. */
async function closingsAfter(
  { view, pause }: Source,
  after: number,
): Promise<{ named: ReadonlySet<string>; reported: ReadonlyMap<string, number> }> {
  const named = new Set<string>()
  const reported = new Map<string, number>()
  for (let last: number | undefined = after; last !== undefined; ) {
    const rows = view.resources('closing', {}, last, ROWS)
    for (const { id, seq } of rows) {
      const closing = view.closing(id)
      for (const date of closing === undefined ? [] : datesIn(closing)) named.add(date)
      const { register_id: register, business_date: date, fiscal } = closing?.shown ?? {}
      if (fiscal?.state === 'not_required' && typeof date === 'string') reported.set(keyOf(register, date), seq)
    }
    last = rows.at(-1)?.seq
    await pause()
  }
  return { named, reported }
}

function datesIn({ shown }: DocumentOf<'closing'>): string[] {
  return (shown.hints ?? []).flatMap((hint) => (hint.code === 'emergency_entries' ? (hint.date ?? []) : []))
}

function keyOf(register: string | null | undefined, day: string): string {
  return `${register ?? ''} ${day}`
}
