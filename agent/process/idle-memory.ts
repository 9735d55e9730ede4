import type { Clock } from '../../drivers/ports/clock.ts'

export type IdleMemoryOptions = {
  clock: Clock
  /** Newest event of the journal. */
  headSeq: () => number
  /** Collects all garbage and gives the room back; takes some 50 ms. */
  release: () => void
}

const LOOK_MS = 1_000
/** Some 500 sales: less garbage is not worth the wait. */
const EVENTS = 2_000

/** Gives memory back when the tills rest after a rush: V8 by itself keeps what it has until it needs more. */
export class IdleMemory {
  readonly #options: IdleMemoryOptions
  #seen = 0
  #released: number
  #cancel: (() => void) | undefined

  constructor(options: IdleMemoryOptions) {
    this.#options = options
    this.#released = options.headSeq()
  }

  /** Something was appended. */
  noteWork(): void {
    this.#cancel ??= this.#options.clock.after(LOOK_MS, () => this.#look())
  }

  stop(): void {
    this.#cancel?.()
  }

  #look(): void {
    this.#cancel = undefined
    const head = this.#options.headSeq()
    if (head !== this.#seen) {
      this.#seen = head
      this.noteWork()
    } else if (head - this.#released >= EVENTS) {
      this.#released = head
      this.#options.release()
    }
  }
}
