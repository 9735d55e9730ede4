import { rfc3339 } from '../../../base/clock.ts'
import type { CreateLocation, UpdateLocation } from '../../contract/location.ts'
import type { CreateMerchant, Merchant, UpdateMerchant } from '../../contract/merchant.ts'
import type { Reason } from '../../errors.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters, isUnderLaw } from '../../journal/documents/registers.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { refuseInactive, requireMerchant } from '../guards.ts'
import { lawOfCountry } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { refuseAgencies } from './agencies.ts'
import { updateStep } from './master-data.ts'
import type { Vault } from './merchant-secrets.ts'
import { MerchantSecrets } from './merchant-secrets.ts'
import { refuseOtherNumbers, registersInPeriod } from './other-numbers.ts'
import { refuseBecomingExisting, refuseExisting, refuseInUse } from './same-merchant.ts'

export function merchantCases(parts: TillParts, vault: Vault) {
  const { mutations, newId, clock } = parts
  const secrets = new MerchantSecrets(vault, newId, parts.secretMembers)
  return {
    create: (mutation: Mutation, input: CreateMerchant): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        refuseExisting(view, parts.taxpayerOf, input.fiscal_identities)
        if (input.agencies !== undefined) refuseAgencies(parts.laws, input, input.agencies)
        const id = newId('merchant')
        const now = rfc3339(clock.now())
        const { metadata = null, ...rest } = input
        const hints = lawHints(parts.laws, input)
        const { shown, secret } = secrets.sealIdentities(input.fiscal_identities)
        const set = {
          id,
          ...rest,
          ...(hints.length > 0 && { hints }),
          ...shown,
          metadata,
          status: 'active',
          created_at: now,
          updated_at: now,
        }
        const body = {
          index: { kind: 'merchant' as const },
          ...origin(mutation),
          set,
          ...(secret !== undefined && { own: { secret } }),
        }
        return singleStep({ kind: 'merchant.created', op: id, body }, 201)
      }),
    update: async (mutation: Mutation, input: UpdateMerchant, id: string): Promise<Answer> => {
      const inPeriod = input.reason === undefined ? [] : await registersInPeriod(parts, id)
      return mutations.run(mutation, (view) => {
        checkUpdate(parts, view, id, input)
        refuseOtherNumbers({ ...parts, view, inPeriod }, id, input, fiscalizedOf(view, id))
        const { shown, secret } = secrets.sealIdentities(input.fiscal_identities)
        const { status, reason, ...rest } = input
        const changed = status !== view.merchant(id)?.shown.status && { status }
        const changes = { ...rest, ...changed, ...shown, ...changedHints(parts.laws, view, id, input) }
        return updateStep(parts, view, mutation, 'merchant', id, { input: changes, secret, reason })
      })
    },
  }
}

export function locationCases(parts: TillParts) {
  const { mutations, newId, clock } = parts
  return {
    create: (mutation: Mutation, input: CreateLocation): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        const merchant = requireMerchant(mutation.merchantId)
        refuseInactive(view, merchant)
        const id = newId('loc')
        const now = rfc3339(clock.now())
        const set = {
          id,
          merchant_id: merchant,
          ...input,
          metadata: input.metadata ?? null,
          created_at: now,
          updated_at: now,
        }
        const body = {
          index: { kind: 'location' as const, merchant },
          ...origin(mutation),
          set,
        }
        return singleStep({ kind: 'location.created', op: id, body }, 201)
      }),
    update: (mutation: Mutation, input: UpdateLocation, id: string): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        const row = view.resource(id)
        if (row?.type !== 'location' || row.merchant !== requireMerchant(mutation.merchantId))
          throw notFound('location', id)
        checkCountry(view, row.merchant, id, input)
        return updateStep(parts, view, mutation, 'location', id, { input })
      }),
  }
}

type Taxed = Pick<Merchant, 'country_code'> & { fiscal_identities: readonly unknown[] }

