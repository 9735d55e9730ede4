import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { runInChild } from '../../base/child/run.ts'
import type { Clock } from '../../base/clock.ts'
import { DAY_MS, every, parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { named } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { codeOf, messageOf } from '../../base/thrown.ts'
import { makeFolder } from '../state/state-directory.ts'
import { countAlone, knownArchives } from './archives.ts'
import type { LastBackup } from './last.ts'
import { lastBackup } from './last.ts'
import type { Keep } from './names.ts'

export type DailyBackupOptions = {
  stateDirectory: string
  /** Undefined: `backups` in the state directory, which is created. */
  folder: string | undefined
  passphraseFile: string | undefined
  keep: Keep
  program: string
  readSecret: (path: string) => Promise<string>
  clock: Clock
  log: Log
}

export type ChildTask = {
  stateDirectory: string
  path: string
  passphrase: string | undefined
  program: string
  keep: Keep
  /** The time of the agent's own clock. */
  nowMs: number
}

/** After the first rush of a start. */
const FIRST_AFTER_MS = 10 * 60_000
const LOOK_EVERY_MS = 15 * 60_000
const LATE_MS = 2 * DAY_MS
/** The memory limit of the unit covers the agent and this child: it takes some 120 MB. */
const PROGRAM = {
  name: 'backup',
  entry: new URL('./daily-child.ts', import.meta.url),
  heapMb: 48,
  limitMs: 6 * 3_600_000,
}

/** Bytes to keep free for the journal, which may be on the same disk. */
const SPARE_BYTES = 1_000_000_000
const FIRST_BYTES = 50_000_000

/**
 * Makes a backup each day, and soon after a TSE has deleted logs, in a child of lowest priority, and removes old ones.
 * Retries after a failure.
 */
export class DailyBackup {
  readonly #options: DailyBackupOptions
  readonly #stopping = new AbortController()
  readonly #startedMs: number
  #end = async (): Promise<void> => undefined
  #failure: string | undefined

  constructor(options: DailyBackupOptions) {
    this.#options = options
    this.#startedMs = options.clock.now()
  }

  start(): void {
    const { clock, keep } = this.#options
    if (keep.daily === 0) return
    this.#end = every(named(clock, 'daily backup'), LOOK_EVERY_MS, () => this.#makeIfDue(), FIRST_AFTER_MS)
  }

  /** The fault in words: no backup for two days, or the last attempt failed. */
  trouble(): string | undefined {
    if (this.#options.keep.daily === 0) return undefined
    const nowMs = this.#options.clock.now()
    const madeMs = this.#madeMs()
    // Its age is unknown. Another backup is due, and only its failure can be reported.
    if (madeMs !== undefined && madeMs > nowMs)
      return this.#failure && `the last is of ${rfc3339(madeMs)}, which has not come yet; ${this.#failure}`
    const late = nowMs - Math.max(madeMs ?? 0, madeMs === undefined ? this.#startedMs : 0) > LATE_MS
    if (!late) return undefined
    const since =
      madeMs === undefined ? 'none was made yet' : `the last is ${Math.floor((nowMs - madeMs) / DAY_MS)} days old`
    return this.#failure === undefined ? since : `${since}; ${this.#failure}`
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#end()
  }

  async #makeIfDue(): Promise<void> {
    const dailyMs = parseRfc3339(lastBackup(this.#options.stateDirectory)?.daily_at ?? '')
    const age = dailyMs === undefined ? DAY_MS : this.#options.clock.now() - dailyMs
    const { log } = this.#options
    try {
      // A clock that was set back must not postpone it without end.
      if (age >= 0 && age < DAY_MS && !this.#hasUnsavedArchives()) return
      const { file, bytes, events, secrets, archives_missing: missing } = await this.#make()
      this.#failure = undefined
      log.info({ file, bytes, events }, secrets ? 'backup made' : 'backup made, without its keys: no passphraseFile')
      if (missing !== undefined)
        log.warn({ missing }, 'the backup is missing archives of TSEs: they are lost, or do not fit on the disk')
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      this.#failure = messageOf(error)
      log.warn({ code: codeOf(error), message: this.#failure }, 'the backup could not be made; it is tried again')
    }
  }

  /** Logs that a TSE has deleted since the last backup are on this disk alone. */
  #hasUnsavedArchives(): boolean {
    const { stateDirectory } = this.#options
    return countAlone(knownArchives(stateDirectory)) > (lastBackup(stateDirectory)?.archives_alone ?? 0)
  }

  async #make(): Promise<LastBackup> {
    const { stateDirectory, passphraseFile, readSecret, program, keep, clock } = this.#options
    const folder = await this.#folder()
    const { bavail, bsize } = statfsSync(folder)
    const needed = 1.5 * (lastBackup(stateDirectory)?.bytes ?? FIRST_BYTES) + SPARE_BYTES
    if (bavail * bsize < needed)
      throw new Error(`not enough space in ${folder}: ${Math.ceil(needed / 1e6)} MB are needed`)
    const passphrase = passphraseFile === undefined ? undefined : await readSecret(passphraseFile)
    const task: ChildTask = { stateDirectory, path: folder, passphrase, program, keep, nowMs: clock.now() }
    return runInChild<LastBackup>(PROGRAM, task, this.#stopping.signal)
  }

  async #folder(): Promise<string> {
    const { folder, stateDirectory } = this.#options
    if (folder !== undefined) return folder
    const own = join(stateDirectory, 'backups')
    makeFolder(own)
    return own
  }

  #madeMs(): number | undefined {
    return parseRfc3339(lastBackup(this.#options.stateDirectory)?.created_at ?? '')
  }
}
