import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import type { Members } from './answer-log.ts'

/** Cents by what a closing calls them. */
type Sums = Map<string, number>

/** Words of a document of the simulated printers, and the rows of a closing that have them. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['CONTANTI', 'Contanti'],
  ['NON RISCOSSO BENI', 'Non riscosso beni'],
  ['ASSEGNI', 'Assegni'],
  ['CARTE ELETTRONICHE', 'Carte elettroniche'],
  ['TICKETS', 'Tickets'],
  ['NON RISCOSSO SERVIZI', 'Non riscosso servizi'],
  ['NON RISCOSSO FATTURE', 'Non riscosso fatture'],
  ['NON RISCOSSO DCR SSN', 'Non riscosso DCR SSN'],
  ['SCONTO A PAGARE', 'Sconto a pagare'],
])
/** The rows of what a till sends: by the class that it names, or else by the method. */
const ROWS: Readonly<Record<string, string>> = {
  ...{ cash: 'Contanti', card: 'Carte elettroniche', voucher: 'Tickets', rounding: 'Sconto a pagare' },
  ...{ assegni: 'Assegni', elettronico: 'Carte elettroniche', ticket: 'Tickets', sconto_a_pagare: 'Sconto a pagare' },
  ...{ non_riscosso_beni: 'Non riscosso beni', non_riscosso_servizi: 'Non riscosso servizi' },
  ...{ non_riscosso_fatture: 'Non riscosso fatture', non_riscosso_ssn: 'Non riscosso DCR SSN' },
}
const VAT: ReadonlyMap<string, string> = new Map([
  ['22%', 'IVA 22 %'],
  ['10%', 'IVA 10 %'],
  ['4%', 'IVA 4 %'],
  ['EE', 'N1'],
  ['NS', 'N2'],
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
    // A report of entries has no Z.
    if (totals === null || totals === undefined || z === undefined) return []
    const printed = new Map<string, number>()
    for (const record of ours.filter((each) => each.z === z)) addPaper(printed, record, ours)
    const told = rowsOf(totals as Members)
    return [...new Set([...printed.keys(), ...told.keys()])].flatMap((name) => {
      const [paper, row] = [printed.get(name) ?? 0, told.get(name) ?? 0]
      return paper === row ? [] : [`Z ${z}: ${name} is ${row} in the closing and ${paper} on paper`]
    })
  })
}

type Payment = { readonly method: string; readonly amount: string; readonly tender?: string }

/** The classes of payment of which the paper has another sum than the till sent; slips are in none. */
export function paidDifferences(operations: readonly Members[], ours: readonly PrintedRecord[]): string[] {
  const [printed, sent] = [new Map<string, number>(), new Map<string, number>()]
  for (const record of ours) addPaper(printed, record, ours)
  for (const { payments, fiscal_information: facts } of operations) {
    const { regime, document_type: type } = (facts ?? {}) as Members
    if (regime !== 'RT' || type === 'non_fiscal' || type === 'emergency') continue
    const paid = (payments ?? []) as readonly Payment[]
    const total = paid.reduce((sum, { amount }) => sum + sentCents(amount), 0)
    for (const { method, amount, tender } of paid) {
      const cents = sentCents(amount)
      // A rounding that raises what is paid was a line, and its cash is another payment.
      const isUp = method === 'rounding' && cents * total < 0
      if (!isUp) add(sent, ROWS[tender ?? method] ?? method, cents)
    }
  }
  return [...new Set([...CLASSES.values(), ...sent.keys()])].flatMap((name) => {
    const [paper, till] = [printed.get(name) ?? 0, sent.get(name) ?? 0]
    return paper === till ? [] : [`${name} is ${till} by the operations and ${paper} on paper`]
  })
}

function sentCents(amount: string): number {
  return centsOf(amount.replace('.', ','))
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
  for (const { name, amount } of [...rows('vat'), ...rows('payments'), ...deducted]) add(sums, name, sentCents(amount))
  return sums
}

function centsOf(amount: string): number {
  return Number(amount.replace(',', ''))
}

function add(sums: Sums, name: string, cents: number): void {
  sums.set(name, (sums.get(name) ?? 0) + cents)
}
