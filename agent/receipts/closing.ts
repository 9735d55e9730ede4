import { formatCents, toCents } from '../../base/money.ts'
import { spansOf } from '../../base/text.ts'
import type { Closing } from '../contract/closing.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import type { DocumentOf } from '../journal/documents/document.ts'
import { turnoverIn } from '../register/turnover.ts'
import type { Say } from '../texts/receipts.ts'
import { labelsOf } from '../texts/receipts.ts'
import type { ShopDocuments } from './documents.ts'
import { fiscalBlock } from './fiscal.ts'
import { headerRows, merchantBlock, zoneOf } from './head.ts'
import { lawOf } from './law-of.ts'
import { printedTime, writtenTime } from './local-time.ts'
import { noticesOf } from './notices.ts'
import type { Certification, ReceiptLaw } from './receipt-law.ts'
import { present } from './rows.ts'
import { natureOf } from './untaxed.ts'

/** On each report, also 0, but for those of orders. Closings of earlier versions have them not, or cancelled lines alone. */
const TAKEN_BACK = [
  'reversals',
  'returns',
  'cancelled_lines',
  'training',
  'sent_back_order_lines',
  'cancelled_order_lines',
] as const

type VatSum = NonNullable<Closing['totals']>['vat'][number]

/** The shop as it was in a session of a report, with the number of that session. */
export type ReportedShop = {
  readonly number: number | undefined
  readonly openedAt: string
  readonly shop: ShopDocuments
}

/**
 * The receipt of a closing: a zero receipt of Austria with its code (§§ 6, 8, 17 RKSV), else the sums of what was closed.
 * Throws `operation_invalid_state` if it is not made yet.
 */
export function closingModel(
  documents: ShopDocuments & Certification & { subject: DocumentOf<'closing'> },
  language: ReceiptModel['language'],
  shops: readonly ReportedShop[] = [],
): ReceiptModel {
  const { shown: closing } = documents.subject
  if (closing.fiscal.state === 'pending')
    throw new FiskalError('operation_invalid_state', `Closing ${closing.id} is not made yet.`, {
      closing_id: closing.id,
    })
  const say = labelsOf(language)
  const law = lawOf(documents)
  const title = titleOf(closing, law, say)
  const { vat, payments, business_cases: cases } = closing.totals ?? { vat: [], payments: [], business_cases: [] }
  const isFloat = ({ name }: { name: string }): boolean => name === law?.cashCases?.opening
  const moved = cases.filter((one) => !isFloat(one))
  const total = formatCents(moved.reduce((sum, { amount }) => sum + toCents(amount), 0n))
  const lines = cases.length > 0 ? moved : [{ name: title, amount: '0.00' }]
  // The drawer had the float before: with the sum it is what the payments come to.
  const paid: typeof payments = [...cases.filter(isFloat), ...payments]
  return {
    operation_id: closing.id,
    status: 'completed',
    language,
    copy: false,
    title,
    currency: 'EUR',
    issued_at: closing.created_at,
    merchant: merchantBlock(documents, say),
    header: [
      ...headerRows(documents, law, language, say),
      ...turnoverRow(cases, law, language, say),
      ...periodRows(closing, language, say),
      ...unpaidRows(closing, language, say),
      ...claimRows(closing, language, say),
      ...foreignRows(closing, language, say),
      ...countRows(closing, zoneOf(documents), language, say),
      ...shopRows(closing, documents, shops, language, say),
    ],
    lines: lines.map((sum) => ({ kind: 'information', label: caseLabel(sum, say), value: sum.amount, tax_key: null })),
    total: { label: say(law?.cashCases === undefined ? 'total' : 'total_moved'), value: total },
    offsets: [],
    payable: { label: say('payable'), value: total },
    taxes: vat.map((sum) => taxRow(sum, say)),
    payments: paid.map(({ name, amount, count }) => {
      const label = count === undefined ? name : `${name} (${count})`
      return { label, value: amount, method: 'other', status: 'captured', change: false }
    }),
    ...fiscalBlock(documents, law, language, say),
    notices: noticesOf(documents, law, say).filter((notice) => notice !== title),
  }
}

/** Names the agency: its sales are not turnover of the merchant. */
function caseLabel({ name, agency_id: agency }: { name: string; agency_id?: number | undefined }, say: Say): string {
  return agency === undefined ? name : `${name} (${say('agency')} ${agency})`
}

/** Titles for a law without own names: the closing is a report, or the last Z of a printer. */
const UNNAMED = {
  monthly: 'title_closing_of_month',
  annual: 'title_closing_of_year',
  final: 'title_closing_last',
} as const

function titleOf({ type, interim }: Closing, law: ReceiptLaw | undefined, say: Say): string {
  if (interim !== undefined) return say('title_interim')
  const isNamed = law?.namesClosings === true
  if (!isNamed && (type === 'monthly' || type === 'annual' || type === 'final')) return say(UNNAMED[type])
  return say(`title_closing_${type}`)
}

