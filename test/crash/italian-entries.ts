import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Json } from '../../base/canonical.ts'
import type { Members } from './answer-log.ts'

type Payment = { method: string; amount: string }
type Row = { seq: number; kind: string; op: string; body: string }

/**
 * The broken rules of the emergency register of a device, by the events alone: in an emergency no act prints or closes, and
 * each entry is on one sheet, with its payments.
 */
export function brokenEntries(state: string, device: string, sheets: readonly Json[]): string[] {
  const rows = rowsOf(state)
  const entries = entriesIn(rows)
  const told = sheets as unknown as readonly { entries: number; payments: readonly { amount: string }[] }[]
  const [count, cents] = [told.reduce((sum, sheet) => sum + sheet.entries, 0), told.flatMap(({ payments }) => payments)]
  const [counted, paid] = [centsOf(cents.map(({ amount }) => amount)), centsOf([...entries.values()].flat())]
  return [
    ...actsWhileOpen(rows, device),
    ...(count === entries.size ? [] : [`the sheets have ${count} entries, the events ${entries.size}`]),
    ...(counted === paid ? [] : [`the payments of the sheets come to ${counted}, those of the entries to ${paid}`]),
  ]
}

function rowsOf(state: string): readonly Row[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    return db.prepare<[], Row>('SELECT seq, kind, op, body FROM event ORDER BY seq').all()
  } finally {
    db.close()
  }
}

/** The payments of each entry, as a printer would have them. */
function entriesIn(rows: readonly Row[]): Map<string, readonly string[]> {
  const documents = new Map<string, Members>()
  for (const { op, body } of rows) {
    if (!op.startsWith('op_')) continue
    const { set } = JSON.parse(body) as { set?: Members }
    documents.set(op, { ...documents.get(op), ...set })
  }
  const entries = [...documents].filter(([, { fiscal_information: facts }]) => Object(facts).emergency !== undefined)
  return new Map(entries.map(([op, { payments }]) => [op, classed((payments ?? []) as readonly Payment[])]))
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
