import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { syncNow } from '../../base/durable-file.ts'
import { DeviceError } from '../errors.ts'
import { SparseIndex } from './file-index.ts'
import type { Snapshot } from './file-snapshot.ts'
import { emptySnapshot, indexPath, logPath, readSnapshot, writeSnapshot } from './file-snapshot.ts'
import type { LogRecord } from './log-record.ts'
import { decodeRecord, encodeRecord, RECORD_MAX_BYTES } from './log-record.ts'
import { newState, stateAfter } from './state.ts'
import type { SeLog, SePending, SeState, SeStore } from './store.ts'

export type FileStoreOptions = {
  directory: string
  /** fdatasync after each write: survives a power cut, not only a crash of the process. */
  sync?: boolean
}

type Found = { record: LogRecord; offset: number; end: number }

const PORTION_BYTES = 262_144
/** Records between two snapshots: the number that opening reads again. */
const SNAPSHOT_EVERY = 1024
const syncToDisk = promisify(fdatasync)

/**
 * A secure element's memory in three files: append-only records, an index of every 256th log, a snapshot of the state.
 * Opening reads the snapshot and the few records after it, and cuts a torn tail. Memory is flat: logs stay on disk. One
 * writer. A record is one synchronous `write` into the page cache, which is faster than a switch to the thread pool.
 */
export class FileStore implements SeStore {
  readonly #directory: string
  readonly #sync: boolean
  readonly #index = new SparseIndex()
  #file: number | undefined
  #generation = 1
  #size = 0
  #state: SeState | undefined
  #sinceSnapshot = 0

  constructor(options: FileStoreOptions) {
    this.#directory = options.directory
    this.#sync = options.sync ?? false
  }

