import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/thrown.ts'
import type { HeadProof } from '../journal/cursors.ts'
import type { Journal } from '../journal/journal.ts'
import { verifyInChild } from '../proof/in-child.ts'

export type EpochKeeperOptions = {
  journal: Pick<Journal, 'beginEpoch' | 'epoch'>
  stateDirectory: string
  clock: Pick<Clock, 'after'>
  log: Log
}

/** A target that stays halted is not told of again. */
const RETRY_MS = 900_000

/** Why a target stands, `fork` or `rollback` among others, and the signed head that proves it. */
type Halted = { readonly code: string; readonly proof?: HeadProof }

/**
 * Begins a new epoch where a cloud end holds more of the journal than this disk, or something else: it was set back (a
 * snapshot, an old copy), and what is sold now must never be taken for what was sold then (W-9, W-10). Both sides keep
 * what they have. Only for a claim that a head proves which the key of the journal has signed, for a journal that verifies
 * from its beginning, and once in the life of the process: a disk is set back while nothing runs.
 */
export class EpochKeeper {
  readonly #options: EpochKeeperOptions
  readonly #stopping = new AbortController()
  #begun: Promise<void> | undefined
  /** Of the target whose halt is to be tried again. */
  #retry: { target: string; cancel: () => void } | undefined

  constructor(options: EpochKeeperOptions) {
    this.#options = options
  }

  /** Told why a replay of the epoch that grows stands. */
  onHalt(target: string, { code, proof }: Halted): void {
    if (this.#retry?.target === target) this.#endRetry()
    if (proof !== undefined) this.#begun ??= this.#begin(target, code, proof)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#endRetry()
    await this.#begun
  }

  #endRetry(): void {
    this.#retry?.cancel()
    this.#retry = undefined
  }

  async #begin(target: string, reason: string, proof: HeadProof): Promise<void> {
    const { journal, stateDirectory, clock, log } = this.#options
    const { epoch } = journal
    try {
      const { valid } = await verifyInChild(stateDirectory, this.#stopping.signal)
      if (!valid) return log.error({ target, code: reason }, 'the journal is damaged: no new epoch is begun')
      // What was proven of an epoch that has ended meanwhile begins none.
      if (journal.epoch !== epoch) return
      await journal.beginEpoch({ reason, target, proof: { target, ...proof } })
      const text =
        'this disk was set back, or another copy of this journal sells: a new epoch has begun. Check what is missing'
      log.error({ target, code: reason, events: journal.epoch }, text)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      // Nothing has begun: it is tried again, at the next halt or by itself.
      this.#begun = undefined
      this.#retry = { target, cancel: clock.after(RETRY_MS, () => this.onHalt(target, { code: reason, proof })) }
      log.error({ target, message: messageOf(error) }, 'no new epoch could be begun')
    }
  }
}
