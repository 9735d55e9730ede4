import type { AustrianSettings } from './austria/law.ts'
import { AUSTRIA } from './austria/law.ts'
import type { GermanSettings } from './germany/law.ts'
import { GERMANY } from './germany/law.ts'
import type { ItalianSettings } from './italy/law.ts'
import { ITALY } from './italy/law.ts'
import type { Law } from './law.ts'

/** The built-in laws. */
export const LAWS: readonly Law<GermanSettings & AustrianSettings & ItalianSettings>[] = [GERMANY, AUSTRIA, ITALY]