/** The closed period, and what was taken away in it; for a Sammelbeleg begin and end of the outage and its receipts. */
function periodRows(
  { period, z_numbers: numbers, interim, outage, totals }: Closing,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  const taken = (name: (typeof TAKEN_BACK)[number]): [string, string | undefined] => {
    const sum = totals?.[name]
    return [say(name === 'training' ? 'training_sum' : name), sum && countedSum(sum, language)]
  }
  return present([
    [say('period'), period],
    [say('z_numbers'), numbers.join(', ')],
    ...TAKEN_BACK.map(taken),
    [say('pending_receipts'), interim?.pending_receipts ? String(interim.pending_receipts) : undefined],
    [say('outage_from'), writtenTime(outage?.began_at ?? '', language)],
    [say('outage_to'), writtenTime(outage?.ended_at ?? '', language)],
    [say('outage_receipts'), outage && `${outage.first_number} – ${outage.last_number}${countOf(outage)}`],
  ])
}

/** Vouchers, claims, tips for the staff and movements of cash are in the cases, too. */
function turnoverRow(
  cases: NonNullable<Closing['totals']>['business_cases'],
  law: ReceiptLaw | undefined,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  const names = law?.turnoverCases
  if (cases.length === 0 || names === undefined) return []
  return [{ label: say('turnover'), value: written(formatCents(turnoverIn(cases, names)), language) }]
}

/** Operations without payments are listed with their number and gross: they are in no sum. */
function unpaidRows({ totals }: Closing, language: ReceiptModel['language'], say: Say): ReceiptModel['header'] {
  return (totals?.unpaid_operations ?? []).map(({ type, count, amount }) => ({
    label: say(`closing_${type}`),
    value: countedSum({ count, amount }, language),
  }))
}

function claimRows({ totals }: Closing, language: ReceiptModel['language'], say: Say): ReceiptModel['header'] {
  const { created, settled } = totals?.claims ?? {}
  const row = (label: string, sum: typeof created) =>
    sum === undefined || sum.count === 0 ? [] : [{ label, value: countedSum(sum, language) }]
  return [...row(say('claims_created'), created), ...row(say('claims_settled'), settled)]
}

/** The payments have its value in euro. */
function foreignRows({ totals }: Closing, language: ReceiptModel['language'], say: Say): ReceiptModel['header'] {
  return (totals?.foreign_cash ?? []).map(({ currency, amount }) => ({
    label: `${say('method_cash')} ${currency}`,
    value: written(amount, language),
  }))
}

/** The counts of the drawer in an open shift. */
function countRows(
  { interim }: Closing,
  zone: string,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  return (interim?.cash_counts ?? []).map(({ counted_at: at, ...count }) => ({
    label: `${say('title_session_cash_count')} ${printedTime(at, zone, language)}`,
    value: `${written(count.counted_closing_amount, language)} (${say('expected')} ${written(count.expected_closing_amount, language)})`,
  }))
}

function countedSum({ count, amount }: { count: number; amount: string }, language: ReceiptModel['language']): string {
  return `${count} (${written(amount, language)})`
}

function written(amount: string, language: ReceiptModel['language']): string {
  return language === 'en' ? amount : amount.replace('.', ',')
}

/** Names each shop that a report covers, if there are several: one whose owner, address or tax number changed. */
function shopRows(
  { z_numbers: zs }: Closing,
  { laws }: Pick<Certification, 'laws'>,
  shops: readonly ReportedShop[],
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  const heads = new Map<string, ReportedShop[]>()
  for (const reported of shops) {
    const head = headText(merchantBlock({ ...reported.shop, laws }, say))
    heads.set(head, [...(heads.get(head) ?? []), reported])
  }
  if (heads.size < 2) return []
  return [...heads].map(([value, covered]) => {
    const numbers = covered.flatMap(({ number }) => (number !== undefined && zs.includes(number) ? [number] : []))
    const [{ openedAt, shop } = { openedAt: '', shop: undefined }] = covered
    const from = shop === undefined ? '' : printedTime(openedAt, zoneOf({ ...shop, laws }), language)
    const label = numbers.length > 0 ? `${say('shop_of_z')} ${spansOf(numbers)}` : `${say('shop_from')} ${from}`
    return { label, value }
  })
}

function headText({ name, address, identifiers, location }: ReceiptModel['merchant']): string {
  const numbers = identifiers.map(({ label, value }) => `${label} ${value}`)
  return [name, ...address, ...numbers, ...(location === null ? [] : [location.name, ...location.address])].join(', ')
}

/** Older closings do not record the number of receipts. */
function countOf({ receipts }: NonNullable<Closing['outage']>): string {
  return receipts === undefined ? '' : ` (${receipts})`
}

function taxRow({ key, name, rate, amount, tax_amount }: VatSum, say: Say): ReceiptModel['taxes'][number] {
  const nature = natureOf(name)
  const note = nature === undefined ? null : say(nature)
  const tax = tax_amount ?? '0.00'
  const net = formatCents(toCents(amount) - toCents(tax))
  return { key: String(key ?? ''), label: name, rate: rate ?? '0', note, net, tax, gross: amount }
}
