import { DeviceError } from '../../../../drivers/errors.ts'
import type { Tse, TseExportFilter } from '../../../../drivers/ports/tse.ts'
import { LATEST_TRANSACTION } from '../../../../drivers/tr03151/filter.ts'
import { GatheredLogs } from './gathered-logs.ts'

/** How far a unit was read. */
export type ReadFrom = { counter: number; transaction: number; timeMs: number | undefined }

export type UnitLogsOptions = {
  signal: AbortSignal
  /** A single command of the export blocks the unit for at most this long, in ms. */
  heldMs: number
  /** False when the time for it is over. */
  isInTime: () => boolean
  /** Maximum number of transactions of one export, for a unit that does not filter by counter; 1,024 by default. */
  widthMost?: number
}

const WIDTH = 1024
const WIDTH_LEAST = 16
/** An export after a counter is ended at this size. */
const PORTION_BYTES = 4 << 20
/** Tolerance for the unit's clock, which may have been set between two logs. */
const SLACK_MS = 60_000

/** Reads what a unit signed after a counter, portion by portion. */
export class UnitLogs {
  readonly #tse: Tse
  readonly #options: UnitLogsOptions
  #width: number
  #hasAnswered = false

  constructor(tse: Tse, options: UnitLogsOptions) {
    this.#tse = tse
    this.#options = options
    this.#width = options.widthMost ?? WIDTH
  }

  /** True if the unit exported anything or reported that it is searching. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /**
   * The next logs, perhaps none; `isWhole`: the unit has no newer ones. Throws DeviceError, MalformedError.
   */
  async next(from: ReadFrom, expected: number): Promise<{ gathered: GatheredLogs; isWhole: boolean }> {
    if (this.#tse.resumesExports === true) return this.#afterCounter(from)
    for (;;) {
      const isOpenEnded = expected <= this.#width / 2
      const to = isOpenEnded ? LATEST_TRANSACTION : from.transaction + this.#width - 1
      const gathered = new GatheredLogs()
      if (await this.#into(gathered, { transactionFrom: Math.max(1, from.transaction), transactionTo: to })) {
        await this.#fill(gathered, from)
        return { gathered, isWhole: isOpenEnded }
      }
      if (!this.#options.isInTime()) throw outOfTime()
      if (this.#width <= WIDTH_LEAST) throw new DeviceError('refused', 'none', 'too many logs in few transactions')
      this.#width = Math.max(WIDTH_LEAST, Math.floor(this.#width / 2))
    }
  }

  async #afterCounter({ counter }: ReadFrom): Promise<{ gathered: GatheredLogs; isWhole: boolean }> {
    const gathered = new GatheredLogs()
    const isWhole = await this.#into(gathered, { afterCounter: counter }, PORTION_BYTES)
    return { gathered, isWhole }
  }

  /**
   * System and audit logs, and logs of older transactions that were open, may be outside any range of transaction
   * numbers; a filter by time finds them.
   */
  async #fill(gathered: GatheredLogs, { counter, timeMs }: ReadFrom): Promise<void> {
    const { span } = gathered
    if (span === undefined || (gathered.after(counter).gapAt === undefined && span.lowest <= counter + 1)) return
    const fromMs = Math.max(0, Math.min(span.fromMs, timeMs ?? 0) - SLACK_MS)
    const isDone = await this.#into(gathered, { timeFromMs: fromMs, timeToMs: span.toMs + SLACK_MS })
    if (!isDone && !this.#options.isInTime()) throw outOfTime()
  }

  async #into(gathered: GatheredLogs, filter: TseExportFilter, bytesMost = Number.MAX_SAFE_INTEGER): Promise<boolean> {
    const { signal, heldMs, isInTime } = this.#options
    try {
      const archive = this.#noted(this.#tse.exportLogs(filter, signal, heldMs))
      return await gathered.take(archive, (bytes) => bytes < bytesMost && isInTime())
    } catch (error) {
      if (error instanceof DeviceError && error.code === 'no_data') return true
      throw error
    }
  }

  async *#noted(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive) {
      this.#hasAnswered = true
      // A unit that searches its memory sends empty chunks.
      if (chunk.length === 0 && !this.#options.isInTime()) throw outOfTime()
      yield chunk
    }
  }
}

/** Not a failure: the interrupted export is repeated at night. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError'
}

function outOfTime(): OutOfTimeError {
  return new OutOfTimeError('the time for reading back is over')
}
