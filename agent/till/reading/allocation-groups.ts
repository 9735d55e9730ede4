import { formatCents } from '../../../base/money.ts'
import type { AllocationGroupQuery } from '../../contract/allocation-groups.ts'
import { FiskalError } from '../../errors.ts'
import type { OpenLine } from '../../journal/books/open-lines.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import { ownedDocument, refuseForeignRegister, registerOf, requireMerchant } from '../guards.ts'
import type { Access, Page, Resource } from '../requests.ts'
import { firstOrderIn } from '../selling/order-effects.ts'
import { openParts } from '../selling/order-parts.ts'

type Group = { readonly location: string; readonly group: string; readonly lines: readonly OpenLine[] }
/** The oldest line of the last group of a page, and the group: a line may be open in two. */
type Place = readonly [since: number, group: string]

const BEGINNING: Place = [-1, '']

/** The open groups of the locations that the caller sees, the oldest first. */
export function allocationGroups(view: View): (access: Access, query: AllocationGroupQuery) => Page<Resource> {
  return (access, query) => {
    const after = placeOf(query.cursor)
    const all = locationsOf(view, access, query).flatMap((location) =>
      (view.openLines(location)?.groups() ?? []).map(({ group, lines }) => ({ location, group, lines })),
    )
    const wanted = all.filter((one) => query.group === undefined || one.group === query.group)
    const rest = wanted.sort(byPlace).filter((one) => compare(placeIn(one), after) > 0)
    const page = rest.slice(0, query.limit)
    const last = page.at(-1)
    return {
      data: page.map((group) => shownGroup(view, group)),
      next_cursor: last === undefined || rest.length === page.length ? null : cursorOf(placeIn(last)),
    }
  }
}

/** A register sees those of its location alone. Throws `not_found`. */
function locationsOf(view: View, access: Access, { locationId, registerId }: AllocationGroupQuery): string[] {
  const { caller } = access
  if (registerId !== undefined) refuseForeignRegister(caller, registerId, 'register', registerId)
  const named = registerId ?? (caller.kind === 'register' ? caller.registerId : undefined)
  const place = named === undefined ? undefined : registerOf(view, access, named).shown.location_id
  if (locationId === undefined) return place === undefined ? everyLocation(view, access) : [place]
  if (caller.kind === 'register' && locationId !== place) throw notFound('location', locationId)
  ownedDocument(view, 'location', access, locationId)
  return place === undefined || place === locationId ? [locationId] : []
}

function everyLocation(view: View, { merchantId }: Access): string[] {
  const merchant = requireMerchant(merchantId)
  return view.openLocations().filter((id) => view.location(id)?.shown.merchant_id === merchant)
}

function shownGroup(view: View, { location, group, lines }: Group): Resource {
  const { orders, parts, cents } = openParts(view, lines)
  return {
    allocation_group: group,
    location_id: location,
    first_order_at: firstOrderIn({ operation: (id) => orders.get(id) }, lines) ?? null,
    order_ids: [...orders.keys()],
    total_amount: formatCents(cents),
    open_lines: parts.map(({ register, in_house: inHouse, ...part }) => ({
      register_id: register,
      ...part,
      ...(inHouse !== undefined && { in_house: inHouse }),
    })),
  }
}

function placeIn({ lines, group }: Group): Place {
  return [lines[0]?.since ?? 0, group]
}

function byPlace(one: Group, other: Group): number {
  return compare(placeIn(one), placeIn(other))
}

function compare([since, group]: Place, [otherSince, otherGroup]: Place): number {
  if (since !== otherSince) return since - otherSince
  return group < otherGroup ? -1 : Number(group > otherGroup)
}

function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return BEGINNING
  try {
    const [since, group] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Place
    if (Number.isSafeInteger(since) && typeof group === 'string') return [since, group]
  } catch {
    // Refused below.
  }
  throw new FiskalError('invalid_request', 'The cursor does not belong to this list.', {
    reason: 'schema',
    errors: [{ pointer: '/cursor', message: 'is not a cursor' }],
  })
}
