import type { ChainMembers } from '../journal/events.ts'
import type { Instruction } from './instruction.ts'

/** A chain of receipts whose later receipts may be missing. */
export type OpenChain = {
  /** Description of its last receipt. */
  readonly last: string
  /** The state of the chain that accepts no further receipt. */
  readonly ended: ChainMembers
}

/** Instructions to a person, one sentence each, if the journal continues without some earlier events. */
export type LossInstructions = {
  readonly always: readonly Instruction[]
  /** The first instructions after a restore. */
  readonly afterRestore?: readonly Instruction[]
}

/** For registers that may only continue from their last receipt, which a restore may not have. */
export type LossRules = {
  /** Undefined if none can be missing. */
  whatMayBeMissing(chain: ChainMembers): OpenChain | undefined
  /** The remedy after such a register was ended. */
  readonly remedy: string
  /** Help of `restore --nothing-lost` and `restore --close-registers`. */
  readonly help: { readonly nothingLost: string; readonly closeRegisters: string }
}
