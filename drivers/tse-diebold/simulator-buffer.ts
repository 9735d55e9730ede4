import type { TseExportFilter } from '../ports/tse.ts'
import { command, decodeDate, encodeAnswer } from './codec.ts'

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
type Piece = { data: Buffer; isLast: boolean }

const PIECE_BYTES = 4096
/** Pieces are numbered from 0 to 255, then from 0 again. */
const PACKETS = 256

/** A framed answer in a buffer of the unit, read piece by piece with one in memory ahead. */
export class BufferedAnswer {
  readonly #make: () => Chunks
  #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined
  #rest: Buffer = Buffer.alloc(0)
  #next = 0
  #last: Piece | undefined

  constructor(make: () => Chunks) {
    this.#make = make
  }

  /** Throws if the answer cannot be created. */
  async lookAhead(): Promise<void> {
    await this.#fill()
  }

  /** The next piece, the previous one again, or from 0 again; undefined for any other. */
  async piece(packet: number): Promise<Piece | undefined> {
    if (packet !== this.#next % PACKETS) {
      if (this.#last !== undefined && packet === (this.#next - 1) % PACKETS) return this.#last
      if (packet !== 0) return undefined
      await this.close()
      this.#next = 0
    }
    await this.#fill()
    const data = this.#rest.subarray(0, PIECE_BYTES)
    this.#rest = this.#rest.subarray(PIECE_BYTES)
    this.#next += 1
    this.#last = { data, isLast: this.#rest.length === 0 }
    return this.#last
  }

  /** Stops reading the memory; a later request starts from the beginning. */
  async close(): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = undefined
    await chunks?.return?.()
  }

  /** Reads more than one piece, or the rest. */
  async #fill(): Promise<void> {
    if (this.#chunks === undefined) {
      const content = this.#make()
      this.#chunks = Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]()
      this.#rest = Buffer.alloc(0)
    }
    const parts: Uint8Array[] = [this.#rest]
    for (let have = this.#rest.length; have <= PIECE_BYTES; ) {
      const { done, value } = await this.#chunks.next()
      if (done === true) break
      parts.push(value)
      have += value.length
    }
    if (parts.length > 1) this.#rest = Buffer.concat(parts)
  }
}

/** The filter of an export command; undefined for other commands. */
export function archiveFilter(name: string, given: readonly string[]): TseExportFilter | undefined {
  const client = given.at(-1)
  const clientId = client === '' || client === undefined ? {} : { clientId: client }
  switch (name) {
    case command.exportAll:
      return {}
    case command.exportByTransaction:
      return { transactionFrom: Number(given[1]), transactionTo: Number(given[1]), ...clientId }
    case command.exportByInterval:
      return { transactionFrom: Number(given[1]), transactionTo: Number(given[2]), ...clientId }
    case command.exportByPeriod: {
      const [from, to] = [given[1], given[2]].map((date) => decodeDate(Buffer.from(date ?? '')))
      return { timeFromMs: from ?? 0, timeToMs: (to ?? 0) + 999, ...clientId }
    }
    default:
      return undefined
  }
}

/** The archive as one base64 value in the frame of its answer. */
export async function* framedArchive(
  name: string,
  id: string,
  archive: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const mark = '#'
  const frame = encodeAnswer({ command: name, id, values: [Buffer.from(mark)] })
  const at = frame.indexOf(mark)
  yield frame.subarray(0, at)
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of archive) {
    const bytes = Buffer.concat([rest, chunk])
    const whole = bytes.length - (bytes.length % 3)
    yield Buffer.from(bytes.subarray(0, whole).toString('base64'), 'latin1')
    rest = bytes.subarray(whole)
  }
  yield Buffer.from(rest.toString('base64'), 'latin1')
  yield frame.subarray(at + mark.length)
}
