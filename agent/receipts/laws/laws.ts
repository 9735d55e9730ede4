import type { Law } from '../../contract/laws.ts'
import { LAWS } from '../../contract/laws.ts'
import type { FactsOf, ReceiptDocuments, ShopDocuments, Subject } from '../documents.ts'
import { recordedOf } from '../recorded.ts'
import { KASSENSICHV } from './kassensichv.ts'
import type { ReceiptLaw, Signed } from './receipt-law.ts'
import { RKSV } from './rksv.ts'
import { RT } from './rt.ts'

export const RECEIPT_LAWS: { readonly [Of in Law]: ReceiptLaw<Of> } = { KassenSichV: KASSENSICHV, RKSV, RT }

const BY_COUNTRY: ReadonlyMap<string, Law> = new Map<string, Law>([
  [LAWS.KassenSichV.country, 'KassenSichV'],
  [LAWS.RKSV.country, 'RKSV'],
  [LAWS.RT.country, 'RT'],
])

/** The law of a receipt: of its signature, else of its register. */
export function lawOf({ subject, register }: Pick<ReceiptDocuments, 'subject' | 'register'>): Law | undefined {
  return recordedOf(subject).information?.regime ?? register.fiscalization?.regime
}

/** The law of where the shop is, for what was sold online: Germany's where it is none that is served. */
export function lawWhere({ merchant, location }: Pick<ShopDocuments, 'merchant' | 'location'>): Law {
  return BY_COUNTRY.get(location.address?.country_code ?? merchant.country_code ?? '') ?? 'KassenSichV'
}

/** False under a law by which goods are signed and printed at their full price, whatever they are paid with. */
export function countsVouchersUnder(law: string | undefined): boolean {
  return Object.entries(RECEIPT_LAWS).find(([name]) => name === law)?.[1].countsVouchers ?? true
}

/** What the device of its law made of a document; undefined where it has signed and printed nothing. */
export function signedOf(subject: Subject): Signed | undefined {
  const { information } = recordedOf(subject)
  return information ? signedUnder(information.regime, information) : undefined
}

function signedUnder<Of extends Law>(law: Of, information: FactsOf<Of>): Signed {
  return RECEIPT_LAWS[law].signed(information)
}
