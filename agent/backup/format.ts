import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { createGunzip, gzip } from 'node:zlib'
import { steadily, syncDirectory } from '../../base/durable-file.ts'
import { CodedError, codeOf } from '../../base/thrown.ts'
import type { EventLine } from '../journal/events.ts'
import type { BatchLine, EndLine } from '../journal/refill.ts'
import { RefillError } from '../journal/refill.ts'
import type { RowLine } from '../journal/snapshot.ts'
import { textLines } from '../journal/text-lines.ts'
import type { ArchiveLine, ContentLine } from './archives.ts'
import { ContentCheck } from './archives.ts'
import { isLine } from './line-shape.ts'
import type { Part } from './manifest.ts'
import { pieces } from './pieces.ts'
import type { UnfinishedFile } from './unfinished-backups.ts'
import { isAnother, presentAt, unfinishedAt } from './unfinished-backups.ts'
import type { Wrapping } from './vault.ts'

/** The first line. `created_at` RFC 3339; `events` of all chains; `moved`: the journal was ended to continue elsewhere. */
export type Header = {
  t: 'backup'
  v: number
  created_at: string
  program: string
  agent: string
  chain: string
  epoch: number
  events: number
  moved: boolean
  secrets: Wrapping | null
  /** A Seal under the vault's key; null without secrets. */
  seal: string | null
}

/** A piece of a secret file of the state directory, sealed. */
export type FileLine = { t: 'file'; name: string; at: number; data: string }
/** The last line of a sealed segment: a restore makes the rest of the file from the events. */
export type SegmentLine = { t: 'segment'; file: string; end: string }
/** The line before the contents of archives; `sha256` of all lines before it, `mac` over that under the vault's key. */
export type DoneLine = { t: 'done'; lines: number; sha256: string; mac?: string }
export type BackupLine =
  | Header
  | BatchLine
  | EventLine
  | EndLine
  | RowLine
  | FileLine
  | SegmentLine
  | ArchiveLine
  | ContentLine

/** An event has at most a MiB. */
const LINE_BYTES = 4_194_304
const GZIP_MAGIC = Buffer.of(0x1f, 0x8b)
/**
 * Slice of an archive, which never changes: cut by length, so that a slow line sends each within the 30 s of a request.
 */
const SLICE_BYTES = 524_288

/** `parts`: the file, cut at places that are the same in each backup. */
export type WrittenBackup = { bytes: number; sha256: string; parts: Part[] }

/** Runs an act on the file's folder, which the process that reads the state may not enter. */
export type Outside = <Result>(act: () => Promise<Result>) => Promise<Result>

/** Another backup has begun the same file again. */
function backupOvertaken(path: string): CodedError {
  return new CodedError(
    'backup_overtaken',
    `Another backup is written to ${path}: wait for that one, or name another file. Nothing of this one was kept.`,
  )
}

/** Callbacks on the file under its temporary name. */
type Watch = {
  opened: (file: UnfinishedFile) => Promise<void>
  /** Throws if the file is not in its intended place. */
  demandPlace: (file: FileHandle) => Promise<void>
  check: (path: string) => Promise<void>
  outside: Outside
}

const compress = promisify(gzip)

/**
 * Writes the lines, compressed, a last line with their number and hash, and then the contents: a file of this name is
 * complete or absent. `opened` receives the file under its temporary name, and `check` reads the complete file under it
 * before it gets its own. Throws the system's error.
 */
export async function writeBackup(
  path: string,
  lines: AsyncIterable<string>,
  contents: readonly AsyncIterable<string>[],
  watch: Watch & { mac?: ((sha256: string) => string) | undefined },
  fault: (point: string) => void,
): Promise<WrittenBackup> {
  const chunks = async function* (): AsyncGenerator<Buffer> {
    yield* compressed(concluded(lines, watch.mac))
    for (const content of contents) yield* slices(compressed(content))
  }
  return await writeChunks(path, chunks(), watch, fault)
}

