import { tseId } from '../../../journal/documents/records.ts'
import type { StoredEvent } from '../../../journal/events.ts'
import type { View } from '../../../journal/projections/view.ts'
import type { Instruction } from '../../instruction.ts'
import { instruction, verbatim } from '../../instruction.ts'
import { germanDate } from './days.ts'
import type { Field, FormRecord } from './form.ts'
import { FIELDS } from './form.ts'
import type { PlaceFact, PlaceFacts } from './place-facts.ts'
import { PLACE_FACTS, placeFacts } from './place-facts.ts'
import type { Reading } from './reading.ts'
import type { DocumentsAt, Till } from './tills.ts'
import { documentsAt, tillOf } from './tills.ts'

/** A difference of a till, or of a fact of the place, from the last confirmed list, and its first day. */
export type Difference = { readonly subject: string; readonly what: Instruction; readonly since: string }

/** The systems that the last confirmed notice leaves in use, confirmed by that event; 0 before the first notice. */
type Base = {
  readonly locationId: string
  readonly seq: number
  readonly tills: readonly Till[]
  /** Undefined before the first notice. */
  readonly place: PlaceFacts | undefined
}

/** The differences of taxpayer and place from the last confirmed notice; none before the first one. */
export function* placeChangesIn(
  view: View,
  documents: DocumentsAt,
  now: PlaceFacts,
  { locationId, seq, place: before }: Base,
): Reading<Difference[]> {
  const changed = PLACE_FACTS.filter((name) => before !== undefined && now[name] !== before[name])
  if (before === undefined || changed.length === 0) return []
  const first = new Map<PlaceFact, string>()
  for (const event of eventsAboutPlace(documents, locationId)) {
    if (event.seq <= seq) continue
    const then = placeFacts(documentsAt(view, event.seq), locationId)
    for (const name of changed)
      if (then[name] === before[name]) first.delete(name)
      else if (!first.has(name)) first.set(name, germanDate(event.at))
    yield
  }
  return changed.map((name) => {
    const what = verbatim(`${before[name] || '-'} → ${now[name] || '-'}`)
    return { subject: name, what, since: first.get(name) ?? germanDate(view.event(seq)?.at ?? '') }
  })
}

/** The differences from the last confirmed list, by till. */
export function* changesIn(
  view: View,
  documents: DocumentsAt,
  tills: readonly Till[],
  base: Base,
): Reading<Difference[]> {
  const former = new Map(base.tills.map((till) => [till.registerId, till]))
  const present = new Set(tills.map(({ registerId }) => registerId))
  const changes: Difference[] = []
  for (const till of tills) {
    const change = yield* changeOf(view, documents, till, former.get(till.registerId), base)
    if (change !== undefined) changes.push(change)
  }
  for (const till of base.tills) {
    if (present.has(till.registerId)) continue
    const since = yield* firstDifference(view, documents, till, base)
    changes.push({ subject: till.clientId, what: instruction('no longer here'), since })
  }
  return changes
}

/** Undefined for a till that is as it was. */
function* changeOf(
  view: View,
  documents: DocumentsAt,
  till: Till,
  before: Till | undefined,
  base: Base,
): Reading<Difference | undefined> {
  const { clientId, record, end } = till
  yield
  if (before === undefined) return { subject: clientId, what: instruction('new'), since: firstDay(till, base) }
  const fields = differing(record, before.record)
  if (fields.length === 0) return undefined
  const first = yield* firstDifference(view, documents, before, base)
  const since = earliest(first, end?.day)
  return {
    subject: clientId,
    what: verbatim(fields.map((name) => words(name, before.record, record)).join(', ')),
    since,
  }
}

/** A new version of the software does not count. */
function differing(one: FormRecord, other: FormRecord): Field[] {
  return FIELDS.filter((name) => name !== 'SoftwareVersion' && (one[name] ?? '') !== (other[name] ?? ''))
}

function words(name: Field, before: FormRecord, now: FormRecord): string {
  return `${name}: ${before[name] || '-'} → ${now[name] || '-'}`
}

/**
 * The first day of a till: the earlier one of its acquisition and the first use of its TSE. If it came from another place
 * since the last notice: the day of its move.
 */
function firstDay({ tses, arrived, inventory }: Till, { seq }: Base): string {
  const used = tses[0]?.since ?? ''
  if (arrived !== undefined && arrived.seq > seq && arrived.day > used) return arrived.day
  return earliest(used, inventory.acquired_on)
}

function earliest(one: string, other: string | undefined): string {
  return other !== undefined && other < one ? other : one
}

/** The day of the event since which the till differs from the confirmed list. */
function* firstDifference(
  view: View,
  { seq: upTo = Number.MAX_SAFE_INTEGER }: DocumentsAt,
  before: Till,
  base: Base,
): Reading<string> {
  let first: StoredEvent | undefined
  for (const event of eventsAbout(view, before.registerId)) {
    if (event.seq <= base.seq || event.seq > upTo) continue
    const till = tillOf(documentsAt(view, event.seq), base.locationId, before.registerId)
    const isSame = till !== undefined && differing(till.record, before.record).length === 0
    first = isSame ? undefined : (first ?? event)
    yield
  }
  return germanDate((first ?? view.event(base.seq))?.at ?? '')
}

/** The members of a merchant and of a location that a notice depends on. */
const IN_PLACES = /"(?:name|legal_name|address|fiscal_identities)"/

/** The events of a place and of its merchant that may change a notice, in their order. */
function eventsAboutPlace(documents: DocumentsAt, locationId: string): StoredEvent[] {
  const merchant = documents.location(locationId)?.merchant_id
  return [locationId, ...(merchant === undefined ? [] : [merchant])]
    .flatMap((id) => documents.eventsOf(id).filter(({ body }) => IN_PLACES.test(body)))
    .sort((one, other) => one.seq - other.seq)
}

/** The members of a register that a list depends on. */
const IN_LISTS = /"(?:location_id|fiscalization|fiscalizedAt|inventory)"/

/** The events of a till and of its units that may change a list, in their order. */
function eventsAbout(view: View, register: string): StoredEvent[] {
  const own = view.eventsOf(register).filter(({ body }) => IN_LISTS.test(body))
  const serials = new Set(
    own.flatMap(({ body }) => [...body.matchAll(/"tse_serial":"([^"]+)"/g)].map(([, serial = '']) => serial)),
  )
  const ofUnits = [...serials].flatMap((serial) =>
    view.eventsOf(tseId(serial)).filter(({ body }) => body.includes('"inventory"')),
  )
  return [...own, ...ofUnits].sort((one, other) => one.seq - other.seq)
}
