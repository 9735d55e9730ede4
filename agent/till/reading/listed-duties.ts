import { parseRfc3339 } from '../../../base/clock.ts'
import type { Authority, AuthorityAccount, AuthorityMode, RefusedLogin } from '../../../drivers/ports/authority.ts'
import { confirmationOf } from '../../journal/confirmed-tasks.ts'
import { merchantIds, merchantsByDevice } from '../../journal/documents/merchants.ts'
import type { ConfirmedBy, DutyProgress, DutyRecord } from '../../journal/documents/records.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Duty, DutyMerchant, Task } from '../../laws/duty.ts'
import type { InParts } from '../../laws/law.ts'
import type { WaitsFor } from '../duty-order.ts'
import { DutyOrder } from '../duty-order.ts'
import { credentialsDutyOf, dutyId, isCredentialsDuty, progressOf } from '../duty-records.ts'
import { isServedBy, merchantsIn } from '../served-accounts.ts'

/** A duty as it is listed, without its steps. In a trial (`T`) nothing is fulfilled: a confirmed one stays open. */
export type ListedDuty = Pick<
  Task,
  'id' | 'kind' | 'regime' | 'authority' | 'title' | 'why' | 'due' | 'instructions'
> & {
  readonly merchant_id: string | null
  readonly location_id: string | null
  readonly register_id: string | null
  readonly device_id: string | null
  readonly not_before: string | null
  readonly way: 'manual' | 'automatic'
  readonly mode: AuthorityMode | null
  readonly state: 'due' | 'withdrawn' | DutyProgress['state']
  /** False for one that the law no longer wants. */
  readonly open: boolean
  readonly reason: string | null
  readonly message: string | null
  readonly waits_for: WaitsFor | null
  readonly attempts: number
  /** RFC 3339. */
  readonly next_try_at: string | null
  readonly confirmed_at: string | null
  readonly confirmed_by: 'person' | ConfirmedBy | null
  /** The host that answered for the office, if it was not its own. */
  readonly relay: string | null
  /** The reason of the confirmation. */
  readonly note: string | null
}

/** A duty that a person sees as a task. */
export type OpenTask = Pick<
  ListedDuty,
  'id' | 'kind' | 'title' | 'due' | 'authority' | 'device_id' | 'register_id' | 'location_id'
>

/** Refused credentials are an alarm instead. */
export function openTasksIn(duties: readonly ListedDuty[]): readonly OpenTask[] {
  return duties.filter(({ id, open }) => open && !isCredentialsDuty(id))
}

export type DutyListing = {
  /** Its client does those with an act; undefined without one. */
  readonly authority: Authority | undefined
  /** The devices that can sign for a register of that device, itself first. */
  readonly unitsOf: (device: string) => readonly string[]
}

export type DutyCount = { readonly regime: string; readonly state: ListedDuty['state']; readonly count: number }