/** Writes a file with the contents of one archive alone. */
export async function writeContent(path: string, content: AsyncIterable<string>): Promise<WrittenBackup> {
  const none = async (): Promise<void> => undefined
  return await writeChunks(
    path,
    slices(compressed(content)),
    { opened: none, demandPlace: none, check: none, outside: (act) => act() },
    () => undefined,
  )
}

async function writeChunks(
  path: string,
  chunks: AsyncIterable<Buffer>,
  watch: Watch,
  fault: (point: string) => void,
): Promise<WrittenBackup> {
  const temporary = `${path}.tmp`
  const { check, outside } = watch
  let unfinishedFile: UnfinishedFile | undefined
  const before = await outside(async () => presentAt(path))
  const isTaken = () => outside(async () => unfinishedFile !== undefined && hasLost(unfinishedFile, path, before))
  const opened = async (now: UnfinishedFile): Promise<void> => {
    unfinishedFile = now
    await watch.opened(now)
  }
  try {
    await outside(() => rm(temporary, { force: true }))
    const written = await writeTo(temporary, chunks, { ...watch, opened })
    fault('backup.written')
    await outside(() => check(temporary))
    fault('backup.checked')
    if (await isTaken()) throw backupOvertaken(path)
    await outside(() => rename(temporary, path))
    unfinishedFile = undefined
    fault('backup.renamed')
    await outside(() => syncDirectory(dirname(path)))
    return written
  } catch (error) {
    // The present file belongs to the other backup, so that its content proves nothing about ours.
    if ((unfinishedFile === undefined && codeOf(error) === 'EEXIST') || (await isTaken())) throw backupOvertaken(path)
    if (unfinishedFile !== undefined) await outside(() => rm(temporary, { force: true }))
    throw error
  }
}

/** Another backup has the temporary name, or had it and has moved its file to the final one. */
function hasLost(unfinishedFile: UnfinishedFile, path: string, before: UnfinishedFile | undefined): boolean {
  if (presentAt(unfinishedFile.path) !== undefined) return isAnother(unfinishedFile)
  return before === undefined ? presentAt(path) !== undefined : isAnother(before)
}

async function writeTo(
  path: string,
  chunks: AsyncIterable<Buffer>,
  { opened, demandPlace, outside }: Watch,
): Promise<WrittenBackup> {
  const digest = createHash('sha256')
  const parts: Part[] = []
  let bytes = 0
  const file = await outside(() => open(path, 'wx', 0o600))
  const write = steadily(file)
  try {
    await opened(await unfinishedAt(path, file))
    await outside(() => demandPlace(file))
    for await (const chunk of chunks) {
      parts.push(partOf(chunk))
      digest.update(chunk)
      bytes += chunk.length
      await write(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes, sha256: digest.digest('hex'), parts }
}

/**
 * The parts of a file that {@link writeContent} made; `onBytes` receives all of its bytes. Throws the system's error.
 */
export async function contentParts(path: string, onBytes: (bytes: Uint8Array) => void): Promise<Part[]> {
  const parts: Part[] = []
  for await (const slice of slices(createReadStream(path) as AsyncIterable<Buffer>)) {
    onBytes(slice)
    parts.push(partOf(slice))
  }
  return parts
}

function partOf(chunk: Uint8Array): Part {
  return { sha256: createHash('sha256').update(chunk).digest('hex'), bytes: chunk.length }
}

/** Each piece is a separate gzip member (RFC 1952 §2.2): joined they are the gzip of the whole. */
async function* compressed(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of pieces(lines)) yield await compress(piece, { level: 1 })
}

async function* slices(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    bytes += chunk.length
    if (bytes < SLICE_BYTES) continue
    let rest = Buffer.concat(held)
    for (; rest.length >= SLICE_BYTES; rest = rest.subarray(SLICE_BYTES)) yield rest.subarray(0, SLICE_BYTES)
    held = [rest]
    bytes = rest.length
  }
  if (bytes > 0) yield Buffer.concat(held)
}

