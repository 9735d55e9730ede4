import { canonicalJson } from '../../../base/canonical.ts'
import { toCents } from '../../../base/money.ts'
import { sha256 } from '../../../base/sha256.ts'
import type { SessionParts } from '../documents/kinds.ts'
import { sessionAfter } from '../documents/kinds.ts'
import type { EventBody, Members, SessionSales } from '../events.ts'
import { ProjectionConflict } from '../projections/conflict.ts'

/** `session`: the running one. `closed`: the number of closed sessions. `chain`: the state of its law's chain. */
type RegisterBook = {
  readonly receipt: number
  readonly closed: number
  readonly session: string | null
  readonly chain: Members | null
  /**
   * The highest receipt number that was set aside, and the highest Z number that was given or set aside. Absent without
   * numbers set aside: the digests of older records stay.
   */
  readonly bonFloor?: number
  readonly zFloor?: number
}
export type RunningSession = SessionSales & {
  readonly id: string
  readonly seq: number
  readonly register: string
  readonly state: string
  readonly cash: number
  readonly doc: SessionParts
}
export type KeyBook = {
  readonly id: string
  readonly kind: string
  readonly register: string | null
  readonly hash: string
  readonly created_at: string
  readonly revoked_at: string | null
  /** Absent, not null, if the key is bound to no certificate: the digests of older records stay. */
  readonly certificate?: string
}
export type OpenIntent = { readonly seq: number; readonly op: string; readonly device: string }
/**
 * A target that has acknowledged events at an address: `at` and `seq` of its last event in the journal. `removed_at`:
 * when it was removed from the configuration.
 */
export type KnownTarget = {
  readonly target: string
  readonly kind: string
  readonly address: string
  readonly seq: number
  readonly at: string
  readonly removed_at: string | null
}

/** Goods whose operation has not ended: their session, and their total in cents. */
type OpenTotal = { readonly session: string; readonly cents: number }

const NO_BOOK: RegisterBook = { receipt: 0, closed: 0, session: null, chain: null }

type Maps = {
  readonly registers: Map<string, RegisterBook>
  readonly sessions: Map<string, RunningSession>
  readonly keys: Map<string, KeyBook>
  readonly devices: Map<string, string>
  readonly intents: Map<number, OpenIntent>
  readonly totals: Map<string, OpenTotal>
  readonly targets: Map<string, KnownTarget>
}

/**
 * The facts for the next sale after the events so far: numbers, cash, chains, keys, devices, open intents. Folded from
 * the marks of the events only, never read from a table, which root can edit. Small: it grows with registers and keys.
 */
export class BookState {
  #maps: Maps = emptyMaps()

  /** Throws ProjectionConflict for an event that does not follow from those before it. */
  check({ receipt, aside }: EventBody): void {
    if (receipt !== undefined) {
      const { register, number } = receipt
      if (!Number.isSafeInteger(number) || number < this.nextReceipt(register))
        throw new ProjectionConflict(`receipt ${number} of ${register} is not its next`)
    }
    if (aside !== undefined && !this.isNext(aside))
      throw new ProjectionConflict(`the numbers ${aside.from} to ${aside.to} of ${aside.register} are not its next`)
  }

  /** True if the numbers follow the last one that was given or set aside. */
  isNext({ register, kind, from, to }: NonNullable<EventBody['aside']>): boolean {
    const next = kind === 'bon' ? this.nextReceipt(register) : this.nextZ(register)
    return from === next && Number.isSafeInteger(to) && to >= from
  }

  /** An event was appended. */
  note(seq: number, at: string, op: string, body: EventBody): void {
    const { intents, devices } = this.#maps
    const { ref, act, enrolled, session, receipt, aside, chain, key, revoked, witness } = body
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

  chainOf(register: string): Members | undefined {
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
    const found: OpenIntent[] = []
    for (const intent of this.#maps.intents.values()) if (intent.op === op) found.push(intent)
    return found
  }

  /** A copy for {@link restore}: a savepoint may roll events back. */
  saved(): Maps {
    const { registers, sessions, keys, devices, intents, totals, targets } = this.#maps
    return {
      registers: new Map(registers),
      sessions: new Map(sessions),
      keys: new Map(keys),
      devices: new Map(devices),
      intents: new Map(intents),
      totals: new Map(totals),
      targets: new Map(targets),
    }
  }

  restore(saved: Maps): void {
    this.#maps = saved
  }

  /** RFC 8785: the same events give the same bytes. */
  toJson(): string {
    const { registers, sessions, keys, devices, intents, totals, targets } = this.#maps
    return canonicalJson({
      registers: Object.fromEntries(registers),
      sessions: Object.fromEntries(sessions),
      keys: [...keys.values()],
      devices: Object.fromEntries(devices),
      intents: [...intents.values()],
      totals: Object.fromEntries(totals),
      targets: [...targets.values()],
    })
  }

  /** Reads a text that {@link toJson} made. */
  static from(json: string): BookState {
    const written = JSON.parse(json) as Written
    const state = new BookState()
    state.#maps = {
      registers: new Map(Object.entries(written.registers)),
      sessions: new Map(Object.entries(written.sessions)),
      keys: new Map(written.keys.map((key) => [key.id, key])),
      devices: new Map(Object.entries(written.devices)),
      intents: new Map(written.intents.map((intent) => [intent.seq, intent])),
      totals: new Map(Object.entries(written.totals)),
      targets: new Map(written.targets.map((known) => [placeOf(known), known])),
    }
    return state
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

  #session(seq: number, { id, register, set, own = {}, cash = 0 }: NonNullable<EventBody['session']>): void {
    const { sessions } = this.#maps
    const running = sessions.get(id)
    const state = set?.['state']
    if (state === 'closed') {
      sessions.delete(id)
      this.#close(register, id, own.zNumber)
    } else if (running !== undefined) {
      const doc = set === undefined ? running.doc : sessionAfter(running.doc, { set, own })
      const now = typeof state === 'string' ? state : running.state
      sessions.set(id, { ...running, doc, state: now, cash: running.cash + cash })
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

  /** The event with the total of the goods comes before the one that ends their operation. */
  #total(op: string, { index, set }: EventBody): void {
    const amount = set?.['total_amount']
    const session = index?.session ?? this.#maps.totals.get(op)?.session
    if (typeof amount !== 'string' || session === undefined || set?.['training'] === true) return
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

type Written = {
  registers: Record<string, RegisterBook>
  sessions: Record<string, RunningSession>
  keys: KeyBook[]
  devices: Record<string, string>
  intents: OpenIntent[]
  totals: Record<string, OpenTotal>
  targets: KnownTarget[]
}

/** The digest in the state record of the journal. */
export function digestOf(json: string): string {
  return sha256(json).toString('hex')
}

function emptyMaps(): Maps {
  return {
    registers: new Map(),
    sessions: new Map(),
    keys: new Map(),
    devices: new Map(),
    intents: new Map(),
    totals: new Map(),
    targets: new Map(),
  }
}

/** Name and address identify a target: the same name at another address is another copy. */
export function placeOf({ target, address }: Pick<KnownTarget, 'target' | 'address'>): string {
  return `${target} ${address}`
}

function byDevice(one: { device: string }, other: { device: string }): number {
  return one.device < other.device ? -1 : 1
}
