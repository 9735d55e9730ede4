import type { Clock } from '../../base/clock.ts'
import { named } from '../../base/lifetime.ts'
import type { NextPauseOptions } from './next-pause.ts'
import { NextPause } from './next-pause.ts'

const EVERY_NS = 10_000_000_000n

export type RollingCheckpointOptions = Omit<NextPauseOptions, 'act'> & {
  clock: Clock
  /** False if the newest event has a checkpoint. */
  isUnsigned: () => boolean
  /** Signs the newest event outside the main thread and stores the checkpoint. */
  sign: () => Promise<void>
}

/**
 * Signs the newest event in the pause after a group, at most every 10 s: so a kill leaves few events without a
 * checkpoint, and a longer tail without one was cut or added by a person. A journal without a pause signs within a
 * group.
 */
export class RollingCheckpoint {
  readonly #options: RollingCheckpointOptions
  readonly #pause: NextPause
  #dueAt: bigint
  #isSigning = false

  constructor(options: RollingCheckpointOptions) {
    this.#options = options
    // The start has signed the head that it found.
    this.#dueAt = options.clock.mono() + EVERY_NS
    const clock = named(options.clock, 'checkpoint of the newest event')
    this.#pause = new NextPause({ ...options, clock, act: () => void this.#sign() })
  }

  /** A group was committed. */
  noteGroup(): void {
    this.#pause.noteGroup()
    if (!this.#isSigning && this.#options.isUnsigned()) this.#schedule()
  }

  stop(): void {
    this.#pause.stop()
  }

  #schedule(): void {
    this.#pause.schedule(Number((this.#dueAt - this.#options.clock.mono()) / 1_000_000n))
  }

  async #sign(): Promise<void> {
    const { clock, isUnsigned, sign } = this.#options
    if (!isUnsigned()) return
    this.#isSigning = true
    this.#dueAt = clock.mono() + EVERY_NS
    try {
      await sign()
    } catch {
      // The journal stops or has failed: the next start signs.
      return
    } finally {
      this.#isSigning = false
    }
    if (isUnsigned()) this.#schedule()
  }
}
