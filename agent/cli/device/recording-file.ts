import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
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
  /** The first failure to append: the acts of the device continue, and the file stays as it is. */
  #failure: unknown

  /** Throws UsageError for a folder with content. */
  constructor(folder: string) {
    if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
      throw new UsageError(`${folder} is not an empty folder: name a new one`)
    this.#folder = folder
    this.path = join(folder, NAME)
  }

  /** Makes the folder and the file, durable with this text; leaves nothing if that fails. */
  begin(text: string): void {
    const made = mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    try {
      this.#handle = openSync(this.path, 'wx', 0o600)
      writeFileSync(this.#handle, text)
      fsyncSync(this.#handle)
      syncNow(this.#folder)
      syncNow(dirname(this.#folder))
    } catch (error) {
      this.#close()
      rmSync(this.path, { force: true })
      if (made !== undefined) rmSync(made, { recursive: true, force: true })
      throw error
    }
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
