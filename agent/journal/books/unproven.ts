import { membersIn, textIn } from '../checked.ts'
import { partsOf } from '../documents/parts.ts'
import { serialOfUnit, unitId } from '../documents/records.ts'
import type { EventBody, Members } from '../events.ts'
import { ForeignRates } from './foreign-rates.ts'
import type { OutsideAct } from './unsold-acts.ts'
import type { Paid } from './unsold-members.ts'

type Noted = { readonly kind: string; readonly op: string }
type Completed = {
  readonly seq: number
  readonly register: string
  readonly bon: string
  readonly operation: string
  readonly at: string
}

/** A time in which a shop entered sales in its emergency register. `cents`: with the entries that were taken back. */
export type EmergencyEntries = {
  readonly id: string
  readonly serial: string
  readonly device: string
  readonly reason: string
  readonly openedAt: string
  /** Undefined while it is open. */
  readonly closedAt: string | undefined
  /** It was opened although another printer of the shop worked; not recorded by earlier versions. */
  readonly isBesideOther: boolean
  readonly count: number
  readonly cents: bigint
}

export type ActSum = { readonly count: number; readonly cents: bigint }

/**
 * Facts that only the journal has, of the operations of a range: entries of emergency registers, sales without a
 * document, and the value of foreign cash. From the marks of all events.
 */
export class Unproven {
  readonly rates = new ForeignRates()
  readonly #emergencies = new Map<string, { serial: string; members: Members }>()
  readonly #entries = new Map<string, ActSum>()
  #undocumented: ActSum = { count: 0, cents: 0n }

  note({ kind, op }: Noted, body: EventBody): void {
    this.rates.note(kind, op, body)
    if (!op.startsWith(unitId(''))) return
    const { emergencies } = partsOf(body).shown
    for (const each of Array.isArray(emergencies) ? emergencies : []) {
      const members = membersIn(each) ?? {}
      this.#emergencies.set(String(members['id']), { serial: serialOfUnit(op), members: members as Members })
    }
  }

  /** An operation of the range with payments, and the act outside of printed documents that it is. */
  completed(where: Completed, total: bigint, payments: readonly Paid[], outside: OutsideAct | undefined): void {
    this.rates.paid(where, payments)
    if (outside?.kind === 'undocumented') this.#undocumented = withOne(this.#undocumented, total)
    if (outside?.kind !== 'entry') return
    this.#entries.set(outside.emergency, withOne(this.#entries.get(outside.emergency) ?? NONE, total))
  }

  get undocumented(): ActSum {
    return this.#undocumented
  }

  /** The oldest first. */
  emergencies(): EmergencyEntries[] {
    const all = [...this.#emergencies].map(([id, { serial, members }]): EmergencyEntries => {
      const text = (name: string): string => textIn(members[name]) ?? '?'
      return {
        ...{ id, serial, device: text('device'), reason: text('reason'), openedAt: text('opened_at') },
        closedAt: textIn(members['closed_at']),
        isBesideOther: members['with_other_rt'] === true,
        ...(this.#entries.get(id) ?? NONE),
      }
    })
    return all.sort((one, other) => (one.openedAt < other.openedAt ? -1 : 1))
  }
}

const NONE: ActSum = { count: 0, cents: 0n }

function withOne({ count, cents }: ActSum, total: bigint): ActSum {
  return { count: count + 1, cents: cents + total }
}
