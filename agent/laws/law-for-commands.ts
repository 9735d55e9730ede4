import type { LawSettings } from '../config/law-settings.ts'
import type { AuditRules } from './audit-rules.ts'
import type { DemoShift } from './demo-shift.ts'
import type { LawFacts } from './law.ts'
import type { LossRules } from './loss-rules.ts'
import type { OfferedExport } from './offered-export.ts'
import type { VerifyRules } from './verify-rules.ts'

/**
 * The part of a law that commands read without loading the rest of it. A member that a law does not have is
 * `undefined`, never omitted, so that none is forgotten.
 */
export type LawForCommands<Settings> = LawFacts & {
  readonly settings: LawSettings
  /** Its part of an audit's folder. */
  readonly audit: AuditRules<Settings> | undefined
  /** The checks of its files. */
  readonly verify: VerifyRules | undefined
  /** The files that `fiskal-edge export` offers. */
  readonly exports: readonly OfferedExport[] | undefined
  /** Rules for registers after a restore: a law that chains the receipts of a register has them. */
  readonly loss: LossRules | undefined
  /** Loads the shift of `fiskal-edge demo`. */
  readonly demo: (() => Promise<DemoShift>) | undefined
}
