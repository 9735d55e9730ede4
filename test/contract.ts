import { contractOf } from '../agent/contract/contract-of.ts'
import { BUILT_IN_LAWS } from './built-in-laws.ts'

/** With what the built-in laws add. */
export const CONTRACT = contractOf(BUILT_IN_LAWS)
