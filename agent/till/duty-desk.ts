import { setImmediate } from 'node:timers/promises'
import { pause } from '../../base/clock.ts'
import type { AuthorityAccount } from '../../drivers/ports/authority.ts'
import type { NewEvent } from '../journal/events.ts'
import type { AccountState, WorkOptions } from './account-work.ts'
import { AccountWork, LOOK_MS } from './account-work.ts'
import { mayMakeDuty } from './duty-news.ts'

export type DutyDeskOptions = WorkOptions & {
  readonly onError: (error: unknown) => void
}

const LOGOUT_MS = 2000

/**
 * Does duties by a client of an authority: one loop per account, one request at a time. It never delays a sale: it reads
 * the list after events that are not sales, and its calls are in no request of a till.
 */
export class DutyDesk {
  readonly #options: DutyDeskOptions
  readonly #stopping = new AbortController()
  #loops: Promise<void>[] = []
  readonly #works: readonly AccountWork[]
  #unsubscribe: () => void = () => undefined
  /** Ends the wait of each loop, also of one that has begun its turn before: it misses no event. */
  #wake = new AbortController()

  constructor(options: DutyDeskOptions) {
    this.#options = options
    this.#works = options.authority.accounts.map((account) => new AccountWork(options, account))
  }

  /** Reads nothing. */
  accounts(): readonly AccountState[] {
    return this.#works.map((work) => work.state())
  }

  start(): void {
    const { journal, onError } = this.#options
    this.#unsubscribe = journal.onAppend((_seq, events) => {
      const sent = events.flatMap((event) => (isByPerson(event) ? [event.op] : []))
      for (const op of sent) for (const work of this.#works) work.retry(op)
      if (sent.length === 0 && !events.some(({ kind }) => mayMakeDuty(kind))) return
      this.look()
    })
    this.#loops = this.#works.map((work) => this.#loop(work).catch(onError))
  }

  /** The credentials may be others than before, or permitted again. */
  look(): void {
    this.#wake.abort()
    this.#wake = new AbortController()
  }

  /** A running call is cut, not waited for: the next start asks what became of it. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#stopping.abort(new Error('the agent stops'))
    this.look()
    await Promise.all(this.#loops)
  }

  async #loop(work: AccountWork): Promise<void> {
    const { signal } = this.#stopping
    const { clock, onError } = this.#options
    while (!signal.aborted) {
      const { signal: news } = this.#wake
      try {
        const waitMs = await work.turn(signal)
        if (waitMs > 0) await pause(clock, Math.min(waitMs, LOOK_MS), news)
        else await setImmediate()
      } catch (error) {
        if (signal.aborted) break
        onError(error)
        await pause(clock, LOOK_MS, news)
      }
    }
    await this.#loggedOut(work.state().account)
  }

  async #loggedOut(account: AuthorityAccount): Promise<void> {
    const limit = new AbortController()
    const cancel = this.#options.clock.after(LOGOUT_MS, () => limit.abort())
    await account.logOut(limit.signal).catch(() => undefined)
    cancel()
  }
}

/** A person has sent a duty. */
function isByPerson({ kind, body: { facts } }: NewEvent): boolean {
  return kind === 'duty.changed' && facts !== undefined && 'by' in facts && facts.by === 'person'
}
