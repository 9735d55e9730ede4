import { canonicalJson } from '../canonical.ts'
import { parseRfc3339 } from '../clock.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Members, ReceiptDocuments } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import { present } from './fiscal.ts'
import type { Say } from './labels.ts'

/** Zones of the laws served, by ISO 3166-1 alpha-3: fiscal text uses the law's own. */
const ZONES: Readonly<Record<string, string>> = { DEU: 'Europe/Berlin', AUT: 'Europe/Vienna', ITA: 'Europe/Rome' }

/** Who sells: name and address (§ 6 no. 1 KassenSichV), tax number and VAT id (§ 14 (4) no. 2 UStG), and where. */
export function merchantBlock({ merchant, location }: ReceiptDocuments, say: Say): ReceiptModel['merchant'] {
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
      [say('vat_id'), identity['vat_id']],
      [say('vat_number'), identity['vat_number']],
    ]),
    location: name === undefined ? null : { name, address: same ? [] : addressLines(membersOf(location, 'address')) },
  }
}

/** Date and numbers of the receipt, till, operator, customer. */
export function headerRows(
  documents: ReceiptDocuments,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  const { operation, merchant, location, register } = documents
  const zone = ZONES[countryOf(merchant, location)] ?? textOf(location, 'timezone') ?? 'UTC'
  const number = membersOf(operation, 'fiscal_information')['receipt_number'] ?? operation['$receipt']
  const customer = membersOf(operation, 'customer')
  const isSessionEvent = String(operation['type']).startsWith('session_')
  return present([
    [say('date'), localTime(issuedAt(operation), zone, language)],
    [say('receipt_number'), number],
    [say('operation'), operation['id']],
    [say('register'), register['name']],
    [say('register_serial'), membersOf(register, 'fiscalization')['client_id']],
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

function countryOf(merchant: Members, location: Members): string {
  return textOf(membersOf(location, 'address'), 'country_code') ?? textOf(merchant, 'country_code') ?? ''
}

function addressLines(address: Members): string[] {
  const town = [textOf(address, 'postal_code'), textOf(address, 'city')].filter((part) => part !== undefined)
  return [textOf(address, 'line1'), textOf(address, 'line2'), town.join(' ')].filter(
    (part): part is string => part !== undefined && part !== '',
  )
}

/** `02.03.2026 08:14:41`, `02/03/2026 08:14:41` or `2026-03-02 08:14:41`, in the zone. */
function localTime(time: string, timeZone: string, language: ReceiptModel['language']): string {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const
  const format = new Intl.DateTimeFormat('en-US', { timeZone, ...digits, second: '2-digit', hourCycle: 'h23' })
  const part = Object.fromEntries(format.formatToParts(parseRfc3339(time) ?? 0).map(({ type, value }) => [type, value]))
  const clock = `${part['hour']}:${part['minute']}:${part['second']}`
  if (language === 'en') return `${part['year']}-${part['month']}-${part['day']} ${clock}`
  const separator = language === 'de' ? '.' : '/'
  return `${[part['day'], part['month'], part['year']].join(separator)} ${clock}`
}
