import { rfc3339 } from '../../base/clock.ts'
import { allRegisters } from '../journal/documents.ts'
import type { Members, NewEvent } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'

/** Receipts of a chaining law may be missing, and nobody said what is known of them. */
class ReceiptsUncertainError extends Error {
  override readonly name = 'ReceiptsUncertainError'
  readonly code = 'receipts_may_be_missing'
}

/**
 * Where a law chains the receipts of a register and counts its turnover (RKSV), a register may only go on from its last
 * receipt: a number would be used twice, and the counter be wrong. Throws ReceiptsUncertainError.
 */
export function demandWord(view: View, word: 'none' | 'nothing_lost' | 'close_registers'): void {
  const registers = chainedRegisters(view)
  if (registers.length === 0 || word !== 'none') return
  const names = registers.map(
    ({ name, state }) => `${name} (here until receipt ${state['number']} of ${state['last_stamp']})`,
  )
  throw new ReceiptsUncertainError(
    `Receipts of ${names.join(', ')} that were made later would be missing in their chain: bring them with --tail, and ` +
      'say --nothing-lost if there are none after those, or --close-registers to end these registers (then make new ones).',
  )
}

/** Ends these registers: what they sold last is not known, so that nothing may be chained to it. Returns their ids. */
export async function closeLostChains(journal: Journal, nowMs: number): Promise<string[]> {
  const registers = chainedRegisters(journal.view)
  const at = rfc3339(nowMs)
  const set: Members = {
    ...{ fiscalization_status: 'decommissioned', status: 'inactive' },
    ...{ decommissionedAt: at, updated_at: at },
  }
  const events = registers.map(
    ({ id, state }): NewEvent => ({
      kind: 'register.chain_lost',
      op: id,
      body: { set, chain: { register: id, state: { ...state, ended: true } } },
    }),
  )
  await journal.record(() => events)
  return registers.map(({ id }) => id)
}

/** An Italian register has a chain state too, of what its printer counts by itself: a loss leaves nothing to ask there. */
function chainedRegisters(view: View): { id: string; name: string; state: Members }[] {
  return allRegisters(view).flatMap(({ id, name, fiscalization, fiscalization_status: status }) => {
    const state = view.chainState(id)
    if (state === undefined || fiscalization?.regime !== 'RKSV' || status === 'decommissioned') return []
    return [{ id, name, state }]
  })
}
