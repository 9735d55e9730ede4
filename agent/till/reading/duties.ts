import type { AuthorityMode } from '../../../drivers/ports/authority.ts'
import { confirmationOf } from '../../journal/confirmed-tasks.ts'
import { merchantIds, merchantsByDevice } from '../../journal/documents/merchants.ts'
import type { ConfirmedBy, DutyProgress } from '../../journal/documents/records.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Duty, Task } from '../../laws/law.ts'
import { progressOf } from '../duty-records.ts'

/** A duty as it is listed. In a trial (`T`) nothing is fulfilled: a confirmed one stays open. */
export type ListedDuty = Pick<Task, 'id' | 'kind' | 'law' | 'authority' | 'title' | 'why' | 'due' | 'instructions'> & {
  readonly merchant_id: string | null
  readonly location_id: string | null
  readonly register_id: string | null
  readonly device_id: string | null
  readonly not_before: null
  readonly way: 'manual' | 'automatic'
  readonly mode: AuthorityMode | null
  readonly state: 'due' | DutyProgress['state']
  /** False for one that the law no longer wants. */
  readonly open: boolean
  readonly reason: string | null
  readonly message: string | null
  readonly attempts: number
  /** RFC 3339. */
  readonly confirmed_at: string | null
  readonly confirmed_by: 'person' | ConfirmedBy | null
  /** The reason of the confirmation. */
  readonly note: string | null
}

export type DutyListing = {
  /** Those of the laws and of the agent, confirmed or not. */
  readonly duties: () => readonly Duty[]
  /** The mode of the client that does those with an act; undefined without one. */
  readonly authorityMode: AuthorityMode | undefined
  /** The devices that can sign for a register of that device, itself first. */
  readonly unitsOf: (device: string) => readonly string[]
}

/** All duties, those that are confirmed too, by due date and id. */
export function listedDuties(view: View, { duties, authorityMode, unitsOf }: DutyListing): ListedDuty[] {
  const places = new Places(view, unitsOf)
  return duties()
    .map(({ task, act }) => listed(view, task, places, act === undefined ? null : (authorityMode ?? null)))
    .sort(byDue)
}

/** How many duties each law has in each state; `none`: of no law. */
export function dutyCounts(duties: readonly ListedDuty[]): readonly DutyCount[] {
  const counts = new Map<string, DutyCount>()
  for (const { law, state } of duties) {
    const one = { law: law ?? 'none', state }
    const name = `${one.law} ${state}`
    counts.set(name, { ...one, count: (counts.get(name)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

export type DutyCount = { readonly law: string; readonly state: ListedDuty['state']; readonly count: number }

function byDue(one: ListedDuty, other: ListedDuty): number {
  const [left, right] = [`${one.due} ${one.id}`, `${other.due} ${other.id}`]
  return left < right ? -1 : left > right ? 1 : 0
}

function listed(view: View, task: Task, places: Places, mode: AuthorityMode | null): ListedDuty {
  const { id, kind, law, authority, title, why, due, instructions } = task
  const progress = mode === null ? undefined : progressOf(view, id, mode)
  return {
    ...{ id, kind, law, authority, title, why, ...places.of(task) },
    ...{ device_id: task.device_id ?? null, not_before: null, due },
    ...{ way: mode === null ? 'manual' : 'automatic', mode, ...stateOf(view, id, mode) },
    ...{ reason: progress?.reason ?? null, message: progress?.message ?? null, attempts: progress?.attempts ?? 0 },
    instructions,
  }
}

/** A confirmation counts in each mode if a person made it, and that of the authority in production. */
function stateOf(
  view: View,
  id: string,
  mode: AuthorityMode | null,
): Pick<ListedDuty, 'state' | 'open' | 'confirmed_at' | 'confirmed_by' | 'note'> {
  const op = confirmationOf(id)
  const confirmed = view.confirmedTask(op)?.shown
  if (confirmed !== undefined && (mode !== 'T' || confirmed.by === undefined))
    return {
      ...{ state: 'confirmed', open: false, confirmed_at: view.eventsOf(op)[0]?.at ?? null },
      ...{ confirmed_by: confirmed.by ?? 'person', note: confirmed.reason ?? null },
    }
  const {
    state = 'due',
    confirmed_at = null,
    confirmed_by = null,
  } = (mode === null ? undefined : progressOf(view, id, mode)) ?? {}
  return { state, open: true, confirmed_at, confirmed_by, note: null }
}

type Place = Pick<ListedDuty, 'merchant_id' | 'location_id' | 'register_id'>

/**
 * The merchant of a task: that of its register; of a device the only one whose registers may sign with it, else the only
 * one.
 */
export class Places {
  readonly #view: View
  readonly #unitsOf: DutyListing['unitsOf']
  #byDevice: ReturnType<typeof merchantsByDevice> | undefined

  constructor(view: View, unitsOf: DutyListing['unitsOf']) {
    this.#view = view
    this.#unitsOf = unitsOf
  }

  of({ register_id: register, device_id: device }: Task): Place {
    const shown = register === undefined ? undefined : this.#view.register(register)?.shown
    if (register !== undefined && shown !== undefined)
      return { merchant_id: shown.merchant_id, location_id: shown.location_id, register_id: register }
    const merchant = device === undefined ? null : this.#merchantOf(device)
    return { merchant_id: merchant, location_id: null, register_id: register ?? null }
  }

  /** A unit is enrolled before a register uses it. */
  #merchantOf(device: string): string | null {
    this.#byDevice ??= merchantsByDevice(this.#view, this.#unitsOf)
    const [merchant, ...others] = this.#byDevice.get(device) ?? merchantIds(this.#view)
    return others.length > 0 ? null : (merchant ?? null)
  }
}
