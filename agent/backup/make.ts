import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import { checkpointSigner } from '../journal/checkpoint.ts'
import { hasJournal } from '../journal/journal-file.ts'
import { JournalMissingError } from '../journal/reader.ts'
import { RefillError } from '../journal/refill.ts'
import { SEGMENT_DIRECTORY } from '../journal/seal.ts'
import type { Snapshot } from '../journal/snapshot.ts'
import { openSnapshot } from '../journal/snapshot.ts'
import { Places } from '../state/places.ts'
import { readCheckpointKey } from '../state/state-directory.ts'
import type { ArchiveLine } from './archives.ts'
import { stayingUpload } from './chosen-upload.ts'
import type { Header, Outside, SegmentLine, WrittenBackup } from './format.ts'
import { readBackup, writeBackup } from './format.ts'
import type { LastBackup } from './last.ts'
import { lastBackup } from './last.ts'
import type { MadeArchives } from './made-archives.ts'
import { gatherArchives } from './made-archives.ts'
import { backupName } from './names.ts'
import type { BackupNotes } from './notes.ts'
import { notesIn } from './notes.ts'
import { BACKUP_VERSION, demandMac, macOf, sealed } from './proof.ts'
import { heldFiles, secretLines } from './secret-files.ts'
import type { UnfinishedFile } from './unfinished-backups.ts'
import type { Vault } from './vault.ts'
import { makeVault } from './vault.ts'

export type BackupOptions = {
  stateDirectory: string
  /** A file, or a folder in which the backup gets a name. */
  path: string
  /** Wraps the secrets; without it they are left out. */
  passphrase: string | undefined
  /**
   * Place of the archives of TSEs: in the file, or, for a daily backup, in separate files, once for all backups of the
   * folder.
   */
  archives: 'inside' | 'separate'
  program: string
  clock: Pick<Clock, 'now'>
  random: (length: number) => Uint8Array
  fault: (point: string) => void
  /** If root backs up another user's state, that user writes the notes. */
  notes?: BackupNotes
  /** Detects folders on other disks; default: those of this state directory. */
  places?: Places
  /** Runs an act in the file's folder with root's rights instead of that user's. */
  outside?: Outside
}

/** A segment's last line: its head and signature. */
const END_BYTES = 4096

/**
 * Writes one file with everything that another machine needs to continue: the journal, the memory of devices in it, the
 * sealed segments' signatures, the archives of TSEs and, under the passphrase, the secrets. An agent may run at the
 * same time. The file is read again before it gets its name. Throws JournalMissingError, `journal_too_new`,
 * JournalDamagedError and the system's errors.
 */
export async function makeBackup(options: BackupOptions): Promise<LastBackup> {
  const { stateDirectory, path, passphrase, clock, random, notes = notesIn(stateDirectory) } = options
  const { outside = (act) => act() } = options
  const { places = new Places(stateDirectory, { remember: notes.rememberPlace }) } = options
  if (!hasJournal(stateDirectory)) throw new JournalMissingError(stateDirectory)
  const vault = passphrase === undefined ? undefined : makeVault(passphrase, random)
  const signer = checkpointSigner(readCheckpointKey(stateDirectory))
  const snapshot = openSnapshot(stateDirectory, signer)
  let forget = async (): Promise<void> => undefined
  let closeArchives = forget
  try {
    if (snapshot.key !== signer.publicKey) throw foreignKey()
    await notes.clearUnfinished(clock.now())
    const { agentId, chainId, epoch, events, moved, seq, head } = snapshot
    const header = headerOf(snapshot, vault, options)
    const file = await outside(() => fileFor(path, agentId, clock.now()))
    // A folder on an unplugged stick may be missing: then the file would get its name.
    for (const place of new Set([path, dirname(file)])) await outside(() => places.demand(place))
    const nowMs = clock.now()
    const archives = await gatherArchives({ stateDirectory, file, agentId, events, place: options.archives, nowMs })
    closeArchives = archives.close
    const lines = linesOf(stateDirectory, header, vault, snapshot, archives.lines)
    const watch = {
      opened: async (unfinishedFile: UnfinishedFile): Promise<void> => {
        await notes.noteUnfinished(unfinishedFile)
        forget = () => notes.forgetUnfinished(unfinishedFile.path)
      },
      demandPlace: (newFile: FileHandle) => places.demandFile(dirname(file), newFile),
      check: (path: string): Promise<void> => checkBackup(path, vault),
      mac: vault && ((sha256: string) => macOf(vault, sha256)),
      outside,
    }
    const { parts: own, ...written } = await writeBackup(file, lines, archives.inside, watch, options.fault)
    const about = { agent: agentId, created_at: header.created_at, events, ...written, secrets: vault !== undefined }
    const place = { chain: chainId, epoch, seq, head }
    const what = { t: 'blob_parts', v: 1, name: basename(file) } as const
    const isDaily = options.archives === 'separate'
    const whole = await joined(file, { ...written, parts: own }, archives)
    const stays = await stayingUpload(stateDirectory, { isDaily, secrets: about.secrets, nowMs })
    const storedManifest = stays ? undefined : await notes.keepManifest({ ...what, ...about, ...place, ...whole })
    const files = [file, ...archives.separate.map(({ path }) => path)]
    const upload = storedManifest === undefined ? stays : { manifest: storedManifest.sha256, files, daily: isDaily }
    const daily = isDaily ? { daily_at: about.created_at } : dailyBefore(stateDirectory)
    const facts = {
      ...archiveFacts(archives),
      ...(storedManifest && { manifest: storedManifest.sha256 }),
      ...(upload && { upload }),
    }
    const backup = { file, ...about, moved, ...facts, ...daily }
    await notes.rememberBackup(backup)
    return backup
  } finally {
    snapshot.close()
    await closeArchives()
    await forget()
  }
}

