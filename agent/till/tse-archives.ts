import { DeviceError } from '../../drivers/errors.ts'
import type { Clock } from '../../drivers/ports/clock.ts'
import type { TseExportFilter } from '../../drivers/ports/tse.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { notFound } from './guards.ts'

export type TseArchivesOptions = {
  clock: Clock
  /** Given up when the agent stops. */
  signal: AbortSignal
  /** Writes the whole stream or nothing. */
  write: (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<{ bytes: number; sha256: string }>
}

const TRIES = 12
/** Nobody has sold for so long: the first try of a unit that does nothing else meanwhile, doubled after each sale that ended one. */
const QUIET_MS = 2_000
const QUIET_MOST_MS = 120_000
/** An auditor is not kept waiting for ever: then it is made all the same. */
const WAIT_MOST_MS = 900_000
const LOOK_MS = 1_000

/**
 * Archives of TSEs beside the selling. A unit that hands its archive over in pieces is read at once; one that does nothing
 * else meanwhile is read when nobody sells, and again where a sale ended it.
 */
export class TseArchives {
  private readonly options: TseArchivesOptions

  constructor(options: TseArchivesOptions) {
    this.options = options
  }

  async write(device: DeviceSupervisor, filter: TseExportFilter, path: string) {
    const tse = device.asTse?.unit
    if (tse === undefined) throw notFound('device', device.id)
    const { signal, write } = this.options
    let quietMs = tse.exportsExclusively === true ? QUIET_MS : 0
    for (let tries = 1; ; tries++) {
      await this.quiet(device, quietMs)
      try {
        return await write(path, tse.exportLogs(filter, signal))
      } catch (error) {
        const isInterrupted = error instanceof DeviceError && error.code === 'export_running'
        if (!isInterrupted || tries >= TRIES || signal.aborted) throw error
      }
      quietMs = Math.min(QUIET_MOST_MS, Math.max(QUIET_MS, 2 * quietMs))
    }
  }

  /** Waits until the device had nothing to do for so long; not longer than an auditor would. */
  private async quiet(device: DeviceSupervisor, quietMs: number): Promise<void> {
    const { clock, signal } = this.options
    const latestMs = clock.now() + WAIT_MOST_MS
    const isQuiet = (): boolean => device.idleMs >= quietMs && device.device.load().waiting === 0
    while (quietMs > 0 && !isQuiet() && clock.now() < latestMs && !signal.aborted) await this.pause(LOOK_MS)
  }

  private pause(delayMs: number): Promise<void> {
    const { clock, signal } = this.options
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = clock.after(delayMs, end)
      signal.addEventListener('abort', end, { once: true })
    })
  }
}
