import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/thrown.ts'
import { lastChain } from '../journal/chains.ts'
import type { HeadProof } from '../journal/cursors.ts'
import { lastAcknowledged } from '../journal/cursors.ts'
import type { Journal } from '../journal/journal.ts'
import { verifyInChild } from '../proof/in-child.ts'

export type EpochKeeperOptions = {
  journal: Pick<Journal, 'beginEpoch' | 'epoch' | 'chains' | 'read' | 'view'>
  stateDirectory: string
  /** Called once the epoch has begun: numbers that may be on paper are not given from now on. */
  onEpoch: () => Promise<void>
  clock: Pick<Clock, 'after'>
  log: Log
}

/** A target that stays halted does not report it again. */
const RETRY_MS = 900_000
const PORTION = 256

/** Why a target has halted, and the signed head that proves a fork or a rollback. */
type Halted =
  | { readonly code: 'fork' | 'rollback'; readonly proof?: HeadProof }
  | { readonly code: string; readonly proof?: never }

/**
 * Begins a new epoch if a target holds more of the journal than this disk, or another event at the same place: the disk
 * was rolled back (a snapshot, an old copy), and today's sales must never be taken for those sold then.
 * Both sides keep their events. It needs two things: a claim with a head that the key of the journal has signed, and a
 * journal that verifies from its beginning. It acts once in a process: a disk is rolled back while nothing runs.
 */
export class EpochKeeper {
  readonly #options: EpochKeeperOptions
  readonly #stopping = new AbortController()
  #newEpoch: Promise<void> | undefined
  /** The target whose halt is to be tried again. */
  #retry: { target: string; cancel: () => void } | undefined

  constructor(options: EpochKeeperOptions) {
    this.#options = options
  }

  /** Receives the reason why the sync of the growing epoch has halted. */
  onHalt(target: string, halted: Halted): void {
    if (this.#retry?.target === target) this.#endRetry()
    if (halted.proof !== undefined) this.#newEpoch ??= this.#begin(target, halted.code, halted.proof)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#endRetry()
    await this.#newEpoch
  }

  #endRetry(): void {
    this.#retry?.cancel()
    this.#retry = undefined
  }

  async #begin(target: string, reason: 'fork' | 'rollback', proof: HeadProof): Promise<void> {
    const { journal, stateDirectory, clock, log, onEpoch } = this.#options
    const { epoch } = journal
    try {
      const { valid } = await verifyInChild(stateDirectory, this.#stopping.signal)
      if (!valid) return log.error({ target, code: reason }, 'the journal is damaged: no new epoch is begun')
      // A proof about an epoch that has ended by now begins no new one.
      if (journal.epoch !== epoch) return
      const kept = lastKept(journal, target)
      const shown = Math.max(0, lastChain(journal.chains).base + proof.seq - kept)
      await journal.beginEpoch({ reason, target, proof: { target, ...proof }, kept, shown })
      await onEpoch()
      const text =
        'this disk was rolled back, or another copy of this journal sells: a new epoch has begun. Check what is missing'
      log.error({ target, code: reason, events: journal.epoch }, text)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      // No epoch has begun: the next halt or the timer tries again.
      this.#newEpoch = undefined
      this.#retry = { target, cancel: clock.after(RETRY_MS, () => this.onHalt(target, { code: reason, proof })) }
      log.error({ target, message: messageOf(error) }, 'no new epoch could be begun')
    }
  }
}

/**
 * The last event that is certainly the same at the target: the end of the process that wrote what the target acknowledged
 * last. A disk is rolled back while nothing runs.
 */
function lastKept(journal: EpochKeeperOptions['journal'], target: string): number {
  const { chains, view } = journal
  const { base } = lastChain(chains)
  const acknowledged = journal.read((db) => lastAcknowledged(db, chains, target))?.seq ?? base
  const boot = view.event(Math.max(base + 1, acknowledged))?.boot
  for (let last = Math.max(base, acknowledged); ; ) {
    const events = view.portionAfter(last, PORTION)
    for (const event of events) {
      if (event.boot !== boot) return last
      last = event.seq
    }
    if (events.length === 0) return last
  }
}
