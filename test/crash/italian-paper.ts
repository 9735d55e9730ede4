import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import type { Members } from './answer-log.ts'

/** Cents by what a closing calls them. */
type Sums = Map<string, number>

/** Words of a document of the simulated printers, and the rows of a closing that have them. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['CONTANTI', 'Contanti'],
  ['CARTE ELETTRONICHE', 'Carte elettroniche'],
])
const VAT: ReadonlyMap<string, string> = new Map([
  ['22%', 'IVA 22 %'],
  ['10%', 'IVA 10 %'],
  ['4%', 'IVA 4 %'],
  ['EE', 'N1'],
])
/** By the begin of the text of a deduction. */
const DEDUCTIONS: readonly (readonly [string, string])[] = [
  ['OMAGGIO', 'Omaggi'],
  ['BUONO BM-', 'Buoni monouso'],
]
const GIFT = 'OMAGGIO'
const LINE = /^(.{30})(\S+)\s+(-?\d+,\d\d)$/
const SUM = /^([A-Za-z ]+?)\s+(-?\d+,\d\d)$/

/**
 * The rows of closings that differ from the paper of their documents, which is added up here from its words: VAT by rate with
 * the gifts, classes of payment, and what was deducted. `ours`: the documents that the agent asked for.
 */
export function paperDifferences(closings: readonly Members[], ours: readonly PrintedRecord[]): string[] {
  return closings.flatMap(({ z_numbers: numbers, totals }) => {
    const [z] = numbers as readonly number[]
    if (totals === null || totals === undefined) return []
    const printed = new Map<string, number>()
    for (const record of ours.filter((each) => each.z === z)) addPaper(printed, record, ours)
    const told = rowsOf(totals as Members)
    return [...new Set([...printed.keys(), ...told.keys()])].flatMap((name) => {
      const [paper, row] = [printed.get(name) ?? 0, told.get(name) ?? 0]
      return paper === row ? [] : [`Z ${z}: ${name} is ${row} in the closing and ${paper} on paper`]
    })
  })
}

/** A void has the lines of the sale that it annuls. */
function addPaper(sums: Sums, { kind, lines, original }: PrintedRecord, all: readonly PrintedRecord[]): void {
  const isSame = ({ z, number }: PrintedRecord): boolean => z === original?.z && number === original.number
  const shown = kind === 'void' ? (all.find(isSame)?.lines ?? []) : lines
  for (const [name, cents] of amountsOn(shown)) add(sums, name, kind === 'sale' ? cents : -cents)
}

function amountsOn(lines: readonly string[]): [string, number][] {
  const end = lines.findIndex((line) => line.startsWith('TOTALE COMPLESSIVO'))
  return [...lines.slice(0, end).flatMap(goodsOn), ...lines.slice(end).flatMap(paidOn)]
}

function goodsOn(line: string): [string, number][] {
  const [, text = '', rate = '', amount = ''] = LINE.exec(line) ?? []
  const [vat, cents] = [VAT.get(rate), centsOf(amount)]
  if (vat === undefined) return []
  const [word, row] = DEDUCTIONS.find(([begin]) => cents < 0 && text.startsWith(begin)) ?? []
  if (row === undefined) return [[vat, cents]]
  // The office counts a gift.
  return word === GIFT
    ? [[row, -cents]]
    : [
        [row, -cents],
        [vat, cents],
      ]
}

function paidOn(line: string): [string, number][] {
  const [, text = '', amount = ''] = SUM.exec(line) ?? []
  const name = CLASSES.get(text)
  if (text === 'Resto') return [['Contanti', -centsOf(amount)]]
  return name === undefined ? [] : [[name, centsOf(amount)]]
}

function rowsOf(totals: Members): Sums {
  const sums: Sums = new Map()
  const rows = (name: string) => (totals[name] ?? []) as readonly { name: string; amount: string }[]
  const deducted = rows('business_cases').filter(({ name }) => DEDUCTIONS.some(([, row]) => row === name))
  for (const { name, amount } of [...rows('vat'), ...rows('payments'), ...deducted])
    add(sums, name, centsOf(amount.replace('.', ',')))
  return sums
}

function centsOf(amount: string): number {
  return Number(amount.replace(',', ''))
}

function add(sums: Sums, name: string, cents: number): void {
  sums.set(name, (sums.get(name) ?? 0) + cents)
}
