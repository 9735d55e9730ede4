import { existsSync } from 'node:fs'
import type { Clock } from '../../../../base/clock.ts'
import { monoMs, pause } from '../../../../base/clock.ts'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { Tse, TseExportFilter, TseKept } from '../../../../drivers/ports/tse.ts'
import { isWhole } from '../../../../drivers/tr03151/filter.ts'
import { FiskalError } from '../../../errors.ts'
import type { ArchiveFile } from './archive-file.ts'
import { writeArchive } from './archive-file.ts'
import { joinedArchive, missingArchive } from './kept-archives.ts'
import type { WatchedDevice } from './watched-device.ts'

export type TseArchivesOptions = {
  clock: Clock
  /** Given up when the agent stops. */
  signal: AbortSignal
  /** False where the disk has nothing to spare for an archive. */
  hasRoom: () => boolean
}

export type WriteOptions = {
  /** What an interrupted attempt left at that path is gone on with, where the unit can. */
  resumes: boolean
  /** It may fail rather than disturb a shop that never rests. */
  mustBeIdle?: boolean
  /** Archives with the logs that the unit holds no more, and the last of their counters. */
  removed?: readonly string[]
  removedUpTo?: number
  /** Some of what the unit holds no more is not in `removed`: counters are missing. */
  hasGaps?: boolean
  /** What is wrong in the unit itself is written all the same. */
  asHeld?: boolean
}

type IdleWait = { tries: number; waitMostMs: number; mustBeIdle: boolean }

const TRIES = 12
/** Of a unit that gives portions too: a whole archive is tried at once, a part again, since what a portion leaves out was read in vain. */
const TRIES_OF_WHOLE = 1
const TRIES_OF_PART = 3
const WAIT_BRIEFLY_MS = 15_000
/** Nobody has sold for so long: the first try of a unit that does nothing else meanwhile, doubled after each sale that ended one. */
const QUIET_MS = 2_000
const QUIET_MOST_MS = 120_000
/** An auditor is not kept waiting for ever: then it is made all the same. */
const WAIT_MOST_MS = 900_000
const LOOK_MS = 1_000

/**
 * Archives of TSEs beside the selling, each verified on its way. A unit that hands its archive over in pieces is read at
 * once. One that does nothing else meanwhile is read in one go; where a sale ended that in portions, between which the
 * tills have their turn; and where those are not the whole when nobody sells, and again where a sale ended it.
 */
export class TseArchives {
  readonly #options: TseArchivesOptions

  constructor(options: TseArchivesOptions) {
    this.#options = options
  }

  /** The archive that answers the filter, whole, and sound but for what the unit holds wrong. */
  async write(
    device: WatchedDevice,
    filter: TseExportFilter,
    path: string,
    { resumes, mustBeIdle = false, removed = [], removedUpTo = 0, hasGaps = false, asHeld = false }: WriteOptions,
  ): Promise<ArchiveFile> {
    const { signal, hasRoom } = this.#options
    const missing = removed.find((file) => !existsSync(file))
    if (missing !== undefined) throw missingArchive(missing)
    const filtered = hasGaps || !isWhole(filter)
    const serial = device.asTse?.identity?.serial
    const goesOn = resumes && !filtered && removed.length === 0
    type Rest = (afterCounter: number | undefined) => AsyncIterable<Uint8Array>
    const written = (rest: Rest, more: { canGoOn?: boolean; asHeld?: boolean } = {}): Promise<ArchiveFile> => {
      const logs = (afterCounter: number | undefined): AsyncIterable<Uint8Array> =>
        removed.length === 0 ? rest(afterCounter) : joinedArchive(removed, rest(afterCounter), filter)
      const canGoOn = goesOn && more.canGoOn === true
      return writeArchive({ path, logs, serial, resumes: canGoOn, asHeld: more.asHeld === true, filtered, hasRoom })
    }
    const inOneGo = (tse: Tse): Promise<ArchiveFile> =>
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

  /** The whole archive, which the unit deletes once `keep` has resolved. */
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
    if (tse === undefined) throw new FiskalError('not_found', `Device ${device.id} is no TSE.`, { resource: 'device' })
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

  /** Waits until the device had nothing to do for so long; not longer than an auditor would. */
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

/** A sale came in between, or is under way: later it may be different. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['export_running', 'unexported_data', 'busy'])
/** Its portions are not the whole, or it knows none; in one go it may be different. */
const UNFIT: ReadonlySet<string> = new Set([...INTERRUPTIONS, 'garbled', 'refused', 'no_data'])

/** The unit hands its logs out neither now nor by itself later. */
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
