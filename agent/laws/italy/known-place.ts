import type { RtPlace } from '../../../drivers/ports/rt-printer.ts'
import { bodyOf, factsOf } from '../../journal/events.ts'
import { isAfter } from './last-document-advice.ts'
import { printerActOf } from './printer-act.ts'
import type { JournalSource } from './recorded.ts'
import { printedBy, recordedOf, shownBy } from './recorded.ts'
import { romeDay } from './rome-time.ts'
import { isOurs } from './shapes.ts'
import { printSetBy } from './state.ts'

/**
 * A printer's last document according to the journal; `day`: not later than that of the next one, '' if unknown.
 * `isRestored`: the journal was set back since its last counters, and the printer may have more.
 */
export type KnownPlace = RtPlace & { day: string; isRestored?: boolean }

type Seen = { known: KnownPlace | undefined; isEnough: boolean; isRestored: boolean }

/** Reasons of an epoch after which a printer has more than the journal. */
const SET_BACK: ReadonlySet<unknown> = new Set(['restore', 'rollback', 'fork'])

/** Events read before yielding to other work. */
const PAGE = 200
const EVENTS_MAX = 100_000

/**
 * The last document of each printer according to the journal: its newest counters, and documents printed, closed or
 * found after them. Each call reads only new events. Earlier documents than its enrolment do not belong to this shop.
 */
export class KnownPlaces {
  readonly #source: JournalSource
  readonly #read = new Map<string, { upTo: number; known: KnownPlace | undefined; isRestored: boolean }>()

  constructor(source: JournalSource) {
    this.#source = source
  }

  async of(serial: string): Promise<KnownPlace | undefined> {
    const [upTo, before] = [this.#source.headSeq(), this.#read.get(serial)]
    const after = Math.max(before?.upTo ?? 0, upTo - EVENTS_MAX)
    const seen: Seen = { known: undefined, isEnough: false, isRestored: false }
    for (let seq = upTo; seq > after && !seen.isEnough; seq--) {
      look(seen, this.#source.view.event(seq), serial)
      if (seq % PAGE === 0) await this.#source.pause()
    }
    const place = seen.isEnough ? seen.known : later(seen.known, before?.known)
    const isRestored = seen.isRestored || (!seen.isEnough && before?.isRestored === true)
    this.#read.set(serial, { upTo, known: place, isRestored })
    return place && { ...place, ...(isRestored && { isRestored }) }
  }

  /** As of the last query. */
  last(serial: string): KnownPlace | undefined {
    return this.#read.get(serial)?.known
  }
}

/** From the newest event backwards. */
function look(seen: Seen, event: { kind: string; op: string; body: string } | undefined, serial: string): void {
  if (event?.kind === 'journal.opened') seen.isRestored ||= isSetBack(event)
  if (event?.body.includes(serial) !== true) return
  const body = bodyOf(event)
  const { act, found, enrolled } = body
  const asked = act && printerActOf(act)
  const baseline = asked !== undefined && 'baseline' in asked ? asked.baseline : printSetBy(body).baseline
  const places: KnownPlace[] = recordedOf(event.op, printedBy(body), serial).map(({ z, number, facts }) => {
    return { z, number, day: romeDay(facts.printed_at) }
  })
  if (found?.serial === serial) places.push({ z: found.z, number: found.to, day: '' })
  const { z_numbers: closed = [], business_date: date, fiscal_information: facts } = shownBy(body)
  if (isOurs(facts) && facts.rt_serial_number === serial)
    places.push(...closed.map((z) => ({ z: z + 1, number: 0, day: date ?? '' })))
  // Below 0 if the printer reported a slip instead of its last document.
  const isCounted = baseline?.serial === serial && baseline.number >= 0
  if (isCounted) places.push({ z: baseline.z + 1, number: baseline.number, day: baseline.at.slice(0, 10) })
  for (const place of places) seen.known = later(seen.known, place)
  seen.isEnough = isCounted || (event.kind === 'printer.enrolled' && enrolled?.serial === serial)
}

function isSetBack(event: { kind: string; op: string; body: string }): boolean {
  return SET_BACK.has(factsOf({ kind: event.kind, body: bodyOf(event) }, 'journal.opened')?.reason)
}

function later(one: KnownPlace | undefined, other: KnownPlace | undefined): KnownPlace | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const [last, first] = isAfter(other, one) ? [other, one] : [one, other]
  // The day of an earlier document may be used: the query covers more, never less.
  return last.day === '' ? { ...last, day: first.day } : last
}
