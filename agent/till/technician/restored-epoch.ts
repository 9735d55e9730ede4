import { DAY_MS } from '../../../base/clock.ts'
import { numberIn } from '../../journal/checked.ts'
import type { ClaimedFacts } from '../../journal/event-facts.ts'
import type { StoredEvent } from '../../journal/events.ts'
import { factsOf } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Aside } from '../../journal/set-aside.ts'
import { asidesOf, firstAfter } from '../../journal/set-aside.ts'

/** Receipts that a register may have made on one day: more than any till prints (DSFinV-K § 4.3). */
const NUMBERS_A_DAY = 1000
/** If no clock says how long ago the newest event was. */
const DAYS_UNKNOWN = 30

/** The newest epoch, before which events of the shop may be missing. */
export type Loss = {
  /** Its events come after this one. */
  readonly base: number
  /** The newest event that was not lost: those after it, up to `base`, were written before anything showed the loss. */
  readonly kept: number
  /** How many events or receipts after `kept` a target or a TSE showed. */
  readonly shown: number
  /** False if the state was put back. */
  readonly isRestore: boolean
  /** True unless the first restore of a final backup, or a person, says that nothing followed. */
  readonly isUncertain: boolean
  /** True if later events were restored, too: then no start waits for a unit. */
  readonly hasTail: boolean
  /** How often the same backup was restored before. */
  readonly restoredBefore: number
  /** The last numbers on paper that a person read, by register. */
  readonly lastReceipts: ReadonlyMap<string, number>
  readonly lastClosings: ReadonlyMap<string, number>
}

/** Undefined if the newest epoch began neither by a restore nor because the state was put back. */
export function newestLoss({ chains }: Pick<Journal, 'chains'>): Loss | undefined {
  const { base, opening } = chains.at(-1) ?? {}
  const isRestore = opening?.reason === 'restore'
  if (base === undefined || !(isRestore || opening?.reason === 'rollback' || opening?.reason === 'fork'))
    return undefined
  const { lost, kept, shown, events_filled: filled, restored_before: before } = opening
  return {
    base,
    kept: Math.min(base, numberIn(kept) ?? base),
    shown: numberIn(shown) ?? 0,
    isRestore,
    isUncertain: !isRestore || lost === 'unknown',
    hasTail: (numberIn(filled) ?? 0) > 0,
    restoredBefore: numberIn(before) ?? 0,
    lastReceipts: numbersIn(opening.last_receipts),
    lastClosings: numbersIn(opening.last_closings),
  }
}

/** The epoch of a restore; undefined if the newest one did not begin by one. */
export function restoredEpoch(journal: Pick<Journal, 'chains'>): Loss | undefined {
  const loss = newestLoss(journal)
  return loss?.isRestore === true ? loss : undefined
}

function numbersIn(value: ClaimedFacts<'journal.opened'>[keyof ClaimedFacts<'journal.opened'>]): Map<string, number> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

/**
 * True if only the days since then limit how many numbers may be on paper: a unit knows what it signed, and nothing
 * else.
 */
export function isUnlimited({ isUncertain, lastReceipts }: Loss, register: string): boolean {
  return isUncertain && !lastReceipts.has(register)
}

/**
 * The last number of a register that may be on paper after a loss: the highest that anything shows, or a person read, or
 * 1,000 a day begun. Each earlier restore of the backup began another day: the numbers of that time come after those that
 * were set aside then.
 */
export function lastOnPaper(
  journal: Pick<Journal, 'view' | 'clockWatch'>,
  loss: Loss,
  register: string,
  kind: Aside['kind'],
  nowMs: number,
): number {
  const before = firstAfter(journal.view, register, kind, loss.kept) - 1
  const word = (kind === 'bon' ? loss.lastReceipts : loss.lastClosings).get(register)
  const days = isUnlimited(loss, register) && word === undefined ? daysSince(journal, loss, nowMs) : 0
  return Math.max(before + loss.shown, before + days * NUMBERS_A_DAY, word ?? 0)
}

/** Days begun, by the newest time that a right clock wrote. */
function daysSince(
  { view, clockWatch }: Pick<Journal, 'view' | 'clockWatch'>,
  { kept, restoredBefore }: Loss,
  nowMs: number,
): number {
  const newestMs = clockWatch.isSuspect ? undefined : view.rightTimeWithin(1, kept + 1)
  const days = newestMs === undefined ? DAYS_UNKNOWN : Math.max(1, Math.ceil((nowMs - newestMs) / DAY_MS))
  return days + restoredBefore
}

/** True if numbers of that register were set aside in this epoch. */
export function hasAside({ view }: Pick<Journal, 'view'>, { base }: Loss, register: string): boolean {
  return asidesOf(view, register).some(({ seq }) => seq > base)
}

/** True for a register of the backup that has neither given nor set aside a number in this epoch. */
export function isUntouched(journal: Pick<Journal, 'view'>, epoch: Loss, register: string): boolean {
  const { view } = journal
  const [first] = view.nextPortionOf(register, 0)
  const [given] = view.receipts(register, view.lastReceiptNumber(register) - 1, 1)
  const isOfBackup = first !== undefined && first.seq <= epoch.base
  return isOfBackup && (given?.seq ?? 0) <= epoch.base && !hasAside(journal, epoch, register)
}

/**
 * How far a unit was taken over in this epoch: `done` names everything that it had signed, `begun` a part of it.
 */
export function takeOverOf({ view }: Pick<Journal, 'view'>, { base }: Loss, device: string): 'none' | 'begun' | 'done' {
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
