import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ArchiveFile } from './archive-files.ts'
import { keepArchiveFile } from './archive-files.ts'
import type { ArchiveLine, KnownArchive } from './archives.ts'
import { ARCHIVE_DIRECTORY, contentLines, countAlone, isSound, knownArchives } from './archives.ts'

/**
 * The archives of a backup. `alone`: how many archives of the journal have logs that no TSE holds any longer; `missing`:
 * the files of these that are not in the state directory.
 */
export type MadeArchives = {
  /** Closes the files that were not read completely. */
  close: () => Promise<void>
  lines: readonly ArchiveLine[]
  inside: readonly AsyncIterable<string>[]
  separate: readonly ArchiveFile[]
  alone: number
  missing: readonly string[]
}

export type ArchivesOptions = {
  stateDirectory: string
  /** The file of the backup. */
  file: string
  agentId: string
  /** The last event of the backup. */
  events: number
  /** `separate`: in a file that all backups of the folder share. */
  place: 'inside' | 'separate'
  nowMs: number
}

/** A backup without an archive is better than no backup of the journal. Throws as `openReadOnly` does. */
export async function gatherArchives(options: ArchivesOptions): Promise<MadeArchives> {
  const { stateDirectory, events, place } = options
  const lines: ArchiveLine[] = []
  const inside: AsyncIterable<string>[] = []
  const separate: ArchiveFile[] = []
  const missing: string[] = []
  const contents: Content[] = []
  const archives = knownArchives(stateDirectory, events)
  for (const archive of archives) {
    const { file, bytes, sha256, alone } = archive
    const source = join(stateDirectory, ARCHIVE_DIRECTORY, file)
    const archiveFile = place === 'separate' ? await archiveFileOf(options, source, archive) : undefined
    const content = place === 'inside' ? await contentOf(source, archive) : undefined
    if (archiveFile !== undefined) separate.push(archiveFile)
    else if (content !== undefined) {
      inside.push(contentLines(content, sha256))
      contents.push(content)
    } else {
      // The TSE still holds the logs of the others.
      if (alone) missing.push(file)
      continue
    }
    lines.push({ t: 'archive', file, bytes, sha256, beside: place === 'separate' })
  }
  return { lines, inside, separate, alone: countAlone(archives), missing, close: () => closeAll(contents) }
}

/** A path, or an open file: logs that a TSE still has may be replaced by its next archive before they are read. */
type Content = string | FileHandle

/** Undefined if the file is not the one in the journal. */
async function contentOf(source: string, archive: KnownArchive): Promise<Content | undefined> {
  if (!(await isSound(source, archive))) return undefined
  return archive.alone ? source : open(source).catch(() => undefined)
}

async function closeAll(contents: readonly Content[]): Promise<void> {
  for (const content of contents) if (typeof content !== 'string') await content.close()
}

/** Also undefined if the disk fails: the journal must still be backed up. */
async function archiveFileOf(
  { file, agentId, nowMs }: ArchivesOptions,
  source: string,
  archive: KnownArchive,
): Promise<ArchiveFile | undefined> {
  try {
    return await keepArchiveFile(dirname(file), agentId, source, archive, nowMs)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}
