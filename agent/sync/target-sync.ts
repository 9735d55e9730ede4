import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import { uuid } from '../../base/ids.ts'
import type { Lifetime, LifetimeFacts } from '../../base/lifetime.ts'
import { beginLifetime, endLifetime } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import type { BlobChannel } from '../../sync/blob-channel.ts'
import type { JournalSync } from '../../sync/journal-sync.ts'
import type { ReadSecret } from '../../sync/secret-files.ts'
import type { Halt } from '../../sync/source.ts'
import type { TargetStatus } from '../../sync/status.ts'
import type { TargetSettings } from '../../sync/targets/catalog.ts'
import type { DiskPlaces } from '../../sync/targets/file.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import { cursorOf, epochsOf } from '../journal/cursors.ts'
import type { Journal } from '../journal/journal.ts'
import { TillPriority } from './till-priority.ts'

export type TargetSyncOptions = {
  targets: readonly TargetSettings[]
  journal: Journal
  signer: CheckpointSigner
  clock: Clock
  random: (length: number) => Uint8Array
  readSecret: ReadSecret
  /** Looks for newer files, because a target refused the content of one. */
  renewSecrets: () => void
  places: DiskPlaces
  log: Log
  /** Called when a target was reached, fell behind, or is lost. */
  onState: (target: string, state: TargetStatus['state'], code: string | undefined) => void
  /** Called when the sync of the growing epoch halts at a target, and when it halts for another reason. */
  onHalt: (target: string, halt: Halt) => void
  /** Called whenever a target has acknowledged events since it was opened, or has all of them. */
  onAcknowledged: (target: string) => void
}

/** Sends the journal to every configured target, each independently. A fault here never reaches a till. */
export class TargetSync {
  readonly #options: TargetSyncOptions
  readonly #senders = new Map<string, JournalSync>()
  readonly #channels = new Map<string, BlobChannel>()
  readonly #failing = new Map<string, number>()
  readonly #tillPriority: TillPriority
  #unsubscribe: () => void = () => undefined
  readonly #lives: Lifetime[] = []
  /** The state of each target at its last change, so that a diagnosis reads no journal for it. */
  readonly #states = new Map<string, TargetStatus['state']>()

  constructor(options: TargetSyncOptions) {
    this.#options = options
    this.#tillPriority = new TillPriority(options.clock)
  }

  /** Starts the sync; returns when all targets have begun, reachable or not. Never throws. */
  async open(): Promise<void> {
    if (this.#options.targets.length > 0)
      this.#unsubscribe = this.#options.journal.onAppend(() => this.#tillPriority.sold())
    await Promise.all(this.#options.targets.map((settings) => this.#begin(settings)))
  }

  /** In the order of the configuration. */
  status(): readonly TargetStatus[] {
    return this.#options.targets.flatMap(({ id }) => this.#senders.get(id)?.status() ?? [])
  }

  /** Since when a target has failed, milliseconds since 1970; undefined while it works. */
  failingSince(target: string): number | undefined {
    return this.#failing.get(target)
  }

  /** True if that target has refused our token for long. */
  isTokenRefused(target: string): boolean {
    return this.#senders.get(target)?.isTokenRefused === true
  }

  /** Undefined before it has begun. */
  syncOf(target: string): Pick<JournalSync, 'status' | 'resume' | 'stranded' | 'dismissStranded'> | undefined {
    return this.#senders.get(target)
  }

  /** The targets that take large files, after the events. */
  uploadTargets(): { id: string; channel: BlobChannel; isQuiet: () => boolean; has: (seq: number) => boolean }[] {
    return [...this.#channels].map(([id, channel]) => ({
      id,
      channel,
      isQuiet: () => this.#senders.get(id)?.status().state === 'current',
      has: (seq) => (this.#senders.get(id)?.status().acked_seq ?? 0) >= seq,
    }))
  }

  /** Stops the transfer in flight; the next start sends it again. */
  async close(): Promise<void> {
    this.#unsubscribe()
    for (const life of this.#lives) endLifetime(life)
    await Promise.all([...this.#senders.values()].map((sender) => sender.close()))
  }

  async #begin(settings: TargetSettings): Promise<void> {
    const { journal, signer, clock, random, readSecret, renewSecrets, places, log } = this.#options
    try {
      // Loaded here: an agent without targets saves the memory.
      const { JournalSync } = await import('../../sync/journal-sync.ts')
      const { makeTarget } = await import('../../sync/targets/catalog.ts')
      const target = await makeTarget(settings, { clock, requestId: () => uuid(random, 4), readSecret, places })
      const sender = new JournalSync({
        target,
        clock,
        log,
        epochs: epochsOf(journal, signer),
        cursorOf: ({ chain }) => cursorOf(journal, settings.id, () => clock.now(), chain.chainId),
        yieldNow: () => this.#tillPriority.yieldToTills(),
        random: () => Buffer.from(random(6)).readUIntBE(0, 6) / 2 ** 48,
        onChange: this.#announcer(settings.id),
        onRefusedSecret: renewSecrets,
      })
      this.#senders.set(settings.id, sender)
      // A separate lifetime: the caller that opens the target does not wait for it.
      this.#lives.push(beginLifetime('target', () => this.#facts(settings.id)))
      if (target.blobs !== undefined) this.#channels.set(settings.id, target.blobs)
      await sender.open()
    } catch (error) {
      log.error({ target: settings.id, error }, 'sync target could not start')
    }
  }

  #facts(id: string): LifetimeFacts {
    const sinceMs = this.#failing.get(id)
    const failing = sinceMs === undefined ? undefined : `an answer, since ${rfc3339(sinceMs)}`
    return { name: id, state: this.#states.get(id) ?? 'beginning', waitsFor: failing }
  }

  #noteFailing(id: string, isFailing: boolean): void {
    if (!isFailing) this.#failing.delete(id)
    else if (!this.#failing.has(id)) this.#failing.set(id, this.#options.clock.now())
  }

  #haltReporter(id: string): (halt: Halt | undefined) => void {
    let reported: string | undefined
    return (halt) => {
      if (halt !== undefined && halt.code !== reported) this.#options.onHalt(id, halt)
      reported = halt?.code
    }
  }

  /** Reports when a target was reached or is lost; the reason is reported at its source. */
  #announcer(id: string): () => void {
    let reported: string | undefined
    let before: string | undefined
    const reportHalt = this.#haltReporter(id)
    return () => {
      const sender = this.#senders.get(id)
      if (sender === undefined) return
      const status = sender.status()
      const { state, last_error: error } = status
      if (hasAcknowledged(status)) this.#options.onAcknowledged(id)
      this.#noteFailing(id, error !== null)
      this.#states.set(id, state)
      if (state !== before) this.#options.onState(id, state, error?.code)
      before = state
      reportHalt(sender.halt())
      const now = state === 'behind' ? 'current' : state
      if (now === reported) return
      reported = now
      this.#options.log.info({ target: id, state: now }, `sync target ${id} is ${now === 'current' ? 'reached' : now}`)
    }
  }
}

/** Only since this start: it took an event, or has all of them. The cursor does not count. */
function hasAcknowledged({ acked_seq, last_ack_at, unacked, state }: TargetStatus): boolean {
  return acked_seq > 0 && (last_ack_at !== null || (state === 'current' && unacked === 0))
}
