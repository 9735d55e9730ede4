import type { FiscalIdentity, UpdateMerchant } from '../../contract/merchant.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import { allRegisters, isUnderLaw } from '../../journal/documents/registers.ts'
import { everyId } from '../../journal/every-id.ts'
import type { View } from '../../journal/projections/view.ts'

type TaxpayerOf = (identity: FiscalIdentity) => string | undefined

/** A new merchant must not be a second one of the same taxpayer: its sales would be in two books. Throws `merchant_exists`. */
export function refuseExisting(view: View, taxpayerOf: TaxpayerOf, identities: readonly FiscalIdentity[]): void {
  if (identities.length > 0) refuseHeld(view, taxpayerOf, placesIn(taxpayerOf, identities), undefined)
}

/**
 * A merchant must not become a second one of the same taxpayer, neither by its identities nor by being active again.
 * Two that an older journal has keep the identities that they have. Throws `merchant_exists`.
 */
export function refuseBecomingExisting(
  view: View,
  taxpayerOf: TaxpayerOf,
  merchant: DocumentOf<'merchant'>,
  { fiscal_identities: sent, status }: UpdateMerchant,
): void {
  const places = placesIn(taxpayerOf, sent ?? [])
  const own = taxpayersOf(taxpayerOf, identitiesOf(merchant))
  const isActivated = status === 'active' && merchant.shown.status === 'inactive'
  if (!isActivated) for (const taxpayer of own) places.delete(taxpayer)
  else if (sent === undefined) for (const taxpayer of own) places.set(taxpayer, '/status')
  if (places.size > 0) refuseHeld(view, taxpayerOf, places, merchant.id)
}

/** Throws `merchant_in_use`: a register that sells, or is about to, needs its merchant. */
export function refuseInUse(view: View, id: string): void {
  const registers = allRegisters(view, id).filter(isUnderLaw)
  if (registers.length === 0) return
  const what =
    registers.length === 1
      ? 'Its register is fiscalized: decommission it first.'
      : `${registers.length} of its registers are fiscalized: decommission them first.`
  throw new FiskalError('merchant_in_use', `Merchant ${id} is in use. ${what}`, {
    register_ids: registers.map((register) => register.id),
    pointer: '/status',
  })
}

/** The pointer to each taxpayer in the request. */
function placesIn(taxpayerOf: TaxpayerOf, identities: readonly FiscalIdentity[]): Map<string, string> {
  const places = new Map<string, string>()
  for (const [index, identity] of identities.entries()) {
    const taxpayer = taxpayerOf(identity)
    if (taxpayer !== undefined) places.set(taxpayer, `/fiscal_identities/${index}`)
  }
  return places
}

function refuseHeld(
  view: View,
  taxpayerOf: TaxpayerOf,
  places: ReadonlyMap<string, string>,
  self: string | undefined,
): void {
  for (const id of everyId(view, 'merchant')) {
    const merchant = id === self ? undefined : view.merchant(id)
    if (merchant === undefined || merchant.shown.status === 'inactive') continue
    const taxpayer = taxpayersOf(taxpayerOf, identitiesOf(merchant)).find((one) => places.has(one))
    if (taxpayer !== undefined) throw exists(id, places.get(taxpayer))
  }
}

function exists(id: string, pointer: string | undefined): FiskalError {
  return new FiskalError('merchant_exists', `Merchant ${id} has this fiscal identity and is active: use it.`, {
    merchant_id: id,
    pointer,
  })
}

function taxpayersOf(taxpayerOf: TaxpayerOf, identities: readonly FiscalIdentity[]): string[] {
  return identities.flatMap((identity) => taxpayerOf(identity) ?? [])
}

/** Also those that it gets when the sessions that run are closed. */
function identitiesOf({ shown, own: { pending } }: DocumentOf<'merchant'>): readonly FiscalIdentity[] {
  const coming = pending?.shown['fiscal_identities'] as readonly FiscalIdentity[] | undefined
  return coming === undefined ? shown.fiscal_identities : [...shown.fiscal_identities, ...coming]
}
