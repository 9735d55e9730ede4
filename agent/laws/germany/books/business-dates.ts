import { isPossibleDate } from '../../../../base/business-dates.ts'
import { membersIn } from '../../../journal/checked.ts'
import { partsOf, sessionPartsOf } from '../../../journal/documents/parts.ts'
import type { EventBody } from '../../../journal/events.ts'
import { FACTS } from '../facts.ts'
import type { GermanFindings } from './texts.ts'

type Opening = { readonly at: string; readonly isSuspect: boolean }

/** Compares the business date of each closing with the days of its session: older versions accepted any (DSFinV-K § 4.1). */
export class BusinessDates {
  readonly #findings: GermanFindings
  readonly #registers = new Set<string>()
  /** Of sessions that are not closed. */
  readonly #openings = new Map<string, Opening>()

  constructor(findings: GermanFindings) {
    this.#findings = findings
  }

  note(seq: number, op: string, body: EventBody): void {
    const { regime } = membersIn(partsOf(body).shown['fiscalization']) ?? {}
    if (regime === FACTS.name) this.#registers.add(op)
    const { session } = body
    if (session?.set === undefined || !this.#registers.has(session.register)) return
    const isSuspect = body.clock === 'suspect'
    const { opened_at: opened, state } = session.set
    if (state === 'closed') this.#close(seq, body, isSuspect)
    else if (typeof opened === 'string') this.#openings.set(session.id, { at: opened, isSuspect })
  }

  #close(seq: number, body: EventBody, isSuspect: boolean): void {
    const session = sessionPartsOf(body)
    const opening = this.#openings.get(session?.id ?? '')
    this.#openings.delete(session?.id ?? '')
    // Bons outside of any session have no business date of a till.
    if (session === undefined || opening === undefined || opening.isSuspect || isSuspect) return
    const { business_date: date, closed_at: closed } = session.shown
    if (typeof date !== 'string' || typeof closed !== 'string') return
    if (isPossibleDate(date, { opened: opening.at, closed }, FACTS.timeZone)) return
    const z = Number(session.own.zNumber)
    this.#findings.add('business_date_differs', seq, { register: session.register, z, date, at: closed })
  }
}
