import { readFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { replaceConcurrently } from '../../base/durable-file.ts'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { diskOf, diskOfOpen } from './mounts.ts'

/**
 * The state of a folder for copies of the journal. `shared`: on the disk of the journal, as before; `gone`: the folder
 * does not exist.
 */
export type PlaceState = 'apart' | 'shared' | 'backup_disk_missing' | 'gone'

/** A folder that was on another disk before is on the journal's own: a file written there would not be on the stick. */
function stickOut(folder: string): CodedError {
  return new CodedError(
    'backup_disk_missing',
    `${folder} was on another disk before, and is on the disk of the journal now: its stick is unplugged. Mount that disk again, or name another folder. Nothing was written there.`,
  )
}

/** Returns the disk of a path or of an open file. */
export type DiskLook = { ofPath(path: string): Promise<string>; ofFile(file: FileHandle): Promise<string> }

const FILE = 'places.json'
/** A person may write backups to many folders. */
const PLACES_MAX = 64

const KERNEL: DiskLook = { ofPath: diskOf, ofFile: diskOfOpen }

/**
 * The folders that must survive the disk of the state directory. It remembers by path those that were on another disk:
 * the numbers of disks change with each plug. Every user who may read it may check; its owner writes.
 */
export class Places {
  readonly #state: string
  readonly #look: DiskLook
  readonly #remember: (folder: string) => Promise<void>

  /** `remember`, if root looks at the state of another user: that user writes. */
  constructor(
    state: string,
    parts: { look?: DiskLook | undefined; remember?: (folder: string) => Promise<void> } = {},
  ) {
    const { look = KERNEL, remember = async (folder) => rememberPlace(state, folder) } = parts
    this.#state = state
    this.#look = look
    this.#remember = remember
  }

  /** If a folder is missing because its stick is unplugged, the folder above it is on the disk of the journal. */
  async stateOf(folder: string): Promise<PlaceState> {
    const disk = await this.#diskOf(folder)
    if (disk !== undefined) return this.#stateOn(disk, folder)
    const above = this.#isKnown(folder) ? await this.#diskOf(dirname(folder)) : undefined
    return above !== undefined && (await this.#stateOn(above, folder)) === 'backup_disk_missing'
      ? 'backup_disk_missing'
      : 'gone'
  }

  /**
   * To be called before anything is made or written there. Throws `backup_disk_missing`; the system reports a missing folder to
   * the writer.
   */
  async demand(folder: string): Promise<void> {
    if ((await this.stateOf(folder)) === 'backup_disk_missing') throw stickOut(folder)
  }

  /** The same for a file that was made there, before it gets its name: its disk decides, and is remembered. */
  async demandFile(folder: string, file: FileHandle): Promise<void> {
    const state = await this.#stateOn(await this.#look.ofFile(file), folder)
    if (state === 'backup_disk_missing') throw stickOut(folder)
    if (state === 'apart') await this.remember(folder)
  }

  /** Records that the folder is on another disk. */
  async remember(folder: string): Promise<void> {
    if (!this.#isKnown(folder)) await this.#remember(resolve(folder))
  }

  #isKnown(folder: string): boolean {
    return knownIn(this.#state).includes(resolve(folder))
  }

  async #stateOn(disk: string, folder: string): Promise<PlaceState> {
    if (disk !== (await this.#look.ofPath(this.#state))) return 'apart'
    return this.#isKnown(folder) ? 'backup_disk_missing' : 'shared'
  }

  async #diskOf(folder: string): Promise<string | undefined> {
    try {
      return await this.#look.ofPath(folder)
    } catch (error) {
      if (codeOf(error) === undefined) throw error
      return undefined
    }
  }
}

/** Records that this folder was on another disk than that state directory. */
export function rememberPlace(state: string, folder: string): void {
  const elsewhere = [...knownIn(state).filter((one) => one !== folder), folder].slice(-PLACES_MAX)
  replaceConcurrently(join(state, FILE), `${JSON.stringify({ v: 1, elsewhere })}\n`, 0o644)
}

function knownIn(state: string): readonly string[] {
  try {
    const { elsewhere } = JSON.parse(readFileSync(join(state, FILE), 'utf8')) as { elsewhere: readonly string[] }
    return elsewhere
  } catch {
    // The file does not exist, or a person tore it: the next look writes it again.
    return []
  }
}
