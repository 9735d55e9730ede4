import { loadLaws } from '../agent/laws/laws.ts'

/** The built-in laws, as the daemon loads them. */
export const BUILT_IN_LAWS = await loadLaws()
