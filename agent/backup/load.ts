import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAt } from '../durable-file.ts'
import type { EventLine } from '../journal/events.ts'
import type { BatchLine, EndLine } from '../journal/refill.ts'
import { Refill, RefillError } from '../journal/refill.ts'
import type { RowLine } from '../journal/snapshot.ts'
import type { ArchiveLine } from './archives.ts'
import { ArchivesLoading } from './archives-loading.ts'
import type { FileLine, Header, SegmentLine } from './format.ts'
import { readBackup } from './format.ts'
import { SECRET_PLACES } from './secret-files.ts'
import { loadTails } from './tails.ts'
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

/**
 * `filled`: events that came from the tails. `leftOut`: those that the epoch which went on does not know. `complete`: the
 * journal was ended to move, so that nothing came after.
 */
export type Loaded = {
  header: Header
  segments: readonly SegmentLine[]
  /** Those that lie in the folder now. */
  archives: readonly ArchiveLine[]
  filled: number
  leftOut: number
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
    const leftOut = await loadTails(options.tails, refill, header.agent)
    const complete = refill.lastKind() === 'journal.moved'
    return { header, segments, archives, filled: refill.events - before, leftOut, complete }
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
    else if (line.t !== 'file') takeLine(refill, line)
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

function takeLine(refill: Refill, line: BatchLine | EventLine | EndLine | RowLine): void {
  if (line.t === 'batch') refill.batch(line)
  else if (line.t === 'ev') refill.event(line)
  else if (line.t === 'end') refill.end(line, false)
  else refill.row(line)
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
