import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DeviceError } from '../errors.ts'
import type { LogMessage } from '../tr03151/log-message.ts'
import { parseLogMessage } from '../tr03151/log-message.ts'
import { MalformedError } from '../tr03151/malformed.ts'
import type { WormEntries } from './worm-calls.ts'

/** An entry from which a walk may begin. `transaction`: the highest number up to it. */
type Mark = { id: number; counter: number; transaction: number }
/** An entry with its content. */
export type WalkedLog = { message: Uint8Array; log: LogMessage }

/** Limit of entries that one call reads: a till that waits goes next. */
const ENTRIES_MOST = 128
const MARKS_MAX = 16

/** Entries by which earlier walks ended, in a file: without it a walk begins with the first entry. */
export class EntryMarks {
  readonly #path: string
  #serial = ''
  #marks: readonly Mark[] = []

  constructor(directory: string) {
    this.#path = join(directory, 'entries.json')
  }

  /** The last one that fits. */
  before(serial: string, isBefore: (mark: Mark) => boolean): Mark | undefined {
    this.#load(serial)
    return this.#marks.findLast(isBefore)
  }

  add(serial: string, mark: Mark): void {
    this.#load(serial)
    const others = this.#marks.filter(({ counter }) => counter !== mark.counter)
    this.#keep([...others, mark].sort((one, other) => one.counter - other.counter).slice(-MARKS_MAX))
  }

  /** A deletion ends all ids. */
  clear(serial: string): void {
    this.#load(serial)
    if (this.#marks.length > 0) this.#keep([])
  }

  #load(serial: string): void {
    if (this.#serial === serial) return
    this.#serial = serial
    this.#marks = []
    try {
      const file = JSON.parse(readFileSync(this.#path, 'utf8')) as { serial?: unknown; marks?: unknown }
      if (file.serial === serial && Array.isArray(file.marks)) this.#marks = file.marks.filter(isMark)
    } catch {
      // None yet, or one of a kill: the next walk begins with the first entry.
    }
  }

  #keep(marks: readonly Mark[]): void {
    this.#marks = marks
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      writeFileSync(`${this.#path}.tmp`, JSON.stringify({ serial: this.#serial, marks }), { mode: 0o600 })
      renameSync(`${this.#path}.tmp`, this.#path)
    } catch {
      // A full disk costs a longer walk after the next start.
    }
  }
}

type Read = (from: number | undefined, most: number) => Promise<WormEntries>

/**
 * The entries of the TSE Store after a mark, in pieces; all of them without a mark, or if its entry has changed. Returns
 * the mark of the last entry. Throws `export_running` none if the entries were deleted.
 */
export async function* walk(
  read: Read,
  start: Mark | undefined,
): AsyncGenerator<readonly WalkedLog[], Mark | undefined> {
  for (let mark = await holding(read, start); ; ) {
    const { entries, isEnd } = await read(mark?.id, ENTRIES_MOST)
    const logs = entries.map(({ id, message }) => ({ id, message, log: parsed(message) }))
    if (mark !== undefined && logs[0]?.log.counter !== mark.counter)
      throw new DeviceError('export_running', 'none', 'the logs were deleted while they were read')
    yield mark === undefined ? logs : logs.slice(1)
    for (const { id, log } of logs)
      mark = { id, counter: log.counter, transaction: Math.max(mark?.transaction ?? 0, log.transaction ?? 0) }
    if (isEnd) return mark
  }
}

/** The mark if its entry is still the same: the library does not report whether an id was used again. */
async function holding(read: Read, mark: Mark | undefined): Promise<Mark | undefined> {
  if (mark === undefined) return undefined
  const [entry] = (await read(mark.id, 1)).entries
  return entry !== undefined && parsed(entry.message).counter === mark.counter ? mark : undefined
}

function parsed(message: Uint8Array): LogMessage {
  try {
    return parseLogMessage(Buffer.from(message))
  } catch (error) {
    if (error instanceof MalformedError) throw new DeviceError('garbled', 'none', error.message)
    throw error
  }
}

function isMark(value: unknown): value is Mark {
  const { id, counter, transaction } = value as Partial<Record<keyof Mark, unknown>>
  return [id, counter, transaction].every((number) => typeof number === 'number')
}