/** How many duties each law has in each state; `none`: of no law. */
export function dutyCounts(duties: readonly ListedDuty[]): readonly DutyCount[] {
  const counts = new Map<string, DutyCount>()
  for (const { regime: law, state } of duties) {
    const one = { regime: law ?? 'none', state }
    const name = `${one.regime} ${state}`
    counts.set(name, { ...one, count: (counts.get(name)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

/** By due date and id: the order of the list. */
export function byDue(one: Pick<ListedDuty, 'due' | 'id'>, other: Pick<ListedDuty, 'due' | 'id'>): number {
  if (one.due !== other.due) return one.due < other.due ? -1 : 1
  return one.id < other.id ? -1 : Number(one.id > other.id)
}

/** Reads only those that have events: most duties have no event. */
type Reader = Pick<View, 'duty' | 'confirmedTask' | 'eventsOf'>

function readerOf(view: View): { reader: Reader; worked: readonly string[] } {
  const worked = view.firstOf(dutyId('')).map(({ op }) => op)
  const [duties, confirmed] = [new Set(worked), new Set(view.firstOf(confirmationOf('')).map(({ op }) => op))]
  return {
    worked,
    reader: {
      duty: (id) => (duties.has(id) ? view.duty(id) : undefined),
      confirmedTask: (id) => (confirmed.has(id) ? view.confirmedTask(id) : undefined),
      eventsOf: (id) => view.eventsOf(id),
    },
  }
}

/** An account with its present files. `refused`: why they are not tried. */
export type AccountNow = { readonly refused: RefusedLogin | undefined; readonly print: string | undefined }

type Around = {
  readonly accounts: ReadonlyMap<AuthorityAccount, AccountNow>
  readonly nowMs: number
  /** Calendar date. */
  readonly today: string
}

/** Lists all duties, confirmed and withdrawn ones too, in the order of the laws. */
export class DutyLister {
  readonly #reader: Reader
  readonly #worked: readonly string[]
  readonly #listing: DutyListing
  readonly #around: Around
  readonly #merchants: number
  readonly #places: Places
  readonly #order: DutyOrder | undefined

  constructor(view: View, listing: DutyListing, duties: readonly Duty[], around: Around) {
    const { reader, worked } = readerOf(view)
    const { authority, unitsOf } = listing
    this.#reader = reader
    this.#worked = worked
    this.#listing = listing
    this.#around = around
    this.#merchants = merchantsIn(duties)
    this.#places = new Places(view, unitsOf, merchantsOfUnits(duties))
    this.#order = authority && new DutyOrder(reader, authority.mode)
  }

  /** The duties of the list, then those that it no longer names. */
  *all(duties: readonly Duty[]): InParts<ListedDuty> {
    for (const duty of duties) yield this.#listed(duty)
    yield* this.#former(new Set(duties.map(({ task }) => task.id)))
  }

  #listed(duty: Duty): ListedDuty {
    const { task, act } = duty
    const account = this.#accountOf(duty)
    const { authority } = this.#listing
    // Without a merchant, or among several, no account serves it yet.
    const isAutomatic = account !== undefined || typeof act?.merchant === 'string'
    const mode = isAutomatic && authority !== undefined ? authority.mode : null
    const { instructions } = task
    const confirmed = confirmationIn(this.#reader, task.id, mode)
    if (confirmed !== undefined) return { ...this.#about(task), ...wayOf(mode), ...confirmed, instructions }
    const waits = mode === null ? this.#dateOf(task) : this.#waitsFor(duty, account)
    const progress = mode === null ? undefined : progressOf(this.#reader, task.id, mode)
    const state = openState(progress, waits, mode, this.#around.nowMs)
    return { ...this.#about(task), ...wayOf(mode), ...state, instructions }
  }

  /** Duties with events that the law no longer names: they are listed as they were when they were first sent. */
  *#former(listed: ReadonlySet<string>): InParts<ListedDuty> {
    const mode = this.#listing.authority?.mode ?? 'P'
    for (const op of this.#worked) {
      // Before it is read: nearly all are listed.
      if (!listed.has(op.slice(dutyId('').length))) yield this.#withdrawn(op, mode)
    }
  }

  #withdrawn(op: string, mode: AuthorityMode): ListedDuty | undefined {
    const { id, duty: task, [mode]: progress } = this.#reader.duty(op)?.shown ?? NO_RECORD
    if (task === undefined || progress === undefined) return undefined
    const confirmed = confirmationIn(this.#reader, id, mode)
    const isOver = confirmed !== undefined && !confirmed.open
    const state = isOver ? confirmed : withdrawn(progress)
    return { ...this.#about({ ...task, id }), ...wayOf(mode), ...state, instructions: [] }
  }

  #accountOf({ act }: Duty): AuthorityAccount | undefined {
    if (act === undefined) return undefined
    return this.#listing.authority?.accounts.find((account) => isServedBy(account, act.merchant, this.#merchants))
  }

  #waitsFor({ task, act }: Duty, account: AuthorityAccount | undefined): WaitsFor | undefined {
    if (act === undefined) return undefined
    const now = account && this.#around.accounts.get(account)
    const block = this.#order?.blockOf({ task, act }, now?.print)
    if (act.merchant === 'none') return { kind: 'merchant' }
    if (typeof act.merchant === 'string') return { kind: 'person' }
    if (now?.refused !== undefined) return { kind: 'credentials', id: credentialsDutyOf(act.merchant) }
    return block
  }

  #dateOf({ not_before: date }: Task): WaitsFor | undefined {
    return date !== undefined && date > this.#around.today ? { kind: 'date', id: date } : undefined
  }

  #about(task: Omit<Task, 'instructions'>) {
    const { id, kind, regime, authority, title, why, due } = task
    return {
      ...{ id, kind, regime, authority, title, why, ...this.#places.of(task) },
      ...{ device_id: task.device_id ?? null, not_before: task.not_before ?? null, due },
    }
  }
}

const NO_RECORD: DutyRecord = { id: '' }

function wayOf(mode: AuthorityMode | null): Pick<ListedDuty, 'way' | 'mode'> {
  return { way: mode === null ? 'manual' : 'automatic', mode }
}

type State = Pick<
  ListedDuty,
  | 'state'
  | 'open'
  | 'reason'
  | 'message'
  | 'waits_for'
  | 'attempts'
  | 'next_try_at'
  | 'confirmed_at'
  | 'confirmed_by'
  | 'relay'
  | 'note'
>

const AT_REST: Omit<State, 'state' | 'open' | 'attempts'> = {
  ...{ reason: null, message: null, waits_for: null, next_try_at: null },
  ...{ confirmed_at: null, confirmed_by: null, relay: null, note: null },
}

/** A confirmation counts in each mode if a person made it, and that of the authority in production. */
function confirmationIn(reader: Reader, id: string, mode: AuthorityMode | null): State | undefined {
  const op = confirmationOf(id)
  const confirmed = reader.confirmedTask(op)?.shown
  const progress = mode === null ? undefined : progressOf(reader, id, mode)
  const attempts = progress?.attempts ?? 0
  if (confirmed !== undefined && (mode !== 'T' || confirmed.by === undefined)) {
    const at = reader.eventsOf(op)[0]?.at ?? null
    return {
      ...{ ...AT_REST, state: 'confirmed', open: false, attempts, confirmed_at: at },
      ...{ confirmed_by: confirmed.by ?? 'person', relay: confirmed.relay ?? null, note: confirmed.reason ?? null },
    }
  }
  if (progress?.state !== 'confirmed') return undefined
  const { confirmed_at = null, confirmed_by = null, relay = null } = progress
  return { ...AT_REST, state: 'confirmed', open: true, attempts, confirmed_at, confirmed_by, relay }
}

function openState(
  progress: DutyProgress | undefined,
  waits: WaitsFor | undefined,
  mode: AuthorityMode | null,
  nowMs: number,
): State {
  const { state = 'queued', attempts = 0, reason, message, next_try_at: next } = progress ?? {}
  const common: Omit<State, 'state'> = { ...AT_REST, open: true, attempts, waits_for: waits ?? null }
  // A refused one whose facts have changed is sent again.
  const isSettled = state === 'unclear' || (state === 'refused' && waits?.kind === 'person')
  if (isSettled || state === 'sent') return { ...common, state, reason: reason ?? null, message: message ?? null }
  if (mode === null || waits !== undefined) return { ...common, state: 'due' }
  if (state !== 'queued') return { ...common, state: 'queued' }
  const isAhead = next !== undefined && (parseRfc3339(next) ?? 0) > nowMs
  return { ...common, state, message: message ?? null, next_try_at: isAhead ? next : null }
}

function withdrawn({ attempts, reason, message }: DutyProgress): State {
  const words = { reason: reason ?? null, message: message ?? null }
  return { ...AT_REST, state: 'withdrawn', open: false, attempts, ...words }
}

type Place = Pick<ListedDuty, 'merchant_id' | 'location_id' | 'register_id'>

/** As their law has them: a unit that no register uses belongs to the only merchant of its country. */
function merchantsOfUnits(duties: readonly Duty[]): ReadonlyMap<string, DutyMerchant> {
  return new Map(
    duties.flatMap(({ task: { device_id: device }, act }) =>
      act === undefined || device === undefined ? [] : [[device, act.merchant] as const],
    ),
  )
}

/**
 * The merchant of a task: that of its register or location; of a device the one of `ofUnits`, else the only one whose
 * registers may sign with it, else the only one.
 */
export class Places {
  readonly #view: View
  readonly #unitsOf: DutyListing['unitsOf']
  readonly #ofUnits: ReadonlyMap<string, DutyMerchant>
  #byDevice: ReturnType<typeof merchantsByDevice> | undefined

  constructor(view: View, unitsOf: DutyListing['unitsOf'], ofUnits: ReadonlyMap<string, DutyMerchant> = new Map()) {
    this.#view = view
    this.#unitsOf = unitsOf
    this.#ofUnits = ofUnits
  }

  of({
    location_id: location,
    register_id: register,
    device_id: device,
  }: Pick<Task, 'location_id' | 'register_id' | 'device_id'>): Place {
    const shown = register === undefined ? undefined : this.#view.register(register)?.shown
    if (register !== undefined && shown !== undefined)
      return { merchant_id: shown.merchant_id, location_id: shown.location_id, register_id: register }
    const place = location === undefined ? undefined : this.#view.location(location)?.shown
    if (place !== undefined) return { merchant_id: place.merchant_id, location_id: place.id, register_id: null }
    const merchant = device === undefined ? null : this.#merchantOf(device)
    return { merchant_id: merchant, location_id: null, register_id: register ?? null }
  }

  /** A unit is enrolled before a register uses it. */
  #merchantOf(device: string): string | null {
    const ofLaw = this.#ofUnits.get(device)
    if (ofLaw !== undefined) return typeof ofLaw === 'string' ? null : (ofLaw[0] ?? null)
    this.#byDevice ??= merchantsByDevice(this.#view, this.#unitsOf)
    const [merchant, ...others] = this.#byDevice.get(device) ?? merchantIds(this.#view)
    return others.length > 0 ? null : (merchant ?? null)
  }
}
