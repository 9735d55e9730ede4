import { hash as digest } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { every, rfc3339 } from '../../base/clock.ts'
import { writeDurably } from '../../base/durable-file.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/thrown.ts'
import type { Journal } from '../journal/journal.ts'
import { JoinedFiles } from './joined-files.ts'
import { lastBackup } from './last.ts'
import type { Manifest, Part } from './manifest.ts'
import { MANIFEST_TYPE, readManifest } from './manifest.ts'
import type { BlobChannel } from './upload-channel.ts'
import { UploadChannel, UploadTroubleError } from './upload-channel.ts'

/**
 * A target for blobs. `isQuiet`: its events get through and none waits for long. `has`: it has acknowledged the journal
 * up to that event.
 */
export type UploadTarget = {
  readonly id: string
  readonly channel: BlobChannel
  isQuiet(): boolean
  has(seq: number): boolean
}

export type BackupUploadOptions = {
  stateDirectory: string
  journal: Pick<Journal, 'record' | 'chain' | 'headSeq'>
  clock: Clock
  log: Log
  targets: () => readonly UploadTarget[]
}

/** The newest backup at one target. `parts_remaining` is null until it is known; times RFC 3339. */
export type UploadStatus = {
  readonly created_at: string
  readonly state: 'waiting' | 'sending' | 'stored' | 'unsupported' | 'failed'
  readonly parts_remaining: number | null
  readonly stored_at: string | null
  readonly error: string | null
}

/**
 * The manifest that an event has named, in which chain, and the journal event that a target must have acknowledged for
 * it.
 */
type Named = { manifest: string; chain: string; seq: number }
type Newest = { files: readonly string[]; sha256: string; named: Named; manifest: Manifest; text: Uint8Array }

const NAMED_FILE = 'backup.named'
const LOOK_EVERY_MS = 60_000
const LOOKS_MOST = 60
/** Time after which a target that has the backup is asked again. */
const ASK_AGAIN_NS = 6n * 3_600_000_000_000n

/**
 * Sends the newest backup to the targets that accept blobs: its event first, then the parts that are missing there, and
 * last the manifest that names them. At most half of the time, and only while the events get through. An interrupted
 * upload resumes with the missing part.
 */
export class BackupUpload {
  readonly #options: BackupUploadOptions
  readonly #stopping = new AbortController()
  /** Looks that are skipped after failures: one, two, four… up to an hour. */
  readonly #waits = new Map<string, { failures: number; looks: number }>()
  readonly #statuses = new Map<string, UploadStatus & { manifest: string }>()
  readonly #thereAtNs = new Map<string, bigint>()
  #end = async (): Promise<void> => undefined

  constructor(options: BackupUploadOptions) {
    this.#options = options
  }

  start(): void {
    this.#end = every(this.#options.clock, LOOK_EVERY_MS, () => this.#uploadNewest())
  }

  /** Null while there is no backup to send. */
  status(target: string): UploadStatus | null {
    const entry = this.#statuses.get(target)
    if (entry === undefined) return null
    const { manifest: _, ...status } = entry
    return status
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#end()
  }

