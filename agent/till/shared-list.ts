import type { Clock } from '../../base/clock.ts'
import type { Duty } from '../laws/duty.ts'
import { Slice } from './slices.ts'

type Options<Item> = {
  readonly clock: Pick<Clock, 'mono'>
  readonly read: (slice: Slice) => Promise<readonly Item[]>
  readonly onError: (error: unknown) => void
}

/** The duties of the laws and of the agent. */
export type Duties = Pick<SharedList<Duty>, 'read'>

/** Readers within that time share a list: duties also come with time. */
const SHARED_NS = 1_000_000_000n
const KEPT_NS = 60_000_000_000n
/** The shop may have thousands of duties: for those who look all the time, reading them takes at most 2 % of the time. */
const REST = 50n
/** A busy machine takes long for it: a change is seen after that time at the latest. */
const REST_MAX_NS = 5_000_000_000n
const NONE: readonly never[] = []

/** A list from the journal that its readers share: read when it is asked for, in slices between which tills run. */
export class SharedList<Item> {
  readonly #options: Options<Item>
  #latest: { items: readonly Item[]; news: number; at: bigint; endedAt: bigint } | undefined
  #running: Promise<void> | undefined
  #news = 0

  constructor(options: Options<Item>) {
    this.#options = options
  }

  /** An event was journalled that may change it. */
  note(): void {
    this.#news += 1
  }

  /** The list, with everything that was journalled before the call. */
  async read(): Promise<readonly Item[]> {
    const [news, at] = [this.#news, this.#options.clock.mono() - SHARED_NS]
    for (;;) {
      const latest = this.#latest
      if (latest !== undefined && latest.news >= news && latest.at >= at) return latest.items
      this.#running ??= this.#refresh().finally(() => {
        this.#running = undefined
      })
      await this.#running
    }
  }

  /** As it was last read, empty before the first time; it is read again a minute later, and after an event. */
  latest(): readonly Item[] {
    if (this.#isOld()) this.read().catch(this.#options.onError)
    return this.#latest?.items ?? NONE
  }

  #isOld(): boolean {
    if (this.#latest === undefined) return this.#running === undefined
    const { at, endedAt, news } = this.#latest
    const passedNs = this.#options.clock.mono() - endedAt
    if (news === this.#news) return passedNs > KEPT_NS
    return passedNs > (endedAt - at) * REST || passedNs > REST_MAX_NS
  }

  async #refresh(): Promise<void> {
    const { clock, read } = this.#options
    const [news, at] = [this.#news, clock.mono()]
    const slice = new Slice(clock)
    const items = await read(slice)
    if (slice.isOver()) await slice.next()
    this.#latest = { items, news, at, endedAt: clock.mono() }
  }
}
