import { canonicalJson } from '../../../base/canonical.ts'
import { toCents } from '../../../base/money.ts'
import { sha256 } from '../../../base/sha256.ts'
import { sessionAfter } from '../documents/document.ts'
import { UNPAID } from '../documents/kind.ts'
import type { ChainMembers, EventBody, OrdersMark, SessionSales } from '../events.ts'
import { ProjectionConflict } from '../projections/conflict.ts'
import { withForeign } from './foreign-cash.ts'
import { beyondOpen, LocationOrders } from './location-orders.ts'
import type { OpenLines } from './open-lines.ts'
import type { KeyBook, KnownTarget, Maps, OpenIntent, RegisterBook, RunningSession } from './state-maps.ts'
import { copiedMaps, emptyMaps, placeOf, readMaps, writtenMaps } from './state-maps.ts'

const NO_BOOK: RegisterBook = { receipt: 0, closed: 0, session: null, chain: null }

/**
 * The facts for the next sale after the events so far: numbers, cash, chains, keys, devices, open intents. Folded from
 * the marks of the events only, never read from a table, which root can edit. Small: it grows with registers and keys.
 */
export class BookState {
  #maps: Maps = emptyMaps()

  /** Throws ProjectionConflict for an event that does not follow from those before it. */
  check({ receipt, aside, orders }: EventBody): void {
    if (receipt !== undefined) {
      const { register, number } = receipt
      if (!Number.isSafeInteger(number) || number < this.nextReceipt(register))
        throw new ProjectionConflict(`receipt ${number} of ${register} is not its next`)
    }
    if (aside !== undefined && !this.isNext(aside))
      throw new ProjectionConflict(`the numbers ${aside.from} to ${aside.to} of ${aside.register} are not its next`)
    if (orders !== undefined) this.#checkOrders(orders)
  }

  /** True if the numbers follow the last one that was given or set aside. */
  isNext({ register, kind, from, to }: NonNullable<EventBody['aside']>): boolean {
    const next = kind === 'bon' ? this.nextReceipt(register) : this.nextZ(register)
    return from === next && Number.isSafeInteger(to) && to >= from
  }

  /** An event was appended. */
  note(seq: number, at: string, op: string, body: EventBody): void {
    const { intents, devices } = this.#maps
    const { ref, act, enrolled, session, receipt, aside, chain, key, revoked, witness, orders } = body
    if (ref !== undefined) intents.delete(ref)
    if (act !== undefined) intents.set(seq, { seq, op, device: act.device })
    if (enrolled?.serial === null) devices.delete(enrolled.device)
    else if (enrolled !== undefined) devices.set(enrolled.device, enrolled.serial)
    if (key !== undefined) this.#issue(key, at)
    if (revoked !== undefined) this.#revoke(revoked, at)
    if (witness !== undefined) this.#witness(seq, at, witness)
    if (session !== undefined) this.#session(seq, session)
    this.#total(op, body)
    if (aside !== undefined) this.#setAside(aside)
    if (receipt !== undefined) this.#receipt(op, receipt, body.status)
    if (body.status !== undefined && body.status !== 'open') this.#maps.totals.delete(op)
    if (chain !== undefined) this.#change(chain.register, { chain: chain.state })
    if (orders !== undefined) this.#order(seq, orders)
  }

  /** The highest receipt number that a register gave; 0 before its first. */
  lastReceipt(register: string): number {
    return this.#book(register).receipt
  }

  /** After the last one, and after those that were set aside. */
  nextReceipt(register: string): number {
    const { receipt, bonFloor = 0 } = this.#book(register)
    return Math.max(receipt, bonFloor) + 1
  }

  /** Z_NR of the next closing (DSFinV-K § 4.3). */
  nextZ(register: string): number {
    const { closed, zFloor = 0 } = this.#book(register)
    return Math.max(closed, zFloor) + 1
  }

  closedSessions(register: string): number {
    return this.#book(register).closed
  }

  chainOf(register: string): ChainMembers | undefined {
    return this.#book(register).chain ?? undefined
  }

  /** The session, if it is not closed. */
  session(id: string): RunningSession | undefined {
    return this.#maps.sessions.get(id)
  }

  /** The sales of a running session; undefined if it does not run. */
  salesIn(id: string): SessionSales | undefined {
    const running = this.#maps.sessions.get(id)
    return running && { bons: running.bons, gross: running.gross }
  }

  sessionOf(register: string): RunningSession | undefined {
    const { session } = this.#book(register)
    return session === null ? undefined : this.#maps.sessions.get(session)
  }

  sessions(): Iterable<RunningSession> {
    return this.#maps.sessions.values()
  }

  registers(): Iterable<string> {
    return this.#maps.registers.keys()
  }

  /** The order lines of a location that are not settled; undefined without any. */
  openLines(location: string): OpenLines | undefined {
    return this.#maps.orders.get(location)
  }

