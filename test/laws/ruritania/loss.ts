import type { LossRules } from '../../../agent/laws/loss-rules.ts'

/** Each receipt names the one before it. */
export const LOSS: LossRules = {
  whatMayBeMissing: ({ last, ...chain }) =>
    last === undefined ? undefined : { last: `receipt ${String(last).slice(0, 8)}`, ended: { ...chain, last: null } },
  remedy: 'make a new register, and report it to the Crown.',
  help: { nothingLost: 'Ruritania: nothing was lost', closeRegisters: 'Ruritania: end these registers' },
}
