import { contractOf } from '../agent/contract/contract-of.ts'
import { LAWS } from '../agent/laws/laws.ts'

/** With what the built-in laws add. */
export const CONTRACT = contractOf(LAWS)
