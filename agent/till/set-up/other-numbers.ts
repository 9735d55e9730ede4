import { comparableNumber } from '../../contract/laws.ts'
import type { FiscalIdentity, UpdateMerchant } from '../../contract/merchant.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfCountry, lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'

type Bound = readonly { readonly id: string; readonly country: string | undefined }[]

/** The registers of a merchant in an open period of their device, read before its change is decided. */
export async function registersInPeriod({ laws, journal }: TillParts, merchant: string): Promise<string[]> {
  const open: string[] = []
  for (const register of allRegisters(journal.view, merchant))
    if ((await lawOfRegister(laws, register)?.register?.openPeriod?.(register.id)) !== undefined) open.push(register.id)
  return open
}

/**
 * A register keeps its taxpayer: other tax numbers are another company, unless a person gives a reason. `bound`: its
 * registers under the law of a country. Throws `merchant_has_registers`, and `unprocessable_entity` for a reason without
 * such a change.
 */
export function refuseOtherNumbers(
  { laws, view, inPeriod }: { laws: readonly LawRules[]; view: View; inPeriod: readonly string[] },
  merchant: string,
  { fiscal_identities: sent = [], reason }: UpdateMerchant,
  bound: Bound,
): void {
  const changed = sent.map((identity) => otherNumbers(laws, view, merchant, identity))
  if (reason !== undefined && changed.every((members) => members.length === 0))
    throw unprocessable('The merchant has these tax numbers already: leave the reason out.', '/reason')
  const busy = [...inPeriod, ...view.registersInSession()]
  for (const [place, members] of changed.entries()) {
    const law = lawOfCountry(laws, sent[place]?.country_code)
    const ids = [...new Set(bound.flatMap(({ id, country }) => (country === law?.facts.country ? id : [])))]
    if (law === undefined || members.length === 0 || ids.length === 0) continue
    const why =
      unexplained(law, members, reason) ??
      inOpenPeriod(
        law,
        ids.find((id) => busy.includes(id)),
      )
    if (why !== undefined)
      throw new FiskalError('merchant_has_registers', `Merchant ${merchant} has registers. ${why}`, {
        ...{ members, register_ids: ids, pointer: `/fiscal_identities/${place}` },
      })
  }
}

function unexplained({ facts }: LawRules, members: readonly string[], reason: UpdateMerchant['reason']) {
  const isOfOffice = members.every((member) => member === facts.taxNumbers?.ofOffice)
  if (reason === 'correction' || (reason === 'new_office' && isOfOffice)) return undefined
  const office = isOfOffice ? ', after a move to another tax office "new_office"' : ''
  return `They keep their taxpayer: ${members.join(' and ')} cannot change without a reason. For a typing error send reason "correction"${office}. ${facts.taxNumbers?.otherCompany}`
}

/** A device keeps the former number for the documents of its open period. */
function inOpenPeriod({ register }: LawRules, id: string | undefined): string | undefined {
  if (register?.openPeriod === undefined || id === undefined) return undefined
  return `${id} is in a period: close its session, make the daily closing, then repeat the change.`
}

/**
 * The members whose numbers are other ones now, or dropped: dropped first, another one would be an added one next. A
 * number that is added or written with other strokes is not another one.
 */
function otherNumbers(laws: readonly LawRules[], view: View, id: string, identity: FiscalIdentity): readonly string[] {
  const { shown, own } = view.merchant(id) ?? {}
  const { members = [] } = lawOfCountry(laws, identity.country_code)?.facts.taxNumbers ?? {}
  const coming = own?.pending?.shown['fiscal_identities'] as readonly FiscalIdentity[] | undefined
  const before = (coming ?? shown?.fiscal_identities)?.find((one) => one.country_code === identity.country_code)
  if (before === undefined) return []
  const textOf = (of: FiscalIdentity, member: string) => (typeof of[member] === 'string' ? of[member] : '')
  const held = members.filter((member) => textOf(before, member) !== '')
  return held.filter((each) => comparableNumber(textOf(before, each)) !== comparableNumber(textOf(identity, each)))
}