async function* concluded(
  portions: AsyncIterable<string>,
  mac: ((sha256: string) => string) | undefined,
): AsyncGenerator<string> {
  const digest = createHash('sha256')
  let lines = 0
  for await (const portion of portions) {
    if (portion === '') continue
    digest.update(portion)
    for (let feed = portion.indexOf('\n'); feed >= 0; feed = portion.indexOf('\n', feed + 1)) lines++
    yield portion
  }
  const sha256 = digest.digest('hex')
  const done: DoneLine = { t: 'done', lines, sha256, ...(mac && { mac: mac(sha256) }) }
  yield `${JSON.stringify(done)}\n`
}

/**
 * The lines of a backup in order, without the last, which is checked; then the contents of the archives inside. The
 * caller must not trust them before the generator returns. `onDone` gets the last line, after all others but the
 * contents. Throws RefillError `backup_damaged` if the file is cut, changed or not a backup, `backup_too_large` for an
 * endless line.
 */
export async function* readBackup(
  path: string,
  onDone: (done: DoneLine) => void = () => undefined,
): AsyncGenerator<BackupLine> {
  await demandGzip(path)
  const reading = new Reading()
  for await (const bytes of gunzipped(path)) {
    const line = parsed(bytes)
    if (line.t === 'content') reading.demandContent(line)
    else reading.demandNext(line, bytes)
    if (line.t === 'done') onDone(line)
    else yield line
  }
  reading.demandEnd()
}

/** The progress of reading a backup. Each method throws if the line is not valid at this place. */
class Reading {
  readonly #contents = new ContentCheck()
  readonly #digest = createHash('sha256')
  #lines = 0
  #done = false

  demandContent(line: ContentLine): void {
    if (!this.#done || !this.#contents.take(line)) throw damaged()
  }

  demandNext(line: Exclude<BackupLine | DoneLine, ContentLine>, bytes: Buffer): void {
    if (this.#done || (this.#lines === 0 && line.t !== 'backup')) throw damaged()
    if (line.t === 'done') {
      demandDone(line, this.#lines, this.#digest)
      this.#done = true
      return
    }
    if (line.t === 'archive' && !this.#contents.expect(line)) throw damaged()
    this.#digest.update(bytes)
    this.#lines++
  }

  demandEnd(): void {
    if (!this.#done || !this.#contents.isDone) throw damaged()
  }
}

/** The contents of an archive from a separate file. Throws RefillError `backup_damaged` if they are not those. */
export async function* readContent(path: string, archive: ArchiveLine): AsyncGenerator<ContentLine> {
  await demandGzip(path)
  const contents = new ContentCheck()
  contents.expect({ ...archive, beside: false })
  for await (const bytes of gunzipped(path)) {
    const line = parsed(bytes)
    if (line.t !== 'content' || !contents.take(line)) throw damaged()
    yield line
  }
  if (!contents.isDone) throw damaged()
}

async function* gunzipped(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path)
  const gunzip = createGunzip()
  // Not by an awaited pipeline: it may never settle for a reader that stops in the middle (Node 24).
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    for await (const line of textLines(gunzip, LINE_BYTES)) {
      if (line.length > LINE_BYTES) throw tooLong()
      yield line
    }
  } catch (error) {
    // The error of gunzip for a file that is cut or changed.
    const code = codeOf(error) ?? ''
    throw code.startsWith('Z_') ? damaged() : error
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

async function demandGzip(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    if (!buffer.equals(GZIP_MAGIC)) throw new RefillError('backup_damaged', `${path} is not a backup of this program.`)
  } finally {
    await file.close()
  }
}

function demandDone(line: DoneLine, lines: number, digest: Hash): void {
  if (line.lines !== lines || line.sha256 !== digest.digest('hex')) throw damaged()
}

function parsed(bytes: Buffer): BackupLine | DoneLine {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    if (isLine(value)) return value as BackupLine | DoneLine
  } catch {
    // The code below throws.
  }
  throw damaged()
}

function tooLong(): RefillError {
  return new RefillError(
    'backup_too_large',
    `The backup has a line of more than ${LINE_BYTES} bytes. Take another one.`,
  )
}

function damaged(): RefillError {
  return new RefillError('backup_damaged', 'The backup is not whole: take the one before it.')
}
