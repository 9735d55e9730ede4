import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAt } from '../journal/durable-file.ts'
import type { EventLine } from '../journal/events.ts'
import type { BatchLine, EndLine } from '../journal/refill.ts'
import { Refill, RefillError } from '../journal/refill.ts'
import { textLines } from '../journal/text-lines.ts'
import type { ArchiveLine, ContentLine } from './archives.ts'
import { ArchivesLoading } from './archives-loading.ts'
import type { BackupLine, FileLine, Header, SegmentLine } from './format.ts'
import { readBackup } from './format.ts'
import { isLine } from './line-shape.ts'
import { SECRET_PLACES } from './secret-files.ts'
import type { Vault } from './vault.ts'
import { openVault } from './vault.ts'

export type LoadOptions = {
  file: string
  /** Opens the secrets; undefined to go without them. */
  passphrase: string | undefined
  /** Go without the secrets that the backup has. */
  withoutSecrets: boolean
  /** Later exports of the same journal, or folders of segments: what was journalled after the backup. */
  tails: readonly string[]
  fault: (point: string) => void
}

/** `filled`: events that came from the tails. `complete`: the journal was ended to move, so that nothing came after. */
export type Loaded = {
  header: Header
  segments: readonly SegmentLine[]
  /** Those that lie in the folder now. */
  archives: readonly ArchiveLine[]
  filled: number
  complete: boolean
}

/** The secrets cannot be had as asked. */
class SecretsRefusedError extends Error {
  override readonly name = 'SecretsRefusedError'
  readonly code = 'passphrase_missing'
}

/**
 * Fills a folder with journal and secret files of a backup, and the journal with what the tails add. Throws RefillError,
 * SecretsRefusedError, PassphraseError and what the system says.
 */
export async function loadBackup(options: LoadOptions, staging: string): Promise<Loaded> {
  const refill = new Refill(staging)
  try {
    const { header, segments, archives } = await loadFile(options, staging, refill)
    options.fault('restore.loaded')
    const before = refill.events
    for (const tail of await tailFiles(options.tails)) await loadTail(tail, refill)
    const complete = refill.lastKind() === 'journal.moved'
    return { header, segments, archives, filled: refill.events - before, complete }
  } finally {
    refill.close()
  }
}

async function loadFile(
  options: LoadOptions,
  staging: string,
  refill: Refill,
): Promise<Pick<Loaded, 'header' | 'segments' | 'archives'>> {
  const segments: SegmentLine[] = []
  const archives = new ArchivesLoading(staging)
  let header: Header | undefined
  let vault: Vault | undefined
  for await (const line of readBackup(options.file)) {
    if (line.t === 'backup') {
      header = line
      vault = vaultOf(line, options)
    } else if (line.t === 'segment') segments.push(line)
    else if (line.t === 'archive') archives.name(line)
    else if (line.t === 'content') await archives.put(line)
    else if (line.t !== 'file') takeLine(refill, line, false)
    else if (vault !== undefined) await putFile(staging, line, vault)
  }
  if (header === undefined || header.events !== refill.events)
    throw new RefillError('backup_damaged', 'The backup does not have the events that it names.')
  return { header, segments, archives: await archives.complete(dirname(options.file), header.agent) }
}

function vaultOf({ secrets }: Header, { passphrase, withoutSecrets }: LoadOptions): Vault | undefined {
  if (secrets === null || withoutSecrets) return undefined
  if (passphrase !== undefined) return openVault(passphrase, secrets)
  throw new SecretsRefusedError('The backup holds secrets: give --passphrase-file, or --no-secrets to go without them.')
}

type JournalLine = Exclude<BackupLine, Header | FileLine | SegmentLine | ArchiveLine | ContentLine>

function takeLine(refill: Refill, line: JournalLine, signed: boolean): void {
  if (line.t === 'batch') refill.batch(line)
  else if (line.t === 'ev') refill.event(line)
  else if (line.t === 'end') refill.end(line, signed)
  else if (line.t === 'row' && !signed) refill.row(line)
  else throw new RefillError('backup_damaged', 'It has a line of an unknown kind.')
}

async function loadTail(file: string, refill: Refill): Promise<void> {
  let ended = false
  for await (const bytes of textLines(createReadStream(file))) {
    const line = tailLine(file, bytes)
    takeLine(refill, line, true)
    ended = line.t === 'end'
  }
  // Events without the signature over them may have been made by anyone.
  if (!ended) throw new RefillError('backup_damaged', `${file} is not whole.`)
}

function tailLine(file: string, bytes: Buffer): BatchLine | EventLine | EndLine {
  try {
    const line: unknown = JSON.parse(bytes.toString())
    if (isLine(line)) return line as BatchLine | EventLine | EndLine
  } catch {
    // Said below.
  }
  throw new RefillError('backup_damaged', `${file} is no export of a journal.`)
}

/** Files, and the `.ndjson` of folders below, in the order of their chains and events. */
async function tailFiles(paths: readonly string[]): Promise<string[]> {
  const files: { path: string; epoch: number; first: number }[] = []
  for (const path of paths) {
    const isFolder = (await stat(path)).isDirectory()
    const names = isFolder ? await readdir(path, { recursive: true }) : ['']
    for (const name of names.filter((name) => !isFolder || name.endsWith('.ndjson'))) {
      const file = join(path, name)
      for await (const bytes of textLines(createReadStream(file, { end: 65_536 }))) {
        const { epoch, first } = tailLine(file, bytes) as BatchLine
        files.push({ path: file, epoch, first })
        break
      }
    }
  }
  return files.sort((left, right) => left.epoch - right.epoch || left.first - right.first).map(({ path }) => path)
}

async function putFile(staging: string, { name, at, data }: FileLine, vault: Vault): Promise<void> {
  const [top = ''] = name.split('/')
  if (!SECRET_PLACES.includes(top) || name.split('/').some((part) => part === '..' || part === ''))
    throw new RefillError('backup_damaged', 'The backup names a file that has no place in a state directory.')
  const path = join(staging, name)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const bytes = vault.unseal(`${name} ${at}`, data)
  const handle = await open(path, at === 0 ? 'w' : 'r+', 0o600)
  try {
    await writeAt(handle, bytes, at)
  } finally {
    await handle.close()
  }
}
