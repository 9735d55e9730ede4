import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import { membersIn, textIn } from '../checked.ts'
import type { EventBody, Members } from '../events.ts'
import type { TenderedAmount, UnsoldAct } from './unsold-acts.ts'
import { withRead } from './unsold-members.ts'

/** An operation until it ends. `peak`: its largest sum; `settled`: what it bills of orders, in cents of the prices on it. */
export type Begun = {
  readonly op: string
  readonly kind: string
  readonly register: string
  readonly session: string | undefined
  readonly merchant: string
  readonly isUnpaidVoid: boolean
  readonly law: string | undefined
  shown: Members
  peak: bigint
  settled: bigint
  tendered: readonly TenderedAmount[]
  /** Acts before its end, which has the number. */
  readonly unnumbered: UnsoldAct[]
}
export type End = {
  readonly begun: Begun
  readonly seq: number
  readonly at: string
  readonly atMs: number
  readonly bon: string
  readonly isOfRange: boolean
}

export function beginOf(op: string, index: NonNullable<EventBody['index']>, { set, own, law }: EventBody): Begun {
  const { kind, register = '', session, merchant = '' } = index
  const isUnpaidVoid = own?.reverses !== undefined
  const shown = withRead({}, set)
  return {
    op,
    kind,
    register,
    session,
    merchant,
    isUnpaidVoid,
    law: textIn(membersIn(law)?.['name']),
    shown,
    peak: 0n,
    settled: 0n,
    tendered: [],
    unnumbered: [],
  }
}

/** The session of an operation; outside of one, the day of its register. */
export function placeOf({ begun: { session, register }, atMs }: End): string {
  return session ?? `${register} ${localDate(atMs, SHOP_ZONE)}`
}
