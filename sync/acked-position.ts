import type { Clock } from '../base/clock.ts'
import { MissingEvents } from './missing-events.ts'
import { parseInstant } from './protocol/instants.ts'
import type { Cursor, Halt, Source } from './source.ts'

/** The progress of a target in one chain, kept by the cursor, and the time since when it misses the next event. */
export class AckedPosition {
  readonly #source: Source
  readonly #cursor: Cursor
  readonly #missing: MissingEvents
  readonly #clock: Clock
  #present = 0
  #atMs: number | undefined

  constructor(source: Source, cursor: Cursor, clock: Clock) {
    this.#source = source
    this.#cursor = cursor
    this.#clock = clock
    this.#missing = new MissingEvents(clock)
  }

  /** The last event that the target has; 0 for none. */
  get seq(): number {
    return this.#present
  }

  /** When the target last acknowledged an event since the start; undefined before the first. */
  get atMs(): number | undefined {
    return this.#atMs
  }

  /** When the oldest missing event was made; undefined if the target has all of them. */
  get oldestAtMs(): number | undefined {
    return this.#missing.sinceMs
  }

  /** Reads the cursor. Returns the halt that was stored with it. Throws as `cursor.load` does. */
  async load(): Promise<Halt | undefined> {
    const state = await this.#cursor.load()
    this.#present = state?.ackedSeq ?? 0
    if (this.#present <= this.#source.head().seq) await this.#noteOldest()
    return state?.halt
  }

  /** As `moveTo`, for an acknowledgement: its time is reported. */
  acknowledge(seq: number): Promise<void> {
    this.#atMs = this.#clock.now()
    return this.moveTo(seq)
  }

  async moveTo(seq: number): Promise<void> {
    await this.#cursor.save({ ackedSeq: seq })
    this.#present = seq
    await this.#noteOldest()
  }

  /** Stores the halt, so that it survives a restart. */
  async keep(halt: Halt): Promise<void> {
    await this.#cursor.save({ ackedSeq: this.#present, halt })
  }

  /** An event was appended just now. */
  grown(): void {
    if (this.#missing.sinceMs === undefined) this.#missing.since()
  }

  async #noteOldest(): Promise<void> {
    if (this.#source.head().seq <= this.#present) return this.#missing.nothing()
    const [oldest] = await this.#source.read(this.#present, 1, 1)
    this.#missing.since(parseInstant(oldest?.at ?? ''))
  }
}
