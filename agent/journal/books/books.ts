import type { Json } from '../../../base/canonical.ts'
import { formatAtoms, toCents } from '../../../base/money.ts'
import { isAtLeast, isNewer, packageVersion } from '../../../base/version.ts'
import { bodyReader } from '../body-reader.ts'
import { membersIn } from '../checked.ts'
import { isOperationKind } from '../documents/kind.ts'
import { sessionPartsOf } from '../documents/parts.ts'
import type { EventBody, StoredEvent } from '../events.ts'
import { factsOf } from '../events.ts'
import { BookState, digestOf } from './book-state.ts'
import { CancelledLines } from './cancelled-lines.ts'
import { CountedSessions, expectedFacts } from './counted-sessions.ts'
import { DeviceLogs } from './device-logs.ts'
import { DutyMarks } from './duty-marks.ts'
import type { Findings } from './findings.ts'
import { BookFindings, centsText } from './findings.ts'
import { fixedMembersOf } from './fixed-members.ts'
import { foreignDifference, valueLeft } from './foreign-counts.ts'
import { GivenTwice } from './given-twice.ts'
import type { LawBooks, LawFold } from './law-books.ts'
import { beyondOpen } from './location-orders.ts'
import type { OpenItem } from './open-items.ts'
import { OrderMarks } from './order-marks.ts'
import { Restores } from './restores.ts'
import type { RunningSession } from './state-maps.ts'
import { isStateRecord, recordedDigest } from './state-record.ts'
import { UsedOriginals } from './used-originals.ts'

type Read = Pick<StoredEvent, 'seq' | 'kind' | 'op' | 'at' | 'body'> & Partial<Pick<StoredEvent, 'boot'>>

/**
 * Reads the events of a journal from the first on, one at a time: collects the facts after them and their
 * contradictions. It reads the marks of events and no table, and does not verify the chain.
 */
export class Books {
  readonly state = new BookState()
  readonly findings: BookFindings
  /** The logs that the TSEs must hold. */
  readonly logs: DeviceLogs
  readonly restores: Restores
  readonly #findings: Findings
  readonly #laws: readonly LawFold[]
  /** An open operation that a count was allowed to leave. */
  #leftToLater: string | undefined
  /** The program that writes, and that of each process. */
  #version = ''
  readonly #versions = new Map<string, string>()
  /** The process that wrote the event, and its first one. */
  #process: { boot: string | undefined; from: number } = { boot: undefined, from: 0 }
  /** Operations that are open, with their session. */
  readonly #open = new Map<string, { session: string | undefined; by: string }>()
  readonly #counts = new CountedSessions()
  readonly #cancelled = new CancelledLines()
  readonly #duties = new DutyMarks()
  readonly #givenTwice = new GivenTwice()
  readonly #marks = new OrderMarks()
  readonly #originals = new UsedOriginals()

