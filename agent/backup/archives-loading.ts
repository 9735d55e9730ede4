import { existsSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAt } from '../../base/durable-file.ts'
import { RefillError } from '../journal/refill.ts'
import { archiveFilesOf } from './archive-files.ts'
import type { ArchiveLine, ContentLine } from './archives.ts'
import { ARCHIVE_DIRECTORY, isSound, knownArchives } from './archives.ts'
import { readContent } from './format.ts'

/** Writes archives from a backup into a folder, after their digests were checked. */
export class ArchivesLoading {
  readonly #staging: string
  readonly #archives = new Map<string, ArchiveLine>()
  readonly #there = new Set<string>()

  constructor(staging: string) {
    this.#staging = staging
  }

  name(line: ArchiveLine): void {
    this.#archives.set(line.sha256, line)
  }

  /** Throws the system's error. */
  async put({ sha256, at, data }: ContentLine): Promise<void> {
    const path = this.#pathOf(sha256)
    if (at === 0) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(path, at === 0 ? 'w' : 'r+', 0o600)
    try {
      await writeAt(handle, Buffer.from(data, 'base64'), at)
    } finally {
      await handle.close()
    }
    this.#there.add(sha256)
  }

  /**
   * Adds the archives in files next to the backup as well. Returns all that are complete now; throws the system's
   * error.
   */
  async complete(folder: string, agentId: string): Promise<readonly ArchiveLine[]> {
    for (const archive of this.#archives.values()) {
      if (this.#there.has(archive.sha256)) continue
      for (const path of await archiveFilesOf(folder, agentId, archive.sha256)) {
        if (await this.#isBrought(path, archive)) break
      }
    }
    return [...this.#archives.values()].filter(({ sha256 }) => this.#there.has(sha256))
  }

  /** Ignores a file that was changed. */
  async #isBrought(path: string, archive: ArchiveLine): Promise<boolean> {
    try {
      for await (const line of readContent(path, archive)) await this.put(line)
      return true
    } catch (error) {
      if (!(error instanceof RefillError)) throw error
      this.#there.delete(archive.sha256)
      await rm(this.#pathOf(archive.sha256), { force: true })
      return false
    }
  }

  #pathOf(sha256: string): string {
    return join(this.#staging, ARCHIVE_DIRECTORY, this.#archives.get(sha256)?.file ?? '')
  }
}

/**
 * Keeps those staged archives that the restored journal names, with the digest that it names; one that the state
 * directory already has need not be added. Throws the system's error.
 */
export async function settleArchives(
  stateDirectory: string,
  staging: string,
  brought: readonly ArchiveLine[],
): Promise<{ archives: number; archives_missing: string[] }> {
  const wanted = new Set<string>()
  const missing: string[] = []
  for (const archive of knownArchives(staging)) {
    const { file, sha256, alone } = archive
    if (brought.some((line) => line.file === file && line.sha256 === sha256)) wanted.add(file)
    else if (alone && !(await isSound(join(stateDirectory, ARCHIVE_DIRECTORY, file), archive))) missing.push(file)
  }
  for (const { file } of brought) {
    const path = join(staging, ARCHIVE_DIRECTORY, file)
    if (!wanted.has(file) && existsSync(path)) await rm(path)
  }
  return { archives: wanted.size, archives_missing: missing }
}
