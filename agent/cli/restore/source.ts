import { createHash, hash as digest } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { secretIn } from '../../../base/secret-file.ts'
import type { BlobManifest, BlobPart } from '../../../sync/protocol/blob-manifest.ts'
import { parseManifest } from '../../../sync/protocol/blob-manifest.ts'
import type { ListedBackup, ListedChain } from '../../../sync/receiver-reader.ts'
import { ReceiverReadError, ReceiverReader } from '../../../sync/receiver-reader.ts'
import { verifyExport } from '../../../verify/journal/export.ts'
import { requireSpace } from '../../backup/staging-space.ts'
import { RefillError } from '../../journal/refill.ts'

const TRIES = 4
const LINE_FEED = 10
/** An event has at most 1 MiB. */
const LINE_BYTES = 4_194_304
const NOT_OURS = 'The receiver gives the backup of another agent: nothing of it is restored.'

export type ReceiverSource = {
  url: string
  agentId: string
  /** A token of the agent or of its head office. */
  tokenFile: string
  caFile?: string | undefined
  /** For a receiver that requires client certificates. */
  certFile?: string | undefined
  keyFile?: string | undefined
  /** The first digits of a backup's SHA-256; undefined for the newest complete one. */
  backup?: string | undefined
  /** A backup without its keys must be named if another one has them. */
  needsKeys: boolean
  /** Limit for each journal that came after the backup. */
  most: number
  /** The folder for the download; a part from an earlier attempt is used. */
  folder: string
  say: (line: string) => void
  /** Reads the named files. */
  read: (path: string) => Uint8Array
}

/** A backup and the later events, as local files. */
export type Fetched = { file: string; tails: readonly string[] }

/**
 * Downloads a backup of an agent and the events after it from a receiver, all verified by their hashes. May be
 * repeated: it continues after an interruption. Throws ReceiverReadError and errors of the system.
 */
export async function fetchFromReceiver(source: ReceiverSource): Promise<Fetched> {
  const { url, agentId, tokenFile, folder, say, read } = source
  const token = secretIn(read(tokenFile), tokenFile)
  const reader = new ReceiverReader({ url, agentId, token, ...tlsOf(source) })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { backups, chains } = await withRetry(() => reader.backups())
  const chosen = choose(backups, source)
  const manifest = parseManifest(await withRetry(() => reader.blob(chosen.sha256)))
  if (manifest === undefined) throw new ReceiverReadError('receiver_damaged', 'The manifest of the backup is invalid.')
  if (manifest.agent !== agentId) throw new ReceiverReadError('receiver_damaged', NOT_OURS)
  say(`backup of ${manifest.createdAt}: ${manifest.bytes} bytes in ${manifest.parts.length} parts`)
  const file = join(folder, `${manifest.sha256.slice(0, 16)}.backup`)
  // The part of an interrupted attempt is used; an unusable one is overwritten.
  requireSpace(folder, manifest.bytes - (statSync(file, { throwIfNoEntry: false })?.size ?? 0))
  await bring(reader, manifest, file)
  const tails = await bringTails(reader, manifest, chains, source)
  say(tails.length === 0 ? 'the receiver has nothing after it' : `${tails.length} journals of what came after it`)
  return { file, tails }
}

function tlsOf({ caFile, certFile, keyFile, read }: ReceiverSource) {
  return {
    ...(caFile !== undefined && { ca: secretIn(read(caFile), caFile, 'lines') }),
    ...(certFile !== undefined && { cert: secretIn(read(certFile), certFile, 'lines') }),
    ...(keyFile !== undefined && { key: secretIn(read(keyFile), keyFile, 'lines') }),
  }
}

function choose(backups: readonly ListedBackup[], { backup: wanted, needsKeys }: ReceiverSource): ListedBackup {
  const whole = backups.filter(({ state }) => state === 'whole')
  const backup = wanted === undefined ? whole[0] : whole.find(({ sha256 }) => sha256.startsWith(wanted))
  const keyed = whole.find(({ secrets }) => secrets)
  if (wanted === undefined && needsKeys && backup?.secrets === false && keyed !== undefined)
    throw keyless(backup, keyed)
  if (backup !== undefined) return backup
  const message =
    wanted === undefined ? 'The receiver has no whole backup of this agent' : `It has no ${wanted} that is whole`
  throw new ReceiverReadError('receiver_refuses', `${message}: "receiver backup list" shows what it has.`)
}

