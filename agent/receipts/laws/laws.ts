import type { Law } from '../../contract/laws.ts'
import type { LawDocument } from '../../journal/documents.ts'
import type { FactsOf, ReceiptDocuments } from '../documents.ts'
import { KASSENSICHV } from './kassensichv.ts'
import type { ReceiptLaw, Signed } from './receipt-law.ts'
import { RKSV } from './rksv.ts'
import { RT } from './rt.ts'

export const RECEIPT_LAWS: { readonly [Of in Law]: ReceiptLaw<Of> } = { KassenSichV: KASSENSICHV, RKSV, RT }

/** The law of a receipt: of its signature, else of its register. */
export function lawOf({ operation, register }: Pick<ReceiptDocuments, 'operation' | 'register'>): Law | undefined {
  return operation.fiscal_information?.regime ?? register.fiscalization?.regime
}

/** What the device of its law made of a document; undefined where it has signed and printed nothing. */
export function signedOf({ fiscal_information: information }: LawDocument): Signed | undefined {
  return information ? signedUnder(information.regime, information) : undefined
}

function signedUnder<Of extends Law>(law: Of, information: FactsOf<Of>): Signed {
  return RECEIPT_LAWS[law].signed(information)
}
