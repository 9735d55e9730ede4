import type { Clock } from '../base/clock.ts'
import { Acknowledged } from './acknowledgement.ts'
import { earliest } from './instants.ts'
import type { Cursor, Source } from './source.ts'

type Later = { readonly source: Source; readonly acked: Acknowledged; readonly isAside: boolean }

/**
 * The epochs behind the one that is replayed now, as their cursors have them: each is asked in its turn, and where the
 * target is away from the start on, that is not before it is back.
 */
export class LaterEpochs {
  readonly #cursorOf: (source: Source) => Cursor
  readonly #clock: Clock
  #later: readonly Later[] = []

  constructor(cursorOf: (source: Source) => Cursor, clock: Clock) {
    this.#cursorOf = cursorOf
    this.#clock = clock
  }

  /** Throws what `cursor.load` throws. */
  async load(sources: readonly Source[]): Promise<void> {
    const later: Later[] = []
    for (const source of sources) {
      const acked = new Acknowledged(source, this.#cursorOf(source), this.#clock)
      const halt = await acked.load()
      later.push({ source, acked, isAside: halt?.setAside === true })
    }
    this.#later = later
  }

  /** Events that nobody waits for: the target has them, or a person has looked. */
  get settled(): number {
    return this.#later.reduce((sum, { source, acked, isAside }) => sum + (isAside ? source.head().seq : acked.seq), 0)
  }

  /** When the oldest event was made that the target lacks of them. */
  get oldestAtMs(): number | undefined {
    const lacking = this.#later.filter(({ source, acked, isAside }) => !isAside && source.head().seq > acked.seq)
    // Where it lacked nothing before: of an event that was appended since.
    for (const { acked } of lacking) acked.grown()
    return earliest(...lacking.map(({ acked }) => acked.oldestAtMs))
  }
}
