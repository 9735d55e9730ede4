import type { Clock } from '../../../base/clock.ts'
import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import type { AuthorityAccount } from '../../../drivers/ports/authority.ts'
import type { Journal } from '../../journal/journal.ts'
import { isOfTill } from '../duty-news.ts'
import { readInSlices, Slice } from '../slices.ts'
import { credentialsDuties } from './credentials-duties.ts'
import type { AccountNow, DutyListing, ListedDuty } from './duties.ts'
import { byDue, DutyLister } from './duties.ts'

type Options = DutyListing & {
  readonly journal: Journal
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

type Reading = {
  readonly duties: readonly ListedDuty[]
  readonly news: number
  readonly at: bigint
  readonly endedAt: bigint
}

/** Readers within that time share a list: duties also come with time. */
const SHARED_NS = 1_000_000_000n
const KEPT_NS = 60_000_000_000n
/** The shop may have thousands of duties: for those who look all the time, reading them takes at most 2 % of the time. */
const REST = 50n
/** A busy machine takes long for it: a change is seen after that time at the latest. */
const REST_MAX_NS = 5_000_000_000n
const NONE: readonly ListedDuty[] = []

/** The list of all duties by due date and id: computed from the journal when it is read, in slices between which tills run. */
export class DutyList {
  readonly #options: Options
  #latest: Reading | undefined
  #running: Promise<void> | undefined
  /** Counts the events that may change it. */
  #news = 0

  constructor(options: Options) {
    this.#options = options
    options.journal.onAppend((_seq, events) => {
      if (!events.every(({ kind }) => isOfTill(kind))) this.#news += 1
    })
  }

  /** With everything that was journalled before the call. */
  async read(): Promise<readonly ListedDuty[]> {
    const [news, at] = [this.#news, this.#options.clock.mono() - SHARED_NS]
    for (;;) {
      const latest = this.#latest
      if (latest !== undefined && latest.news >= news && latest.at >= at) return latest.duties
      this.#running ??= this.#refresh().finally(() => {
        this.#running = undefined
      })
      await this.#running
    }
  }

  /** As it was last read, empty before the first time; it is read again a minute later, and after an event. */
  latest(): readonly ListedDuty[] {
    if (this.#isOld()) this.read().catch(this.#options.onError)
    return this.#latest?.duties ?? NONE
  }

  #isOld(): boolean {
    if (this.#latest === undefined) return this.#running === undefined
    const { at, endedAt, news } = this.#latest
    const passedNs = this.#options.clock.mono() - endedAt
    if (news === this.#news) return passedNs > KEPT_NS
    return passedNs > (endedAt - at) * REST || passedNs > REST_MAX_NS
  }

  async #refresh(): Promise<void> {
    const { clock, journal, duties: all, authority } = this.#options
    const [news, at] = [this.#news, clock.mono()]
    const slice = new Slice(clock)
    const duties = await readInSlices(all(), slice)
    const nowMs = clock.now()
    const accounts = await accountsNow(authority?.accounts ?? [])
    const today = localDate(nowMs, SHOP_ZONE)
    const lister = new DutyLister(journal.view, this.#options, duties, { accounts, nowMs, today })
    await slice.next()
    const list = [...credentialsDuties(duties, accounts, today), ...(await readInSlices(lister.all(duties), slice))]
    await slice.next()
    this.#latest = { duties: list.sort(byDue), news, at, endedAt: clock.mono() }
  }
}

async function accountsNow(all: readonly AuthorityAccount[]): Promise<ReadonlyMap<AuthorityAccount, AccountNow>> {
  const looks = all.map(async (account) => {
    return [account, { refused: await account.refused(), print: await account.print() }] as const
  })
  return new Map(await Promise.all(looks))
}
