import { toAtoms } from '../../base/money.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Say } from '../texts/receipts.ts'
import { labelsOf } from '../texts/receipts.ts'
import { isDrawable } from './qr.ts'
import { percent } from './taxes.ts'

type Line = ReceiptModel['lines'][number]
type Agency = NonNullable<ReceiptModel['agencies']>[number]
type Cells = readonly [name: string, net: string, tax: string, gross: string]

/** An item of a receipt, with its words and figures as printed. */
export type Item =
  | { kind: 'centred'; text: string; size: 'normal' | 'large' }
  | { kind: 'notice'; text: string }
  | { kind: 'labelled'; label: string; value: string }
  /** The code of the law as machine-readable text: in OCR-A if the format has fonts. */
  | { kind: 'ocr'; label: string; value: string }
  /** `count` is quantity, unit and price; `key` the letter of the tax group or empty. */
  | { kind: 'amount'; label: string; count: string | undefined; amount: string; key: string; strong: boolean }
  | { kind: 'taxes'; head: Cells; rows: readonly { cells: Cells; note: string | null }[] }
  | { kind: 'code'; data: string }

/** A group of items; a rule separates it from the next one. `fine` is for text that machines and auditors read. */
export type Section = { readonly name: SectionName; readonly items: readonly Item[]; readonly fine: boolean }
type SectionName = 'merchant' | 'title' | 'header' | 'lines' | 'totals' | 'taxes' | 'fiscal'

/** The code of the law as a `picture` (QR), as its `text`, or as OCR text if the law has that form (RKSV § 11). */
export type CodeForm = 'picture' | 'text' | 'ocr'

/** The complete content of a receipt, in order; the renderers only place it. Empty sections are omitted. */
export function sectionsOf(model: ReceiptModel, form: CodeForm): Section[] {
  const say = labelsOf(model.language)
  const sections: Section[] = [
    { name: 'merchant', fine: false, items: merchantItems(model) },
    {
      name: 'title',
      fine: false,
      items: [
        { kind: 'centred', text: model.title, size: 'large' },
        ...model.notices.map((text) => ({ kind: 'notice', text }) as const),
      ],
    },
    { name: 'header', fine: false, items: model.header.map(labelled) },
    { name: 'lines', fine: false, items: linesOf(model, undefined) },
    ...(model.agencies ?? []).map((agency) => agencySection(model, agency)),
    { name: 'totals', fine: false, items: totalItems(model, say) },
    { name: 'taxes', fine: true, items: taxItems(model, say) },
    { name: 'fiscal', fine: true, items: [...model.fiscal.map(labelled), ...codeItems(model, form, say)] },
  ]
  return sections.filter(({ items }) => items.length > 0)
}

function merchantItems({ merchant }: ReceiptModel): Item[] {
  const place = merchant.location === null ? [] : [merchant.location.name, ...merchant.location.address]
  const identifiers = merchant.identifiers.map(({ label, value }) => `${label}: ${value}`)
  const rest = [...merchant.address, ...place, ...identifiers]
  return [{ kind: 'centred', text: merchant.name, size: 'large' }, ...rest.map(plainText)]
}

function labelled({ label, value }: { label: string; value: string }): Item {
  return { kind: 'labelled', label, value }
}

function lineItem(model: ReceiptModel, line: Line): Item {
  const amount = money(model, line.value)
  return {
    kind: 'amount',
    label: line.label,
    count: countOf(model, line),
    amount,
    key: line.tax_key ?? '',
    strong: false,
  }
}

/** The lines of an agency, or those that are the merchant's own. */
function linesOf(model: ReceiptModel, agency: number | undefined): Item[] {
  return model.lines.filter((line) => line.agency_id === agency).map((line) => lineItem(model, line))
}

/** The heading of a principal, the lines that are sold in its name, and their gross by tax. */
function agencySection(model: ReceiptModel, agency: Agency): Section {
  const { id, label, value, address, identifiers, taxes } = agency
  const head = [labelled({ label, value }), ...address.map(plainText), ...identifiers.map(labelled)]
  const sums = taxes.map(
    ({ key, label: name, gross }): Item => ({
      kind: 'amount',
      label: `${labelsOf(model.language)('gross')} ${name}`,
      count: undefined,
      amount: money(model, gross),
      key,
      strong: true,
    }),
  )
  return { name: 'lines', fine: false, items: [...head, ...linesOf(model, id), ...sums] }
}

function plainText(text: string): Item {
  return { kind: 'centred', text, size: 'normal' }
}

function countOf(model: ReceiptModel, { quantity, unit, unit_price }: Line): string | undefined {
  if (quantity === undefined || unit_price === undefined) return undefined
  return `${decimal(model, quantity)}${unit === undefined ? '' : ` ${unit}`} x ${money(model, unit_price)}`
}

/** A slip without prices has no sum. */
function totalItems(model: ReceiptModel, say: Say): Item[] {
  if (model.lines.length === 0 && model.payments.length === 0) return []
  const plain = ({ label, value }: { label: string; value: string }, strong = false): Item => {
    return { kind: 'amount', label, count: undefined, amount: money(model, value), key: '', strong }
  }
  const named = (sum: ReceiptModel['total']) => plain({ ...sum, label: `${sum.label} ${model.currency}` }, true)
  return [
    named(model.total),
    ...model.offsets.map((line) => lineItem(model, line)),
    ...(model.offsets.length > 0 ? [named(model.payable)] : []),
    ...model.payments.map((payment) => plain({ ...payment, label: paidLabel(model, payment, say) })),
  ]
}

/** `Bar CHF 20,00 (18,60 EUR), Kurs 0,93` */
function paidLabel(model: ReceiptModel, { label, value, foreign }: ReceiptModel['payments'][number], say: Say): string {
  if (foreign === undefined) return label
  const { currency, amount, exchange_rate: rate } = foreign
  const printed = rate === undefined ? '' : `, ${say('exchange_rate')} ${decimal(model, rate)}`
  return `${label} ${currency} ${money(model, amount)} (${money(model, value)} ${model.currency})${printed}`
}

function taxItems(model: ReceiptModel, say: Say): Item[] {
  if (model.taxes.length === 0) return []
  const rows = model.taxes.map(({ key, rate, net, tax, gross, note }) => {
    const printed = `${decimal(model, percent(toAtoms(rate)))} %`
    // A closing has the keys of the law, which a rate after them would continue.
    const name = /^\d+$/.test(key) ? `${key} (${printed})` : `${key} ${printed}`
    return { cells: [name, money(model, net), money(model, tax), money(model, gross)] as const, note }
  })
  return [{ kind: 'taxes', head: [say('vat'), say('net'), say('tax'), say('gross')], rows }]
}

function codeItems({ qr, ocr }: ReceiptModel, form: CodeForm, say: Say): Item[] {
  if (form === 'ocr' && ocr !== undefined) return [{ kind: 'ocr', label: say('ocr'), value: ocr }]
  if (qr === null) return []
  const drawn = form !== 'text' && isDrawable(qr)
  return drawn ? [{ kind: 'code', data: qr }] : [labelled({ label: say('qr'), value: qr })]
}

/** At least two decimals, with the language's decimal point. */
function money(model: ReceiptModel, amount: string): string {
  const [whole = '', fraction = ''] = amount.split('.')
  return decimal(model, `${whole}.${fraction.padEnd(2, '0')}`)
}

function decimal({ language }: ReceiptModel, text: string): string {
  return language === 'en' ? text : text.replace('.', ',')
}