/** The first line. */
function headerOf(snapshot: Snapshot, vault: Vault | undefined, { clock, program }: BackupOptions): Header {
  const { agentId: agent, chainId: chain, epoch, events, moved, seq, head, key, genesis } = snapshot
  const created_at = rfc3339(clock.now())
  return {
    t: 'backup',
    v: BACKUP_VERSION,
    created_at,
    program,
    agent,
    chain,
    epoch,
    events,
    moved,
    secrets: vault?.wrapping ?? null,
    seal:
      vault === undefined
        ? null
        : sealed(vault, { v: 1, agent, chain, epoch, events, seq, head, key, genesis, created_at }),
  }
}

/** No restore would accept the backup. */
function foreignKey(): RefillError {
  return new RefillError(
    'backup_signature_foreign',
    'checkpoint.key is not the key of this journal: bring it back (fiskal-edge restore FILE --keys-only).',
  )
}

/** The backup and the files next to it, as one: a target stores them so and returns them as a single file. */
async function joined(file: string, written: WrittenBackup, { separate }: MadeArchives): Promise<WrittenBackup> {
  if (separate.length === 0) return written
  const digest = createHash('sha256')
  for (const path of [file, ...separate.map(({ path }) => path)])
    for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer)
  const parts = [...written.parts, ...separate.flatMap(({ parts }) => parts)]
  return { bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), sha256: digest.digest('hex'), parts }
}

/** A backup by hand does not postpone the daily one. */
function dailyBefore(stateDirectory: string): Pick<LastBackup, 'daily_at'> {
  const { daily_at } = lastBackup(stateDirectory) ?? {}
  return daily_at === undefined ? {} : { daily_at }
}

function archiveFacts({ lines, separate, alone, missing }: MadeArchives) {
  return {
    archives: lines.length,
    archives_alone: alone,
    ...(separate.length > 0 && { beside: separate.map(({ path }) => path) }),
    ...(missing.length > 0 && { archives_missing: missing }),
  }
}

async function fileFor(path: string, agentId: string, nowMs: number): Promise<string> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  return isFolder ? join(path, backupName(agentId, nowMs)) : path
}

async function* linesOf(
  directory: string,
  header: Header,
  vault: Vault | undefined,
  snapshot: Snapshot,
  archives: readonly ArchiveLine[],
): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`
  // First, while their sizes are those of the snapshot.
  if (vault !== undefined) yield* secretLines(directory, await heldFiles(directory), vault)
  yield* snapshot.lines()
  yield* segmentLines(join(directory, SEGMENT_DIRECTORY), snapshot.sealedFiles)
  for (const archive of archives) yield `${JSON.stringify(archive)}\n`
}

/**
 * Covers those files of the folder that the events anchor: restore cannot make other files, or a month that was sealed
 * later, from these events.
 */
async function* segmentLines(folder: string, sealed: ReadonlySet<string>): AsyncGenerator<string> {
  const files = await readdir(folder).catch(() => [])
  for (const file of files.filter((name) => sealed.has(name)).sort()) {
    const handle = await open(join(folder, file), 'r')
    try {
      const { size } = await handle.stat()
      const length = Math.min(END_BYTES, size)
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
      const text = buffer.toString('latin1')
      const line: SegmentLine = { t: 'segment', file, end: text.slice(text.lastIndexOf('\n', length - 2) + 1) }
      yield `${JSON.stringify(line)}\n`
    } finally {
      await handle.close()
    }
  }
}

/** Reads the backup again: it must be whole and correct, and its secrets must open. */
async function checkBackup(path: string, vault: Vault | undefined): Promise<void> {
  for await (const line of readBackup(path, (done) => demandMac(vault, done))) {
    if (line.t === 'file') vault?.unseal(`${line.name} ${line.at}`, line.data)
  }
}
