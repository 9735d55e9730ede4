import { isConfirmed } from './confirmed-tasks.ts'
import type { ClaimedFacts, TargetHead } from './event-facts.ts'
import type { Journal } from './journal.ts'

/** Events that a target proved to hold after the end of chain `chainId`; `shown`: their number. */
export type HeldAfter = { readonly chainId: string; readonly proven: TargetHead & { readonly shown: number } }

/** True for an epoch that began because another file, or a TSE, showed that the state was put back, and no target proves it. */
export function isUnprovenRollback({ reason, file, device, proof }: ClaimedFacts<'journal.opened'>): boolean {
  return reason === 'rollback' && proof === undefined && (typeof file === 'string' || typeof device === 'string')
}

/** True if the state was put back since the register exists, until a person has said what is missing. */
export function isPutBack({ chains, view }: Pick<Journal, 'chains' | 'view'>, register: string): boolean {
  const newest = chains.findLast(({ opening: { reason } }) => reason === 'rollback' || reason === 'restore')
  if (newest?.opening.reason !== 'rollback' || isConfirmed(view, `epoch-${newest.epoch}`)) return false
  const [first] = view.nextPortionOf(register, 0)
  return first !== undefined && first.seq <= newest.base
}
