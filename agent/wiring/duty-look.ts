import type { Json } from '../../base/canonical.ts'
import { parseRfc3339 } from '../../base/clock.ts'
import { isHeldError } from '../journal/disk/storage-error.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import { dutyId } from '../till/duty-records.ts'
import type { DutyList } from '../till/reading/duty-list.ts'
import { withSteps } from '../till/reading/duty-steps.ts'
import type { DutyCount, ListedDuty } from '../till/reading/listed-duties.ts'
import { dutyCounts } from '../till/reading/listed-duties.ts'
import { shownDuties } from './shown-duties.ts'

/** The duties as page, warnings and figures have them. */
export type DutyLook = {
  /** By due date and id. */
  readonly list: readonly ListedDuty[]
  readonly counts: readonly DutyCount[]
  /** When the oldest automatic duty of each law began that is not confirmed, in milliseconds since 1970. */
  readonly oldest: ReadonlyMap<string, number>
  /** The duties to authorities, as the page shows them. */
  readonly shown: Json
}

/** Looks at the list as it was last read; it stays while another program holds the journal. */
export function dutyLook(journal: Journal, duties: Pick<DutyList, 'latest'>): () => DutyLook {
  const firsts = new Map<string, number>()
  let look: DutyLook = { list: [], counts: [], oldest: new Map(), shown: shownDuties(journal.view, []) }
  return () => {
    const list = duties.latest()
    try {
      if (list !== look.list) look = lookAt(journal, list, firsts)
    } catch (error) {
      if (!isHeldError(error)) throw error
    }
    return look
  }
}

function lookAt(journal: Journal, list: readonly ListedDuty[], firsts: Map<string, number>): DutyLook {
  const oldest = oldestOf(journal.view, list, (duty) => firstMs(journal, firsts, duty))
  return { list, counts: dutyCounts(list), oldest, shown: shownDuties(journal.view, list) }
}

/** The duties that were worked on first are read first: no later one is older, and of thousands a few are read. */
function oldestOf(
  view: Pick<View, 'firstOf'>,
  list: readonly ListedDuty[],
  first: (duty: ListedDuty) => number | undefined,
): Map<string, number> {
  const oldest = new Map<string, number>()
  const open = list.filter(
    ({ way, regime: law, state }) => way === 'automatic' && law !== null && state !== 'confirmed',
  )
  if (open.length === 0) return oldest
  const duties = new Map(open.map((duty) => [dutyId(duty.id), duty]))
  for (const { op } of view.firstOf(dutyId('')).toSorted((one, other) => one.seq - other.seq)) {
    const duty = duties.get(op)
    if (duty === undefined || duty.regime === null || oldest.has(duty.regime)) continue
    const ms = first(duty)
    if (ms !== undefined) oldest.set(duty.regime, ms)
  }
  return oldest
}

/** The first event of a duty in a mode never changes: it is read once. */
function firstMs({ view }: Journal, firsts: Map<string, number>, duty: ListedDuty): number | undefined {
  const { id, mode } = duty
  const seen = firsts.get(id)
  if (seen !== undefined || mode === null || view.duty(dutyId(id))?.shown[mode] === undefined) return seen
  const ms = parseRfc3339(withSteps(view, duty).steps[0]?.at ?? '')
  if (ms !== undefined) firsts.set(id, ms)
  return ms
}
