import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { FileStore } from '../../../drivers/se-api/file-store.ts'
import type { SeLog, SePending, SeState, SeStore } from '../../../drivers/se-api/store.ts'

/** The file store with the message to be signed written ahead, as the journal does it. */
export class WriteAheadStore implements SeStore {
  /** Every prepared message, oldest first. */
  readonly prepared: Uint8Array[] = []
  readonly #files: FileStore
  readonly #path: string

  constructor(directory: string) {
    this.#files = new FileStore({ directory, sync: true })
    this.#path = join(directory, 'pending')
  }

  async load(): Promise<{ state: SeState | undefined; pending: SePending | undefined }> {
    const { state } = await this.#files.load()
    const bytes = await readFile(this.#path).catch(() => undefined)
    const pending: SePending | undefined = bytes && deserialize(bytes)
    return { state, pending: pending && (await this.#holds(pending.log.counter)) ? undefined : pending }
  }

  async prepare(pending: SePending): Promise<void> {
    this.prepared.push(pending.unsigned)
    await writeFile(`${this.#path}.new`, serialize(pending), { flush: true })
    await rename(`${this.#path}.new`, this.#path)
  }

  async commit(log: SeLog, next: SeState): Promise<void> {
    await this.#files.commit(log, next)
    await rm(this.#path, { force: true })
  }

  save(next: SeState): Promise<void> {
    return this.#files.save(next)
  }

  logs(fromCounter: number): AsyncIterable<SeLog> {
    return this.#files.logs(fromCounter)
  }

  transaction(transaction: number): Promise<readonly SeLog[]> {
    return this.#files.transaction(transaction)
  }

  close(): Promise<void> {
    return this.#files.close()
  }

  /** A crash may have come between the log and the end of its message. */
  async #holds(counter: number): Promise<boolean> {
    for await (const log of this.#files.logs(counter)) return log.counter === counter
    return false
  }
}