  async #uploadNewest(): Promise<void> {
    const { targets, log } = this.#options
    try {
      const newest = targets().length === 0 ? undefined : await this.#newest()
      if (newest === undefined) return
      // One after the other: they share the line.
      for (const target of targets()) await this.#bring(target, newest)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      log.warn({ message: messageOf(error) }, 'the backup could not be named in the journal; it is tried again')
    }
  }

  /** The newest backup, whose event is durable before anything is sent; undefined without one or while one is made. */
  async #newest(): Promise<Newest | undefined> {
    const { stateDirectory } = this.#options
    const { manifest, files } = lastBackup(stateDirectory)?.upload ?? {}
    const storedManifest = await readManifest(stateDirectory)
    // A backup in the making replaces these files one after the other.
    if (manifest === undefined || files === undefined || storedManifest === undefined) return undefined
    if (digest('sha256', storedManifest.text, 'hex') !== manifest) return undefined
    const named = await this.#name(manifest, storedManifest)
    return { files, sha256: manifest, named, ...storedManifest }
  }

  /** Once in each chain: a target may never receive the rest of an ended one. */
  async #name(sha256: string, { manifest, text }: { manifest: Manifest; text: Uint8Array }): Promise<Named> {
    const { stateDirectory, journal } = this.#options
    const before = readNamed(stateDirectory)
    if (before.manifest === sha256 && before.chain === journal.chain && before.seq !== undefined)
      return { manifest: sha256, chain: before.chain, seq: before.seq }
    const { created_at, name, chain, epoch, seq, head, events, bytes, secrets } = manifest
    const blob = { sha256, bytes: text.length, media_type: MANIFEST_TYPE }
    const facts = { created_at, name, chain, epoch, seq, head, events, bytes, secrets, blob }
    await journal.record(() => [{ kind: 'backup.made', op: '', body: { facts } }])
    const named: Named = { manifest: sha256, chain: journal.chain, seq: journal.headSeq }
    await writeDurably(join(stateDirectory, NAMED_FILE), [JSON.stringify(named)], 0o600)
    return named
  }

  async #bring(target: UploadTarget, newest: Newest): Promise<void> {
    const before = this.#statuses.get(target.id)
    const stateBefore = before?.manifest === newest.sha256 ? before.state : undefined
    if (stateBefore === 'unsupported' || (stateBefore === 'stored' && this.#isStillThere(target, newest))) return
    if (stateBefore === undefined || !target.has(newest.named.seq))
      this.#setStatus(target.id, newest, { state: 'waiting' })
    if (!target.isQuiet() || this.#stopping.signal.aborted || this.#mustWait(target.id)) return
    try {
      await this.#uploadParts(target, newest)
      this.#waits.delete(target.id)
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#failed(target.id, newest, error, before?.error)
    }
  }

  #failed(target: string, newest: Newest, error: unknown, loggedBefore: string | null | undefined): void {
    const { failures = 0 } = this.#waits.get(target) ?? {}
    this.#waits.set(target, { failures: failures + 1, looks: Math.min(LOOKS_MOST, 2 ** failures) })
    const code = error instanceof UploadTroubleError ? error.code : 'backup_unreadable'
    this.#setStatus(target, newest, { state: 'failed', error: code })
    if (loggedBefore === code) return
    this.#options.log.warn(
      { target, code, created_at: newest.manifest.created_at, message: messageOf(error) },
      'the backup could not be sent to the target; it is tried again',
    )
  }

  /** Judged without asking: a target that lost the event has lost more. */
  #isStillThere(target: UploadTarget, { named }: Newest): boolean {
    const ageNs = this.#options.clock.mono() - (this.#thereAtNs.get(target.id) ?? 0n)
    return target.has(named.seq) && ageNs < ASK_AGAIN_NS
  }

  #mustWait(target: string): boolean {
    const wait = this.#waits.get(target)
    if (wait === undefined || wait.looks === 0) return false
    wait.looks -= 1
    return true
  }

  /**
   * Waits for its event at the target, then sends until the target asks for nothing more. Throws UploadTroubleError, and
   * the errors of reading the backup.
   */
  async #uploadParts(target: UploadTarget, newest: Newest): Promise<void> {
    const { sha256, manifest, named } = newest
    const { clock, log } = this.#options
    const channel = new UploadChannel({ target, clock, signal: this.#stopping.signal, chain: named.chain })
    await channel.acknowledged(named.seq)
    const given = new Set<string>()
    // The target names only so many parts at once, and may have lost a part that it claims to have: each round sends
    // those that were not sent yet.
    for (let round = 0; round <= manifest.parts.length + 1; round++) {
      const needed = await channel.needed(sha256, manifest.parts)
      if (needed === 'unsupported') return this.#setStatus(target.id, newest, { state: 'unsupported' })
      if (needed.parts.length === 0 && !needed.manifest) {
        if (!target.has(named.seq)) throw new UploadTroubleError('events-first', 'The target lost the event.')
        this.#setStatus(target.id, newest, { state: 'stored', stored_at: rfc3339(clock.now()), parts_remaining: 0 })
        this.#thereAtNs.set(target.id, clock.mono())
        log.info(
          { target: target.id, created_at: manifest.created_at, bytes: channel.sentBytes },
          'the backup is at the target',
        )
        return
      }
      if (needed.parts.some((part) => given.has(part.sha256)) || (needed.manifest && given.has(sha256))) break
      for (const part of needed.parts) given.add(part.sha256)
      given.add(sha256)
      await this.#send(target, channel, newest, needed.parts)
    }
    throw new UploadTroubleError('incomplete', 'The target asks again for a part that it was sent.')
  }

  async #send(target: UploadTarget, channel: UploadChannel, newest: Newest, needed: readonly Part[]): Promise<void> {
    const { files, manifest, sha256, text } = newest
    const wanted = new Map(needed.map((part) => [part.sha256, part]))
    const backup = new JoinedFiles(files)
    let at = 0
    for (const part of manifest.parts) {
      if (wanted.delete(part.sha256)) {
        this.#setStatus(target.id, newest, { state: 'sending', parts_remaining: wanted.size + 1 })
        await channel.put(part.sha256, () => partOf(backup, at, part))
      }
      at += part.bytes
    }
    await channel.put(sha256, async () => text)
  }

  #setStatus(target: string, { sha256, manifest }: Newest, status: Partial<UploadStatus>): void {
    const unknown = { parts_remaining: null, stored_at: null, error: null, state: 'waiting' } as const
    this.#statuses.set(target, { manifest: sha256, created_at: manifest.created_at, ...unknown, ...status })
  }
}

async function partOf(backup: JoinedFiles, at: number, { sha256, bytes }: Part): Promise<Uint8Array> {
  const content = await backup.read(at, bytes)
  if (digest('sha256', content, 'hex') === sha256) return content
  throw new Error('The backup was changed since it was made: the next one is sent instead.')
}

function readNamed(stateDirectory: string): Partial<Named> {
  try {
    return JSON.parse(readFileSync(join(stateDirectory, NAMED_FILE), 'utf8')) as Partial<Named>
  } catch {
    // No backup was named yet, or a person tore the file: an additional event does no harm.
    return {}
  }
}
