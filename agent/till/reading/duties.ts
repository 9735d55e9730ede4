import { confirmationOf } from '../../journal/confirmed-tasks.ts'
import { registerIds } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../../laws/law.ts'

/** A duty as it is listed. No client does it: a person confirms it. */
export type ListedDuty = Pick<Task, 'id' | 'kind' | 'law' | 'authority' | 'title' | 'why' | 'due' | 'instructions'> & {
  readonly merchant_id: string | null
  readonly location_id: string | null
  readonly register_id: string | null
  readonly device_id: string | null
  readonly not_before: null
  readonly way: 'manual'
  readonly mode: null
  readonly state: 'due' | 'confirmed'
  /** False for one that the law no longer wants. */
  readonly open: boolean
  readonly reason: null
  readonly message: null
  readonly waits_for: null
  readonly attempts: 0
  readonly next_try_at: null
  /** RFC 3339. */
  readonly confirmed_at: string | null
  readonly confirmed_by: 'person' | null
  /** The reason of the confirmation. */
  readonly note: string | null
  readonly steps: readonly []
}

/** All duties, those that are confirmed too, by due date and id. */
export function listedDuties(view: View, tasks: readonly Task[]): ListedDuty[] {
  const places = new Places(view)
  return tasks.map((task) => listed(view, task, places)).sort(byDue)
}

function byDue(one: ListedDuty, other: ListedDuty): number {
  const [left, right] = [`${one.due} ${one.id}`, `${other.due} ${other.id}`]
  return left < right ? -1 : left > right ? 1 : 0
}

function listed(view: View, task: Task, places: Places): ListedDuty {
  const op = confirmationOf(task.id)
  const confirmed = view.confirmedTask(op)?.shown
  const { id, kind, law, authority, title, why, due, instructions } = task
  return {
    ...{ id, kind, law, authority, title, why, ...places.of(task) },
    ...{ device_id: task.device_id ?? null, not_before: null, due, way: 'manual', mode: null },
    ...{ state: confirmed === undefined ? 'due' : 'confirmed', open: confirmed === undefined },
    ...{ reason: null, message: null, waits_for: null, attempts: 0, next_try_at: null },
    confirmed_at: confirmed === undefined ? null : (view.eventsOf(op)[0]?.at ?? null),
    confirmed_by: confirmed === undefined ? null : 'person',
    ...{ note: confirmed?.reason ?? null, steps: [], instructions },
  }
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
