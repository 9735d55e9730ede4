import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/thrown.ts'
import { placeOf } from '../journal/books/state-maps.ts'
import { lastAcknowledged } from '../journal/cursors.ts'
import type { Journal } from '../journal/journal.ts'

type Configured = { readonly target: string; readonly kind: string; readonly address: string }

export type KnownTargetsOptions = {
  journal: Pick<Journal, 'record' | 'read' | 'chains' | 'view'>
  configured: readonly Configured[]
  log: Log
}

/**
 * Records in the journal which targets have its events: each target and address that acknowledged events for the first
 * time, and each that was removed from the configuration. Removing a target from configuration and tables leaves it in
 * the chain.
 */
export class KnownTargets {
  readonly #options: KnownTargetsOptions
  readonly #recordings = new Map<string, Promise<void>>()

  constructor(options: KnownTargetsOptions) {
    this.#options = options
  }

  /** Before the sync begins: records which targets were removed. Never throws. */
  async open(): Promise<void> {
    const { journal, configured } = this.#options
    const configuredPlaces = new Set(configured.map(placeOf))
    const isGone = ({ target, address, removed_at }: ReturnType<Journal['view']['knownTargets']>[number]): boolean =>
      removed_at === null && !configuredPlaces.has(placeOf({ target, address }))
    if (!journal.view.knownTargets().some(isGone)) return
    await this.#record(({ knownTargets }) =>
      knownTargets()
        .filter(isGone)
        .map(({ target, kind, address }) => {
          const until = journal.read((db) => lastAcknowledged(db, journal.chains, target)) ?? null
          return { kind: 'sync.target_removed', op: '', body: { witness: { target, kind, address, until } } }
        }),
    )
  }

  /** A target has acknowledged events: recorded once in the life of an address. */
  acknowledged(id: string): void {
    const settings = this.#options.configured.find(({ target }) => target === id)
    if (settings === undefined || this.#recordings.has(id)) return
    const { target, kind, address } = settings
    const recording = this.#record(({ knownTargets }) => {
      const isKnown = knownTargets().some((entry) => placeOf(entry) === placeOf(settings) && entry.removed_at === null)
      return isKnown ? [] : [{ kind: 'sync.target_added', op: '', body: { witness: { target, kind, address } } }]
    })
    this.#recordings.set(id, recording)
  }

  async close(): Promise<void> {
    await Promise.all(this.#recordings.values())
  }

  async #record(decide: Parameters<Journal['record']>[0]): Promise<void> {
    try {
      await this.#options.journal.record(decide)
    } catch (error) {
      // A journal that refuses further events reports that itself; the next start records what is missing here.
      this.#options.log.warn({ message: messageOf(error) }, 'the sync targets could not be recorded in the journal')
    }
  }
}
