import { randomBytes } from 'node:crypto'
import { rmSync, statSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { FiskalError } from '../../errors.ts'
import type { FreeSpace } from './free-space.ts'
import { FEW_FILES, freeSpaceOf } from './free-space.ts'

const RESERVE_FILE = 'reserve'
const BLOCK_BYTES = 1_048_576
const RETRY_NS = 1_000_000_000n
const WATCH_MS = 500
/** The files that a start writes, with a margin: the indices of the journal, its log, the first events. */
const START_BYTES = BLOCK_BYTES

/**
 * Free bytes and their meaning: `low` warns, `full` refuses new work until space is free again. If only the number of
 * files has run out, the journal continues in those that it has, so that this alone is `low`.
 */
export type SpaceState = {
  level: 'ok' | 'low' | 'full'
  freeBytes: number
  totalBytes: number
  lowWaterBytes: number
  reserveBytes: number
  reserveHeldBytes: number
  /** Undefined if the disk has no limit. */
  freeFiles: number | undefined
}

/** `usable` counts as if the reserve always existed: it does not change when the reserve is released or made again. */
type Measure = {
  free: number
  total: number
  reserve: number
  floor: number
  lowWater: number
  usable: number
  freeFiles: number | undefined
}

/** Less than a start writes is left, the reserve included. Everything that was answered is durable. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError'
  readonly code = 'storage_unavailable'

  constructor(directory: string, freeBytes: number) {
    super(
      `The disk of ${directory} is full (${Math.floor(freeBytes / 1024)} KiB free). Free space on it (df -h ${directory}): nothing that was answered is lost.`,
    )
  }
}

/** Called before a start writes anything. Throws DiskFullError, and the system's error if the disk cannot be asked. */
export function refuseFullDisk(directory: string): void {
  const { freeBytes } = freeSpaceOf(directory)
  if (freeBytes + heldIn(directory) < START_BYTES) throw new DiskFullError(directory, freeBytes)
}

function heldIn(directory: string): number {
  return statSync(join(directory, RESERVE_FILE), { throwIfNoEntry: false })?.size ?? 0
}

export type SpaceOptions = {
  directory: string
  clock: Clock
  /**
   * Receives a warning when new work begins to be refused, when it is accepted again, and when the disk cannot be
   * asked.
   */
  log?: { warn(fields: { path: string; error?: unknown; bytes?: number }, message: string): void }
}

/** Bytes to keep free for the journal on a disk of that size. */
export function reserveOf(totalBytes: number): number {
  return Math.floor(Math.min(64_000_000, totalBytes / 20))
}

/**
 * Free space for the journal on the disk of the state directory. A reserve file (64 MB, on disks below 1.28 GB a
 * twentieth of them) exists while space suffices. The floor is 16 MiB, at most a fiftieth of the disk. With less than
 * the floor next to the reserve, the reserve is released so that running operations can finish. New work is refused then
 * until a new reserve and twice the floor are free. A check costs one statfs (2 µs); a full disk is checked twice a second.
 */
export class Space {
  readonly #options: SpaceOptions
  readonly #path: string
  #reservedBytes = 0
  #full = true
  #filling: Promise<void> | undefined
  #retryAt = 0n
  #cancelWatch: (() => void) | undefined
  /** The last reading of the disk. */
  #newestReport: FreeSpace | undefined
  #unanswered = false

  constructor(options: SpaceOptions) {
    this.#options = options
    this.#path = join(options.directory, RESERVE_FILE)
  }

  /**
   * Makes the reserve, or finds it. On a full disk it is released at once, so that the journal can be opened. Throws
   * the system's error if the disk cannot be asked.
   */
  async open(): Promise<void> {
    this.#reservedBytes = Math.min(heldIn(this.#options.directory), this.#measure().reserve)
    // A reserve that was copied here from a larger disk would count as free space.
    if (this.#reservedBytes > 0) truncateSync(this.#path, this.#reservedBytes)
    const { usable, floor, reserve } = this.#measure()
    if (usable < floor) this.#giveUp()
    else if (this.#reservedBytes >= reserve) this.#full = false
    else await this.#refill()
  }

  /** False if only outcomes of running operations may be written. */
  admits(): boolean {
    const { usable, floor } = this.#measure()
    if (!this.#full) {
      if (usable < floor) this.#giveUp()
    } else if (usable >= 2 * floor && this.#filling === undefined && this.#options.clock.mono() >= this.#retryAt) {
      this.#filling = this.#refill().finally(() => {
        this.#filling = undefined
      })
    }
    return !this.#full
  }

  /** The refusal of new work while the disk is full. */
  refusal(): FiskalError | undefined {
    if (this.admits()) return undefined
    return new FiskalError(
      'storage_unavailable',
      'The disk is almost full: open operations can finish; new ones are refused.',
      {},
      { retryAfterSeconds: 30 },
    )
  }

  /** For doctor and the status page. Also checks the disk as `admits` does: free space is noticed without a sale. */
  state(): SpaceState {
    const admitted = this.admits()
    const { free, total, reserve, lowWater, freeFiles } = this.#measure()
    const level = free < lowWater || (freeFiles ?? FEW_FILES) < FEW_FILES ? 'low' : 'ok'
    return {
      level: admitted ? level : 'full',
      freeBytes: free,
      totalBytes: total,
      lowWaterBytes: lowWater,
      reserveBytes: reserve,
      reserveHeldBytes: this.#reservedBytes,
      freeFiles,
    }
  }

  /** Waits until a reserve in the making is complete or was released. The reserve stays on disk. */
  async close(): Promise<void> {
    this.#cancelWatch?.()
    await this.#filling
  }

  #measure(): Measure {
    const { freeBytes: free, totalBytes: total, freeFiles } = this.#readFreeSpace()
    const reserve = reserveOf(total)
    const floor = Math.floor(Math.min(16 * BLOCK_BYTES, total / 50))
    const lowWater = Math.min(500_000_000, total / 10)
    return { free, total, reserve, floor, lowWater, usable: free + this.#reservedBytes - reserve, freeFiles }
  }

  /**
   * If the disk does not report its free space this once, the last report counts: a commit that fails will show more.
   */
  #readFreeSpace(): FreeSpace {
    const { directory, log } = this.#options
    try {
      this.#newestReport = freeSpaceOf(directory)
      this.#unanswered = false
    } catch (error) {
      if (this.#newestReport === undefined) throw error
      if (!this.#unanswered) log?.warn({ path: directory, error }, 'the disk does not report its free space')
      this.#unanswered = true
    }
    return this.#newestReport
  }

  #giveUp(): void {
    const { directory, log } = this.#options
    if (!this.#full) {
      const message = 'the disk is almost full: new work is refused until space is free'
      log?.warn({ path: directory, bytes: this.#newestReport?.freeBytes ?? 0 }, message)
    }
    this.#full = true
    this.#reservedBytes = 0
    rmSync(this.#path, { force: true })
    this.#watch()
  }

  /** Notices free space without a sale that would have to be refused. */
  #watch(): void {
    this.#cancelWatch?.()
    this.#cancelWatch = this.#options.clock.after(WATCH_MS, () => {
      if (!this.admits()) this.#watch()
    })
  }

  /** New work is admitted only after the whole reserve was written: statfs does not show a quota. */
  async #refill(): Promise<void> {
    // Random bytes: a file system that compresses would not keep the space of zeros.
    const block = randomBytes(BLOCK_BYTES)
    const { reserve } = this.#measure()
    try {
      const file = await open(this.#path, 'a', 0o600)
      try {
        while (this.#reservedBytes < reserve) {
          const { bytesWritten } = await file.write(block, 0, Math.min(BLOCK_BYTES, reserve - this.#reservedBytes))
          this.#reservedBytes += bytesWritten
          const { usable, floor } = this.#measure()
          if (usable < floor) throw new Error('no space left for the reserve')
        }
      } finally {
        await file.close()
      }
      if (this.#full && this.#cancelWatch !== undefined)
        this.#options.log?.warn({ path: this.#options.directory }, 'the disk has free space again')
      this.#full = false
    } catch {
      // Another program took the space, or a quota ends before the disk does: `level` becomes full, and the timer tries
      // again.
      this.#retryAt = this.#options.clock.mono() + RETRY_NS
      this.#giveUp()
    }
  }
}
