import type { AuthorityMode } from '../../../drivers/ports/authority.ts'
import { confirmationOf } from '../../journal/confirmed-tasks.ts'
import type { ConfirmedBy, DutyProgress } from '../../journal/documents/records.ts'
import { registerIds } from '../../journal/documents/registers.ts'
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

/** All duties, those that are confirmed too, by due date and id; `mode` of the client, undefined without one. */
export function listedDuties(view: View, duties: readonly Duty[], mode: AuthorityMode | undefined): ListedDuty[] {
  const places = new Places(view)
  const listedOne = ({ task, act }: Duty) => listed(view, task, places, act === undefined ? null : (mode ?? null))
  return duties.map(listedOne).sort(byDue)
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

/** The merchant of a task: that of its register; of a device the only one whose registers use it, else the only one. */
export class Places {
  readonly #view: View
  #merchants: Map<string, Set<string>> | undefined

  constructor(view: View) {
    this.#view = view
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
    const users = this.#byDevice().get(device) ?? this.#view.resources('merchant', {}, 0, 2).map(({ id }) => id)
    const [merchant, ...others] = users
    return others.length > 0 ? null : (merchant ?? null)
  }

  #byDevice(): Map<string, Set<string>> {
    if (this.#merchants !== undefined) return this.#merchants
    const merchants = new Map<string, Set<string>>()
    for (const id of registerIds(this.#view)) {
      const shown = this.#view.register(id)?.shown
      if (shown === undefined || shown.fiscal_device === null) continue
      merchants.set(shown.fiscal_device, (merchants.get(shown.fiscal_device) ?? new Set()).add(shown.merchant_id))
    }
    this.#merchants = merchants
    return merchants
  }
}
