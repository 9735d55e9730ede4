import { membersIn } from '../../../journal/checked.ts'
import type { Members, StoredEvent } from '../../../journal/events.ts'
import { bodyOf } from '../../../journal/events.ts'
import { germanDate } from './days.ts'

export type UsedTse = { readonly serial: string; readonly since: string; readonly seq: number }

/** A step in the life of a till: its event, and its calendar date. */
export type Step = { readonly seq: number; readonly day: string }

/** A till as one place sees it. */
export type History = {
  /** Its units in order of use, the present one last; of a till that has left the place, those until then. */
  readonly tses: readonly UsedTse[]
  readonly decommissioned: Step | undefined
  /** The last event about the day on which it left the business; `day` is that day. */
  readonly ended: Step | undefined
  /** It moved to another place. */
  readonly left: Step | undefined
  /** It came from another place. */
  readonly arrived: Step | undefined
}

const STEPS = /"(?:tse_serial|decommissionedAt|inventory|location_id)"/

/** An event of the till, with the members that it set. */
type TillStep = Step & { readonly set: Members }

export function historyOf(events: readonly StoredEvent[], place: string): History {
  const changes = events
    .filter(({ body }) => STEPS.test(body))
    .map((event) => ({ seq: event.seq, day: germanDate(event.at), set: bodyOf(event).set ?? {} }))
  const { left, arrived } = movesOf(changes, place)
  const here = left === undefined ? changes : changes.filter(({ seq }) => seq < left.seq)
  const decommissioned = changes.findLast(({ set }) => typeof set['decommissionedAt'] === 'string')
  return { tses: unitsIn(here), decommissioned, ended: endIn(changes), left, arrived }
}

function movesOf(changes: readonly TillStep[], place: string): Pick<History, 'left' | 'arrived'> {
  let moves: Pick<History, 'left' | 'arrived'> = { left: undefined, arrived: undefined }
  let at: string | undefined
  for (const change of changes) {
    const { location_id: location } = change.set
    if (typeof location !== 'string' || location === at) continue
    if (at === place) moves = { ...moves, left: change }
    else if (at !== undefined && location === place) moves = { left: undefined, arrived: change }
    at = location
  }
  return moves
}

/** A corrected day is another end, which the next notice has. */
function endIn(changes: readonly TillStep[]): Step | undefined {
  let end: Step | undefined
  for (const { seq, set } of changes) {
    if (set['inventory'] === undefined) continue
    const day = membersIn(set['inventory'])?.['ended_on']
    if (typeof day !== 'string') end = undefined
    else if (day !== end?.day) end = { seq, day }
  }
  return end
}

/** A unit that came back has two entries. */
function unitsIn(changes: readonly TillStep[]): UsedTse[] {
  const tses: UsedTse[] = []
  for (const { seq, day, set } of changes) {
    const { tse_serial: serial } = membersIn(set['fiscalization']) ?? {}
    if (typeof serial === 'string' && serial !== tses.at(-1)?.serial) tses.push({ serial, since: day, seq })
  }
  return tses
}

/** The places of a till, also those that it has left. */
export function placesIn(events: readonly StoredEvent[]): Set<string> {
  const places = events.flatMap(({ body }) => {
    if (!body.includes('"location_id"')) return []
    const { location_id: location } = bodyOf({ body }).set ?? {}
    return typeof location === 'string' ? [location] : []
  })
  return new Set(places)
}
