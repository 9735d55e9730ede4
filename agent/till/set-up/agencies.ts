import type { Agency, Merchant } from '../../contract/merchant.ts'
import { FiskalError } from '../../errors.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfCountry } from '../laws.ts'

type Taxed = Pick<Merchant, 'country_code' | 'fiscal_identities'>

/**
 * Throws `not_supported_by_law` if no law under which the merchant sells has agencies, `unprocessable_entity` for two
 * agencies with one id: they would be one in the books.
 */
export function refuseAgencies(
  laws: readonly LawRules[],
  { country_code: seat, fiscal_identities: identities }: Taxed,
  agencies: readonly Agency[],
): void {
  const countries = [seat, ...identities.map(({ country_code: country }) => country)]
  const own = countries.flatMap((country) => lawOfCountry(laws, country) ?? [])
  if (!own.some(({ members }) => members.has('agency'))) own[0]?.members.require('agency', '/agencies')
  const ids = agencies.map(({ id }) => id)
  const second = ids.findIndex((id, index) => ids.indexOf(id) < index)
  if (second < 0) return
  throw new FiskalError('unprocessable_entity', `Agency ${ids[second]} is named twice: give each its own id.`, {
    pointer: `/agencies/${second}/id`,
    agency_id: Number(ids[second]),
  })
}
