import { DAY_MS, parseRfc3339 } from '../../../base/clock.ts'
import { tseId } from '../../journal/documents/records.ts'
import type { StoredEvent } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { memoryFacts } from './memory/kept-archives.ts'

/** True if the last archive of a retired TSE was made within its last day, and the TSE signed nothing after it. */
export function isArchivedWhole(view: View, serial: string): boolean {
  const archive = memoryFacts(view, serial).archives.at(-1)
  const events = view.eventsOf(tseId(serial))
  const [archived, retired] = [lastWith(events, '"archives"'), lastWith(events, '"retired_at"')]
  if (archive === undefined || archived === undefined || retired === undefined) return false
  if (archived.seq > retired.seq) return true
  if (msOf(retired) - msOf(archived) > DAY_MS) return false
  const device = bodyOf(retired).enrolled?.device
  return device === undefined || !signsWithin(view, device, archived.seq, retired.seq)
}

function lastWith(events: readonly StoredEvent[], member: string): StoredEvent | undefined {
  return events.findLast(({ body }) => body.includes(member))
}

function msOf({ at }: StoredEvent): number {
  return parseRfc3339(at) ?? 0
}

function signsWithin(view: View, device: string, from: number, to: number): boolean {
  const text = `"device":${JSON.stringify(device)}`
  for (let before = to; ; ) {
    const events = view.portionNaming(text, from, before)
    const last = events.at(-1)
    if (last === undefined) return false
    if (events.some((event) => bodyOf(event).transaction?.device === device)) return true
    before = last.seq
  }
}
