import { DAY_MS, parseRfc3339 } from '../../../base/clock.ts'
import type { ClaimedFacts } from '../../journal/event-facts.ts'
import type { StoredEvent } from '../../journal/events.ts'
import { factsOf } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import { asidesOf } from '../../journal/set-aside.ts'

/** Receipts that a register may have made on one day: more than any till prints (DSFinV-K § 4.3). */
const RECEIPTS_A_DAY = 1000

/** The epoch that a restore began, while later events of the shop may be missing in it. */
export type RestoredEpoch = {
  /** Its events come after this one, the newest of the backup. */
  readonly base: number
  /** True if nothing says what came after the backup: no tail, no word of a person. */
  readonly isUncertain: boolean
  /** How often the same backup was restored before. */
  readonly restoredBefore: number
  /** The last numbers on paper that a person read, by register. */
  readonly lastReceipts: ReadonlyMap<string, number>
  readonly lastClosings: ReadonlyMap<string, number>
}

/** Undefined if the newest epoch did not begin by a restore. */
export function restoredEpoch({ chains }: Pick<Journal, 'chains'>): RestoredEpoch | undefined {
  const { base, opening } = chains.at(-1) ?? {}
  if (base === undefined || opening?.reason !== 'restore') return undefined
  const {
    lost,
    events_filled: filled,
    restored_before: before = 0,
    last_receipts: receipts,
    last_closings: closings,
  } = opening
  return {
    base,
    isUncertain: lost === 'unknown' && filled === 0,
    restoredBefore: typeof before === 'number' ? before : 0,
    lastReceipts: numbersIn(receipts),
    lastClosings: numbersIn(closings),
  }
}

function numbersIn(value: ClaimedFacts<'journal.opened'>[keyof ClaimedFacts<'journal.opened'>]): Map<string, number> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

/**
 * Enough for every receipt since the newest event of the backup, by the days begun since then. Each earlier restore of it
 * began another day: the numbers of that time come after those that were set aside then.
 */
export function receiptsSince(
  { view }: Pick<Journal, 'view'>,
  { base, restoredBefore }: RestoredEpoch,
  nowMs: number,
): number {
  const newestMs = parseRfc3339(view.event(base)?.at ?? '') ?? nowMs
  return (Math.max(1, Math.ceil((nowMs - newestMs) / DAY_MS)) + restoredBefore) * RECEIPTS_A_DAY
}

/** True if numbers of that register were set aside in this epoch. */
export function hasAside({ view }: Pick<Journal, 'view'>, { base }: RestoredEpoch, register: string): boolean {
  return asidesOf(view, register).some(({ seq }) => seq > base)
}

/** True for a register of the backup that has neither given nor set aside a number in this epoch. */
export function isUntouched(journal: Pick<Journal, 'view'>, epoch: RestoredEpoch, register: string): boolean {
  const { view } = journal
  const [first] = view.nextPortionOf(register, 0)
  const [given] = view.receipts(register, view.lastReceiptNumber(register) - 1, 1)
  const isOfBackup = first !== undefined && first.seq <= epoch.base
  return isOfBackup && (given?.seq ?? 0) <= epoch.base && !hasAside(journal, epoch, register)
}

/**
 * How far a unit was taken over in this epoch: `done` names everything that it had signed, `begun` a part of it.
 */
export function takeOverOf(
  { view }: Pick<Journal, 'view'>,
  { base }: RestoredEpoch,
  device: string,
): 'none' | 'begun' | 'done' {
  let progress: 'none' | 'begun' = 'none'
  for (let after = base; ; ) {
    const events: StoredEvent[] = view.nextPortionOf(device, after)
    for (const event of events) {
      const { transactions, signature_counters: skipped } = factsOf(event, 'tse.adopted') ?? {}
      if (transactions?.length === 0 && skipped === undefined) return 'done'
      if (transactions !== undefined) progress = 'begun'
    }
    const last = events.at(-1)
    if (last === undefined) return progress
    after = last.seq
  }
}
