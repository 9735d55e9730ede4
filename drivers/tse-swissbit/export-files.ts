import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { errorOf } from './device-errors.ts'
import type { WormCalls, WormExport } from './worm-calls.ts'
import { exportFaults } from './worm-calls.ts'

export type ExportLimits = {
  /** Ends the export: then it throws `export_running` none. */
  isWaitedFor?: () => boolean
  /** A larger archive is `refused` none. */
  bytesMax?: number
  heldMs?: number | undefined
}

type Library = {
  sizeSectors(): Promise<number>
  /** Undefined if no log answers the filter. */
  write(args: WormCalls['export']['args'], deadlineMs: number): Promise<WormCalls['export']['result'] | undefined>
}

/** `worm_info_size` has 32 bits: a unit of 8 GB counts sectors, as the related unit in the Epson host does. */
const SECTOR_BYTES = 512
/** A rate that every flash memory reaches. */
const SLOWEST_BYTES_PER_SECOND = 500_000
/** Limit for an export, whatever size the unit reports. */
export const EXPORT_MAX_MS = 6 * 3_600_000
const EXPORTED = /^export-\d+\.tar$/
/** Interval of checks on an export that others may wait for. */
const CHECK_MS = 100

/** The files into which the library exports, with one blocking call each. */
export class ExportFiles {
  readonly #directory: string
  readonly #clock: Clock
  readonly #longMs: number
  readonly #library: Library
  #isRunning = false
  #isTidy = false

  constructor(options: { directory: string; clock: Clock; timeouts: { longMs: number } }, library: Library) {
    this.#directory = options.directory
    this.#clock = options.clock
    this.#longMs = options.timeouts.longMs
    this.#library = library
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Removes exports of a killed process, which may be gigabytes, but not the running one. */
  async tidy(): Promise<void> {
    if (this.#isTidy) return
    const names = await readdir(this.#directory).catch(() => [])
    for (const name of names) if (EXPORTED.test(name)) await rm(join(this.#directory, name), { force: true })
    this.#isTidy = true
  }

  /** Path of the archive, which the caller removes; undefined if there is no archive. */
  async write(
    wanted: WormExport,
    { isWaitedFor = () => false, bytesMax = Number.MAX_SAFE_INTEGER, heldMs }: ExportLimits = {},
  ): Promise<string | undefined> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const path = join(this.#directory, `export-${this.#clock.mono()}.tar`)
    let bytes = 0
    let isEnded = false
    let stopChecks: (() => void) | undefined
    const check = (): void => {
      if (isWaitedFor()) {
        isEnded = true
        void rm(path, { force: true }).catch(() => undefined)
      }
      // The file may not have existed yet.
      stopChecks = this.#clock.after(CHECK_MS, check)
    }
    try {
      const deadlineMs = Math.min(await this.#deadlineMs(), heldMs ?? Number.MAX_SAFE_INTEGER)
      this.#isRunning = true
      check()
      const written = await this.#library.write({ ...wanted, path, bytesMax }, deadlineMs)
      // The library may have finished before it noticed; the file is removed or will be.
      if (isEnded) throw errorOf(exportFaults.ended, 'its file was removed', 'none')
      bytes = written?.bytes ?? 0
    } finally {
      stopChecks?.()
      this.#isRunning = false
      if (bytes === 0) await rm(path, { force: true })
    }
    return bytes === 0 ? undefined : path
  }

  /** A long export must not pass for a library that hangs. */
  async #deadlineMs(): Promise<number> {
    const size = await this.#library.sizeSectors()
    const readingMs = Math.ceil((1000 * size * SECTOR_BYTES) / SLOWEST_BYTES_PER_SECOND)
    return Math.min(EXPORT_MAX_MS, this.#longMs + readingMs)
  }
}
