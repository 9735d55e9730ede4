import type { Payment } from '../../contract/goods.ts'
import type { Members } from '../../journal/events.ts'
import { divideRounded, formatCents, toAtoms, toCents } from '../../money.ts'
import type { Goods } from './lines.ts'
import type { JournalSource, Recorded } from './recorded.ts'
import { newestRecorded, recordedOf } from './recorded.ts'

export type PeriodSettings = {
  /** Rate or natura on which tips and sold gift cards are printed. */
  tipDepartment: string
  giftCardDepartment: string
}

type Line = Goods['line_items'][number]
type Paid = { method: string; cents: bigint }
/** What was sold in a running period, signed: reversals and returns are negative. */
type Sums = { vat: Map<string, { amount: bigint; tax: bigint }>; payments: Map<string, bigint> }

/** Without letting others go on. */
const OPERATIONS_AT_ONCE = 100
const ATOMS_PER_CENT = 1_000_000n
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
): Promise<Members> {
  const operations = new Set<string>()
  const isBefore = (page: readonly Recorded[]): boolean => page.some((document) => document.z < z)
  for await (const page of newestRecorded(source, serial, isBefore))
    for (const document of page) if (document.z === z) operations.add(document.operation)
  const sums: Sums = { vat: new Map(), payments: new Map() }
  let count = 0
  for (const id of operations) {
    add(sums, source.view.document(id) ?? {}, settings, { id, serial, z })
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

function add(
  sums: Sums,
  operation: Members,
  settings: PeriodSettings,
  period: { id: string; serial: string; z: number },
): void {
  const { tip_amount: tip = '0', line_items: all = [] } = operation as unknown as Partial<Goods>
  const part = partOf(operation, period)
  for (const line of all.filter((each) => part === undefined || part === partOfLine(each))) {
    const { rate = '0', code, tax_amount: tax = '0' } = line.taxes[0] ?? {}
    const untaxed = code ?? (line.type === 'gift_card' ? settings.giftCardDepartment : 'N2')
    addVat(sums, toAtoms(rate) === 0n ? untaxed : rate, toCents(line.total_amount), toAtoms(tax))
  }
  const tipCents = toCents(tip)
  if (tipCents !== 0n && part !== 'return') {
    addVat(sums, settings.tipDepartment, tipCents, taxWithin(tipCents, settings.tipDepartment))
  }
  for (const { method, cents } of paidFor(operation, part)) {
    const name = TENDER_NAMES[method] ?? 'Altro'
    sums.payments.set(name, (sums.payments.get(name) ?? 0n) + cents)
  }
}

function addVat({ vat }: Sums, key: string, cents: bigint, taxAtoms: bigint): void {
  const name = /^\d/.test(key) ? String(Number(key)) : key
  const sum = vat.get(name) ?? { amount: 0n, tax: 0n }
  vat.set(name, { amount: sum.amount + cents, tax: sum.tax + taxAtoms })
}

function taxWithin(cents: bigint, key: string): bigint {
  const rate = /^\d/.test(key) ? toAtoms(key) : 0n
  return divideRounded(cents * rate, ONE + rate) * ATOMS_PER_CENT
}

/** Of an exchange whose documents do not all belong to the period: the one that does. */
function partOf(
  operation: Members,
  { id, serial, z }: { id: string; serial: string; z: number },
): 'return' | 'sale' | undefined {
  if (operation['type'] !== 'exchange') return undefined
  const documents = recordedOf(id, operation, serial).filter((document) => document.z === z)
  const [kind] = documents.map(({ facts }) => facts['document_type'])
  return documents.length === 1 && (kind === 'return' || kind === 'sale') ? kind : undefined
}

function partOfLine({ total_amount: total }: Line): 'return' | 'sale' {
  return toCents(total) < 0n ? 'return' : 'sale'
}

/** As printed: what the two documents of an exchange come to both passes in cash. */
function paidFor(operation: Members, part: 'return' | 'sale' | undefined): Paid[] {
  const counted = operation['$signed_statuses'] as readonly string[] | undefined
  const paid = ((operation['payments'] ?? []) as unknown as readonly Payment[])
    .filter(({ status }) => counted?.includes(status) !== false)
    .map(({ method, amount }) => ({ method, cents: toCents(amount) }))
  if (part === undefined) return paid
  const { line_items: lines = [] } = operation as unknown as Partial<Goods>
  const [returned, sold] = (['return', 'sale'] as const).map((wanted) =>
    lines
      .filter((line) => partOfLine(line) === wanted)
      .reduce((sum, { total_amount: total }) => sum + toCents(total), 0n),
  ) as [bigint, bigint]
  const passed = sold < -returned ? sold : -returned
  const own = part === (sold + returned < 0n ? 'return' : 'sale') ? paid : []
  return passed === 0n ? own : [...own, { method: 'cash', cents: part === 'sale' ? passed : -passed }]
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

function roundedCents(atoms: bigint): bigint {
  return (atoms < 0n ? atoms - HALF_CENT : atoms + HALF_CENT) / ATOMS_PER_CENT
}