  async load(): Promise<{ state: SeState | undefined; pending: undefined }> {
    this.#closeFiles()
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const snapshot = readSnapshot(this.#directory)
    // Left by an interrupted deletion; later they would pass for a newer generation.
    const next = logPath(this.#directory, snapshot.generation + 1)
    for (const path of [next, `${next}.new`]) rmSync(path, { force: true })
    this.#openFile(snapshot.generation)
    if (!(await this.#readFrom(snapshot))) {
      await this.#readFrom(emptySnapshot(snapshot.generation))
      // The old snapshot would match again, in the middle of a record, after the file has grown past it.
      this.#snapshot()
    }
    return { state: this.#state, pending: undefined }
  }

  /** Signature and memory are one device, so there is no write-ahead. */
  async prepare(_pending: SePending): Promise<void> {}

  async commit(log: SeLog, next: SeState): Promise<void> {
    // A transaction log determines the state after it; a system log may stand for a change that it does not contain.
    await this.#write({ log, state: log.kind === 'Tra' ? undefined : next }, next)
  }

  async save(next: SeState): Promise<void> {
    await this.#write({ log: undefined, state: next }, next)
  }

  async *logs(fromCounter: number): AsyncGenerator<SeLog> {
    for await (const { record } of this.#records(this.#index.offsetOfCounter(fromCounter), 'throw'))
      if (record.log && record.log.counter >= fromCounter) yield record.log
  }

  async transaction(transaction: number): Promise<readonly SeLog[]> {
    if (transaction > (this.#state?.transactionCounter ?? 0)) return []
    const logs: SeLog[] = []
    for await (const { record } of this.#records(this.#index.offsetOfTransaction(transaction), 'throw')) {
      const { log } = record
      if (log?.kind !== 'Tra' || log.transaction === undefined) continue
      if (log.transaction === transaction) logs.push(log)
      if (log.transaction === transaction && log.operation === 'Finish') break
      if (log.transaction > transaction && log.operation === 'Start' && logs.length === 0) break
    }
    return logs
  }

  async close(): Promise<void> {
    if (this.#file === undefined) return
    this.#snapshot()
    this.#closeFiles()
  }

  #openFile(generation: number, path = logPath(this.#directory, generation), flags = 0): void {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT | flags, 0o600)
    this.#generation = generation
    this.#size = fstatSync(this.#file).size
  }

  #closeFiles(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#index.close()
  }

  /** Reads the records after a snapshot and cuts a torn tail. False if the files are older than the snapshot. */
  async #readFrom(snapshot: Snapshot): Promise<boolean> {
    const path = indexPath(this.#directory, this.#generation)
    if (this.#size < snapshot.offset || !this.#index.open(path, snapshot.indexEntries)) return false
    this.#state = snapshot.state
    this.#sinceSnapshot = 0
    let good = snapshot.offset
    for await (const { record, offset, end } of this.#records(snapshot.offset, 'stop')) {
      const before = this.#state ?? newState(record.log?.timeMs ?? 0)
      this.#noted(record, offset)
      this.#state = record.state ?? (record.log && stateAfter(before, record.log, record.log.message.length))
      good = end
    }
    if (good < this.#size) ftruncateSync(this.#descriptor(), good)
    this.#size = good
    return true
  }

  async #write(record: LogRecord, next: SeState): Promise<void> {
    this.#append(record)
    if (this.#sync) await syncToDisk(this.#descriptor())
    const mustShrink = next.deletedUpTo > (this.#state?.deletedUpTo ?? 0)
    this.#state = next
    if (mustShrink) await this.#shrink(next)
    else if (this.#sinceSnapshot >= SNAPSHOT_EVERY) this.#snapshot()
  }

  #append(record: LogRecord): void {
    const bytes = encodeRecord(record)
    const written = writeSync(this.#descriptor(), bytes, 0, bytes.length, this.#size)
    if (written < bytes.length) throw new DeviceError('unavailable', 'unknown', 'the disk took only part of a log')
    this.#noted(record, this.#size)
    this.#size += bytes.length
  }

  #noted({ log }: LogRecord, offset: number): void {
    if (log) this.#index.note(log.counter, this.#state?.transactionCounter ?? 0, offset)
    this.#sinceSnapshot += 1
  }

  /**
   * Removes deleted logs: the others are copied into a file of the next generation. If no snapshot names a file the newest
   * is used, so it gets its name after it is complete and durable. Then the snapshot switches over.
   */
  async #shrink(next: SeState): Promise<void> {
    const old = this.#generation
    const records = this.#records(0, 'throw')
    const first = await records.next()
    this.#closeFiles()
    const path = logPath(this.#directory, old + 1)
    this.#openFile(old + 1, `${path}.new`, constants.O_TRUNC)
    this.#index.open(indexPath(this.#directory, old + 1), 0)
    if (!first.done) this.#keep(first.value, next)
    for await (const record of records) this.#keep(record, next)
    this.#append({ log: undefined, state: next })
    await syncToDisk(this.#descriptor())
    renameSync(`${path}.new`, path)
    syncNow(this.#directory)
    this.#snapshot()
    rmSync(logPath(this.#directory, old), { force: true })
    rmSync(indexPath(this.#directory, old), { force: true })
  }

  #keep({ record }: Found, next: SeState): void {
    if (record.log && record.log.counter > next.deletedUpTo) this.#append(record)
  }

  /**
   * The records of a snapshot are made durable before it: after a power cut they would be zeros, reported as damage.
   */
  #snapshot(): void {
    fdatasyncSync(this.#descriptor())
    const snapshot = { generation: this.#generation, offset: this.#size, state: this.#state }
    writeSnapshot(this.#directory, { ...snapshot, indexEntries: this.#index.entries() })
    this.#sinceSnapshot = 0
  }

  /** Records from an offset to the present end, in portions, through a separate descriptor. */
  async *#records(from: number, onDamage: 'stop' | 'throw'): AsyncGenerator<Found> {
    const end = this.#size
    const handle = await open(logPath(this.#directory, this.#generation), 'r')
    try {
      let portion = Buffer.alloc(Math.min(PORTION_BYTES, Math.max(0, end - from)))
      let offset = from
      while (offset < end) {
        const { bytesRead } = await handle.read(portion, 0, Math.min(portion.length, end - offset), offset)
        const before = offset
        for (const place of recordsOf(portion.subarray(0, bytesRead), offset)) {
          yield place
          offset = place.end
        }
        if (offset > before) continue
        if (portion.length >= Math.min(RECORD_MAX_BYTES, end - offset)) break
        portion = Buffer.alloc(Math.min(portion.length * 2, RECORD_MAX_BYTES))
      }
      if (offset < end && onDamage === 'throw')
        throw new DeviceError('unavailable', 'none', `the memory is damaged at byte ${offset}`)
    } finally {
      await handle.close()
    }
  }

  #descriptor(): number {
    if (this.#file === undefined) throw new DeviceError('unavailable', 'none', 'the memory is not open')
    return this.#file
  }
}

function* recordsOf(bytes: Buffer, base: number): Generator<Found> {
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeRecord(bytes, at)
    if (!decoded) return
    const end = at + decoded.length
    yield { record: decoded.record, offset: base + at, end: base + end }
    at = end
  }
}
