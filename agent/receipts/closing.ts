import { formatCents, toCents } from '../../base/money.ts'
import type { Closing } from '../contract/closing.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import type { DocumentOf } from '../journal/documents/document.ts'
import type { Say } from '../texts/receipts.ts'
import { labelsOf } from '../texts/receipts.ts'
import type { ShopDocuments } from './documents.ts'
import { fiscalBlock } from './fiscal.ts'
import { headerRows, merchantBlock } from './head.ts'
import { lawOf } from './law-of.ts'
import { writtenTime } from './local-time.ts'
import { noticesOf } from './notices.ts'
import type { Certification, ReceiptLaw } from './receipt-law.ts'
import { present } from './rows.ts'
import { natureOf } from './untaxed.ts'

type VatSum = NonNullable<Closing['totals']>['vat'][number]

/**
 * The receipt of a closing: a zero receipt of Austria with its code (§§ 6, 8, 17 RKSV), else the sums of what was closed.
 * Throws `operation_invalid_state` if it is not made yet.
 */
export function closingModel(
  documents: ShopDocuments & Certification & { subject: DocumentOf<'closing'> },
  language: ReceiptModel['language'],
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
  const total = formatCents(cases.reduce((sum, { amount }) => sum + toCents(amount), 0n))
  const lines = cases.length > 0 ? cases : [{ name: title, amount: '0.00' }]
  return {
    operation_id: closing.id,
    status: 'completed',
    language,
    copy: false,
    title,
    currency: 'EUR',
    issued_at: closing.created_at,
    merchant: merchantBlock(documents, say),
    header: [...headerRows(documents, law, language, say), ...periodRows(closing, language, say)],
    lines: lines.map(({ name, amount }) => ({ kind: 'information', label: name, value: amount, tax_key: null })),
    total: { label: say('total'), value: total },
    gift_cards: [],
    payable: { label: say('payable'), value: total },
    taxes: vat.map((sum) => taxRow(sum, say)),
    payments: payments.map(({ name, amount }) => {
      return { label: name, value: amount, method: 'other', status: 'captured', change: false }
    }),
    ...fiscalBlock(documents, law, language, say),
    notices: noticesOf(documents, law, say).filter((notice) => notice !== title),
  }
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

/** The closed period; for a Sammelbeleg begin and end of the outage and its receipts. */
function periodRows(
  { period, z_numbers: numbers, interim, outage }: Closing,
  language: ReceiptModel['language'],
  say: Say,
): ReceiptModel['header'] {
  return present([
    [say('period'), period],
    [say('z_numbers'), numbers.join(', ')],
    [say('pending_receipts'), interim?.pending_receipts ? String(interim.pending_receipts) : undefined],
    [say('outage_from'), writtenTime(outage?.began_at ?? '', language)],
    [say('outage_to'), writtenTime(outage?.ended_at ?? '', language)],
    [say('outage_receipts'), outage && `${outage.first_number} – ${outage.last_number}${countOf(outage)}`],
  ])
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
