import type { Clock } from '../../base/clock.ts'

/** The heap of the process; only the entry point can reach it. */
export type HeldMemory = {
  /** Bytes, including garbage. */
  heldBytes: () => number
  /** Collects all garbage and returns the memory to the system; takes some 50 ms. */
  release: () => void
}

export type IdleMemoryOptions = HeldMemory & {
  clock: Clock
  /** Newest event of the journal. */
  headSeq: () => number
}

const LOOK_MS = 1_000
/**
 * Looks without work that make a rest; a pause between two customers is shorter. A collection during a rest also takes
 * the shapes of objects that compiled code was made for, because none of them is in use then: V8 throws that code away,
 * and the next thousand sales take a third more of the main thread until it is compiled again (measured).
 */
const LOOKS_OF_A_REST = 4
/** While nothing is appended: lists, streams and exports leave garbage, too. */
const LOOK_AGAIN_MS = 60_000
/** Some 500 sales: less garbage is not worth the wait. */
const EVENTS = 2_000
/** More than the young generation, which a few sales fill. */
const GROWN_BYTES = 24 << 20

/**
 * Returns memory to the system when the tills rest after a rush: on its own V8 keeps its heap until it needs more (ADR
 * 070).
 */
export class IdleMemory {
  readonly #options: IdleMemoryOptions
  #lastHead = 0
  #looksAtRest = 0
  #released: number
  /** The size after the last release. */
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
    this.#cancel = this.#options.clock.after(ms, () => this.#checkRest())
  }

  #checkRest(): void {
    const head = this.#options.headSeq()
    this.#looksAtRest = head === this.#lastHead ? this.#looksAtRest + 1 : 0
    this.#lastHead = head
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