/** A merchant without a law of this agent is created, with the hint that it cannot sell. */
function lawHints(
  laws: readonly LawRules[],
  { country_code: country, fiscal_identities: identities }: Taxed,
): NonNullable<Merchant['hints']> {
  if (identities.length > 0 || lawOfCountry(laws, country) !== undefined) return []
  const message = `No law of ${country} is built in: registers there cannot be fiscalized. Add a fiscal identity of ${countriesOf(laws)} to sell there.`
  return [{ code: 'country_without_law', message }]
}

/** As a sentence names them: `DEU, AUT or ITA`. */
function countriesOf(laws: readonly LawRules[]): string {
  const countries = laws.filter(({ facts: law }) => law.taxNumbers !== undefined).map(({ facts: law }) => law.country)
  const [last, ...others] = countries.toReversed()
  return others.length === 0 ? (last ?? '') : `${others.toReversed().join(', ')} or ${last}`
}

/** Removes a hint that no longer applies. */
function changedHints(
  laws: readonly LawRules[],
  view: View,
  id: string,
  input: UpdateMerchant,
): Pick<Merchant, 'hints'> {
  const before = view.merchant(id)?.shown
  if (before === undefined) return {}
  const { country_code = before.country_code, fiscal_identities = before.fiscal_identities } = input
  const hints = lawHints(laws, { country_code, fiscal_identities })
  return hints.length > 0 || before.hints !== undefined ? { hints } : {}
}

/** Throws `not_found`, `fiscalization_conflict`, `merchant_exists`, `merchant_in_use`. */
function checkUpdate({ laws, taxpayerOf }: TillParts, view: View, id: string, input: UpdateMerchant): void {
  const merchant = view.merchant(id)
  if (merchant === undefined) throw notFound('merchant', id)
  if (input.status === 'inactive') refuseInUse(view, id)
  refuseBecomingExisting(view, taxpayerOf, merchant, input)
  const { fiscal_identities: identities, agencies } = input
  if (agencies !== undefined) {
    const { country_code = merchant.shown.country_code } = input
    refuseAgencies(laws, { country_code, fiscal_identities: identities ?? merchant.shown.fiscal_identities }, agencies)
  }
  if (identities === undefined) return
  const held = new Set<unknown>(identities.map(({ country_code }) => country_code))
  const lost = fiscalizedOf(view, id).find(
    ({ country }) => !held.has(country) && lawOfCountry(laws, country)?.facts.taxNumbers !== undefined,
  )
  if (lost !== undefined) throw stays(lost, 'fiscal_identity', `the fiscal identity of ${lost.country} stays`)
}

/** Throws `fiscalization_conflict`. */
function checkCountry(view: View, merchant: string, id: string, { address }: UpdateLocation): void {
  if (address === undefined) return
  const moved = fiscalizedOf(view, merchant).find(
    ({ location, country }) => location === id && country !== address.country_code,
  )
  if (moved !== undefined) throw stays(moved, 'country', `its location stays in ${moved.country}`)
}

type Fiscalized = { id: string; location: string; country: string | undefined }

/** Registers that are bound to the law of a country. */
function fiscalizedOf(view: View, merchant: string): Fiscalized[] {
  return allRegisters(view, merchant)
    .filter(isUnderLaw)
    .flatMap(({ id, location_id: present }) => {
      const coming = view.register(id)?.own.pending?.shown['location_id']
      const locations = typeof coming === 'string' ? [present, coming] : [present]
      return locations.map((location) => ({
        id,
        location,
        country: view.location(location)?.shown.address.country_code,
      }))
    })
}

/** Its receipts would not name the taxpayer, and a closing made so could never be exported. */
function stays({ id, country }: Fiscalized, reason: Reason, what: string): FiskalError {
  return new FiskalError('fiscalization_conflict', `Register ${id} is fiscalized: ${what}. Decommission it first.`, {
    register_id: id,
    country_code: country,
    reason,
  })
}
