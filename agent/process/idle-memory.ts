import type { Clock } from '../../base/clock.ts'

/** The heap of the process; only who runs it can reach that. */
export type HeldMemory = {
  /** Bytes, garbage among them. */
  heldBytes: () => number
  /** Collects all garbage and gives the room back; takes some 50 ms. */
  release: () => void
}

export type IdleMemoryOptions = HeldMemory & {
  clock: Clock
  /** Newest event of the journal. */
  headSeq: () => number
}

const LOOK_MS = 1_000
/**
 * Looks without work that make a rest: a pause between two customers is none. What is collected at rest are also the shapes
 * of objects that compiled code was made for, because none of them is under way then: V8 throws that code away, and the
 * next thousand sales take a third more of the main thread until it is made again (measured).
 */
const LOOKS_OF_A_REST = 4
/** While nothing is appended: lists, streams and exports leave garbage, too. */
const LOOK_AGAIN_MS = 60_000
/** Some 500 sales: less garbage is not worth the wait. */
const EVENTS = 2_000
/** More than the room for new things, which any few sales fill (bin/daemon.json). */
const GROWN_BYTES = 24 << 20

/** Gives memory back when the tills rest after a rush: V8 by itself keeps what it has until it needs more. */
export class IdleMemory {
  readonly #options: IdleMemoryOptions
  #seen = 0
  #looksAtRest = 0
  #released: number
  /** When it was given back last. */
  #heldBytes: number
  #cancel: (() => void) | undefined
  #looksSoon = false

  constructor(options: IdleMemoryOptions) {
    this.#options = options
    this.#released = options.headSeq()
    this.#heldBytes = options.heldBytes()
  }

  start(): void {
    this.#lookIn(LOOK_AGAIN_MS)
  }

  /** Something was appended. */
  noteWork(): void {
    if (this.#looksSoon) return
    this.#cancel?.()
    this.#lookIn(LOOK_MS)
  }

  stop(): void {
    this.#cancel?.()
  }

  #lookIn(ms: number): void {
    this.#looksSoon = ms === LOOK_MS
    this.#cancel = this.#options.clock.after(ms, () => this.#look())
  }

  #look(): void {
    const head = this.#options.headSeq()
    this.#looksAtRest = head === this.#seen ? this.#looksAtRest + 1 : 0
    this.#seen = head
    if (this.#looksAtRest < LOOKS_OF_A_REST) {
      this.#lookIn(LOOK_MS)
      return
    }
    const grownBytes = this.#options.heldBytes() - this.#heldBytes
    if (head - this.#released >= EVENTS || grownBytes >= GROWN_BYTES) {
      this.#released = head
      this.#options.release()
      this.#heldBytes = this.#options.heldBytes()
    }
    this.#lookIn(LOOK_AGAIN_MS)
  }
}
