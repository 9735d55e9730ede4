import { confirmedTasks } from '../../../journal/confirmed-tasks.ts'
import { registerIds } from '../../../journal/documents/registers.ts'
import type { View } from '../../../journal/projections/view.ts'
import type { InParts } from '../../law.ts'
import type { Difference } from './changes.ts'
import { changesIn, placeChangesIn } from './changes.ts'
import { monthAfter } from './days.ts'
import type { FormRecord } from './form.ts'
import { bySerial, listOf } from './form.ts'
import { placesIn } from './history.ts'
import type { PlaceFacts } from './place-facts.ts'
import { placeFacts } from './place-facts.ts'
import type { Reading } from './reading.ts'
import type { DocumentsAt, Till } from './tills.ts'
import { documentsAt, tillOf } from './tills.ts'

/** The location and the list follow in the id of a duty. */
const NOTICE = 'elster-146a-'
const INCOMPLETE = 'incomplete'
const NEVER = '1970-01-01'

/** A notice of a place: as it is now, or as it was confirmed. */
export type Notice = {
  readonly id: string
  readonly locationId: string
  readonly list: string
  readonly tills: readonly Till[]
  readonly place: PlaceFacts
  /** The last confirmed one before it; without its ended systems this list must equal it. */
  readonly before: ConfirmedNotice | undefined
  readonly changes: readonly Difference[]
  /** Calendar date. */
  readonly due: string
}

export type ConfirmedNotice = Pick<Notice, 'id' | 'tills' | 'place'> & { readonly seq: number }

/** A location with its registers, former ones too. */
export type TillPlace = { readonly location: string; readonly registers: readonly string[] }

/** The systems that a notice leaves in use: the next one has them, too. */
function remaining(notice: ConfirmedNotice | undefined): readonly Till[] {
  return notice?.tills.filter(({ end }) => end === undefined) ?? []
}

type Confirmation = { readonly id: string; readonly seq: number }

/**
 * The notices of § 146a Abs. 4 AO. Nothing of them is stored: the list of a confirmed one is made again from the
 * documents as they were then, once for each confirmation.
 */
export class Notices {
  readonly #view: View
  readonly #confirmed = new Map<string, Notice>()

  constructor(view: View) {
    this.#view = view
  }

  /** The notices that were confirmed, and those that are due now. */
  *all(): InParts<Notice> {
    for (const place of yield* this.places()) {
      const { confirmed, present } = yield* this.#of(place)
      yield* confirmed
      if (isDue(present)) yield present
    }
  }

  /** The list of a place as it is now. */
  *present(place: TillPlace): Reading<Notice> {
    return (yield* this.#of(place)).present
  }

  /** The systems for a trial: every till of the place with any unit. */
  trial(place: TillPlace): Reading<readonly Till[]> {
    return this.#tillsOf(place, documentsAt(this.#view), undefined, true)
  }

  *#of(place: TillPlace): Reading<{ confirmed: readonly Notice[]; present: Notice }> {
    const { location } = place
    const confirmations = this.#confirmations(location)
    const confirmed = yield* this.#confirmedOf(place, confirmations)
    const before = confirmed.at(-1)
    const seq = confirmations.at(-1)?.seq
    const last = before === undefined || seq === undefined ? undefined : { ...before, seq }
    const draft = yield* this.#noticeOf(place, last, documentsAt(this.#view))
    const named = `${NOTICE}${location}-${draft.list}`
    // A list may come back after another one: its duty is another one, too.
    const times = confirmations.filter(({ id }) => id === named || id.startsWith(`${named}-`)).length
    return { confirmed, present: { ...draft, id: times === 0 ? named : `${named}-${times + 1}` } }
  }

  /** Places that have or had registers, and those of former notices. */
  *places(): Reading<readonly TillPlace[]> {
    const places = new Map<string, string[]>()
    for (const id of registerIds(this.#view)) {
      for (const place of placesIn(this.#view.eventsOf(id))) places.set(place, [...(places.get(place) ?? []), id])
      yield
    }
    for (const { id } of confirmedTasks(this.#view, NOTICE))
      if (!places.has(locationIn(id))) places.set(locationIn(id), [])
    return [...places].map(([location, registers]) => ({ location, registers }))
  }

  /** In their order. */
  #confirmations(location: string): Confirmation[] {
    return confirmedTasks(this.#view, `${NOTICE}${location}-`).toSorted((one, other) => one.seq - other.seq)
  }

  *#confirmedOf(place: TillPlace, confirmations: readonly Confirmation[]): Reading<Notice[]> {
    const notices: Notice[] = []
    let before: ConfirmedNotice | undefined
    for (const { id, seq } of confirmations) {
      const known = this.#confirmed.get(id)
      const notice = known ?? {
        ...(yield* this.#noticeOf(place, before, documentsAt(this.#view, seq))),
        id,
        list: listIn(id),
      }
      this.#confirmed.set(id, notice)
      notices.push(notice)
      before = { ...notice, seq }
    }
    return notices
  }

  *#noticeOf(
    place: TillPlace,
    before: ConfirmedNotice | undefined,
    documents: DocumentsAt,
  ): Reading<Omit<Notice, 'id'>> {
    const locationId = place.location
    const tills = yield* this.#tillsOf(place, documents, before)
    const facts = placeFacts(documents, locationId)
    const isComplete = tills.every(({ missing }) => missing.length === 0)
    const list = isComplete ? listOf(recordsOf(tills), facts) : INCOMPLETE
    const base = { locationId, seq: before?.seq ?? 0, tills: remaining(before), place: before?.place }
    const changes = [
      ...(tills.length === 0 ? [] : yield* placeChangesIn(this.#view, documents, facts, base)),
      ...(yield* changesIn(this.#view, documents, tills, base)),
    ]
    const [oldest = NEVER] = changes.map(({ since }) => since).toSorted()
    return { locationId, list, tills, place: facts, before, changes, due: monthAfter(oldest) }
  }

  /** A till that ended or left stays until a notice with its end was confirmed. */
  *#tillsOf(
    { location, registers }: TillPlace,
    documents: DocumentsAt,
    before?: ConfirmedNotice,
    isTrial = false,
  ): Reading<Till[]> {
    const tills: Till[] = []
    for (const id of registers) {
      const till = tillOf(documents, location, id, isTrial)
      if (till !== undefined && (till.end?.seq ?? Number.MAX_SAFE_INTEGER) > (before?.seq ?? 0)) tills.push(till)
      yield
    }
    return tills.sort((one, other) => bySerial(one.record, other.record))
  }
}

/** True if the list differs from the last confirmed one without its ended systems. */
export function isDue({ tills, place, before }: Notice): boolean {
  // A place without a till has nothing to report, whatever its name.
  const former = tills.length === 0 ? place : (before?.place ?? place)
  return listOf(recordsOf(tills), place) !== listOf(recordsOf(remaining(before)), former)
}

export function recordsOf(tills: readonly Till[]): FormRecord[] {
  return tills.map(({ record }) => record)
}

function locationIn(id: string): string {
  return id.slice(NOTICE.length).split('-')[0] ?? ''
}

function listIn(id: string): string {
  return id.slice(NOTICE.length).split('-')[1] ?? ''
}