function keyless(newest: ListedBackup, keyed: ListedBackup): ReceiverReadError {
  const message =
    `The newest backup, of ${newest.createdAt}, is without its keys. That of ${keyed.createdAt} has them: ` +
    `--backup ${keyed.sha256.slice(0, 16)} takes it, and what was journalled after it comes along; --no-secrets takes the newest.`
  return new ReceiverReadError('receiver_refuses', message)
}

/** Downloads part by part; existing parts are skipped. */
async function bring(reader: ReceiverReader, manifest: BlobManifest, file: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600)
  try {
    let at = 0
    let isKnown = true
    for (const part of manifest.parts) {
      isKnown = isKnown && (await isThere(handle, at, part))
      if (!isKnown) {
        // Later bytes are from an interrupted attempt.
        await handle.truncate(at)
        await handle.appendFile(await withRetry(() => reader.blob(part.sha256)))
      }
      at += part.bytes
    }
    await handle.truncate(at)
    await handle.sync()
  } finally {
    await handle.close()
  }
  const whole = createHash('sha256')
  await pipeline(createReadStream(file), whole)
  if (whole.digest('hex') !== manifest.sha256) {
    throw new ReceiverReadError('receiver_damaged', 'The parts are not those of the backup: choose another one.')
  }
}

async function isThere(file: FileHandle, at: number, { sha256, bytes }: BlobPart): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at)
  return bytesRead === bytes && digest('sha256', buffer, 'hex') === sha256
}

/** The later events of the backup's chain, and the chains that followed. */
async function bringTails(
  reader: ReceiverReader,
  { chain, epoch, seq }: BlobManifest,
  chains: readonly ListedChain[],
  source: ReceiverSource,
): Promise<string[]> {
  const tails: string[] = []
  const later = chains.filter((listed) => listed.chainId === chain || listed.epoch > epoch)
  for (const listed of later.sort((left, right) => left.epoch - right.epoch)) {
    const file = join(source.folder, `${listed.epoch}-${listed.chainId}.ndjson`)
    const brought = await withRetry(async () => {
      const lines = await reader.journal(listed.chainId, listed.chainId === chain ? seq : 0)
      if (lines === undefined) return false
      await bringTail(lines, file, source)
      return true
    })
    if (brought) tails.push(file)
  }
  return tails
}

/**
 * Writes a journal and verifies each hash as it arrives: forged or endless data is detected within one line. Throws
 * ReceiverReadError `receiver_damaged`, RefillError `backup_too_large`.
 */
async function bringTail(
  lines: AsyncIterable<Uint8Array>,
  path: string,
  { most, folder }: ReceiverSource,
): Promise<void> {
  const file = await open(path, 'w', 0o600)
  const written = async function* (): AsyncGenerator<Uint8Array> {
    let bytes = 0
    let line = 0
    for await (const piece of lines) {
      bytes += piece.length
      const [first, last] = [piece.indexOf(LINE_FEED), piece.lastIndexOf(LINE_FEED)]
      line += first < 0 ? piece.length : first
      if (bytes > most || line > LINE_BYTES) throw tooLarge(most)
      if (first >= 0) line = piece.length - last - 1
      requireSpace(folder, piece.length)
      await file.writeFile(piece)
      yield piece
    }
  }
  try {
    const { valid, findings } = await verifyExport(written())
    // The first event of the chain has the key: this part is compared with the backup.
    if (valid || findings[0]?.rule === 'public_key') return
    throw new ReceiverReadError('receiver_damaged', `The receiver sends a journal with a fault: ${findings[0]?.what}.`)
  } finally {
    await file.close()
  }
}

function tooLarge(most: number): RefillError {
  const sent = `The receiver sends a journal of more than ${most} bytes, or a line of more than ${LINE_BYTES}.`
  return new RefillError('backup_too_large', `${sent} If it has so many, repeat with --most BYTES.`)
}

/** Retries a few times after a network error; then the caller repeats the command. */
async function withRetry<Result>(act: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      const passing = error instanceof ReceiverReadError && error.code === 'receiver_unreachable'
      if (!passing || attempt === TRIES) throw error
    }
  }
}
