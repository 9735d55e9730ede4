import { constants, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { copyFile, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { every } from '../../base/clock.ts'
import { syncDirectory } from '../../base/durable-file.ts'
import type { Log } from '../../base/log.ts'
import type { RetryLimit } from '../../base/retry.ts'
import { retry } from '../../base/retry.ts'
import { CodedError, messageOf } from '../../base/thrown.ts'
import { forgetBirth } from './file-mark.ts'
import type { Journal } from './journal.ts'
import { journalPath } from './journal-file.ts'

export type CustodyOptions = { directory: string; journal: Journal; clock: Clock; log: Log }

/** Answers since the last check exist only in the open file: a kill would lose them. */
const LOOK_EVERY_MS = 1000
const TRY_AGAIN: RetryLimit = { limitMs: Number.POSITIVE_INFINITY, everyMs: 5000 }
const OPEN_FILES = '/proc/self/fd'

/**
 * Checks that the journal's files keep their names while they are written. Linux lets anyone with the rights delete or
 * replace an open file: the agent would continue to sell into a file that is lost when the process ends. Then it sells
 * nothing more, copies the open file back to its name, and starts again on it.
 */
export class Custody {
  readonly #options: CustodyOptions
  readonly #path: string
  /** The open files, as the kernel shows them; undefined until they are open, and if it shows none. */
  readonly #openFiles: { database: string | undefined; log: string | undefined }
  #end: () => void = () => undefined
  #saving: Promise<void> | undefined

  constructor(options: CustodyOptions) {
    this.#options = options
    this.#path = journalPath(options.directory)
    this.#openFiles = { database: openFile(this.#path), log: openFile(`${this.#path}-wal`) }
  }

  start(): void {
    this.#end = every(this.#options.clock, LOOK_EVERY_MS, () => this.#checkFiles())
  }

  /** A last check: an orderly stop must not lose what a kill would lose. */
  async stop(): Promise<void> {
    this.#end()
    await this.#checkFiles()
  }

  #checkFiles(): Promise<void> {
    // If another program writes this journal, its files belong to that program.
    if (this.#saving === undefined && this.#options.journal.isSole() && !this.#hasItsFiles()) {
      const error = new CodedError(
        'journal_removed',
        `${this.#path} was taken away while the agent wrote to it. It is put back, unless it lies elsewhere: look for it there.`,
      )
      this.#saving = this.#options.journal.standDown(error, () => this.#putBack())
    }
    return this.#saving ?? Promise.resolve()
  }

  #hasItsFiles(): boolean {
    const files = this.#openFiles
    const path = this.#path
    files.log ??= openFile(`${path}-wal`)
    return isSame(path, files.database) && isSame(`${path}-wal`, files.log)
  }

  /** On a full disk it retries until there is space: the file can be saved nowhere else. */
  async #putBack(): Promise<void> {
    const { clock, log, directory } = this.#options
    const report = (error: unknown): RetryLimit => {
      const message = messageOf(error)
      log.error({ message }, `the journal was removed and cannot be put back: fix ${directory}, do not end the agent`)
      return TRY_AGAIN
    }
    await retry(() => this.#copyBack(), report, { clock })
  }

  async #copyBack(): Promise<void> {
    const { database, log } = this.#openFiles
    const path = this.#path
    // The file still has a name elsewhere: the folder was moved, or its disk is no longer mounted here.
    if (database === undefined || (!isSame(path, database) && statSync(database).nlink > 0)) return
    const isGone = !isSame(path, database)
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 })
    const saved = isGone ? await this.#copied(database) : undefined
    const savedLog = log !== undefined && statSync(log).size > 0 ? await this.#copied(log, '-wal') : undefined
    if (isGone) {
      forgetBirth(this.#options.directory)
      this.#putAside()
    }
    if (savedLog !== undefined) await rename(savedLog, `${path}-wal`)
    // The log was empty: an index without it would say that a log is lost.
    else rmSync(`${path}-shm`, { force: true })
    if (saved !== undefined) await rename(saved, path)
    await syncDirectory(this.#options.directory)
  }

  /** The content of an open file under a separate name, on the disk. */
  async #copied(descriptor: string, suffix = ''): Promise<string> {
    const copy = `${this.#path}.saved${suffix}`
    await copyFile(descriptor, copy, constants.COPYFILE_FICLONE)
    const file = await open(copy, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    return copy
  }

  /** Keeps any file that took the name. SQLite must not use a log next to it for ours. */
  #putAside(): void {
    const isOther = existsSync(this.#path)
    let number = 1
    while (existsSync(`${this.#path}.found-${number}`)) number++
    for (const suffix of ['', '-wal', '-shm']) {
      const file = this.#path + suffix
      if (!isOther) rmSync(file, { force: true })
      else if (existsSync(file)) renameSync(file, `${this.#path}.found-${number}${suffix}`)
    }
  }
}

/** The descriptor of this process that has the file of that name open. */
function openFile(path: string): string | undefined {
  const wanted = statSync(path, { throwIfNoEntry: false })
  if (wanted === undefined || !existsSync(OPEN_FILES)) return undefined
  return readdirSync(OPEN_FILES)
    .map((name) => join(OPEN_FILES, name))
    .find((descriptor) => {
      const stats = statSync(descriptor, { throwIfNoEntry: false })
      return stats?.ino === wanted.ino && stats.dev === wanted.dev
    })
}

/** Both are asked at the same moment: not every file system keeps the numbers of its files. */
function isSame(path: string, descriptor: string | undefined): boolean {
  if (descriptor === undefined) return true
  const [named, open] = [path, descriptor].map((name) => statSync(name, { throwIfNoEntry: false }))
  return named !== undefined && named.ino === open?.ino && named.dev === open.dev
}
