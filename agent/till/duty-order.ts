import type { AuthorityMode } from '../../drivers/ports/authority.ts'
import type { View } from '../journal/projections/view.ts'
import type { Duty, DutyAct } from '../laws/duty.ts'
import { isFulfilled, progressOf, waitsForPerson } from './duty-records.ts'
import type { AutomaticDuty } from './duty-try.ts'

/** The cause that holds up a duty of a client; `id` of a duty or device, or the day. */
export type WaitsFor = {
  readonly kind: 'duty' | 'person' | 'credentials' | 'merchant' | 'certified_unit' | 'date'
  readonly id?: string
}

/** Says for each duty, in the order of their list, what holds it up: those of one unit or register follow each other. */
export class DutyOrder {
  readonly #view: Pick<View, 'duty' | 'confirmedTask'>
  readonly #mode: AuthorityMode
  /** The first duty of each subject that a client does next. */
  readonly #firsts = new Map<string, string>()

  constructor(view: Pick<View, 'duty' | 'confirmedTask'>, mode: AuthorityMode) {
    this.#view = view
    this.#mode = mode
  }

  /** For one that is not fulfilled; `account`: the print of the one that serves it. Undefined if it may be sent. */
  blockOf({ task, act }: AutomaticDuty, account?: string): WaitsFor | undefined {
    if (waitsForPerson(progressOf(this.#view, task.id, this.#mode), act, account)) return { kind: 'person' }
    const first = this.#firstBefore(task.id, act)
    if ((!act.isCertified && this.#mode === 'P') || act.needsCertified === true)
      return { kind: 'certified_unit', ...deviceOf(task) }
    const missing = this.#missing(act.after) ?? this.#missingCheck(act, first)
    return missing === undefined ? undefined : { kind: 'duty', id: missing }
  }

  /** A check without a question waits for what it names alone, and holds up nothing. */
  #firstBefore(id: string, act: DutyAct): string | undefined {
    if (act.subject === undefined) return undefined
    const subject = subjectOf(act)
    const first = this.#firsts.get(subject)
    if (first === undefined) this.#firsts.set(subject, id)
    return first
  }

  #missing(ids: readonly string[]): string | undefined {
    return ids.find((id) => !isFulfilled(this.#view, id, this.#mode))
  }

  #missingCheck({ afterUnlessRefused: checks }: DutyAct, first: string | undefined): string | undefined {
    if (checks === undefined) return first
    if (progressOf(this.#view, checks[0], this.#mode)?.state === 'refused') return undefined
    return this.#missing(checks) ?? first
  }
}

/** The same text for the duties that follow each other. */
export function subjectOf({ about }: DutyAct): string {
  return JSON.stringify(about)
}

function deviceOf({ device_id: id }: Duty['task']): { id?: string } {
  return id === undefined ? {} : { id }
}
