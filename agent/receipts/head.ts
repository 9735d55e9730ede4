import { canonicalJson } from '../../base/canonical.ts'
import { writtenDay } from '../../base/clock.ts'
import { said } from '../../base/text.ts'
import type { Merchant } from '../contract/merchant.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { OperationDocument } from '../journal/documents/document.ts'
import { isMovement, isOperation } from '../journal/documents/document.ts'
import type { Say } from '../texts/receipts.ts'
import type { ShopDocuments, Subject } from './documents.ts'
import { lawWhere, signedOf } from './law-of.ts'
import { printedTime, writtenTime } from './local-time.ts'
import type { Certification, ReceiptDocuments, ReceiptLaw } from './receipt-law.ts'
import { recordedOf } from './recorded.ts'
import { present } from './rows.ts'

type Laws = Pick<Certification, 'laws'>

/** The seller: name, address and the tax identifiers that the law prints, and the location. */
export function merchantBlock(documents: ShopDocuments & Laws, say: Say): ReceiptModel['merchant'] {
  const { merchant, location } = documents
  const country = countryOf(documents)
  const identity = merchant.fiscal_identities?.find((one) => one.country_code === country)
  const name = said(location.name)
  const same = canonicalJson(location.address ?? null) === canonicalJson(merchant.address ?? null)
  return {
    name: said(merchant.legal_name) ?? '',
    address: addressLines(merchant.address),
    identifiers: present(
      (lawWhere(documents)?.identifiers ?? []).map(([label, member]) => [say(label), identity?.[member]]),
    ),
    location: name === undefined ? null : { name, address: same ? [] : addressLines(location.address) },
  }
}

/** Date and numbers of the receipt, till, operator, customer. */
export function headerRows(
  documents: ReceiptDocuments,
  law: ReceiptLaw | undefined,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  const { subject, register } = documents
  const { information, endedAt } = recordedOf(subject)
  const { id, own: remembered } = subject
  const operation = isOperation(subject) ? subject.shown : undefined
  const goods = isOperation(subject) && isMovement(subject) ? subject.shown : undefined
  const customer = goods?.customer
  const signed = information && law?.numbersReceipts === true ? law.numberOf(information) : undefined
  const own = law?.head
  const signedTime = writtenTime(signedOf(documents)?.localTime ?? '', language)
  return present([
    [say('date'), signedTime ?? printedTime(endedAt, zoneOf(documents), language)],
    [say('rt_document'), goods && information ? law?.documentOf?.(information) : undefined],
    [say(law?.documentOf === undefined ? 'receipt_number' : 'till_number'), signed ?? remembered.receipt_number],
    [say('operation'), id],
    [say('external'), own?.externalId === true ? said(operation?.external_id) : undefined],
    ...groupRows(operation, say),
    [say('register'), register.name],
    [say('register_serial'), own?.registerSerial === true ? register.fiscalization?.client_id : undefined],
    [say('operator'), said(operation?.operator_name) ?? said(operation?.operator_id)],
    [say('business_date'), writtenDay(businessDateOf(subject) ?? '', language)],
    [say('customer'), said(customer?.name)],
    [say('customer_address'), addressLines(customer?.address).join(', ')],
    [say('customer_vat_id'), said(customer?.vat_id)],
    [say('customer_tax_number'), said(customer?.tax_number)],
    // The note of a sale is internal; that of a movement of the drawer states its purpose.
    ...notesOf(subject).map((note) => [say('note'), said(note)] as const),
  ])
}

/** Table, room or person, and the first order of a bill (§ 6 KassenSichV: its time is then the begin). */
function groupRows(shown: OperationDocument['shown'] | undefined, say: Say): Parameters<typeof present>[0] {
  if (shown === undefined || !('allocation_group' in shown)) return []
  const { allocation_group: group } = shown
  if (shown.type === 'order_move')
    return [
      [say('from_group'), shown.from_allocation_group],
      [say('to_group'), group],
    ]
  return [
    [say('allocation_group'), group],
    [say('first_order'), 'first_order_at' in shown ? shown.first_order_at : undefined],
  ]
}

function businessDateOf({ kind, shown }: Subject): string | null | undefined {
  return kind === 'session_close' || kind === 'closing' ? shown.business_date : undefined
}

function notesOf({ kind, shown }: Subject): readonly (string | null | undefined)[] {
  switch (kind) {
    case 'session_open':
    case 'session_cash_adjustment':
      return [shown.note]
    case 'session_cash_count':
      return [shown.note, shown.discrepancy_note]
    case 'session_close':
      return [shown.note, shown.closing_adjustment_note]
    case 'sale':
    case 'return':
    case 'exchange':
    case 'deposit':
    case 'deposit_capture':
    case 'void':
    case 'order':
    case 'transfer':
    case 'employee_benefit':
    case 'order_move':
    case 'closing':
    case 'drawer_opening':
      return []
    default:
      return kind satisfies never
  }
}

/** The zone of the law; without a supported law that of the shop. */
export function zoneOf(shop: Laws & Pick<ShopDocuments, 'merchant' | 'location'>): string {
  return lawWhere(shop)?.timeZone ?? shop.location.timezone ?? 'UTC'
}

function countryOf({ merchant, location }: Pick<ShopDocuments, 'merchant' | 'location'>): string {
  return location.address?.country_code ?? merchant.country_code ?? ''
}

export function addressLines(address: Merchant['address'] | undefined): string[] {
  const town = [said(address?.postal_code), said(address?.city)].filter((part) => part !== undefined)
  return [said(address?.line1), said(address?.line2), town.join(' ')].filter(
    (part): part is string => part !== undefined && part !== '',
  )
}
