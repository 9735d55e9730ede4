import { runInChild } from '../../base/child/run.ts'
import type { Clock } from '../../base/clock.ts'
import { every, monoMs } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/thrown.ts'
import { AUTOCHECKPOINT_PAGES } from './database.ts'
import { holdersOf } from './disk/holders.ts'
import { logBytes } from './disk/wal.ts'
import type { Journal } from './journal.ts'
import { journalPath } from './journal-file.ts'
import { isLargeLog } from './upkeep.ts'

export type CheckpointTask = { database: string }
/** The whole log went into the database, and the log is empty. */
export type Checkpointed = { isWhole: boolean }

export type LogWatchOptions = {
  directory: string
  journal: Pick<Journal, 'read'>
  clock: Clock
  log: Log
  /** Copies the log into the database in a separate process. */
  checkpoint?: (task: CheckpointTask, signal: AbortSignal) => Promise<Checkpointed>
}

/** A log that one or more processes keep from being reset. */
export type LongReader = { readonly pids: readonly number[]; readonly bytes: number }

const LOOK_MS = 5_000
/** A reader that is present at two checks so far apart is a long reader. */
const LONG_MS = 60_000
/** A log of this size is reported with its reader. */
const REPORTED_BYTES = 64_000_000
/** After a checkpoint that a reader prevented from completing. */
const AGAIN_MS = 60_000
const PROGRAM = {
  name: 'checkpoint',
  entry: new URL('./checkpoint-child.ts', import.meta.url),
  heapMb: 16,
  limitMs: 600_000,
}

/**
 * Watches the size of the log. Another program that reads for long keeps it from being reset. When that program has
 * ended, a checkpoint of 125 MB takes 0.5 s: a separate process makes it, never a sale's commit.
 */
export class LogWatch {
  readonly #options: LogWatchOptions
  readonly #database: string
  readonly #stopping = new AbortController()
  #cancel: (() => void) | undefined
  /** The connection leaves the log to the child. */
  #isLeft = false
  #running: Promise<void> | undefined
  #againMs = 0
  /** When each process was first seen reading, as long as every later check saw it. */
  #readers: ReadonlyMap<number, number> = new Map()
  #longReader: LongReader | undefined

  constructor(options: LogWatchOptions) {
    this.#options = options
    this.#database = journalPath(options.directory)
  }

  /** Undefined while no process keeps a large log from being reset. */
  get longReader(): LongReader | undefined {
    return this.#longReader
  }

  /** Checks at once: a kill leaves a log of any size. */
  start(): void {
    this.#checkLog()
    this.#cancel = every(this.#options.clock, LOOK_MS, () => this.#checkLog())
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#stopping.abort()
    await this.#running
  }

  #checkLog(): void {
    const isLarge = isLargeLog(this.#database)
    if (isLarge !== this.#isLeft) this.#leaveToChild(isLarge)
    if (!isLarge) {
      this.#readers = new Map()
      this.#longReader = undefined
      return
    }
    const nowMs = monoMs(this.#options.clock)
    this.#noteReaders(nowMs)
    if (this.#readers.size === 0 && nowMs >= this.#againMs) this.#running ??= this.#checkpoint()
  }

  #leaveToChild(isLeft: boolean): void {
    try {
      this.#options.journal.read((db) => db.pragma(`wal_autocheckpoint = ${isLeft ? 0 : AUTOCHECKPOINT_PAGES}`))
      this.#isLeft = isLeft
    } catch {
      // A journal that is closed or has failed: nothing is committed any longer.
    }
  }

  #noteReaders(nowMs: number): void {
    const pids = holdersOf(this.#database).flatMap(({ pid, use }) => (use === 'read' ? [pid] : []))
    this.#readers = new Map(pids.map((pid) => [pid, this.#readers.get(pid) ?? nowMs]))
    const long = pids.filter((pid) => nowMs - (this.#readers.get(pid) ?? nowMs) >= LONG_MS)
    const bytes = logBytes(this.#database)
    this.#longReader = long.length > 0 && bytes > REPORTED_BYTES ? { pids: long, bytes } : undefined
  }

  async #checkpoint(): Promise<void> {
    const { checkpoint = checkpointInChild, clock, log } = this.#options
    let isWhole = false
    try {
      isWhole = (await checkpoint({ database: this.#database }, this.#stopping.signal)).isWhole
    } catch (error) {
      if (!this.#stopping.signal.aborted) log.warn({ message: messageOf(error) }, 'the log was not checkpointed')
    }
    if (!isWhole) this.#againMs = monoMs(clock) + AGAIN_MS
    this.#running = undefined
  }
}

function checkpointInChild(task: CheckpointTask, signal: AbortSignal): Promise<Checkpointed> {
  return runInChild<Checkpointed>(PROGRAM, task, signal)
}
