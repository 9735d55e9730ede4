import { tseId } from '../../../journal/documents/records.ts'
import type { StoredEvent } from '../../../journal/events.ts'
import type { View } from '../../../journal/projections/view.ts'
import { germanDate } from './days.ts'
import type { Field, FormRecord } from './form.ts'
import { FIELDS } from './form.ts'
import type { DocumentsAt, Till } from './tills.ts'
import { documentsAt, tillOf } from './tills.ts'

/** A difference of a till from the last confirmed list, and its first day. */
export type Change = { readonly clientId: string; readonly what: string; readonly since: string }

/** The systems that the last confirmed notice leaves in use, confirmed by that event; 0 before the first notice. */
type Base = { readonly locationId: string; readonly seq: number; readonly tills: readonly Till[] }

/** The differences from the last confirmed list, by till. */
export function changesIn(view: View, documents: DocumentsAt, tills: readonly Till[], base: Base): Change[] {
  const former = new Map(base.tills.map((till) => [till.registerId, till]))
  const present = new Set(tills.map(({ registerId }) => registerId))
  const added = tills.flatMap((till) => {
    const before = former.get(till.registerId)
    if (before === undefined) return [{ clientId: till.clientId, what: 'new', since: firstDay(documents, till, base) }]
    const fields = differing(till.record, before.record)
    if (fields.length === 0) return []
    const since = earliest(
      firstDifference(view, documents, before, base),
      till.endedSeq === undefined ? undefined : till.inventory.ended_on,
    )
    return [
      {
        clientId: till.clientId,
        what: fields.map((name) => words(name, before.record, till.record)).join(', '),
        since,
      },
    ]
  })
  const gone = base.tills
    .filter(({ registerId }) => !present.has(registerId))
    .map((till) => ({
      clientId: till.clientId,
      what: 'no longer here',
      since: firstDifference(view, documents, till, base),
    }))
  return [...added, ...gone]
}

/** A new version of the software does not count. */
function differing(one: FormRecord, other: FormRecord): Field[] {
  return FIELDS.filter((name) => name !== 'SoftwareVersion' && (one[name] ?? '') !== (other[name] ?? ''))
}

function words(name: Field, before: FormRecord, now: FormRecord): string {
  return `${name}: ${before[name] || '-'} → ${now[name] || '-'}`
}

/** Of acquisition and first use of a TSE; of a till from another place the day of its move. */
function firstDay(documents: DocumentsAt, till: Till, { seq }: Base): string {
  const moved = documents
    .eventsOf(till.registerId)
    .findLast(({ kind, body }) => kind === 'register.updated' && body.includes('"location_id"'))
  const used = till.tses[0]?.since ?? ''
  if (moved !== undefined && moved.seq > seq && germanDate(moved.at) > used) return germanDate(moved.at)
  return earliest(used, till.inventory.acquired_on)
}

function earliest(one: string, other: string | undefined): string {
  return other !== undefined && other < one ? other : one
}

/** The day of the event since which the till differs from the confirmed list. */
function firstDifference(
  view: View,
  { seq: upTo = Number.MAX_SAFE_INTEGER }: DocumentsAt,
  before: Till,
  base: Base,
): string {
  let first: StoredEvent | undefined
  for (const event of eventsAbout(view, before.registerId)) {
    if (event.seq <= base.seq || event.seq > upTo) continue
    const till = tillOf(documentsAt(view, event.seq), base.locationId, before.registerId)
    const isSame = till !== undefined && differing(till.record, before.record).length === 0
    first = isSame ? undefined : (first ?? event)
  }
  return germanDate((first ?? view.event(base.seq))?.at ?? '')
}

/** The events of a till and those that change the inventory of its units, in their order. */
function eventsAbout(view: View, register: string): StoredEvent[] {
  const own = view.eventsOf(register)
  const serials = new Set(
    own.flatMap(({ body }) => [...body.matchAll(/"tse_serial":"([^"]+)"/g)].map(([, serial = '']) => serial)),
  )
  const ofUnits = [...serials].flatMap((serial) =>
    view.eventsOf(tseId(serial)).filter(({ body }) => body.includes('"inventory"')),
  )
  return [...own, ...ofUnits].sort((one, other) => one.seq - other.seq)
}
