import { DeviceError } from '../errors.ts'
import type { TseExportFilter, TseRecall } from '../ports/tse.ts'
import { nameOfLog } from '../tr03151/file-name.ts'
import { isWhole } from '../tr03151/filter.ts'
import { filteredArchive } from '../tr03151/filtered-archive.ts'
import type { LogMessage } from '../tr03151/log-message.ts'
import { MalformedError } from '../tr03151/malformed.ts'
import { recalled } from '../tr03151/recall.ts'
import { readTar, tarEnd, tarEntry } from '../tr03151/tar.ts'
import type { WalkedLog } from './entry-walk.ts'
import { EntryMarks, walk } from './entry-walk.ts'
import type { WormEntries } from './worm-calls.ts'

type Limits = { signal: AbortSignal | undefined; heldMs: number }
type Options = {
  directory: string
  longMs: number
  /** One piece, in its own slot of the queue: tills sell between two of them. */
  read: (from: number | undefined, most: number, limits: Limits) => Promise<WormEntries>
  /** The beginning of a whole archive. */
  head: (signal: AbortSignal | undefined) => Promise<Uint8Array>
  /** Serial number of the unit that was opened. */
  serial: () => string
}
type Wanted = { signal: AbortSignal | undefined; heldMs?: number | undefined; after?: number }

/** Archives of a unit that refuses filtered exports, from its entries; info.csv and certificates are those of a whole one. */
export class EntryArchive {
  readonly #options: Options
  readonly #marks: EntryMarks

  constructor(options: Options) {
    this.#options = options
    this.#marks = new EntryMarks(options.directory)
  }

  /** Throws `no_data` none if no log matches; `garbled` none if the first log does not follow `after`. */
  async *archive(filter: TseExportFilter, wanted: Wanted): AsyncGenerator<Uint8Array> {
    if (filter.afterCounter !== undefined) return yield* this.#rest(filter.afterCounter, wanted)
    const whole = this.#whole(filter.transactionFrom ?? 1, wanted)
    yield* isWhole(filter) ? whole : filteredArchive(whole, filter)
  }

  /** The logs after a counter, without certificates. Its end is the beginning of the next one. */
  async *#rest(counter: number, wanted: Wanted): AsyncGenerator<Uint8Array> {
    const serial = this.#options.serial()
    const start = this.#marks.before(serial, (mark) => mark.counter <= counter)
    const pieces = walk(this.#reader(wanted), start)
    for (let piece = await pieces.next(); ; piece = await pieces.next()) {
      if (piece.done === true) {
        if (piece.value !== undefined) this.#marks.add(serial, piece.value)
        break
      }
      yield entriesOf(piece.value.filter(({ log }) => log.counter > counter))
    }
    yield tarEnd
  }

  async *#whole(transactionFrom: number, { after, ...wanted }: Wanted): AsyncGenerator<Uint8Array> {
    const serial = this.#options.serial()
    const start = this.#startOf(serial, transactionFrom)
    yield* await filesBeforeLogs(await this.#options.head(wanted.signal))
    let isFirst = start === undefined
    for await (const logs of walk(this.#reader(wanted), start)) {
      const [first] = logs
      if (isFirst && after !== undefined && first !== undefined && first.log.counter !== after + 1)
        throw new DeviceError('garbled', 'none', `the entries begin with counter ${first.log.counter}`)
      isFirst = false
      yield entriesOf(logs)
    }
    yield tarEnd
  }

  /** Undefined if the unit does not have its logs. */
  async recall(transaction: number): Promise<TseRecall | undefined> {
    const serial = this.#options.serial()
    const own: LogMessage[] = []
    const reader = this.#reader({ signal: undefined })
    for await (const logs of walk(reader, this.#startOf(serial, transaction)))
      for (const { log } of logs) if (log.transaction === transaction) own.push(log)
    return recalled(own)
  }

  /** After a deletion. */
  forget(): void {
    this.#marks.clear(this.#options.serial())
  }

  #startOf(serial: string, transaction: number) {
    return this.#marks.before(serial, (mark) => mark.transaction < transaction)
  }

  #reader({ signal, heldMs }: Wanted) {
    const { read, longMs } = this.#options
    const limits = { signal, heldMs: Math.min(heldMs ?? longMs, longMs) }
    return (from: number | undefined, most: number): Promise<WormEntries> => read(from, most, limits)
  }
}

/** The last entry of the beginning may be cut. */
async function filesBeforeLogs(head: Uint8Array): Promise<readonly Uint8Array[]> {
  const files: Uint8Array[] = []
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield head
  }
  try {
    for await (const { name, parts } of readTar(chunks())) {
      if (name.endsWith('.log')) break
      files.push(...parts)
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
  }
  return files
}

function entriesOf(logs: readonly WalkedLog[]): Buffer {
  return Buffer.concat(
    logs.map(({ message, log }) => tarEntry(nameOfLog(log), message, Math.floor(log.time.ms / 1000))),
  )
}
