import type { Clock } from '../base/clock.ts'
import { parseInstant } from './instants.ts'
import { Lacking } from './lacking-events.ts'
import type { Cursor, Halt, Source } from './source.ts'

/** How far a target has come in one chain, kept by the cursor, and since when it lacks the next event. */
export class Acknowledged {
  readonly #source: Source
  readonly #cursor: Cursor
  readonly #lacking: Lacking
  #present = 0

  constructor(source: Source, cursor: Cursor, clock: Clock) {
    this.#source = source
    this.#cursor = cursor
    this.#lacking = new Lacking(clock)
  }

  /** The last event that the target has; 0 for none. */
  get seq(): number {
    return this.#present
  }

  /** When the oldest event was made that the target lacks; undefined where it lacks none. */
  get oldestAtMs(): number | undefined {
    return this.#lacking.sinceMs
  }

  /** Reads the cursor. Gives the halt that was kept with it. Throws what `cursor.load` throws. */
  async load(): Promise<Halt | undefined> {
    const state = await this.#cursor.load()
    this.#present = state?.ackedSeq ?? 0
    if (this.#present <= this.#source.head().seq) await this.#noteOldest()
    return state?.halt
  }

  async moveTo(seq: number): Promise<void> {
    await this.#cursor.save({ ackedSeq: seq })
    this.#present = seq
    await this.#noteOldest()
  }

  /** The halt survives a restart with it. */
  async keep(halt: Halt): Promise<void> {
    await this.#cursor.save({ ackedSeq: this.#present, halt })
  }

  /** An event was appended just now. */
  grown(): void {
    if (this.#lacking.sinceMs === undefined) this.#lacking.since()
  }

  async #noteOldest(): Promise<void> {
    if (this.#source.head().seq <= this.#present) return this.#lacking.nothing()
    const [oldest] = await this.#source.read(this.#present, 1, 1)
    this.#lacking.since(parseInstant(oldest?.at ?? ''))
  }
}
