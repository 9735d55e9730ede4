import type { Members } from '../journal/events.ts'

/** A chain of receipts of which later ones may be missing. */
export type OpenChain = {
  /** Its last receipt, in words. */
  readonly last: string
  /** The chain when it takes no more receipts. */
  readonly ended: Members
}

/** For registers that may only continue from their last receipt, which a restore may not have. */
export type LossRules = {
  /** Undefined if none can be missing. */
  whatMayBeMissing(chain: Members): OpenChain | undefined
  /** What to do when such a register is ended. */
  readonly remedy: string
  /** Help of `restore --nothing-lost` and `restore --close-registers`. */
  readonly help: { readonly nothingLost: string; readonly closeRegisters: string }
}
