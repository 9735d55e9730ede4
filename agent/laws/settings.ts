import type { LawSettings, ValuesOf } from '../config/law-settings.ts'
import type { AuditRules } from './audit-rules.ts'
import { AUDIT as AUSTRIAN_AUDIT } from './austria/audit.ts'
import { FACTS as AUSTRIA } from './austria/facts.ts'
import { LOSS as AUSTRIAN_LOSS } from './austria/loss.ts'
import { OFFERED as AUSTRIAN_EXPORTS } from './austria/offered-exports.ts'
import { SETTINGS as AUSTRIAN } from './austria/settings.ts'
import { VERIFY as AUSTRIAN_VERIFY } from './austria/verify.ts'
import type { DemoShift } from './demo-shift.ts'
import { AUDIT as GERMAN_AUDIT } from './germany/audit.ts'
import { FACTS as GERMANY } from './germany/facts.ts'
import { OFFERED as GERMAN_EXPORTS } from './germany/offered-exports.ts'
import { SETTINGS as GERMAN } from './germany/settings.ts'
import { VERIFY as GERMAN_VERIFY } from './germany/verify.ts'
import { AUDIT as ITALIAN_AUDIT } from './italy/audit.ts'
import { FACTS as ITALY } from './italy/facts.ts'
import { SETTINGS as ITALIAN } from './italy/settings.ts'
import type { LawFacts } from './law.ts'
import type { LossRules } from './loss-rules.ts'
import type { OfferedExport } from './offered-export.ts'
import type { VerifyRules } from './verify-rules.ts'

/** The part of a law that commands read without loading the rest of it. */
type LawOfCommands = LawFacts & {
  readonly settings: LawSettings
  readonly audit?: AuditRules<ValuesOf<typeof LAW_KEYS>>
  readonly verify?: VerifyRules
  /** The files that `fiskal-edge export` offers. */
  readonly exports?: readonly OfferedExport[]
  /** Rules for registers after a restore. */
  readonly register?: LossRules
  /** Loads the shift of `fiskal-edge demo`. */
  readonly demo?: () => Promise<DemoShift>
}

/** The built-in laws, as commands read them. */
export const CONFIGURED_LAWS: readonly LawOfCommands[] = [
  {
    ...GERMANY,
    settings: GERMAN,
    audit: GERMAN_AUDIT,
    verify: GERMAN_VERIFY,
    exports: GERMAN_EXPORTS,
    demo: async () => (await import('./germany/demo/demo.ts')).DEMO,
  },
  {
    ...AUSTRIA,
    settings: AUSTRIAN,
    audit: AUSTRIAN_AUDIT,
    verify: AUSTRIAN_VERIFY,
    exports: AUSTRIAN_EXPORTS,
    register: AUSTRIAN_LOSS,
    demo: async () => (await import('./austria/demo/demo.ts')).DEMO,
  },
  { ...ITALY, settings: ITALIAN, audit: ITALIAN_AUDIT, demo: async () => (await import('./italy/demo/demo.ts')).DEMO },
]

/** In the order in which the keys are checked. */
export const LAW_KEYS = { ...ITALIAN.keys, ...GERMAN.keys, ...AUSTRIAN.keys } as const

/** Their names in commands. */
export const LAW_WORDS = CONFIGURED_LAWS.map(({ settings }) => settings.word)
