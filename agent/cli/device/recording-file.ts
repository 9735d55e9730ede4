import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { syncNow } from '../../../base/durable-file.ts'
import { UsageError } from '../arguments/options.ts'

const NAME = 'recording.txt'

/** The file of a recording in a new folder. */
export class RecordingFile {
  readonly path: string
  readonly #folder: string
  #handle: number | undefined
  #isFolderNew = false
  /** The first failure to append: the acts of the device continue, and the file stays as it is. */
  #failure: unknown

  /** Throws UsageError for a folder with content, or in a folder that does not exist. */
  constructor(folder: string) {
    if (statSync(dirname(folder), { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UsageError(`${dirname(folder)} is not a folder: make it first`)
    if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
      throw new UsageError(`${folder} is not an empty folder: name a new one`)
    this.#folder = folder
    this.path = join(folder, NAME)
  }

  /** Makes the folder and the file, durable with this text; leaves nothing if that fails. */
  begin(text: string): void {
    if (!existsSync(this.#folder)) {
      mkdirSync(this.#folder, { mode: 0o700 })
      this.#isFolderNew = true
    }
    try {
      this.#handle = openSync(this.path, 'wx', 0o600)
      writeFileSync(this.#handle, text)
      fsyncSync(this.#handle)
      syncNow(this.#folder)
      syncNow(dirname(this.#folder))
    } catch (error) {
      this.discard()
      throw error
    }
  }

  /** Leaves nothing. */
  discard(): void {
    this.#close()
    rmSync(this.path, { force: true })
    if (this.#isFolderNew) rmdirSync(this.#folder)
  }

  append(text: string): void {
    if (this.#handle === undefined || this.#failure !== undefined) return
    try {
      writeFileSync(this.#handle, text)
    } catch (error) {
      this.#failure = error
    }
  }

  /** Throws the first failure of the file. */
  end(): void {
    if (this.#handle !== undefined && this.#failure === undefined) fsyncSync(this.#handle)
    this.#close()
    if (this.#failure !== undefined) throw this.#failure
  }

  #close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle)
    this.#handle = undefined
  }
}
