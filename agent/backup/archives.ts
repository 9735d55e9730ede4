import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { bodyOf } from '../journal/events.ts'
import type { PortionFacts } from '../journal/portion-facts.ts'
import { portionFacts } from '../journal/portion-facts.ts'
import { openReadOnly } from '../journal/reader.ts'

/** Below a state directory: logs that were taken out of TSEs. */
export const ARCHIVE_DIRECTORY = 'archives'

/**
 * An archive as the journal names it: `file` below `archives/`, `sha256` hex. `alone`: the TSE no longer holds these
 * logs, or soon will not.
 */
export type KnownArchive = { file: string; bytes: number; sha256: string; alone: boolean }
/** An archive of a backup. Its bytes follow the last line, or are in a separate file (stored as `beside`). */
export type ArchiveLine = { t: 'archive'; file: string; bytes: number; sha256: string; beside: boolean }
/** Bytes of the archive of that hash, base64. */
export type ContentLine = { t: 'content'; sha256: string; at: number; data: string }

type Facts = {
  archives?: readonly (PortionFacts & { deleted_at: string | null })[]
  deletion?: { file: string } | null
}

/** `portions`: logs that were read back and that the unit still holds. */
type Unit = Facts & { portions: PortionFacts[] }

const PIECE_BYTES = 196_608
/**
 * A few TSEs that are emptied daily reach it after decades. Without a limit, a few compressed megabytes could name more
 * than memory holds.
 */
const ARCHIVES_MAX = 100_000
/** No other name may be written to, even if the backup asks for it. */
const FILE = /^(?:[0-9a-f]{1,16}\/\d{1,16}-\d{1,16}\.tar|read\/[0-9a-f]{1,16}\/\d{1,16}-\d{1,16}\.tar\.gz)$/

/**
 * The archives that the events up to a seq name, of all TSEs: the projections may lag. Throws as `openReadOnly` does.
 */
export function knownArchives(directory: string, upTo = Number.MAX_SAFE_INTEGER): KnownArchive[] {
  const db = openReadOnly(directory)
  try {
    const rows = db
      .prepare<[number], { op: string; body: string }>(
        "SELECT op, body FROM event WHERE op >= 'tse_' AND op < 'tse`' AND op <> '' AND seq <= ? ORDER BY op, seq",
      )
      .iterate(upTo)
    const units = new Map<string, Unit>()
    for (const { op, body } of rows) {
      const facts = bodyOf({ body })
      const set = facts.set as Facts | undefined
      const portion = portionFacts(facts)
      const unit = units.get(op) ?? { portions: [] }
      if (portion !== undefined) unit.portions.push(portion)
      units.set(op, { ...unit, ...set })
    }
    return [...units.values()].flatMap(archivesOf).filter(({ file }) => FILE.test(file))
  } finally {
    db.close()
  }
}

/** A portion that an archive covers is no longer kept. */
function archivesOf({ archives = [], deletion, portions }: Unit): KnownArchive[] {
  const isCovered = ({ first_counter: first, last_counter: last }: PortionFacts): boolean =>
    archives.some((archive) => archive.first_counter <= first && archive.last_counter >= last)
  return [
    ...archives.map(({ file, bytes, sha256, deleted_at }) => {
      return { file, bytes, sha256, alone: deleted_at !== null || deletion?.file === file }
    }),
    ...portions
      .filter((portion) => !isCovered(portion))
      .map(({ file, bytes, sha256 }) => ({ file, bytes, sha256, alone: false })),
  ]
}

/** The number of archives that no TSE holds any longer. */
export function countAlone(archives: readonly KnownArchive[]): number {
  return archives.filter(({ alone }) => alone).length
}

/** True if the file exists, can be read, and has this size and digest. */
export async function isSound(path: string, { bytes, sha256 }: Pick<KnownArchive, 'bytes' | 'sha256'>) {
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isFile() !== true || stats.size !== bytes) return false
  const digest = createHash('sha256')
  try {
    await pipeline(createReadStream(path), digest)
  } catch {
    // A bad block, or the file was removed.
    return false
  }
  return digest.digest('hex') === sha256
}

/** The file in lines; closes an open handle when it is done. Throws the system's error. */
export async function* contentLines(source: string | FileHandle, sha256: string): AsyncGenerator<string> {
  const file = typeof source === 'string' ? await open(source, 'r') : source
  try {
    for (let at = 0; ; ) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, at)
      if (bytesRead === 0) return
      const data = buffer.toString('base64', 0, bytesRead)
      const line: ContentLine = { t: 'content', sha256, at, data }
      yield `${JSON.stringify(line)}\n`
      at += bytesRead
    }
  } finally {
    await file.close()
  }
}

/** Compares the bytes of archives with their names while they pass. */
export class ContentCheck {
  readonly #named = new Map<string, ArchiveLine>()
  readonly #whole = new Set<string>()
  #current: { sha256: string; at: number; digest: Hash } | undefined

  /** False for a name that no archive has, and beyond the limit of archives. */
  expect(line: ArchiveLine): boolean {
    this.#named.set(line.sha256, line)
    return FILE.test(line.file) && this.#named.size <= ARCHIVES_MAX
  }

  /** False if the bytes are not the next ones. */
  take({ sha256, at, data }: ContentLine): boolean {
    const archive = this.#named.get(sha256)
    this.#current ??= { sha256, at: 0, digest: createHash('sha256') }
    const current = this.#current
    if (archive === undefined || current.sha256 !== sha256 || current.at !== at) return false
    const bytes = Buffer.from(data, 'base64')
    current.digest.update(bytes)
    current.at += bytes.length
    if (current.at < archive.bytes) return true
    this.#current = undefined
    this.#whole.add(sha256)
    return current.at === archive.bytes && current.digest.digest('hex') === sha256
  }

  /** No archive is cut, and every one that should be inside is. */
  get isDone(): boolean {
    const inside = [...this.#named.values()].filter(({ beside }) => !beside)
    return this.#current === undefined && inside.every(({ sha256 }) => this.#whole.has(sha256))
  }
}
