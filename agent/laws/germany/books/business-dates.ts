import { isPossibleDate } from '../../../../base/business-dates.ts'
import { localDate, parseRfc3339, shiftedDate } from '../../../../base/clock.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { NotedEvent } from '../../../journal/books/law-books.ts'
import { membersIn, textIn } from '../../../journal/checked.ts'
import { partsOf, sessionPartsOf } from '../../../journal/documents/parts.ts'
import type { EventBody } from '../../../journal/events.ts'
import { FACTS } from '../facts.ts'
import type { GermanFindings } from './texts.ts'
import { dateFacts } from './texts.ts'

/** `since`: when the clock was last right before it, '' if never. */
type Opening = { readonly at: string; readonly isSuspect: boolean; readonly since: string }
type Closing = {
  readonly seq: number
  readonly facts: {
    readonly register: string
    readonly z: number
    readonly date: string
    readonly at: string
    readonly sum: string
  }
  /** The earliest time of its session that is known, '' if none is. */
  readonly opened: string
}

/** Closings that a later confirmation of the clock may still concern. */
const KEPT_MAX = 1000

/**
 * Compares the business date of each closing with the days of its session: older versions accepted any (DSFinV-K § 4.1). One
 * that was given while the clock was wrong is proven by nothing; it is compared once the clock is right again.
 */
export class BusinessDates {
  readonly #findings: GermanFindings
  readonly #registers = new Set<string>()
  /** By the id of a session that is not closed. */
  readonly #openings = new Map<string, Opening>()
  /** Closings that were made while the clock was suspect, until it is right again. */
  #waiting: Closing[] = []
  /** The newest closings of a clock that seemed right: it may have been ahead. */
  #recent: Closing[] = []
  /** The time of the newest event that is not suspect. */
  #rightAt = ''

  constructor(findings: GermanFindings) {
    this.#findings = findings
  }

  note({ seq, op, at }: Pick<NotedEvent, 'seq' | 'op' | 'at'>, body: EventBody): void {
    const { regime } = membersIn(partsOf(body).shown['fiscalization']) ?? {}
    if (regime === FACTS.name) this.#registers.add(op)
    const isSuspect = body.clock === 'suspect'
    if (body.clock === 'right') this.#confirm(textIn(membersIn(body.facts)?.['to']) ?? at)
    if (!isSuspect) this.#settle(at, body.clock === 'right')
    const { session } = body
    if (session?.set === undefined || !this.#registers.has(session.register)) return
    const { opened_at: opened, state } = session.set
    if (state === 'closed') this.#close(seq, body, isSuspect)
    else if (typeof opened === 'string') this.#openings.set(session.id, { at: opened, isSuspect, since: this.#rightAt })
  }

  #close(seq: number, body: EventBody, isSuspect: boolean): void {
    const session = sessionPartsOf(body)
    const opening = this.#openings.get(session?.id ?? '')
    this.#openings.delete(session?.id ?? '')
    // Bons outside of any session have no business date of a till.
    if (session === undefined || opening === undefined) return
    const { business_date: date, closed_at: at } = session.shown
    if (typeof date !== 'string' || typeof at !== 'string') return
    const gross = body.session?.sales?.gross
    const sum = gross === undefined ? '?' : centsText(gross)
    const facts = { register: session.register, z: Number(session.own.z_number), date, at, sum }
    const closing = { seq, facts, opened: opening.isSuspect ? opening.since : opening.at }
    if (opening.isSuspect || isSuspect) this.#findings.add('business_date_unproven', seq, facts)
    if (isSuspect) this.#waiting.push(closing)
    else this.#compare(closing, at, opening.isSuspect)
    if (!isSuspect) this.#recent = [...this.#recent.slice(1 - KEPT_MAX), closing]
  }

  /** `isConfirmed`: the events since the clock was set back are right. */
  #settle(at: string, isConfirmed: boolean): void {
    for (const closing of this.#waiting)
      this.#compare(isConfirmed ? { ...closing, opened: earlier(closing.opened, closing.facts.at) } : closing, at, true)
    this.#waiting = []
    this.#rightAt = at
  }

  /** The clock ran ahead before: closings that are later than the confirmed time have a date of a wrong clock. */
  #confirm(to: string): void {
    const last = shiftedDate(localDate(parseRfc3339(to) ?? 0, FACTS.timeZone), 1)
    for (const { seq, facts } of this.#recent.filter(({ facts: { at } }) => at > to)) {
      this.#findings.add('business_date_unproven', seq, facts)
      if (facts.date > last) this.#findings.add('business_date_differs', seq, dateFacts(facts, true))
    }
    this.#recent = []
  }

  #compare({ seq, facts, opened }: Closing, closed: string, isSuspect: boolean): void {
    if (opened === '' || isPossibleDate(facts.date, { opened, closed }, FACTS.timeZone)) return
    this.#findings.add('business_date_differs', seq, dateFacts(facts, isSuspect))
  }
}

function earlier(one: string, other: string): string {
  return one < other ? one : other
}
