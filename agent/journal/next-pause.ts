import type { Clock } from '../../base/clock.ts'

/** Without a group for so long, no request is waiting: a device has its command, a till its answer. */
const PAUSE_MS = 10

export type NextPauseOptions = {
  clock: Pick<Clock, 'after'>
  /** False while a group is waited for or written, and when the journal is no longer written. */
  isResting: () => boolean
  act: () => void
}

/** Runs a task in the pause after a group, while no request waits for it. */
export class NextPause {
  readonly #options: NextPauseOptions
  #groups = 0
  #cancel: (() => void) | undefined

  constructor(options: NextPauseOptions) {
    this.#options = options
  }

  /** A group was committed. */
  noteGroup(): void {
    this.#groups++
  }

  /** Not before so many milliseconds have passed. Does nothing while another call waits. */
  schedule(delayMs = 0): void {
    if (this.#cancel === undefined) this.#wait(Math.max(delayMs, PAUSE_MS))
  }

  stop(): void {
    this.#cancel?.()
  }

  #wait(ms: number): void {
    const seen = this.#groups
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#cancel = undefined
      if (this.#groups !== seen) this.#wait(PAUSE_MS)
      else if (this.#options.isResting()) this.#options.act()
    })
  }
}
