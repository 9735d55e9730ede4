import type { Clock } from '../../base/clock.ts'
import { every } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { TargetStatus } from '../../sync/status.ts'

const LOOK_MS = 30_000

const MESSAGES = {
  sync_delayed_15_min: 'nothing has reached this target for a quarter of an hour',
  sync_delayed_24_h: 'nothing has reached this target for a day: later sales exist on this disk alone',
} as const

export type SyncAlarmOptions = {
  status: () => readonly TargetStatus[]
  clock: Clock
  log: Log
}

/** Logs, once each, since when a target misses sold events, and when it has all of them again. */
export class SyncAlarm {
  readonly #options: SyncAlarmOptions
  readonly #logged = new Map<string, NonNullable<TargetStatus['warning']>>()
  #cancel: () => void = () => undefined

  constructor(options: SyncAlarmOptions) {
    this.#options = options
  }

  open(): void {
    this.#cancel = every(this.#options.clock, LOOK_MS, () => {
      for (const status of this.#options.status()) this.#logChange(status)
    })
  }

  close(): void {
    this.#cancel()
  }

  #logChange({ target, warning, unacked, oldest_unacked_seconds: seconds, last_error: error }: TargetStatus): void {
    const { log } = this.#options
    if (warning === (this.#logged.get(target) ?? null)) return
    if (warning === null) {
      this.#logged.delete(target)
      log.info({ target }, `sync target ${target} has caught up`)
      return
    }
    this.#logged.set(target, warning)
    log[warning === 'sync_delayed_24_h' ? 'error' : 'warn'](
      { target, code: warning, unacked, oldest_s: Math.round(seconds), cause: error?.code },
      MESSAGES[warning],
    )
  }
}
