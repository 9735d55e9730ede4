import { existsSync } from 'node:fs'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { Clock } from '../../../../drivers/ports/clock.ts'
import type { Tse, TseExportFilter, TseKept } from '../../../../drivers/ports/tse.ts'
import { monoMs, pause } from '../../../clock.ts'
import type { DeviceSupervisor } from '../../../devices/supervisor.ts'
import { FiskalError } from '../../../errors.ts'
import type { ArchiveFile } from './archive-file.ts'
import { writeArchive } from './archive-file.ts'
import { joinedArchive, missingArchive } from './kept-archives.ts'

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
  isPatient?: boolean
  /** Archives with the logs that the unit holds no more. */
  removed?: readonly string[]
}

const TRIES = 12
/** Nobody has sold for so long: the first try of a unit that does nothing else meanwhile, doubled after each sale that ended one. */
const QUIET_MS = 2_000
const QUIET_MOST_MS = 120_000
/** An auditor is not kept waiting for ever: then it is made all the same. */
const WAIT_MOST_MS = 900_000
const LOOK_MS = 1_000

/**
 * Archives of TSEs beside the selling, each verified on its way. A unit that hands its archive over in pieces is read at
 * once; one that does nothing else meanwhile is read when nobody sells, and again where a sale ended it.
 */
export class TseArchives {
  readonly #options: TseArchivesOptions

  constructor(options: TseArchivesOptions) {
    this.#options = options
  }

  /** The archive that answers the filter, whole and sound. */
  write(
    device: DeviceSupervisor,
    filter: TseExportFilter,
    path: string,
    { resumes, isPatient = false, removed = [] }: WriteOptions,
  ): Promise<ArchiveFile> {
    const { signal, hasRoom } = this.#options
    const missing = removed.find((file) => !existsSync(file))
    if (missing !== undefined) throw missingArchive(missing)
    const filtered = Object.values(filter).some((value) => value !== undefined)
    const serial = device.asTse?.identity?.serial
    const goesOn = resumes && !filtered && removed.length === 0
    return this.#whenQuiet(device, isPatient, (tse) => {
      const logs = (afterCounter: number | undefined): AsyncIterable<Uint8Array> => {
        const rest = tse.exportLogs(afterCounter === undefined ? filter : { afterCounter }, signal)
        return removed.length === 0 ? rest : joinedArchive(removed, rest, filter)
      }
      return writeArchive({ path, logs, serial, resumes: goesOn && tse.resumesExports === true, filtered, hasRoom })
    })
  }

  /** The whole archive, which the unit deletes once `keep` has resolved. */
  handOver(
    device: DeviceSupervisor,
    path: string,
    isPatient: boolean,
    keep: (written: ArchiveFile) => Promise<TseKept>,
  ): Promise<void> {
    const { signal, hasRoom } = this.#options
    return this.#whenQuiet(device, isPatient, (tse) =>
      tse.archiveAndDelete(
        async (archive) =>
          keep(await writeArchive({ path, logs: () => archive, resumes: false, filtered: false, hasRoom })),
        signal,
      ),
    )
  }

  async #whenQuiet<T>(device: DeviceSupervisor, isPatient: boolean, act: (tse: Tse) => Promise<T>): Promise<T> {
    const tse = device.asTse?.unit
    if (tse === undefined) throw new FiskalError('not_found', `Device ${device.id} is no TSE.`, { resource: 'device' })
    let quietMs = tse.exportsExclusively === true ? QUIET_MS : 0
    for (let tries = 1; ; tries++) {
      await this.#quiet(device, quietMs, isPatient)
      try {
        return await act(tse)
      } catch (error) {
        const isInterrupted = error instanceof DeviceError && INTERRUPTIONS.has(error.code) && error.effect === 'none'
        if (!isInterrupted || tries >= TRIES || this.#options.signal.aborted) throw error
      }
      quietMs = Math.min(QUIET_MOST_MS, Math.max(QUIET_MS, 2 * quietMs))
    }
  }

  /** Waits until the device had nothing to do for so long; not longer than an auditor would. */
  async #quiet(device: DeviceSupervisor, quietMs: number, isPatient: boolean): Promise<void> {
    const { clock, signal } = this.#options
    const latestMs = monoMs(clock) + WAIT_MOST_MS
    const isQuiet = (): boolean => device.idleMs >= quietMs && device.device.load().waiting === 0
    while (quietMs > 0 && !isQuiet() && !signal.aborted) {
      if (monoMs(clock) < latestMs) await pause(clock, LOOK_MS, signal)
      else if (isPatient) throw new DeviceError('busy', 'none', 'the TSE is never idle for long enough')
      else return
    }
  }
}

/** A sale came in between, or is under way: later it may be different. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['export_running', 'unexported_data', 'busy'])
