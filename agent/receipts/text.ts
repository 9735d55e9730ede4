import type { ReceiptModel } from '../contract/receipt.ts'
import { toAtoms } from '../money.ts'
import { labelsOf } from './labels.ts'
import { centred, labelledRows, RULE, row, wrapped } from './layout.ts'
import { percent } from './taxes.ts'

type Line = ReceiptModel['lines'][number]

/** Width of rate, net, tax and gross each, so that gross ends where the amounts of the lines do. */
const TAX_COLUMN = 10

/**
 * The receipt for a printer of 42 columns: UTF-8, LF, the same bytes for the same model. What is longer than a line is
 * broken at the edge and goes on in column 1, see {@link labelledRows}.
 */
export function renderText(model: ReceiptModel): string {
  const blocks = [
    merchantLines(model),
    [...centred(model.title), ...model.notices.flatMap(noticeLines)],
    model.header.flatMap(({ label, value }) => labelledRows(label, value)),
    model.lines.flatMap((line) => goodsLines(model, line)),
    totalLines(model),
    taxLines(model),
    fiscalLines(model),
  ]
  const filled = blocks.filter((block) => block.length > 0)
  return `${filled.map((block) => block.join('\n')).join(`\n${RULE}\n`)}\n`
}

function noticeLines(notice: string): string[] {
  const starred = centred(`*** ${notice} ***`)
  return starred.length === 1 ? starred : centred(notice)
}

function merchantLines({ merchant }: ReceiptModel): string[] {
  const place = merchant.location === null ? [] : [merchant.location.name, ...merchant.location.address]
  const identifiers = merchant.identifiers.map(({ label, value }) => `${label}: ${value}`)
  return [merchant.name, ...merchant.address, ...place, ...identifiers].flatMap(centred)
}

function goodsLines(model: ReceiptModel, line: Line): string[] {
  const amount = `${money(model, line.value)} ${line.tax_key ?? ' '}`
  if (line.quantity === undefined || line.unit_price === undefined) return row(line.label, amount)
  const unit = line.unit === undefined ? '' : ` ${line.unit}`
  const count = `  ${decimal(model, line.quantity)}${unit} x ${money(model, line.unit_price)}`
  return [...wrapped(line.label), ...row(count, amount)]
}

/** Amounts stand in one column with those of the lines, which end in a tax key. */
function totalLines(model: ReceiptModel): string[] {
  const plain = ({ label, value }: { label: string; value: string }) => row(label, `${money(model, value)}  `)
  const named = (sum: ReceiptModel['total']) => plain({ ...sum, label: `${sum.label} ${model.currency}` })
  return [
    ...named(model.total),
    ...model.gift_cards.flatMap((line) => goodsLines(model, line)),
    ...(model.gift_cards.length > 0 ? named(model.payable) : []),
    ...model.payments.flatMap(plain),
  ]
}

function taxLines(model: ReceiptModel): string[] {
  if (model.taxes.length === 0) return []
  const say = labelsOf(model.language)
  const rows = model.taxes.map((tax) => [
    `${tax.key} ${decimal(model, percent(toAtoms(tax.rate)))} %`,
    ...[tax.net, tax.tax, tax.gross].map((value) => money(model, value)),
  ])
  const head = [say('vat'), say('net'), say('tax'), say('gross')]
  const fits = rows.every((cells) => cells.every((cell) => cell.length < TAX_COLUMN))
  const noted = (lines: string[], index: number): string[] => {
    const note = model.taxes[index]?.note ?? null
    return note === null ? lines : [...lines, ...wrapped(`  ${note}`)]
  }
  if (fits) return [columns(head), ...rows.flatMap((cells, index) => noted([columns(cells)], index))]
  return rows.flatMap(([name = '', ...amounts], index) =>
    noted([...wrapped(name), ...amounts.flatMap((amount, at) => row(`  ${head[at + 1]}`, `${amount}  `))], index),
  )
}

function columns([name = '', ...amounts]: readonly string[]): string {
  return [name.padEnd(TAX_COLUMN), ...amounts.map((amount) => amount.padStart(TAX_COLUMN))].join('')
}

function fiscalLines(model: ReceiptModel): string[] {
  const rows = model.fiscal.flatMap(({ label, value }) => labelledRows(label, value))
  return model.qr === null ? rows : [...rows, ...labelledRows(labelsOf(model.language)('qr'), model.qr)]
}

/** At least two decimals, with the language's decimal point. */
function money(model: ReceiptModel, amount: string): string {
  const [whole = '', fraction = ''] = amount.split('.')
  return decimal(model, `${whole}.${fraction.padEnd(2, '0')}`)
}

function decimal({ language }: ReceiptModel, text: string): string {
  return language === 'en' ? text : text.replace('.', ',')
}
