import { EventEmitter } from 'node:events'
import type { Clock } from '../../../base/clock.ts'

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
    if (gone.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        this.#emitter.off(id, end)
        gone.removeEventListener('abort', end)
        resolve()
      }
      const cancel = this.#clock.after(WAIT_MS, end)
      this.#emitter.once(id, end)
      gone.addEventListener('abort', end)
    })
  }

  note(id: string): void {
    this.#emitter.emit(id)
  }

  /** Ends all waits: the agent stops. */
  noteAll(): void {
    for (const id of this.#emitter.eventNames()) this.#emitter.emit(id)
  }
}
