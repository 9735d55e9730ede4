import type { Clock } from '../../../base/clock.ts'
import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import type { AuthorityAccount } from '../../../drivers/ports/authority.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Duty } from '../../laws/duty.ts'
import type { InParts } from '../../laws/law.ts'
import { isOfTill, mayMakeDuty } from '../duty-news.ts'
import type { Duties } from '../shared-list.ts'
import { SharedList } from '../shared-list.ts'
import { readInSlices } from '../slices.ts'
import { credentialsDuties } from './credentials-duties.ts'
import type { AccountNow, DutyListing, ListedDuty } from './listed-duties.ts'
import { byDue, DutyLister } from './listed-duties.ts'

type Options = DutyListing & {
  readonly journal: Journal
  readonly clock: Clock
  readonly onError: (error: unknown) => void
  /** The duties of the laws and of the agent, confirmed or not. */
  readonly duties: () => InParts<Duty>
}

export type DutyList = Pick<SharedList<ListedDuty>, 'read' | 'latest'>

/** `duties`: for the desk and a person's word; `dutyList`: the same by due date and id, with what became of them. */
export function dutyListsOf(options: Options): { duties: Duties; dutyList: DutyList } {
  const { clock, journal, authority } = options
  const duties = new SharedList({ ...options, read: (slice) => readInSlices(options.duties(), slice) })
  const dutyList = new SharedList({
    ...options,
    read: async (slice) => {
      const all = await duties.read()
      const nowMs = clock.now()
      const accounts = await accountsNow(authority?.accounts ?? [])
      const today = localDate(nowMs, SHOP_ZONE)
      const lister = new DutyLister(journal.view, options, all, { accounts, nowMs, today })
      await slice.next()
      const list = [...credentialsDuties(all, accounts, today), ...(await readInSlices(lister.all(all), slice))]
      await slice.next()
      return list.sort(byDue)
    },
  })
  journal.onAppend((_seq, events) => {
    if (events.every(({ kind }) => isOfTill(kind))) return
    dutyList.note()
    if (events.some(({ kind }) => mayMakeDuty(kind))) duties.note()
  })
  return { duties, dutyList }
}

async function accountsNow(all: readonly AuthorityAccount[]): Promise<ReadonlyMap<AuthorityAccount, AccountNow>> {
  const looks = all.map(async (account) => {
    return [account, { refused: await account.refused(), print: await account.print() }] as const
  })
  return new Map(await Promise.all(looks))
}
