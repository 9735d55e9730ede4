import type { LawSettings } from '../../base/settings/law-settings.ts'
import type { LawBooks } from '../journal/books/law-books.ts'
import type { AuditRules } from './audit-rules.ts'
import type { OfferedDemo } from './demo-shift.ts'
import type { Law } from './law.ts'
import type { LawFacts } from './law-facts.ts'
import type { LossRules } from './loss-rules.ts'
import type { OfferedNotices } from './notices.ts'
import type { OfferedExport } from './offered-export.ts'
import type { VerifyRules } from './verify-rules.ts'

/**
 * A law in the list of laws: the parts that commands and the configuration read, and the functions that load the rest.
 * A member that a law does not have is `undefined`, never omitted, so that none is forgotten.
 */
export type LawEntry<Settings> = LawFacts & {
  readonly settings: LawSettings
  /** Its part of an audit's folder. */
  readonly audit: AuditRules<Settings> | undefined
  /** The checks of its files. */
  readonly verify: VerifyRules | undefined
  /** The files that `fiskal-edge export` offers. */
  readonly exports: readonly OfferedExport[] | undefined
  /** Its notices that a person sends as files, as `fiskal-edge export` offers them. */
  readonly notices: OfferedNotices | undefined
  /** Rules for registers after a restore: a law that chains the receipts of a register has them. */
  readonly loss: LossRules | undefined
  /** The shops of `fiskal-edge demo`, the one that it plays by default first. */
  readonly demos: readonly OfferedDemo[] | undefined
  /** Loads the comparisons of its documents with the events of a journal. */
  readonly books: (() => Promise<LawBooks>) | undefined
  /** Loads the law itself, which only the daemon needs. */
  readonly load: () => Promise<Law<never>>
}
