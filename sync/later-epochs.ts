import type { Clock } from '../base/clock.ts'
import { AckedPosition } from './acked-position.ts'
import { earliest } from './protocol/instants.ts'
import type { Cursor, Source } from './source.ts'

type Later = { readonly source: Source; readonly acked: AckedPosition; readonly isAside: boolean }

/**
 * The epochs after the present one, as their cursors have them. The target is asked about each in turn; if it is
 * unreachable from the start, not before it is back.
 */
export class LaterEpochs {
  readonly #cursorOf: (source: Source) => Cursor
  readonly #clock: Clock
  #later: readonly Later[] = []

  constructor(cursorOf: (source: Source) => Cursor, clock: Clock) {
    this.#cursorOf = cursorOf
    this.#clock = clock
  }

  /** Throws as `cursor.load` does. */
  async load(sources: readonly Source[]): Promise<void> {
    const later: Later[] = []
    for (const source of sources) {
      const acked = new AckedPosition(source, this.#cursorOf(source), this.#clock)
      const halt = await acked.load()
      later.push({ source, acked, isAside: halt?.set_aside === true })
    }
    this.#later = later
  }

  /** Events that need no acknowledgement any longer: the target has them, or a person dismissed them. */
  get settled(): number {
    return this.#later.reduce((sum, { source, acked, isAside }) => sum + (isAside ? source.head().seq : acked.seq), 0)
  }

  /** When the oldest event was made that the target misses of them. */
  get oldestAtMs(): number | undefined {
    const incomplete = this.#later.filter(({ source, acked, isAside }) => !isAside && source.head().seq > acked.seq)
    // If nothing was missing before, the time is that of an event appended since.
    for (const { acked } of incomplete) acked.grown()
    return earliest(...incomplete.map(({ acked }) => acked.oldestAtMs))
  }
}
