import { canonicalJson } from '../canonical.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Members, ReceiptDocuments } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import type { Say } from './labels.ts'
import { localTime, writtenTime } from './local-time.ts'
import { present } from './rows.ts'

/** Zones of the laws served, by ISO 3166-1 alpha-3: fiscal text uses the law's own. */
const ZONES: Readonly<Record<string, string>> = { DEU: 'Europe/Berlin', AUT: 'Europe/Vienna', ITA: 'Europe/Rome' }
/** Place of date and time in the machine-readable code, RKSV annex Z 12. */
const RKSV_TIME_FIELD = 4

/** Who sells: name and address (§ 6 no. 1 KassenSichV), tax number and VAT id (§ 14 (4) no. 2 UStG), and where. */
export function merchantBlock(
  { merchant, location }: Pick<ReceiptDocuments, 'merchant' | 'location'>,
  say: Say,
): ReceiptModel['merchant'] {
  const country = countryOf(merchant, location)
  const identities = (merchant['fiscal_identities'] ?? []) as readonly Members[]
  const identity = identities.find((one) => one['country_code'] === country) ?? {}
  const name = textOf(location, 'name')
  const same = canonicalJson(location['address'] ?? null) === canonicalJson(merchant['address'] ?? null)
  return {
    name: textOf(merchant, 'legal_name') ?? '',
    address: addressLines(membersOf(merchant, 'address')),
    identifiers: present([
      [say('tax_number'), identity['tax_number']],
      [say(country === 'AUT' ? 'uid_number' : 'vat_id'), identity['vat_id']],
      [say('vat_number'), identity['vat_number']],
    ]),
    location: name === undefined ? null : { name, address: same ? [] : addressLines(membersOf(location, 'address')) },
  }
}

/** Date and numbers of the receipt, till, operator, customer. */
export function headerRows(
  documents: ReceiptDocuments,
  law: string | undefined,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  const { operation, register } = documents
  const information = membersOf(operation, 'fiscal_information')
  const number = information['receipt_number'] ?? operation['$receipt']
  const serial = law === 'KassenSichV' ? membersOf(register, 'fiscalization')['client_id'] : undefined
  const customer = membersOf(operation, 'customer')
  const isSessionEvent = String(operation['type']).startsWith('session_')
  return present([
    [say('date'), signedTime(information, language) ?? localTime(issuedAt(operation), zoneOf(documents), language)],
    [say('receipt_number'), number],
    [say('operation'), operation['id']],
    // A paper receipt that was written while the till was down is entered later, under its own number.
    [say('external'), law === 'RKSV' ? textOf(operation, 'external_id') : undefined],
    [say('register'), register['name']],
    [say('register_serial'), serial],
    [say('operator'), textOf(operation, 'operator_name') ?? textOf(operation, 'operator_id')],
    [say('business_date'), operation['business_date']],
    [say('customer'), textOf(customer, 'name')],
    [say('customer_address'), addressLines(membersOf(customer, 'address')).join(', ')],
    [say('customer_vat_id'), textOf(customer, 'vat_id')],
    // The note of a sale is the shop's own; that of a movement of the drawer says what it was for.
    ...(isSessionEvent ? NOTES.map((member) => [say('note'), textOf(operation, member)] as const) : []),
  ])
}

const NOTES = ['note', 'discrepancy_note', 'closing_adjustment_note'] as const

/** RFC 3339 time of the end. */
export function issuedAt(operation: Members): string {
  return textOf(operation, 'completed_at') ?? textOf(operation, 'voided_at') ?? ''
}

/** The time that Austria signs is the one to print: § 11 RKSV. */
function signedTime(information: Members, language: ReceiptModel['language']): string | undefined {
  if (information['regime'] !== 'RKSV') return undefined
  return writtenTime(textOf(information, 'machine_code')?.split('_')[RKSV_TIME_FIELD] ?? '', language)
}

/** The zone of the law; outside the laws served that of the shop. */
export function zoneOf({ merchant, location }: Pick<ReceiptDocuments, 'merchant' | 'location'>): string {
  return ZONES[countryOf(merchant, location)] ?? textOf(location, 'timezone') ?? 'UTC'
}

function countryOf(merchant: Members, location: Members): string {
  return textOf(membersOf(location, 'address'), 'country_code') ?? textOf(merchant, 'country_code') ?? ''
}

function addressLines(address: Members): string[] {
  const town = [textOf(address, 'postal_code'), textOf(address, 'city')].filter((part) => part !== undefined)
  return [textOf(address, 'line1'), textOf(address, 'line2'), town.join(' ')].filter(
    (part): part is string => part !== undefined && part !== '',
  )
}
