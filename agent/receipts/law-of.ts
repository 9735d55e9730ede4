import type { ShopDocuments } from './documents.ts'
import type { Certification, ReceiptDocuments, ReceiptLaw, Signed } from './receipt-law.ts'
import { recordedOf } from './recorded.ts'

type Laws = Pick<Certification, 'laws'>

/** The law of a receipt: of its signature, else of its register. */
export function lawOf({
  laws,
  subject,
  register,
}: Laws & Pick<ReceiptDocuments, 'subject' | 'register'>): ReceiptLaw | undefined {
  return lawNamed({ laws }, recordedOf(subject).information?.regime ?? register.fiscalization?.regime)
}

export function lawNamed({ laws }: Laws, name: string | undefined): ReceiptLaw | undefined {
  return laws.find((law) => law.name === name)
}

/** The law of the shop's country; undefined if it is not supported. */
export function lawWhere({
  laws,
  merchant,
  location,
}: Laws & Pick<ShopDocuments, 'merchant' | 'location'>): ReceiptLaw | undefined {
  const country = location.address?.country_code ?? merchant.country_code
  return laws.find((law) => law.country === country)
}

/** The law whose words a sale without a law uses: the first one, Germany's. */
export function firstLaw({ laws: [first] }: Laws): ReceiptLaw {
  if (first === undefined) throw new Error('no law is served')
  return first
}

/** The signed or printed document of the device; undefined if it has signed and printed nothing. */
export function signedOf({ laws, subject }: Laws & Pick<ReceiptDocuments, 'subject'>): Signed | undefined {
  const { information } = recordedOf(subject)
  return information ? lawNamed({ laws }, information.regime)?.signed(information) : undefined
}
