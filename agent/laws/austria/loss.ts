import type { LossRules } from '../loss-rules.ts'

/** A register that continued from an older receipt would use a number twice and have a wrong turnover counter. */
export const LOSS: LossRules = {
  whatMayBeMissing: (chain) => ({
    last: `receipt ${chain['number']} of ${chain['last_stamp']}`,
    ended: { ...chain, ended: true },
  }),
  remedy: 'make a new register, and report the failure in FinanzOnline.',
  help: {
    nothingLost: 'Austria: no receipt was made after what is restored',
    closeRegisters: 'Austria: end the registers whose last receipt is not known',
  },
}