  /** `salt`: new for each run. */
  constructor(salt: string, laws: readonly LawBooks[]) {
    const findings = new BookFindings(laws)
    this.findings = findings
    this.#findings = findings
    this.logs = new DeviceLogs(salt, findings)
    this.restores = new Restores({ state: this.state, logs: this.logs })
    this.#laws = laws.map((law) => law.open({ findings, state: this.state, isOfLater: this.#isOfLater }))
    findings.atEnd((report) => {
      for (const [host, { seq, count }] of this.#duties.relays)
        report.add('duty_confirmed_by_relay', seq, { host, count })
      this.#givenTwice.report(report)
    })
  }

  /** Takes the next event; `json` returns its parsed body. Never throws because of its content, because anyone may have edited the journal. */
  note({ seq, kind, op, at, boot, body: text }: Read, json = bodyReader(text)): void {
    if (boot === undefined || boot !== this.#process.boot) this.#begin(seq, boot)
    const event = { seq, kind, op, at }
    try {
      const body = membersIn(json()) as EventBody | undefined
      if (body === undefined) throw new TypeError('the body is not an object')
      this.#noteProgram({ kind, body })
      if (isStateRecord({ kind })) this.#compareRecord(seq, { kind, body })
      this.#compareDuty(event, body)
      this.#compareNumbers(seq, body)
      this.#givenTwice.note(event, body)
      this.#compareSales(seq, body)
      this.#compareGoods(seq, op, body)
      this.#compareCancelled(seq, op, body)
      this.#compareOrders(seq, op, body)
      this.#compareUses(seq, op, body)
      this.#compareCount(event, body)
      const session = body.session && this.state.session(body.session.id)
      this.state.note(seq, at, op, body)
      try {
        for (const law of this.#laws) law.note(event, body)
      } finally {
        // An event that one law cannot read is still in the logs of the units.
        this.#compareCash(seq, at, body, session)
        const counted = this.#firstOf((law) => law.countedIn?.(body))
        const adopted = this.#firstOf((law) => law.adoptedIn?.(event, body))
        this.restores.note(event, body, { counted, adopted })
        this.logs.note(event, body)
      }
    } catch {
      this.#findings.add('event_unreadable', seq)
    }
  }

  #begin(from: number, boot: string | undefined): void {
    this.#process = { boot, from }
    this.#versions.set(boot ?? '', this.#version)
  }

  /** A newer program's rules are not this one's: from its first event on it verifies, and this one judges nothing. */
  #noteProgram(event: { kind: string; body: EventBody }): void {
    const version = factsOf(event, 'program.changed')?.version
    if (version === undefined) return
    this.#version = String(version)
    this.#versions.set(this.#process.boot ?? '', this.#version)
    if (isAtLeast(packageVersion(), this.#version)) return
    this.findings.endAt(this.#process.from, this.#version)
  }

  /** Anything that is not settled after the last event. */
  openItems(): OpenItem[] {
    const groups = this.state.openLocations().flatMap((location) => {
      const open = this.state.openLines(location)?.groups() ?? []
      return open.map(({ group }): OpenItem => ({ what: 'group', name: `${group} (${location})` }))
    })
    const begun = [...this.#open.keys()].map((name): OpenItem => ({ what: 'operation', name }))
    return [...begun, ...groups, ...this.#originals.left()]
  }

  /** The extent of the laws' comparisons. */
  coverage(): Readonly<Record<string, Json>> {
    return Object.assign({}, ...this.#laws.map((law) => law.coverage?.())) as Record<string, Json>
  }

  #firstOf<Fact>(read: (law: LawFold) => Fact | undefined): Fact | undefined {
    for (const law of this.#laws) {
      const fact = read(law)
      if (fact !== undefined) return fact
    }
    return undefined
  }

  #compareRecord(seq: number, event: { kind: string; body: EventBody }): void {
    if (recordedDigest(event) !== digestOf(this.state.toJson())) this.#findings.add('state_record_wrong', seq)
  }

  #compareDuty(event: { seq: number; kind: string; op: string }, body: EventBody): void {
    const what = this.#duties.note(event, body)
    if (what !== undefined) this.#findings.add('duty_record_wrong', event.seq, { duty: event.op, what })
  }

  #compareNumbers(seq: number, body: EventBody): void {
    const { receipt, aside } = body
    if (receipt !== undefined) {
      const { register, number } = receipt
      const from = this.state.nextReceipt(register) - 1
      if (number !== from + 1) this.#findings.add('receipt_number_gap', seq, { register, from, to: number })
    }
    if (aside !== undefined) this.#compareAside(seq, aside)
    const session = sessionPartsOf(body)
    const to = session?.own.z_number
    if (session === undefined || to === undefined) return
    const { register } = session
    const from = this.state.nextZ(register) - 1
    if (to !== from + 1) this.#findings.add('z_number_gap', seq, { register, from, to })
  }

  /** Numbers that were set aside are a note, permanently; those that do not follow the last one explain no gap. */
  #compareAside(seq: number, aside: NonNullable<EventBody['aside']>): void {
    const { register, kind, from, to } = aside
    if (this.state.isNext(aside)) this.#findings.add(`${kind}_numbers_set_aside`, seq, { register, from, to })
    else if (kind === 'bon')
      this.#findings.add('receipt_number_gap', seq, { register, from: this.state.nextReceipt(register) - 1, to: from })
    else this.#findings.add('z_number_gap', seq, { register, from: this.state.nextZ(register) - 1, to: from })
  }

  /** A count or a close records the session before it: its own receipt comes later. */
  #compareSales(seq: number, { session }: EventBody): void {
    if (session?.sales === undefined) return
    const { bons = 0, gross = 0 } = this.state.salesIn(session.id) ?? {}
    const recorded = session.sales
    if (recorded.bons === bons && recorded.gross === gross) return
    const { register } = session
    const [sum, counted] = [centsText(recorded.gross), centsText(gross)]
    this.#findings.add('session_bons_differ', seq, { register, stated: recorded.bons, sum, bons, counted })
  }

  /** An editor cannot change the signed or printed document, but can change the operation later. */
  #compareGoods(seq: number, operation: string, { index, set, status = 'open' }: EventBody): void {
    const isOpen = index === undefined ? this.#open.has(operation) : isOperationKind(index.kind)
    if (isOpen && status === 'open')
      this.#open.set(operation, {
        session: index?.session ?? this.#open.get(operation)?.session,
        by: this.#process.boot ?? '',
      })
    else this.#open.delete(operation)
    if (index !== undefined || set === undefined) return
    const isExcused = isOpen || this.#laws.some((law) => law.mayChangeGoods?.(operation))
    // A completed operation that is open or voided again would be no receipt.
    const isUndone = set['status'] === 'open' || set['status'] === 'voided'
    const isOther = isUndone || fixedMembersOf(operation).some((member) => set[member] !== undefined)
    const isChanged = set['training'] !== undefined || (!isExcused && isOther)
    if (isChanged) this.#findings.add('operation_changed', seq, { operation })
  }

  /** An editor of what was taken away changes no amount: the goods before and after it show what it was. */
  #compareCancelled(seq: number, operation: string, body: EventBody): void {
    const difference = this.#cancelled.note(operation, body)
    if (difference !== undefined) this.#findings.add('cancelled_lines_differ', seq, { operation, ...difference })
  }

  /** Two bills that settle one line, a line that was never ordered, or one that an order or a bill hides. */
  #compareOrders(seq: number, operation: string, body: EventBody): void {
    const { orders } = body
    const difference = this.#marks.note(operation, body, (location) => this.state.openLines(location))
    if (difference !== undefined) this.#findings.add('open_lines_differ', seq, { operation, ...difference })
    if (orders === undefined) return
    for (const { line, group, quantity, open } of beyondOpen(this.state.openLines(orders.location), orders)) {
      const facts = { operation, line, group, quantity: formatAtoms(quantity), open: formatAtoms(open) }
      this.#findings.add('order_lines_differ', seq, facts)
    }
  }

  /** A deposit that is taken off twice, because its mark or an earlier capture was removed. */
  #compareUses(seq: number, operation: string, body: EventBody): void {
    for (const beyond of this.#originals.note(operation, body))
      this.#findings.add('used_beyond_itself', seq, { operation, ...beyond })
  }

  /** A tax-free sale that became a count, whose text is the same. */
  #compareCount({ seq, op, at }: { seq: number; op: string; at: string }, body: EventBody): void {
    const id = body.session?.id ?? body.index?.session
    const session = id === undefined ? undefined : this.state.session(id)
    this.#leftToLater = undefined
    const facts = this.#counts.note({ op, at }, body, session, (of) => this.#openIn(of))
    if (facts !== undefined)
      this.#findings.add('session_cash_differs', seq, { register: session?.register ?? '–', ...facts })
    if (this.#leftToLater !== undefined)
      this.#findings.add('counted_over_later', seq, {
        register: session?.register ?? '–',
        at,
        operation: this.#leftToLater,
        version: this.#version,
      })
  }

  #openIn(session: string): string | undefined {
    for (const [op, { session: of }] of this.#open) {
      if (of !== session) continue
      if (!this.#isOfLater(op)) return op
      this.#leftToLater = op
    }
    return undefined
  }

  /** An older program neither ends nor counts what a newer one began or changed. */
  readonly #isOfLater = (operation: string): boolean => {
    const { by } = this.#open.get(operation) ?? {}
    return by !== undefined && isNewer(this.#versions.get(by) ?? '', this.#version)
  }

  /** An amount that came from an edited table stays wrong. */
  #compareCash(seq: number, at: string, body: EventBody, before: RunningSession | undefined): void {
    const { session, set } = body
    const foreign = foreignDifference(body, before)
    if (before !== undefined && foreign !== undefined)
      this.#findings.add('session_cash_differs', seq, { register: before.register, at, ...expectedFacts(foreign) })
    const left = valueLeft(body, before)
    if (before !== undefined && left !== undefined)
      this.#findings.add('foreign_value_left', seq, { register: before.register, at, sum: left })
    const running = session && this.state.session(session.id)
    if (running === undefined) return
    // A note during the shift has the amount twice: for the session, and for reports.
    const noted = membersIn(session?.set?.['interim_count'])
    const counts = noted === undefined ? [session?.set] : [noted, set]
    const stated = counts.map((count) => count?.['expected_closing_amount'])
    const other = stated.find((amount) => typeof amount === 'string' && Number(toCents(amount)) !== running.cash)
    if (typeof other !== 'string') return
    const facts = expectedFacts({ stated: other, counted: centsText(running.cash) })
    this.#findings.add('session_cash_differs', seq, { register: running.register, at, ...facts })
  }
}
