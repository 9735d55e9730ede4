import { EventEmitter } from 'node:events'
import type { Clock } from '../../../base/clock.ts'
import { waitUntil } from '../../../base/clock.ts'

const WAIT_MS = 10_000

/** The ends of exports, for requests that wait for a file. */
export class ExportEnds {
  readonly #clock: Clock
  readonly #emitter = new EventEmitter().setMaxListeners(0)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when the export has ended, `gone` aborts, or 10 s have passed. */
  wait(id: string, gone: AbortSignal): Promise<void> {
    const begin = (end: () => void) => {
      this.#emitter.once(id, end)
      return () => void this.#emitter.off(id, end)
    }
    return waitUntil(this.#clock, WAIT_MS, begin, gone)
  }

  note(id: string): void {
    this.#emitter.emit(id)
  }

  /** Ends all waits: the agent stops. */
  noteAll(): void {
    for (const id of this.#emitter.eventNames()) this.#emitter.emit(id)
  }
}
