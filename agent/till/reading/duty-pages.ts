import { unfit } from '../../contract/parse.ts'
import type { View } from '../../journal/projections/view.ts'
import { noSuchDuty } from '../duty-records.ts'
import type { Access, Caller, Page, PageQuery, Resource } from '../requests.ts'
import type { DutyList } from './duty-list.ts'
import { withSteps } from './duty-steps.ts'
import type { ListedDuty } from './listed-duties.ts'
import { byDue } from './listed-duties.ts'
import { ownRegister } from './reads.ts'

type DutyFilter = {
  readonly open?: boolean | undefined
  readonly regime?: string | undefined
  readonly state?: string | undefined
  readonly registerId?: string | undefined
}

/** Steps of a duty in a list: the newest ones. */
const STEPS_LISTED = 20

/** The reads of the duties, in the form of the HTTP layer. */
export function dutyReads(view: View, list: DutyList) {
  return {
    all: () => list.read(),
    /** One page of the list. Throws `invalid_request`, `not_found` (register). */
    page: (
      duties: readonly ListedDuty[],
      { caller }: Access,
      { limit, cursor, registerId, ...filter }: PageQuery & DutyFilter,
    ): Page<Resource> => {
      const register = ownRegister(caller, registerId)
      const after = cursor === undefined ? undefined : placeIn(cursor)
      const rows = duties.filter(
        (duty) =>
          (after === undefined || byDue(duty, after) > 0) &&
          (register === undefined || duty.register_id === register) &&
          isSeen(view, caller, duty) &&
          fits(duty, filter),
      )
      const data = rows.slice(0, limit).map((duty) => withSteps(view, duty, STEPS_LISTED))
      const last = data.at(-1)
      return { data, next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
    },
    /** Throws `not_found`. */
    get: async ({ caller }: Access, id: string): Promise<Resource> => {
      const duty = (await list.read()).find((each) => each.id === id)
      if (duty === undefined || !isSeen(view, caller, duty)) throw noSuchDuty(id)
      return withSteps(view, duty)
    },
  }
}

/** A till sees its own duties; a reader those of its merchant and of no register, which concern the whole agent. */
function isSeen(view: View, caller: Caller, { register_id: id }: ListedDuty): boolean {
  if (caller.kind === 'register') return id === caller.registerId
  return caller.reads === undefined || id === null || view.resource(id)?.merchant === caller.reads
}

function fits(duty: ListedDuty, { open, regime: law, state }: DutyFilter): boolean {
  if (open !== undefined && duty.open !== open) return false
  return (law === undefined || duty.regime === law) && (state === undefined || duty.state === state)
}

type Place = Pick<ListedDuty, 'due' | 'id'>

/** A duty that was confirmed or moved since the page before is neither skipped nor repeated. */
function cursorOf({ due, id }: Place): string {
  return Buffer.from(`${due} ${id}`).toString('base64url')
}

function placeIn(cursor: string): Place {
  const [, due, id] = /^(\d{4}-\d{2}-\d{2}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (due === undefined || id === undefined) throw unfit([{ pointer: '/cursor', message: 'is not a cursor' }])
  return { due, id }
}
