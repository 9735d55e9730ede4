import type { Clock } from '../clock.ts'
import { monoMs } from '../clock.ts'
import type { Log } from '../log.ts'
import type { StoreBusyError } from './store.ts'

const AGAIN_MS = 60_000

/** Says in the log why the store takes nothing now, at most once a minute for each cause, however many shops ask meanwhile. */
export class StoreTrouble {
  readonly #clock: Clock
  readonly #log: Pick<Log, 'warn'>
  readonly #toldAtMs = new Map<string, number>()

  constructor(clock: Clock, log: Pick<Log, 'warn'>) {
    this.#clock = clock
    this.#log = log
  }

  tell({ cause, message }: StoreBusyError): void {
    const nowMs = monoMs(this.#clock)
    const key = typeof cause === 'string' ? cause : message
    if (nowMs - (this.#toldAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    this.#toldAtMs.set(key, nowMs)
    this.#log.warn({ code: 'store-busy', error: message }, 'the store takes nothing now: shops send it again')
  }
}
