import { localDate, PLAUSIBLE_MS } from '../../../base/clock.ts'
import { unfit } from '../../contract/parse.ts'
import type { VatRateQuery } from '../../contract/vat-rates.ts'
import { FiskalError } from '../../errors.ts'
import { registerOf } from '../guards.ts'
import { lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Access, Page, Resource } from '../requests.ts'

/** The rates and codes of a register on a day. Throws `not_found`, `not_supported_by_law`, `invalid_request`. */
export function vatRatesOf(
  { clock, journal: { view }, laws }: Pick<TillParts, 'clock' | 'journal' | 'laws'>,
  access: Access,
  { registerId, date, limit, cursor }: VatRateQuery,
): Page<Resource> {
  const { caller } = access
  const id = registerId ?? (caller.kind === 'register' ? caller.registerId : undefined)
  if (id === undefined) throw unfit([{ pointer: '/register_id', message: 'is required with a platform key' }])
  const { shown: register } = registerOf(view, access, id)
  const law = lawOfRegister(laws, register) ?? lawWhere(laws, view, register)
  if (law?.vat === undefined) {
    const message = 'The law of the register has no list of rates.'
    throw new FiskalError('not_supported_by_law', message, { member: 'vat-rates', register_id: id })
  }
  const zone = view.location(register.location_id)?.shown.timezone ?? law.facts.timeZone
  const rows = law.vat.list(date ?? localDate(Math.max(clock.now(), PLAUSIBLE_MS), zone))
  const first = placeIn(cursor)
  const next = first + limit
  return { data: rows.slice(first, next), next_cursor: next < rows.length ? String(next) : null }
}

/** The list of a day never changes: a cursor is a place in it. */
function placeIn(cursor = '0'): number {
  if (/^\d{1,4}$/.test(cursor === '' ? '0' : cursor)) return Number(cursor)
  throw unfit([{ pointer: '/cursor', message: 'is not a cursor' }])
}
