import { ATOMS_PER_CENT, divideRounded, formatCents, toAtoms, toCents } from '../../money.ts'
import type { JournalledDocument } from './journalled-document.ts'
import { journalledDocument } from './journalled-document.ts'
import { goodsOf } from './lines.ts'
import { countedPayments } from './payments.ts'
import type { PeriodSums } from './printer-act.ts'
import type { JournalSource, Recorded } from './recorded.ts'
import { newestRecorded, recordedOf } from './recorded.ts'

export type PeriodSettings = {
  /** Rate or natura on which tips and sold gift cards are printed. */
  tipDepartment: string
  giftCardDepartment: string
}

type Period = { id: string; serial: string; z: number }
/** Of an exchange: what came back, or what was given. */
type Side = 'return' | 'sale'
type Entry = { key: string; cents: bigint; tax: bigint }
type Paid = { method: string; cents: bigint }
/** What was sold in a running period, signed: reversals and returns are negative. */
type Sums = { vat: Map<string, { amount: bigint; tax: bigint }>; payments: Map<string, bigint> }

/** Without letting others go on. */
const OPERATIONS_AT_ONCE = 100
const HALF_CENT = 500_000n
const ONE = 100_000_000n

/** Names of the printers' payment table. */
const TENDER_NAMES: Readonly<Record<string, string>> = {
  cash: 'Contanti',
  card: 'Carte elettroniche',
  mobile: 'Carte elettroniche',
  online: 'Carte elettroniche',
  digital_wallet: 'Carte elettroniche',
  voucher: 'Tickets',
  bank_transfer: 'Non riscosso fatture',
  gift_card: 'Buoni multiuso',
  store_credit: 'Buoni multiuso',
}

/** `vat` and `payments` of what a printer printed in the period of closure `z`, by the journal. */
export async function periodSums(
  source: JournalSource,
  settings: PeriodSettings,
  { serial, z }: { serial: string; z: number },
): Promise<PeriodSums> {
  const operations = new Map<number, string>()
  const isBefore = (page: readonly Recorded[]): boolean => page.some((document) => document.z < z)
  for await (const page of newestRecorded(source, serial, isBefore))
    for (const document of page.toReversed())
      if (document.z === z && !operations.has(document.number)) operations.set(document.number, document.operation)
  const sums: Sums = { vat: new Map(), payments: new Map() }
  let count = 0
  // Where a reversal went on after a refusal, its last try has all that it printed.
  for (const id of new Set(operations.values())) {
    add(sums, journalledDocument(source.view.document(id) ?? {}), settings, { id, serial, z })
    count++
    if (count % OPERATIONS_AT_ONCE === 0) await source.pause()
  }
  return {
    vat: [...sums.vat].sort(byName).map(([name, { amount, tax }]) => ({
      ...{ name: /^\d/.test(name) ? `IVA ${Number(name) * 100} %` : name, ...(/^\d/.test(name) && { rate: name }) },
      ...{ amount: formatCents(amount), tax_amount: formatCents(roundedCents(tax)) },
    })),
    payments: [...sums.payments].sort(byName).map(([name, cents]) => ({ name, amount: formatCents(cents) })),
  }
}

function add(sums: Sums, operation: JournalledDocument, settings: PeriodSettings, period: Period): void {
  const side = sideInPeriod(operation, period)
  const entries = entriesOf(operation, settings)
  for (const { key, cents, tax } of entries.filter(
    (entry) => side === undefined || side === sideOf(entry, operation),
  )) {
    const name = /^\d/.test(key) ? String(Number(key)) : key
    const sum = sums.vat.get(name) ?? { amount: 0n, tax: 0n }
    sums.vat.set(name, { amount: sum.amount + cents, tax: sum.tax + tax })
  }
  for (const { method, cents } of paidFor(operation, entries, side)) {
    const name = TENDER_NAMES[method] ?? 'Altro'
    sums.payments.set(name, (sums.payments.get(name) ?? 0n) + cents)
  }
}

/** Lines and tip, by the rate or natura that they were printed with. */
function entriesOf(operation: JournalledDocument, { giftCardDepartment, tipDepartment }: PeriodSettings): Entry[] {
  const { tip_amount: tip, line_items: lines } = goodsOf(operation)
  const tipCents = toCents(tip)
  const entries = lines.map((line) => {
    const { rate = '0', code, tax_amount: tax = '0' } = line.taxes[0] ?? {}
    const untaxed = code ?? (line.type === 'gift_card' ? giftCardDepartment : 'N2')
    return { key: toAtoms(rate) === 0n ? untaxed : rate, cents: toCents(line.total_amount), tax: toAtoms(tax) }
  })
  if (tipCents === 0n) return entries
  return [...entries, { key: tipDepartment, cents: tipCents, tax: taxWithin(tipCents, tipDepartment) }]
}

function taxWithin(cents: bigint, key: string): bigint {
  const rate = /^\d/.test(key) ? toAtoms(key) : 0n
  return divideRounded(cents * rate, ONE + rate) * ATOMS_PER_CENT
}

/** Of an exchange, or its void, whose documents are not all of the period: the side of the one that is. */
function sideInPeriod(operation: JournalledDocument, { id, serial, z }: Period): Side | undefined {
  // What ended in the middle has annulled the return.
  if (operation.type === 'void') return operation.fiscal_information === null ? 'return' : undefined
  if (operation.type !== 'exchange') return undefined
  const documents = recordedOf(id, operation, serial).filter((document) => document.z === z)
  const [kind] = documents.map(({ facts }) => facts.document_type)
  return documents.length === 1 && (kind === 'return' || kind === 'sale') ? kind : undefined
}

/** A void has every sign turned. */
function signOf({ type }: JournalledDocument): bigint {
  return type === 'void' ? -1n : 1n
}

function sideOf({ cents }: Entry, operation: JournalledDocument): Side {
  return cents * signOf(operation) < 0n ? 'return' : 'sale'
}

/** As printed: what the two documents of an exchange come to both passes in cash. */
function paidFor(operation: JournalledDocument, entries: readonly Entry[], side: Side | undefined): Paid[] {
  const paid = countedPayments(operation).map(({ method, amount }) => ({ method, cents: toCents(amount) }))
  if (side === undefined) return paid
  const sign = signOf(operation)
  const totalOf = (wanted: Side): bigint =>
    entries.reduce((sum, entry) => (sideOf(entry, operation) === wanted ? sum + entry.cents * sign : sum), 0n)
  const [sold, returned] = [totalOf('sale'), -totalOf('return')]
  const passed = sign * (sold < returned ? sold : returned)
  const own = side === (sold < returned ? 'return' : 'sale') ? paid : []
  return passed === 0n ? own : [...own, { method: 'cash', cents: side === 'sale' ? passed : -passed }]
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

function roundedCents(atoms: bigint): bigint {
  return (atoms < 0n ? atoms - HALF_CENT : atoms + HALF_CENT) / ATOMS_PER_CENT
}
