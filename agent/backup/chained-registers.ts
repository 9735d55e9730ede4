import { rfc3339 } from '../../base/clock.ts'
import { allRegisters } from '../journal/documents.ts'
import type { Members, NewEvent } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'

/** Receipts of a chaining law may be missing, and the technician did not state what is known of them. */
class ReceiptsUncertainError extends Error {
  override readonly name = 'ReceiptsUncertainError'
  readonly code = 'receipts_may_be_missing'
}

/**
 * Under a law that chains the receipts of a register and counts its turnover (RKSV), a register may only continue from
 * its last receipt: otherwise a number would be used twice, and the counter be wrong. Throws ReceiptsUncertainError.
 */
export function demandWord(view: View, word: 'none' | 'nothing_lost' | 'close_registers'): void {
  const registers = chainedRegisters(view)
  if (registers.length === 0 || word !== 'none') return
  const names = registers.map(
    ({ name, state }) => `${name} (here until receipt ${state['number']} of ${state['last_stamp']})`,
  )
  throw new ReceiptsUncertainError(
    `Receipts of ${names.join(', ')} that were made later would be missing in their chain: bring them with --tail, and ` +
      'say --nothing-lost if no others followed, or --close-registers to end these registers (then make new ones).',
  )
}

/** Ends these registers: their last sales are unknown, so that no receipt may be chained to them. Returns their ids. */
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

/** An Italian register has a chain state too, of the printer's own counters: a loss needs no answer there. */
function chainedRegisters(view: View): { id: string; name: string; state: Members }[] {
  return allRegisters(view).flatMap(({ id, name, fiscalization, fiscalization_status: status }) => {
    const state = view.chainState(id)
    if (state === undefined || fiscalization?.regime !== 'RKSV' || status === 'decommissioned') return []
    return [{ id, name, state }]
  })
}
