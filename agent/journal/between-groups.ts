import type Database from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import type { Appender } from './appender.ts'
import { AwaitedAnswers } from './awaited-answers.ts'
import { RollingCheckpoint } from './rolling-checkpoint.ts'
import { SlowSyncs } from './slow-syncs.ts'
import { Upkeep } from './upkeep.ts'

export type BetweenGroupsOptions = {
  clock: Clock
  db: Database.Database
  /** Its file. */
  database: string
  /** Writes the projection tables up to the head. */
  project: () => void
  /** False while a group is waited for or written, and when the journal is no longer written. */
  isResting: () => boolean
  appender: Pick<Appender, 'isUnsigned' | 'signAside'>
  /** Runs statements in the next group; does nothing in a journal that is no longer written. */
  write: (run: () => void) => Promise<void>
  /** Runs a function after the present turn of the event loop, when no answer waits for its own. */
  defer: (run: () => void) => void
  /** The next group may begin. */
  resume: () => void
}

/** The work of a journal between two groups: the pause after a slow sync, upkeep of its file, the rolling checkpoint. */
export class BetweenGroups {
  readonly awaited = new AwaitedAnswers()
  readonly slowSyncs: SlowSyncs
  readonly #upkeep: Upkeep
  readonly #rolling: RollingCheckpoint

  constructor(options: BetweenGroupsOptions) {
    this.slowSyncs = new SlowSyncs({ ...options, awaited: this.awaited })
    const isResting = (): boolean => options.isResting() && !this.slowSyncs.isPausing
    this.#upkeep = new Upkeep({ ...options, isResting, timed: this.slowSyncs.timed })
    const { appender, write } = options
    this.#rolling = new RollingCheckpoint({
      ...options,
      isResting,
      isUnsigned: () => appender.isUnsigned,
      sign: async () => write(await appender.signAside()),
    })
  }

  /** A group was committed and synced. */
  noteGroup(heldMs: number): void {
    this.slowSyncs.note(heldMs)
    this.#upkeep.noteGroup()
    this.#rolling.noteGroup()
  }

  stop(): void {
    this.slowSyncs.stop()
    this.#upkeep.stop()
    this.#rolling.stop()
  }
}
