import { formatCents, toCents } from '../../../../../base/money.ts'
import type { Answer } from '../../../demo-shift.ts'
import { at } from '../../../demo-shift.ts'

const PERCENT = 100
const NAME_WIDTH = 18
const AMOUNT_WIDTH = 12

/** The sums of a sheet, as the portal asks for them. */
export function sumsOf(sheet: Answer): string[] {
  const rates = (sheet['rates'] as readonly Answer[]).map((row) => {
    const sums = `ammontare ${at(row, 'gross')}  imponibile ${at(row, 'taxable')}  imposta ${at(row, 'tax')}`
    return `${rateName(row)}  ${sums}`
  })
  return [...rates, `Totale ${at(sheet, 'total')}  registrazioni ${at(sheet, 'entries')}`]
}

/** Rate by rate: together they are the day. */
export function sideBySide(z: Answer, sheet: Answer): string {
  const printed = new Map(rowsOf(z, 'totals', 'vat').map((row) => [rateName(row), toCents(at(row, 'amount'))]))
  const entered = new Map(rowsOf(sheet, 'rates').map((row) => [rateName(row), toCents(at(row, 'gross'))]))
  const names = [...new Set([...printed.keys(), ...entered.keys()])].sort()
  const rows = names.map((name): [string, bigint, bigint] => [name, printed.get(name) ?? 0n, entered.get(name) ?? 0n])
  const sum = (column: 1 | 2): bigint => rows.reduce((total, row) => total + row[column], 0n)
  return [
    line('', 'Z', 'sheet'),
    ...[...rows, ['Totale', sum(1), sum(2)] as const].map(([name, one, other]) =>
      line(name, formatCents(one), formatCents(other)),
    ),
  ].join('\n')
}

/** The turnover of a Z. */
export function turnoverOf(z: Answer): bigint {
  return rowsOf(z, 'totals', 'vat').reduce((sum, row) => sum + toCents(at(row, 'amount')), 0n)
}

function rowsOf(answer: unknown, ...path: readonly string[]): readonly Answer[] {
  let value = answer
  for (const name of path) value = (value as Answer)[name]
  return value as readonly Answer[]
}

function rateName(row: Answer): string {
  return `IVA ${Math.round(Number(at(row, 'rate')) * PERCENT)} %`
}

function line(name: string, one: string, other: string): string {
  return `${name.padEnd(NAME_WIDTH)}${one.padStart(AMOUNT_WIDTH)}${other.padStart(AMOUNT_WIDTH)}`
}
