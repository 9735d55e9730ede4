import type { Clock } from '../base/clock.ts'
import type { Random } from './pace.ts'
import type { Log } from './protocol/log.ts'
import type { Cursor, Source } from './source.ts'
import type { Target } from './target.ts'

export type SenderOptions = {
  readonly source: Source
  readonly target: Target
  readonly cursor: Cursor
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Awaited between portions of work, so that other work of the process goes first. */
  readonly yieldNow?: () => Promise<void>
  /**
   * The epochs before were asked again, because the target forgot this one or was unreachable: it is registered now.
   */
  readonly isAskedAgain?: boolean
  /** The target refused our token or certificate, or they cannot be used: there may be newer ones. */
  readonly onRefusedSecret?: (() => void) | undefined
  /** The status has changed: an event was acknowledged, the target became unreachable, the sync has halted. */
  readonly onChange?: () => void
}
