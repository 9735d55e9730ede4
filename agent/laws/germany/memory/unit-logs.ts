import { DeviceError } from '../../../../drivers/errors.ts'
import type { Tse, TseExportFilter } from '../../../../drivers/ports/tse.ts'
import { latestTransaction } from '../../../../drivers/tr03151/filter.ts'
import { GatheredLogs } from './gathered-logs.ts'

/** How far a unit was read. */
export type ReadFrom = { counter: number; transaction: number; timeMs: number | undefined }

export type UnitLogsOptions = {
  signal: AbortSignal
  /** A single command of the export holds the unit for at most so long. */
  heldMs: number
  /** False once the time for it is over. */
  isInTime: () => boolean
  /** Transactions of one export of a unit that takes no counter; 1,024 unless told. */
  widthMost?: number
}

const WIDTH = 1024
const WIDTH_LEAST = 16
/** Of an export after a counter, which is ended there. */
const PORTION_BYTES = 4 << 20
/** For the clock of the unit, which may have been set between two logs. */
const SLACK_MS = 60_000

/** Hands out what a unit signed after a counter, a portion at a time. */
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

  /** Whether the unit handed anything out, or said that it searches. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /**
   * The next logs; `isWhole`: there are no newer ones that this export would have had. Throws DeviceError, MalformedError; nothing
   * is no error.
   */
  async next(from: ReadFrom, expected: number): Promise<{ gathered: GatheredLogs; isWhole: boolean }> {
    if (this.#tse.resumesExports === true) return this.#afterCounter(from)
    for (;;) {
      const isOpenEnded = expected <= this.#width / 2
      const to = isOpenEnded ? latestTransaction : from.transaction + this.#width - 1
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

  /** System and audit logs, and those of older transactions that were open, may be in no range of numbers: by their time they are. */
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
      // A unit that searches its memory says so with nothing.
      if (chunk.length === 0 && !this.#options.isInTime()) throw outOfTime()
      yield chunk
    }
  }
}

/** No failure: what the unit was handing out is asked for again at night. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError'
}

function outOfTime(): OutOfTimeError {
  return new OutOfTimeError('the time for reading back is over')
}
