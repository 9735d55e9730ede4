import type { LossRules } from '../../../agent/laws/loss-rules.ts'
import { chainMembers, chainOf } from './state.ts'

/** Each receipt names the one before it. */
export const LOSS: LossRules = {
  whatMayBeMissing: (members) => {
    const last = chainOf(members)?.last ?? undefined
    return last === undefined ? undefined : { last: `receipt ${last.slice(0, 8)}`, ended: chainMembers({ last: null }) }
  },
  remedy: 'make a new register, and report it to the Crown.',
  help: { nothingLost: 'Ruritania: nothing was lost', closeRegisters: 'Ruritania: end these registers' },
}
