import { existsSync } from 'node:fs'
import type { Clock } from '../../../../base/clock.ts'
import { monoMs, pause } from '../../../../base/clock.ts'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { Tse, TseExportFilter, TseKept } from '../../../../drivers/ports/tse.ts'
import { isWhole } from '../../../../drivers/tr03151/filter.ts'
import { FiskalError } from '../../../errors.ts'
import type { ArchiveFile, ArchiveFileOptions, UncheckedArchive } from './archive-file.ts'
import { writeArchive, writeUnchecked } from './archive-file.ts'
import { joinedArchive, missingArchive } from './kept-archives.ts'
import type { WatchedDevice } from './watched-device.ts'

export type TseArchivesOptions = {
  clock: Clock
  /** Aborted when the agent stops. */
  signal: AbortSignal
  /** False if disk space is low. */
  hasRoom: () => boolean
}

export type WriteOptions = {
  /** Continues the `.part` file of an interrupted attempt, if the unit supports that. */
  resumes: boolean
  /** Fails rather than disturbs a shop without idle time. */
  mustBeIdle?: boolean
  /** Archives with the logs that the unit has deleted, and their last counter. */
  removed?: readonly string[]
  removedUpTo?: number
  /** Some logs that the unit has deleted are not in `removed`: counters are missing. */
  hasGaps?: boolean
  /** A fault in the unit itself does not stop the export. */
  asHeld?: boolean
}

type IdleWait = { tries: number; waitMostMs: number; mustBeIdle: boolean }

const TRIES = 12
/**
 * For a unit that also exports portions: one try for a whole archive, then portions, which are retried, since reading
 * again what a portion left out costs time.
 */
const TRIES_OF_WHOLE = 1
const TRIES_OF_PART = 3
const WAIT_BRIEFLY_MS = 15_000
/** Idle time before the first try on a unit that cannot sign during an export; doubled after each sale in between. */
const QUIET_MS = 2_000
const QUIET_MOST_MS = 120_000
/** An auditor waits at most this long; then the archive is made even during sales. */
const WAIT_MOST_MS = 900_000
const LOOK_MS = 1_000

/**
 * Makes archives of TSEs while tills sell and verifies them while writing. A unit that exports in pieces is read at
 * once. A unit that can do nothing else during an export is first read whole; after an interruption by a sale in
 * portions, between which the tills get their turn; if the portions are not the whole archive, it is read whole in idle
 * time, and again after each interruption.
 */
export class TseArchives {
  readonly #options: TseArchivesOptions

  constructor(options: TseArchivesOptions) {
    this.#options = options
  }

  /** Writes the complete archive for the filter; valid, except for faults in the unit if `asHeld`. */
  write(device: WatchedDevice, filter: TseExportFilter, path: string, options: WriteOptions): Promise<ArchiveFile> {
    return this.#written(device, filter, path, options, writeArchive)
  }

  /** The same for a caller that checks the archive. */
  async writeUnchecked(
    device: WatchedDevice,
    filter: TseExportFilter,
    path: string,
    options: WriteOptions,
  ): Promise<UncheckedArchive> {
    const written = await this.#written(device, filter, path, options, writeUnchecked)
    const serial = device.asTse?.identity?.serial
    return { ...written, unchecked: true, ...(serial !== undefined && { serial }) }
  }

