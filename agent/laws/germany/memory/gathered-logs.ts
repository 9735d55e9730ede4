import { INFO_FILE_NAME, isCertificateFileName } from '../../../../drivers/tr03151/file-name.ts'
import type { LogMessage } from '../../../../drivers/tr03151/log-message.ts'
import { parseLogMessage, transactionOperation } from '../../../../drivers/tr03151/log-message.ts'
import type { TarEntry } from '../../../../drivers/tr03151/tar.ts'
import { readTar } from '../../../../drivers/tr03151/tar.ts'

/** A log as the unit exported it, and its parsed content. */
type Log = Pick<LogMessage, 'counter' | 'kind' | 'transaction'> & {
  timeMs: number
  isFinish: boolean
  parts: readonly Uint8Array[]
  bytes: number
}

/** Maximum number of bytes held at once. */
const HELD_BYTES_MAX = 16 << 20

/** Logs of a unit from one or several exports, each once. */
export class GatheredLogs {
  readonly #logs = new Map<number, Log>()
  readonly #common = new Map<string, readonly Uint8Array[]>()
  #bytes = 0

  /** Total of bytes exported so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** info.csv and certificates. */
  get common(): readonly Uint8Array[] {
    return [...this.#common.values()].flat()
  }

  /**
   * Adds an archive. `goesOn` is called before each file; false ends it, as does exceeding the limit of held bytes:
   * both return false. Throws the errors of the unit and MalformedError.
   */
  async take(archive: AsyncIterable<Uint8Array>, goesOn: (bytes: number) => boolean): Promise<boolean> {
    for await (const entry of readTar(archive)) {
      this.#keep(entry)
      if (this.#bytes > HELD_BYTES_MAX || !goesOn(this.#bytes)) return false
    }
    return true
  }

  /**
   * The logs after a counter, ascending, up to the first gap that no audit log explains (a failed signature consumes
   * its counter, TR-03153-1 §9.2). `gapAt`: the missing counter.
   */
  after(counter: number): { logs: readonly Log[]; gapAt: number | undefined } {
    const rising = [...this.#logs.values()].filter((log) => log.counter > counter)
    rising.sort((one, other) => one.counter - other.counter)
    let last = counter
    for (const [index, log] of rising.entries()) {
      if (log.counter !== last + 1 && log.kind !== 'Aud') return { logs: rising.slice(0, index), gapAt: last + 1 }
      last = log.counter
    }
    return { logs: rising, gapAt: undefined }
  }

  /** The oldest and newest log time (ms since 1970) and the lowest counter; undefined without logs. */
  get span(): { fromMs: number; toMs: number; lowest: number } | undefined {
    let span: { fromMs: number; toMs: number; lowest: number } | undefined
    for (const { timeMs, counter } of this.#logs.values())
      span = {
        fromMs: Math.min(timeMs, span?.fromMs ?? timeMs),
        toMs: Math.max(timeMs, span?.toMs ?? timeMs),
        lowest: Math.min(counter, span?.lowest ?? counter),
      }
    return span
  }

  #keep({ name, content, parts }: TarEntry): void {
    const bytes = parts.reduce((sum, { length }) => sum + length, 0)
    this.#bytes += bytes
    if (name === INFO_FILE_NAME || isCertificateFileName(name)) this.#common.set(name, parts)
    if (content === undefined || !name.endsWith('.log')) return
    const message = parseLogMessage(content)
    const { counter, kind, transaction } = message
    const isFinish = transactionOperation(message) === 'Finish'
    this.#logs.set(counter, { counter, kind, transaction, timeMs: message.time.ms, isFinish, parts, bytes })
  }
}

export type { Log as GatheredLog }
