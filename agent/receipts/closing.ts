import type { ReceiptModel } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import { formatCents, toCents } from '../money.ts'
import type { Members, ReceiptDocuments } from './documents.ts'
import { membersOf, textOf } from './documents.ts'
import { fiscalBlock, lawOf } from './fiscal.ts'
import { headerRows, merchantBlock } from './head.ts'
import type { Say } from './labels.ts'
import { labelsOf } from './labels.ts'
import { writtenTime } from './local-time.ts'
import { noticesOf } from './notices.ts'
import { present } from './rows.ts'
import { natureOf } from './taxes.ts'

type ClosingDocuments = Omit<ReceiptDocuments, 'operation'> & { closing: Members }
type Sum = { name: string; amount: string }
type VatSum = Sum & { key?: number; rate?: string; tax_amount?: string }

const TYPES = ['daily', 'shift', 'monthly', 'annual', 'zero', 'start', 'collective', 'final'] as const

/**
 * The receipt of a closing: a zero receipt of Austria with its code (§§ 6, 8, 17 RKSV), else the sums of what was closed.
 * Throws `operation_invalid_state` where it is not made yet.
 */
export function closingModel(documents: ClosingDocuments, language: ReceiptModel['language']): ReceiptModel {
  const { closing } = documents
  if (membersOf(closing, 'fiscal')['state'] === 'pending')
    throw new FiskalError('operation_invalid_state', `Closing ${String(closing['id'])} is not made yet.`, {
      closing_id: closing['id'],
    })
  const say = labelsOf(language)
  // A closing is finished when it is made.
  const operation = { ...closing, completed_at: closing['created_at'] }
  const all = { ...documents, operation }
  const law = lawOf(all)
  const title = titleOf(closing, say)
  const totals = membersOf(closing, 'totals')
  const cases = sumsOf<Sum>(totals, 'business_cases')
  const total = formatCents(cases.reduce((sum, { amount }) => sum + toCents(amount), 0n))
  const lines = cases.length > 0 ? cases : [{ name: title, amount: '0.00' }]
  return {
    operation_id: String(closing['id']),
    status: 'completed',
    language,
    copy: false,
    title,
    currency: 'EUR',
    issued_at: String(closing['created_at']),
    merchant: merchantBlock(documents, say),
    header: [...headerRows(all, law, language, say), ...periodRows(closing, language, say)],
    lines: lines.map(({ name, amount }) => ({ kind: 'information', label: name, value: amount, tax_key: null })),
    total: { label: say('total'), value: total },
    gift_cards: [],
    payable: { label: say('payable'), value: total },
    taxes: sumsOf<VatSum>(totals, 'vat').map((sum) => taxRow(sum, say)),
    payments: sumsOf<Sum>(totals, 'payments').map(({ name, amount }) => {
      return { label: name, value: amount, method: 'other', status: 'captured', change: false }
    }),
    ...fiscalBlock(all, law, language, say),
    notices: noticesOf(operation, law, say).filter((notice) => notice !== title),
  }
}

function titleOf(closing: Members, say: Say): string {
  const type = TYPES.find((known) => known === closing['type']) ?? 'daily'
  return say(`title_closing_${type}`)
}

/** What was closed; of a Sammelbeleg begin and end of the outage and its receipts. */
function periodRows(closing: Members, language: ReceiptModel['language'], say: Say): ReceiptModel['header'] {
  const outage = membersOf(closing, 'outage')
  const time = (member: string) => writtenTime(textOf(outage, member) ?? '', language)
  const numbers = [textOf(outage, 'first_number'), textOf(outage, 'last_number')].filter((one) => one !== undefined)
  return present([
    [say('period'), textOf(closing, 'period')],
    [say('z_numbers'), ((closing['z_numbers'] ?? []) as readonly number[]).join(', ')],
    [say('outage_from'), time('began_at')],
    [say('outage_to'), time('ended_at')],
    [say('outage_receipts'), numbers.join(' – ')],
  ])
}

function taxRow({ key, name, rate, amount, tax_amount }: VatSum, say: Say): ReceiptModel['taxes'][number] {
  const nature = natureOf(name)
  const note = nature === undefined ? null : say(nature)
  const tax = tax_amount ?? '0.00'
  const net = formatCents(toCents(amount) - toCents(tax))
  return { key: String(key ?? ''), label: name, rate: rate ?? '0', note, net, tax, gross: amount }
}

function sumsOf<Row extends Sum>(totals: Members, name: string): readonly Row[] {
  return (totals[name] ?? []) as unknown as readonly Row[]
}
