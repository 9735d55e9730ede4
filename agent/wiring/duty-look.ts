import type { Clock } from '../../base/clock.ts'
import { parseRfc3339 } from '../../base/clock.ts'
import { isHeldError } from '../journal/disk/storage-error.ts'
import type { Journal } from '../journal/journal.ts'
import { dutyId } from '../till/duty-records.ts'
import type { DutyCount, DutyListing, ListedDuty } from '../till/reading/duties.ts'
import { dutyCounts, listedDuties } from '../till/reading/duties.ts'

/** The duties as page, warnings and figures have them. */
export type DutyLook = {
  /** By due date and id. */
  readonly list: readonly ListedDuty[]
  readonly counts: readonly DutyCount[]
  /** When the oldest automatic duty of each law began that is not confirmed, in milliseconds since 1970. */
  readonly oldest: ReadonlyMap<string, number>
}

const KEPT_NS = 60_000_000_000n
/** The shop may have thousands of duties: reading them takes at most 2 % of the time. */
const REST = 50n

const NONE: DutyLook = { list: [], counts: [], oldest: new Map() }

/** Read again a minute later, and after an event about a duty; while another program holds the journal it stays. */
export function dutyLook(journal: Journal, clock: Clock, listing: DutyListing): () => DutyLook {
  const firsts = new Map<string, number>()
  let latest: { look: DutyLook; endedAt: bigint; tookNs: bigint } | undefined
  let isOld = false
  journal.onAppend((_seq, events) => {
    isOld ||= events.some(({ kind }) => kind.startsWith('duty.') || kind === 'task.confirmed')
  })
  return () => {
    const from = clock.mono()
    const passedNs = latest === undefined ? KEPT_NS : from - latest.endedAt
    if (latest !== undefined && passedNs < (isOld ? latest.tookNs * REST : KEPT_NS)) return latest.look
    try {
      const look = lookAt(journal, listing, firsts)
      const endedAt = clock.mono()
      latest = { look, endedAt, tookNs: endedAt - from }
      isOld = false
      return look
    } catch (error) {
      if (!isHeldError(error)) throw error
      return latest?.look ?? NONE
    }
  }
}

function lookAt(journal: Journal, listing: DutyListing, firsts: Map<string, number>): DutyLook {
  const list = listedDuties(journal.view, listing)
  return { list, counts: dutyCounts(list), oldest: oldestOf(list, (id) => firstMs(journal, firsts, id)) }
}

function oldestOf(list: readonly ListedDuty[], first: (id: string) => number | undefined): Map<string, number> {
  const oldest = new Map<string, number>()
  for (const { id, law, way, state } of list) {
    if (way === 'manual' || law === null || state === 'confirmed') continue
    const ms = first(id)
    if (ms !== undefined) oldest.set(law, Math.min(ms, oldest.get(law) ?? ms))
  }
  return oldest
}

/** The first event of a duty never changes: it is read once. */
function firstMs({ view }: Journal, firsts: Map<string, number>, id: string): number | undefined {
  const seen = firsts.get(id)
  if (seen !== undefined || view.duty(dutyId(id)) === undefined) return seen
  const ms = parseRfc3339(view.eventsOf(dutyId(id))[0]?.at ?? '')
  if (ms !== undefined) firsts.set(id, ms)
  return ms
}