  async #written<File>(
    device: WatchedDevice,
    filter: TseExportFilter,
    path: string,
    { resumes, mustBeIdle = false, removed = [], removedUpTo = 0, hasGaps = false, asHeld = false }: WriteOptions,
    writeFile: (options: ArchiveFileOptions) => Promise<File>,
  ): Promise<File> {
    const { signal, hasRoom } = this.#options
    const missing = removed.find((file) => !existsSync(file))
    if (missing !== undefined) throw missingArchive(missing)
    const filtered = hasGaps || !isWhole(filter)
    const serial = device.asTse?.identity?.serial
    const goesOn = resumes && !filtered && removed.length === 0
    type Rest = (afterCounter: number | undefined) => AsyncIterable<Uint8Array>
    const written = (rest: Rest, more: { canGoOn?: boolean; asHeld?: boolean } = {}): Promise<File> => {
      const logs = (afterCounter: number | undefined): AsyncIterable<Uint8Array> =>
        removed.length === 0 ? rest(afterCounter) : joinedArchive(removed, rest(afterCounter), filter)
      const canGoOn = goesOn && more.canGoOn === true
      return writeFile({ path, logs, serial, resumes: canGoOn, asHeld: more.asHeld === true, filtered, hasRoom })
    }
    const inOneGo = (tse: Tse): Promise<File> =>
      written((afterCounter) => tse.exportLogs(afterCounter === undefined ? filter : { afterCounter }, signal), {
        canGoOn: tse.resumesExports === true,
        asHeld,
      })
    const unit = device.asTse?.unit
    const inPortions = unit?.exportInPortions?.bind(unit)
    if (inPortions !== undefined) {
      const tries = filtered ? TRIES_OF_PART : TRIES_OF_WHOLE
      const wait = { tries, waitMostMs: WAIT_BRIEFLY_MS, mustBeIdle: false }
      const archive =
        (await unlessUnfit(() => this.#whenQuiet(device, wait, inOneGo), isInterruption)) ??
        (await unlessUnfit(() => written(() => inPortions(filter, removedUpTo, signal)), isUnfit))
      if (archive !== undefined) return archive
    }
    return this.#whenQuiet(device, { tries: TRIES, waitMostMs: WAIT_MOST_MS, mustBeIdle }, inOneGo)
  }

  /** The whole archive, which the unit deletes after `keep` has resolved. */
  handOver(
    device: WatchedDevice,
    path: string,
    mustBeIdle: boolean,
    keep: (written: ArchiveFile) => Promise<TseKept>,
  ): Promise<void> {
    const { signal, hasRoom } = this.#options
    return this.#whenQuiet(device, { tries: TRIES, waitMostMs: WAIT_MOST_MS, mustBeIdle }, (tse) =>
      tse.archiveAndDelete(
        async (archive) =>
          keep(await writeArchive({ path, logs: () => archive, resumes: false, filtered: false, hasRoom })),
        signal,
      ),
    )
  }

  async #whenQuiet<T>(device: WatchedDevice, wait: IdleWait, act: (tse: Tse) => Promise<T>): Promise<T> {
    const tse = device.asTse?.unit
    if (tse === undefined)
      throw new FiskalError('not_found', `Device ${device.id} is not a TSE.`, { resource: 'device' })
    let quietMs = tse.exportsExclusively === true ? QUIET_MS : 0
    for (let tries = 1; ; tries++) {
      await this.#quiet(device, quietMs, wait)
      try {
        return await act(tse)
      } catch (error) {
        if (!isInterruption(error) || tries >= wait.tries || this.#options.signal.aborted) throw error
      }
      quietMs = Math.min(QUIET_MOST_MS, Math.max(QUIET_MS, 2 * quietMs))
    }
  }

  /** Waits until the device was idle for so long, with the limit for an auditor. */
  async #quiet(device: WatchedDevice, quietMs: number, { waitMostMs, mustBeIdle }: IdleWait): Promise<void> {
    const { clock, signal } = this.#options
    const latestMs = monoMs(clock) + waitMostMs
    const isQuiet = (): boolean => device.idleMs >= quietMs && device.device.load().waiting === 0
    while (quietMs > 0 && !isQuiet() && !signal.aborted) {
      if (monoMs(clock) < latestMs) await pause(clock, LOOK_MS, signal)
      else if (mustBeIdle) throw new DeviceError('busy', 'none', 'the TSE is never idle for long enough')
      else return
    }
  }
}

/** A sale interrupted, or is in progress: a later try may succeed. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['export_running', 'unexported_data', 'busy'])
/** Portions do not give the whole archive, or are not supported; a whole export may succeed. */
const UNFIT: ReadonlySet<string> = new Set([...INTERRUPTIONS, 'garbled', 'refused', 'no_data'])

/** True if the unit can export its logs neither now nor later without repair. */
export function isUnread(error: unknown): error is DeviceError {
  return error instanceof DeviceError && error.code !== 'aborted' && !isInterruption(error)
}

function isInterruption(error: unknown): boolean {
  return error instanceof DeviceError && INTERRUPTIONS.has(error.code) && error.effect === 'none'
}

function isUnfit(error: unknown): boolean {
  if (error instanceof FiskalError) return error.code === 'unprocessable_entity'
  return error instanceof DeviceError && UNFIT.has(error.code) && error.effect === 'none'
}

async function unlessUnfit<T>(act: () => Promise<T>, isNothing: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (!isNothing(error)) throw error
    return undefined
  }
}
