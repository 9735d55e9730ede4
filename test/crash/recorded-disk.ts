import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execFileSync } from '../waits.ts'
import type { Seeded } from './seeded.ts'

const SECTOR_BYTES = 512
const HEAD_BYTES = 29
const LIBRARY = join(import.meta.dirname, 'recorded-disk.c')

type Kind = 'C' | 'T' | 'W' | 'f' | 'F' | 'd' | 'D' | 'R' | 'L' | 'U' | 'M'
type Record = { kind: Kind; process: number; inode: bigint; offset: number; name: string; bytes: Buffer; end: number }
/** `bytes` undefined: cut to, or filled up to, `offset`. */
type Change = { at: number; offset: number; bytes: Buffer | undefined }
type File = { content: Buffer; pending: Change[] }
type Naming = { at: number; folder: string; to: string } & (
  | { kind: 'file'; file: File }
  | { kind: 'folder' }
  | { kind: 'gone' }
  | { kind: 'renamed' | 'linked'; from: string }
)

/** Environment of a process whose changes below paths that contain `below` are written down in `log`. */
export function recording(library: string, log: string, below: string): { [name: string]: string } {
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, LIBRARY, '-ldl'])
  return { LD_PRELOAD: library, RECORD_LOG: log, RECORD_BELOW: below }
}

/**
 * The disk as recorded up to a byte of the log, and what a power cut there may leave of it (fsync(2)): the synced
 * bytes; any sectors of the later writes, while the rest is as before or zeros; the names of each folder at its last
 * sync, and any number of the later changes, in their order.
 */
export class RecordedDisk {
  readonly #files = new Map<bigint, File>()
  readonly #namings: Naming[] = []
  readonly #begun = new Map<string, number>()
  /** Folder → the last record that its sync covers. */
  readonly #synced = new Map<string, number>()

  constructor(log: string, upTo: number) {
    for (const [at, record] of recordsOf(readFileSync(log)).entries()) {
      if (record.end > upTo) break
      this.#apply(record, at)
    }
  }

  /** Writes the remains over each of `roots`, which existed from the beginning. */
  leave(random: Seeded, roots: ReadonlyMap<string, string>): void {
    const names = this.#namesLeft(random, [...roots.keys()])
    for (const place of roots.values()) mkdirSync(place, { recursive: true, mode: 0o700 })
    for (const [name, file] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const root = [...roots.keys()].find((path) => name === path || name.startsWith(`${path}/`))
      if (root === undefined || name === root) continue
      const place = `${roots.get(root)}${name.slice(root.length)}`
      if (file === undefined) mkdirSync(place, { mode: 0o700 })
      // The index of SQLite's log is memory that has a name.
      else if (!name.endsWith('-shm')) writeFileSync(place, contentLeft(file, random), { mode: 0o600 })
    }
  }

  #apply({ kind, process, inode, offset, name, bytes }: Record, at: number): void {
    const key = `${process} ${inode}`
    const naming = { at, folder: dirname(name), to: name }
    const file = this.#files.get(inode)
    if (kind === 'C') {
      const newFile: File = { content: Buffer.alloc(0), pending: [] }
      this.#files.set(inode, newFile)
      this.#namings.push({ ...naming, kind: 'file', file: newFile })
    } else if (kind === 'W') file?.pending.push({ at, offset, bytes })
    else if (kind === 'T') file?.pending.push({ at, offset, bytes: undefined })
    else if (kind === 'M') this.#namings.push({ ...naming, kind: 'folder' })
    else if (kind === 'U') this.#namings.push({ ...naming, kind: 'gone' })
    else if (kind === 'R' || kind === 'L') {
      const to = bytes.toString('utf8')
      this.#namings.push({ at, folder: dirname(to), to, kind: kind === 'R' ? 'renamed' : 'linked', from: name })
    } else if (kind === 'f' || kind === 'd') this.#begun.set(key, at)
    else if (kind === 'D') this.#synced.set(name, this.#begun.get(key) ?? at)
    else if (file !== undefined) settle(file, this.#begun.get(key) ?? at)
  }

  #namesLeft(random: Seeded, roots: readonly string[]): Map<string, File | undefined> {
    const names = new Map<string, File | undefined>(roots.map((root) => [root, undefined]))
    const kept = new Map<string, number>()
    for (const folder of new Set(this.#namings.map((naming) => naming.folder))) {
      const later = this.#namings.filter((naming) => naming.folder === folder && naming.at > this.#coveredBy(folder))
      const most = random.pick([0, later.length, random.below(later.length + 1)])
      kept.set(folder, later[most]?.at ?? Number.POSITIVE_INFINITY)
    }
    for (const naming of this.#namings) {
      if (naming.at >= (kept.get(naming.folder) ?? 0) || !names.has(naming.folder)) continue
      rename(names, naming)
    }
    return names
  }

  #coveredBy(folder: string): number {
    return this.#synced.get(folder) ?? -1
  }
}

function recordsOf(log: Buffer): Record[] {
  const records: Record[] = []
  for (let at = 0; at < log.length; ) {
    const end = at + log.readUInt32LE(at)
    const bytes = at + HEAD_BYTES + log.readUInt32LE(at + 25)
    records.push({
      ...{ kind: String.fromCharCode(log.readUInt8(at + 4)) as Kind, process: log.readUInt32LE(at + 5) },
      ...{ inode: log.readBigUInt64LE(at + 9), offset: Number(log.readBigUInt64LE(at + 17)) },
      ...{ name: log.toString('utf8', at + HEAD_BYTES, bytes), bytes: log.subarray(bytes, end), end },
    })
    at = end
  }
  return records
}

function settle(file: File, upTo: number): void {
  for (const change of file.pending) if (change.at <= upTo) file.content = changed(file.content, change)
  file.pending = file.pending.filter(({ at }) => at > upTo)
}

function changed(content: Buffer, { offset, bytes }: Omit<Change, 'at'>): Buffer {
  const length = bytes === undefined ? offset : Math.max(content.length, offset + bytes.length)
  const result = Buffer.alloc(length)
  content.copy(result, 0, 0, Math.min(content.length, length))
  bytes?.copy(result, offset)
  return result
}

function contentLeft({ content, pending }: File, random: Seeded): Buffer {
  const share = random.pick([0, 1, 0.6])
  let left = content
  for (const { offset, bytes } of pending) {
    if (bytes === undefined) {
      if (random.chance(share)) left = changed(left, { offset, bytes })
      continue
    }
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES))
      if (random.chance(share)) left = changed(left, { offset: offset + from, bytes: bytes.subarray(from, to) })
      from = to
    }
  }
  return left
}

function rename(names: Map<string, File | undefined>, naming: Naming): void {
  if (naming.kind === 'file') names.set(naming.to, naming.file)
  else if (naming.kind === 'folder') names.set(naming.to, undefined)
  else if (naming.kind === 'gone') removeBelow(names, naming.to)
  else if (naming.kind === 'renamed') moveBelow(names, naming.from, naming.to)
  else if (names.has(naming.from)) names.set(naming.to, names.get(naming.from))
}

function removeBelow(names: Map<string, File | undefined>, path: string): void {
  for (const name of [...names.keys()]) if (name === path || name.startsWith(`${path}/`)) names.delete(name)
}

function moveBelow(names: Map<string, File | undefined>, from: string, to: string): void {
  if (!names.has(from)) return
  removeBelow(names, to)
  for (const [name, file] of [...names])
    if (name === from || name.startsWith(`${from}/`)) {
      names.delete(name)
      names.set(to + name.slice(from.length), file)
    }
}
