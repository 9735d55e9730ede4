import type { ForeignSums } from '../../contract/foreign-cash.ts'
import { membersIn, numberIn, textIn } from '../checked.ts'
import type { EventBody } from '../events.ts'
import type { SessionParts, StoredParts } from './document.ts'
import { NO_PARTS, partsAfter } from './document.ts'
import type { OwnPart } from './own.ts'

/**
 * For readers that fold events without the projections. Anyone may have edited the file with the events: a missing
 * part, or one that is not an object, is empty, and a member of another type is undefined.
 */

/** The parts that an event sets of its document. */
export function partsOf({ set, own, law }: EventBody): StoredParts {
  return { shown: membersIn(set) ?? {}, own: ownIn(own), law: membersIn(law) ?? {} }
}

/** A document after one more event. */
export function partsWith(before: StoredParts = NO_PARTS, body: EventBody): StoredParts {
  const { shown, own, law } = partsOf(body)
  return partsAfter(before, { set: shown, own, law })
}

/** The law that a document or an event names. */
export function lawNameIn({ law }: Pick<StoredParts, 'law'>): string | undefined {
  return textIn(law['name'])
}

/** In the canonical text of every body that numbers a closing. */
export const CLOSING_MARK = '"z_number"'

/** The parts that an event sets of its session; undefined if it sets none. */
export function sessionPartsOf({
  session,
}: EventBody): (SessionParts & { readonly id: string; readonly register: string }) | undefined {
  const { id, register, set, own } = membersIn(session) ?? {}
  const shown = membersIn(set)
  if (typeof id !== 'string' || typeof register !== 'string' || shown === undefined) return undefined
  return { id, register, shown, own: ownIn(own) }
}

/** The members that a reader of foreign events needs. */
function ownIn(part: unknown): OwnPart {
  const { receipt_number, counted_statuses, original_unrecorded, reverses, origin, z_number, books, foreign } =
    membersIn(part) ?? {}
  const number = numberIn(receipt_number)
  const z = numberIn(z_number)
  const settings = membersIn(books)
  return {
    ...(number !== undefined && { receipt_number: number }),
    ...(counted_statuses !== undefined && { counted_statuses: textsIn(counted_statuses) }),
    ...(typeof original_unrecorded === 'boolean' && { original_unrecorded }),
    ...((reverses === 'transfer' || reverses === 'employee_benefit') && { reverses }),
    ...(origin === 'outside' && { origin }),
    ...(z !== undefined && { z_number: z }),
    ...(settings !== undefined && { books: settings }),
    ...(foreign !== undefined && { foreign: foreignIn(foreign) }),
  }
}

function foreignIn(part: unknown): ForeignSums {
  const sums = Object.entries(membersIn(part) ?? {}).map(([currency, member]) => {
    const { units, base } = membersIn(member) ?? {}
    return [currency, { units: numberIn(units) ?? 0, base: numberIn(base) ?? 0 }]
  })
  return Object.fromEntries(sums)
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
