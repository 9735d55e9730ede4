import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAt } from '../../base/durable-file.ts'
import { CodedError } from '../../base/thrown.ts'
import type { EventLine } from '../journal/events.ts'
import type { BatchLine, EndLine } from '../journal/refill.ts'
import { Refill, RefillError } from '../journal/refill.ts'
import type { RowLine } from '../journal/snapshot.ts'
import type { ArchiveLine } from './archives.ts'
import { ArchivesLoading } from './archives-loading.ts'
import type { FileLine, Header, SegmentLine } from './format.ts'
import { readBackup } from './format.ts'
import { BackupProof } from './proof.ts'
import { SECRET_PLACES } from './secret-files.ts'
import { StagingSpace } from './staging-space.ts'
import { loadTails } from './tails.ts'
import type { Vault } from './vault.ts'

export type LoadOptions = {
  file: string
  /** Opens the secrets; undefined to restore without them. */
  passphrase: string | undefined
  /** Restore without the secrets of the backup. */
  withoutSecrets: boolean
  /** Restore without a seal that confirms the journal. */
  unsealed: boolean
  /** Key ids of later epochs that a person has confirmed, 16 hex digits each. */
  epochKeys: readonly string[]
  /** Later exports of the same journal, or folders of segments, with the events after the backup. */
  tails: readonly string[]
  fault: (point: string) => void
}

/**
 * `fromBackup`, `filled`: events that came from the backup, and from the tails. `leftOut`: events that the newest epoch does not contain. `complete`: the
 * journal was ended to move, so that nothing came after.
 */
export type Loaded = {
  header: Header
  segments: readonly SegmentLine[]
  /** The archives that are in the folder now. */
  archives: readonly ArchiveLine[]
  fromBackup: number
  filled: number
  leftOut: number
  complete: boolean
  /** The seal of the backup confirms its journal. */
  sealed: boolean
}

/**
 * Fills a folder with journal and secret files of a backup, and the journal with the events of the tails. Throws
 * RefillError, `passphrase_missing`, `passphrase_wrong` and the system's errors.
 */
export async function loadBackup(options: LoadOptions, staging: string): Promise<Loaded> {
  const refill = new Refill(staging, options.epochKeys)
  try {
    const { header, segments, archives, sealed } = await loadFile(options, staging, refill)
    refill.endBackup()
    options.fault('restore.loaded')
    const fromBackup = refill.events
    const leftOut = await loadTails(options.tails, refill, header.agent)
    const complete = refill.lastKind() === 'journal.moved'
    const filled = refill.events - fromBackup
    return { header, segments, archives, fromBackup, filled, leftOut, complete, sealed }
  } finally {
    refill.close()
  }
}

async function loadFile(
  options: LoadOptions,
  staging: string,
  refill: Refill,
): Promise<Pick<Loaded, 'header' | 'segments' | 'archives' | 'sealed'>> {
  const segments: SegmentLine[] = []
  const archives = new ArchivesLoading(staging)
  let proof: BackupProof | undefined
  const space = new StagingSpace(staging)
  for await (const line of readBackup(options.file, (done) => proof?.demandEnd(refill.read, done))) {
    space.demand(line)
    if (line.t === 'backup') proof = proofOf(line, options)
    else if (line.t === 'segment') segments.push(line)
    else if (line.t === 'archive') archives.name(line)
    else if (line.t === 'content') await archives.put(line)
    else if (line.t !== 'file') takeLine(refill, line)
    else if (!options.withoutSecrets) await putFile(staging, line, proof?.vault)
  }
  if (proof === undefined) throw new RefillError('backup_damaged', 'The backup does not have the events that it names.')
  const { header, isSealed: sealed } = proof
  return { header, segments, archives: await archives.complete(dirname(options.file), header.agent), sealed }
}

function proofOf(header: Header, { passphrase, withoutSecrets, unsealed }: LoadOptions): BackupProof {
  if (header.secrets !== null && !withoutSecrets && passphrase === undefined)
    throw new CodedError(
      'passphrase_missing',
      'The backup holds secrets: give --passphrase-file, or --no-secrets to restore without them.',
    )
  return BackupProof.open(header, passphrase, unsealed)
}

function takeLine(refill: Refill, line: BatchLine | EventLine | EndLine | RowLine): void {
  if (line.t === 'batch') refill.batch(line)
  else if (line.t === 'ev') refill.event(line)
  else if (line.t === 'end') refill.end(line, false)
  else refill.row(line)
}

async function putFile(staging: string, { name, at, data }: FileLine, vault: Vault | undefined): Promise<void> {
  if (vault === undefined) return
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
