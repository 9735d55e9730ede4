import { rfc3339 } from '../../base/clock.ts'
import { CodedError } from '../../base/thrown.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { NewEvent } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import type { LossRules, OpenChain } from '../laws/loss-rules.ts'
import { decommissioned } from '../laws/registration.ts'

/** A law, as a restore reads it. */
export type LossLaw = {
  readonly name: string
  readonly deviceKinds: readonly string[]
  readonly loss?: LossRules | undefined
}

/** Throws `receipts_may_be_missing` if a law lets a register continue only from its last receipt. */
export function demandWord(
  view: View,
  laws: readonly LossLaw[],
  word: 'none' | 'nothing_lost' | 'close_registers',
): void {
  const registers = chainedRegisters(view, laws)
  if (registers.length === 0 || word !== 'none') return
  const names = registers.map(({ name, last }) => `${name} (here until ${last})`)
  throw new CodedError(
    'receipts_may_be_missing',
    `Receipts of ${names.join(', ')} that were made later would be missing in their chain: bring them with --tail, and ` +
      'say --nothing-lost if no others followed, or --close-registers to end these registers (then make new ones).',
  )
}

/** A register whose chain of receipts ended here. */
export type ClosedRegister = { readonly id: string; readonly remedy: string }

/** Ends these registers: their last sales are unknown, so that no receipt may be chained to them. */
export async function closeLostChains(
  journal: Journal,
  laws: readonly LossLaw[],
  nowMs: number,
): Promise<readonly ClosedRegister[]> {
  const registers = chainedRegisters(journal.view, laws)
  const set = decommissioned(rfc3339(nowMs))
  const events = registers.map(
    ({ id, ended }): NewEvent => ({
      kind: 'register.chain_lost',
      op: id,
      body: { set, chain: { register: id, state: ended } },
    }),
  )
  await journal.record(() => events)
  return registers
}

/** A register of another law may have a chain state too, e.g. counters of its printer: a loss needs no answer there. */
function chainedRegisters(
  view: View,
  laws: readonly LossLaw[],
): readonly (ClosedRegister & OpenChain & { name: string })[] {
  return allRegisters(view).flatMap(({ id, name, fiscalization, fiscalization_status: status }) => {
    const state = view.chainState(id)
    const rules = laws.find((law) => law.name === fiscalization?.regime)?.loss
    const open = state && rules?.whatMayBeMissing(state)
    if (rules === undefined || open === undefined || status === 'decommissioned') return []
    return [{ id, name, remedy: rules.remedy, ...open }]
  })
}
