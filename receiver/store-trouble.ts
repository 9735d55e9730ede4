import type { Clock } from '../base/clock.ts'
import { monoMs } from '../base/clock.ts'
import type { Log } from '../sync/protocol/log.ts'
import type { StoreBusyError } from './store.ts'

const AGAIN_MS = 60_000
/** The causes repeat themselves; beyond this number some are logged twice. */
const WORDS_MOST = 100

/** Logs why the store takes nothing now, at most once a minute for each cause, however many shops ask. */
export class StoreTrouble {
  readonly #clock: Clock
  readonly #log: Pick<Log, 'warn'>
  readonly #toldAtMs = new Map<string, number>()

  constructor(clock: Clock, log: Pick<Log, 'warn'>) {
    this.#clock = clock
    this.#log = log
  }

  report({ cause, message }: StoreBusyError): void {
    this.seldom(typeof cause === 'string' ? cause : message, () =>
      this.#log.warn({ code: 'store_busy', error: message }, 'the store takes nothing now: shops send it again'),
    )
  }

  /** For any other fault that affects all requests and messages until a person fixes it. */
  seldom(words: string, say: () => void): void {
    const nowMs = monoMs(this.#clock)
    if (nowMs - (this.#toldAtMs.get(words) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    if (this.#toldAtMs.size >= WORDS_MOST) this.#toldAtMs.clear()
    this.#toldAtMs.set(words, nowMs)
    say()
  }
}
