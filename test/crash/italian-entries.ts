import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Json } from '../../base/canonical.ts'
import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import type { Members } from './answer-log.ts'

type Payment = { method: string; amount: string }
const REFERENCE_LENGTH = 12

type Row = { seq: number; kind: string; op: string; body: string }

type Sheet = {
  entries: number
  payments: readonly { amount: string }[]
  rates: readonly { rate: string; gross: string }[]
  lines: readonly { entry: number; register_id: string; printed_as?: string }[]
}
type Line = { type?: string; quantity: number; unit_price: string; total_amount: string; taxes: readonly Members[] }

/**
 * The broken rules of the emergency register of a device, by the events and the paper alone: in an emergency no act prints
 * or closes, each entry is on one sheet, with its payments and rates, and on paper only if the sheet says so.
 */
export function brokenEntries(
  state: string,
  device: string,
  sheets: readonly Json[],
  paper: readonly PrintedRecord[],
): string[] {
  const rows = rowsOf(state)
  const told = sheets as unknown as readonly Sheet[]
  const entries = entriesIn(rows)
  const printed = entries.filter(({ id }) => isOnPaper(id, paper))
  const named = told.flatMap(({ lines }) => lines.filter(({ printed_as: as }) => as !== undefined))
  const isNamed = ({ register, number }: Entry): boolean =>
    named.some((line) => line.register_id === register && line.entry === number)
  const counted = entries.filter((entry) => !isNamed(entry))
  const [count, cents] = [told.reduce((sum, sheet) => sum + sheet.entries, 0), told.flatMap(({ payments }) => payments)]
  const [summed, paid] = [
    centsOf(cents.map(({ amount }) => amount)),
    centsOf(counted.flatMap(({ payments }) => payments)),
  ]
  return [
    ...actsWhileOpen(rows, device),
    ...(count === entries.length ? [] : [`the sheets have ${count} entries, the events ${entries.length}`]),
    ...(summed === paid ? [] : [`the payments of the sheets come to ${summed}, those of the entries to ${paid}`]),
    ...rateDifferences(told, counted),
    ...printed
      .filter((entry) => !isNamed(entry))
      .map(({ id }) => `${id} is an entry and on paper, and no sheet says so`),
  ]
}

function isOnPaper(id: string, paper: readonly PrintedRecord[]): boolean {
  return paper.some(({ lines }) => lines.some((line) => line.startsWith(`#REF ${id.slice(-REFERENCE_LENGTH)}`)))
}

function rateDifferences(sheets: readonly Sheet[], entries: readonly Entry[]): string[] {
  const sums = new Map<string, number>()
  const add = (rate: string, cents: number): void => void sums.set(rate, (sums.get(rate) ?? 0) + cents)
  for (const { rate, gross } of sheets.flatMap(({ rates }) => rates)) add(rate, centsOf([gross]))
  for (const { lines } of entries) for (const line of lines) add(rateOf(line), -grossOf(line))
  sums.delete('0')
  return [...sums]
    .filter(([, cents]) => cents !== 0)
    .map(([rate, cents]) => `the sheets have ${cents} too much at ${rate}`)
}

/** Only goods with VAT: the rest has a natura by the settings of the shop. */
function rateOf({ taxes: [tax] }: Line): string {
  // `0.10` is 0.1 on the sheet.
  return String(Number(tax?.['rate']))
}

/** The office counts a gift at its price. */
function grossOf({ type, quantity, unit_price: price, total_amount: amount }: Line): number {
  return type === 'omaggio' ? Math.round(quantity * 100 * Number(price)) : centsOf([amount])
}

function rowsOf(state: string): readonly Row[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    return db.prepare<[], Row>('SELECT seq, kind, op, body FROM event ORDER BY seq').all()
  } finally {
    db.close()
  }
}

/** The entries as their events make them; payments as a printer would have them. */
type Entry = {
  readonly id: string
  readonly register: string
  readonly number: number
  readonly payments: readonly string[]
  readonly lines: readonly Line[]
}

function entriesIn(rows: readonly Row[]): Entry[] {
  const documents = new Map<string, Members>()
  for (const { op, body } of rows) {
    if (!op.startsWith('op_')) continue
    const { set } = JSON.parse(body) as { set?: Members }
    documents.set(op, { ...documents.get(op), ...set })
  }
  return [...documents].flatMap(
    ([id, { fiscal_information: facts, payments, line_items: lines, register_id: register }]) => {
      const { emergency } = Object(facts) as { emergency?: { entry: number } }
      if (emergency === undefined) return []
      const own = { payments: classed((payments ?? []) as readonly Payment[]), lines: (lines ?? []) as readonly Line[] }
      return [{ id, register: String(register), number: emergency.entry, ...own }]
    },
  )
}

/** A rounding that raises what is paid was a line, and its cash is another payment. */
function classed(payments: readonly Payment[]): readonly string[] {
  const total = centsOf(payments.map(({ amount }) => amount))
  const isUp = ({ method, amount }: Payment): boolean => method === 'rounding' && Number(amount) * total < 0
  return payments.filter((payment) => !isUp(payment)).map(({ amount }) => amount)
}

function actsWhileOpen(rows: readonly Row[], device: string): string[] {
  let isOpen = false
  const broken: string[] = []
  for (const { seq, kind, body } of rows) {
    if (kind === 'emergency.opened') isOpen = true
    if (kind === 'emergency.closed') isOpen = false
    if (!isOpen || !body.includes('"act"')) continue
    const { act } = JSON.parse(body) as { act?: { name: string; device: string } }
    // A register may be fiscalized: its printer is read.
    if (act?.device === device && act.name !== 'identify')
      broken.push(`event ${seq} has the act ${act.name} while the register is open`)
  }
  return broken
}

function centsOf(amounts: readonly string[]): number {
  return amounts.reduce((sum, amount) => sum + Math.round(Number(amount) * 100), 0)
}