  /** The locations with such lines. */
  openLocations(): string[] {
    return [...this.#maps.orders.keys()]
  }

  key(id: string): KeyBook | undefined {
    return this.#maps.keys.get(id)
  }

  /** The oldest first. */
  keys(): KeyBook[] {
    return [...this.#maps.keys.values()]
  }

  serialOf(device: string): string | undefined {
    return this.#maps.devices.get(device)
  }

  enrolments(): { device: string; serial: string }[] {
    return [...this.#maps.devices].map(([device, serial]) => ({ device, serial })).sort(byDevice)
  }

  /** Every target that has acknowledged events, by address, in the order of their first events. */
  targets(): KnownTarget[] {
    return [...this.#maps.targets.values()]
  }

  /** In the order of their events. */
  intents(): OpenIntent[] {
    return [...this.#maps.intents.values()]
  }

  /** True for the intent of an act whose outcome is not known yet. */
  isOpen(seq: number): boolean {
    return this.#maps.intents.has(seq)
  }

  intentsOf(op: string): OpenIntent[] {
    const intents: OpenIntent[] = []
    for (const intent of this.#maps.intents.values()) if (intent.op === op) intents.push(intent)
    return intents
  }

  /** A copy for {@link restore}: a savepoint may roll events back. */
  saved(): Maps {
    return copiedMaps(this.#maps)
  }

  restore(saved: Maps): void {
    this.#maps = saved
  }

  /** RFC 8785: the same events give the same bytes. */
  toJson(): string {
    return canonicalJson(writtenMaps(this.#maps))
  }

  /** Reads a text that {@link toJson} made. */
  static from(json: string): BookState {
    const state = new BookState()
    state.#maps = readMaps(JSON.parse(json) as ReturnType<typeof writtenMaps>)
    return state
  }

  #checkOrders(mark: OrdersMark): void {
    const [beyond] = beyondOpen(this.#maps.orders.get(mark.location), mark)
    if (beyond !== undefined) throw new ProjectionConflict(`${beyond.quantity} of ${beyond.line} is more than is open`)
  }

  #order(seq: number, mark: OrdersMark): void {
    const { orders } = this.#maps
    const here = orders.get(mark.location) ?? new LocationOrders()
    here.note(seq, mark)
    if (here.size === 0) orders.delete(mark.location)
    else orders.set(mark.location, here)
  }

  #book(register: string): RegisterBook {
    return this.#maps.registers.get(register) ?? NO_BOOK
  }

  #change(register: string, changed: Partial<RegisterBook>): void {
    this.#maps.registers.set(register, { ...this.#book(register), ...changed })
  }

  #issue({ id, kind, register, hash, certificate }: NonNullable<EventBody['key']>, at: string): void {
    const bound = certificate === undefined ? {} : { certificate }
    this.#maps.keys.set(id, { id, kind, register: register ?? null, hash, created_at: at, revoked_at: null, ...bound })
  }

  #revoke(id: string, at: string): void {
    const key = this.#maps.keys.get(id)
    if (key !== undefined) this.#maps.keys.set(id, { ...key, revoked_at: at })
  }

  #witness(seq: number, at: string, { target, kind, address, until }: NonNullable<EventBody['witness']>): void {
    const { targets } = this.#maps
    const place = placeOf({ target, address })
    const before = targets.get(place)
    const last = until ?? (until === null && before !== undefined ? before : { seq, at })
    const removed_at = until === undefined ? null : at
    targets.set(place, { target, kind, address, seq: last.seq, at: last.at, removed_at })
  }

  #session(seq: number, mark: NonNullable<EventBody['session']>): void {
    const { id, register, set, own = {}, cash = 0 } = mark
    const { sessions } = this.#maps
    const running = sessions.get(id)
    const state = set?.['state']
    if (state === 'closed') {
      sessions.delete(id)
      this.#close(register, id, own.z_number)
    } else if (running !== undefined) {
      const doc = set === undefined ? running.doc : sessionAfter(running.doc, { set, own })
      const now = typeof state === 'string' ? state : running.state
      const held =
        mark.foreign === undefined ? running : { ...running, foreign: withForeign(running.foreign, mark.foreign) }
      sessions.set(id, { ...held, doc, state: now, cash: running.cash + cash })
    } else if (typeof state === 'string') {
      sessions.set(id, { id, seq, register, state, cash, doc: { shown: set ?? {}, own }, bons: 0, gross: 0 })
      this.#change(register, { session: id })
    }
  }

  #close(register: string, id: string, z: number | undefined): void {
    const { closed, session, zFloor = 0 } = this.#book(register)
    const floor = Math.max(z ?? 0, zFloor)
    this.#change(register, {
      closed: closed + 1,
      session: session === id ? null : session,
      ...(floor > closed + 1 && { zFloor: floor }),
    })
  }

  #setAside({ register, kind, to }: NonNullable<EventBody['aside']>): void {
    this.#change(register, kind === 'bon' ? { bonFloor: to } : { zFloor: to })
  }

  /** The event with the total of the goods comes before the one that ends their operation. Goods without payments are not sold. */
  #total(op: string, { index, set, own }: EventBody): void {
    const amount = set?.['total_amount']
    const session = index?.session ?? this.#maps.totals.get(op)?.session
    if (typeof amount !== 'string' || session === undefined || set?.['training'] === true) return
    if (own?.reverses !== undefined || (index !== undefined && Object.hasOwn(UNPAID, index.kind))) return
    if (this.#maps.sessions.has(session)) this.#maps.totals.set(op, { session, cents: Number(toCents(amount)) })
  }

  #receipt(op: string, { register, number }: NonNullable<EventBody['receipt']>, status: string | undefined): void {
    const { session } = this.#book(register)
    this.#change(register, { receipt: Math.max(number, this.lastReceipt(register)) })
    const running = session === null ? undefined : this.#maps.sessions.get(session)
    if (running === undefined) return
    const total = status === 'completed' ? this.#maps.totals.get(op) : undefined
    const gross = running.gross + (total?.session === running.id ? total.cents : 0)
    this.#maps.sessions.set(running.id, { ...running, bons: running.bons + 1, gross })
  }
}

/** The digest in the state record of the journal. */
export function digestOf(json: string): string {
  return sha256(json).toString('hex')
}

function byDevice(one: { device: string }, other: { device: string }): number {
  return one.device < other.device ? -1 : 1
}
