import { setImmediate } from 'node:timers/promises'
import { pause } from '../../base/clock.ts'
import type { AuthorityAccount } from '../../drivers/ports/authority.ts'
import type { NewEvent } from '../journal/events.ts'
import type { Duty } from '../laws/law.ts'
import type { AccountState, WorkOptions } from './account-work.ts'
import { AccountWork, LOOK_MS } from './account-work.ts'
import { mayMakeDuty } from './duty-news.ts'
import type { AutomaticDuty } from './duty-try.ts'
import { readInSlices, Slice } from './slices.ts'

export type DutyDeskOptions = WorkOptions & {
  /** Undefined between parts of the reading. */
  readonly duties: () => Iterable<Duty | undefined>
  readonly onError: (error: unknown) => void
}

/** Without an event between them, looks within that time share a list: an event wakes the loops of all accounts. */
const SHARED_NS = 1_000_000_000n
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
  /** Ends the wait of each loop. */
  #wakes = new Set<() => void>()
  /** Counts the events that may be a duty: one that comes during a turn is not missed. */
  #news = 0
  #read: { list: Promise<readonly AutomaticDuty[]>; news: number; at: bigint } | undefined

  constructor(options: DutyDeskOptions) {
    this.#options = options
    this.#works = options.authority.accounts.map(
      (account) => new AccountWork(options, account, () => this.#automatic()),
    )
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
    this.#news += 1
    for (const wake of this.#wakes) wake()
  }

  /** A running call is cut, not waited for: the next start asks what became of it. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#stopping.abort(new Error('the agent stops'))
    await Promise.all(this.#loops)
  }

  async #loop(work: AccountWork): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const seen = this.#news
      try {
        const waitMs = await work.turn(signal)
        if (waitMs > 0) await this.#wait(waitMs, seen)
        else await setImmediate()
      } catch (error) {
        if (signal.aborted) break
        this.#options.onError(error)
        await this.#wait(LOOK_MS, seen)
      }
    }
    await this.#loggedOut(work.state().account)
  }

  #automatic(): Promise<readonly AutomaticDuty[]> {
    const { clock } = this.#options
    const at = clock.mono()
    if (this.#read === undefined || this.#read.news !== this.#news || at - this.#read.at > SHARED_NS)
      this.#read = { list: readInSlices(this.#withActs(), new Slice(clock)), news: this.#news, at }
    return this.#read.list
  }

  *#withActs(): Iterable<AutomaticDuty | undefined> {
    for (const duty of this.#options.duties()) {
      const act = duty?.act
      yield act && { task: duty.task, act }
    }
  }

  /** Ends earlier when something happens that may be a duty, at once if it did since `seen`. */
  async #wait(ms: number, seen: number): Promise<void> {
    if (this.#stopping.signal.aborted || this.#news !== seen) return
    const wait = new AbortController()
    const end = (): void => wait.abort()
    this.#wakes.add(end)
    this.#stopping.signal.addEventListener('abort', end, { once: true })
    await pause(this.#options.clock, Math.min(ms, LOOK_MS), wait.signal)
    this.#wakes.delete(end)
    this.#stopping.signal.removeEventListener('abort', end)
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
