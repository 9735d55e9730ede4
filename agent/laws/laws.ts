import { AUSTRIA } from './austria/law.ts'
import { GERMANY } from './germany/law.ts'
import { ITALY } from './italy/law.ts'
import type { Law } from './law.ts'
import type { LawName } from './names.ts'

const BY_NAME = { germany: GERMANY, austria: AUSTRIA, italy: ITALY } satisfies Record<LawName, Law<never>>

/** The settings that any of them reads. */
type Settings = (typeof BY_NAME)[LawName] extends Law<infer All> ? All : never

/** The built-in laws. */
export const LAWS: readonly Law<Settings>[] = Object.values(BY_NAME)
