import type { Payment } from '../../contract/goods.ts'
import type { Members } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { formatCents, toAtoms, toCents } from '../../money.ts'
import type { Goods } from './lines.ts'
import { four } from './original.ts'

export type PeriodSource = {
  view: Pick<View, 'operations' | 'document' | 'resources'>
  /** Lets others go on between two pages. */
  pause: () => Promise<void>
}

/** What was sold in a running period, signed: reversals and returns are negative. */
type Sums = { vat: Map<string, { amount: bigint; tax: bigint }>; payments: Map<string, bigint> }

const PAGE = 200
const PAGES_MAX = 500
const REGISTERS_MAX = 10_000
const CLOSINGS_MAX = 10_000
const ATOMS_PER_CENT = 1_000_000n
const HALF_CENT = 500_000n

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

/** `vat` and `payments` of the operations that a printer printed in the period of closure `z`, by the journal. */
export async function periodSums(source: PeriodSource, device: string, serial: string, z: number): Promise<Members> {
  const sums: Sums = { vat: new Map(), payments: new Map() }
  const registers = source.view
    .resources('register', {}, 0, REGISTERS_MAX)
    .filter(({ id }) => source.view.document(id)?.['fiscal_device'] === device)
  for (const { id, merchant } of registers) {
    if (merchant !== null) await addRegister(source, sums, { merchant, register: id }, { serial, z: four(z) })
  }
  return {
    vat: [...sums.vat].sort(byName).map(([name, { amount, tax }]) => ({
      ...{ name: /^\d/.test(name) ? `IVA ${Number(name) * 100} %` : name, ...(/^\d/.test(name) && { rate: name }) },
      ...{ amount: formatCents(amount), tax_amount: formatCents(roundedCents(tax)) },
    })),
    payments: [...sums.payments].sort(byName).map(([name, cents]) => ({ name, amount: formatCents(cents) })),
  }
}

async function addRegister(
  { view, pause }: PeriodSource,
  sums: Sums,
  owner: { merchant: string; register: string },
  period: { serial: string; z: string },
): Promise<void> {
  const last = view.resources('closing', owner, 0, CLOSINGS_MAX).at(-2)
  const from = last === undefined ? undefined : String(view.document(last.id)?.['created_at'])
  const filter = { ...owner, status: 'completed', from }
  for (let after = 0, pages = 0; pages < PAGES_MAX; pages++) {
    const rows = view.operations(filter, after, PAGE)
    for (const { id } of rows) add(sums, view.document(id) ?? {}, period)
    after = rows.at(-1)?.seq ?? after
    if (rows.length < PAGE) return
    await pause()
  }
}

function add({ vat, payments }: Sums, operation: Members, { serial, z }: { serial: string; z: string }): void {
  const facts = operation['fiscal_information'] as Members | null | undefined
  const isOfPeriod = facts?.['z_number'] === z && facts['rt_serial_number'] === serial
  const lines = (operation as unknown as Partial<Goods>).line_items
  if (!isOfPeriod || facts['document_type'] === 'non_fiscal' || lines === undefined) return
  for (const line of lines) {
    const { rate = '0', code, tax_amount: tax = '0' } = line.taxes[0] ?? {}
    const name = toAtoms(rate) === 0n ? (code ?? 'N2') : String(Number(rate))
    const sum = vat.get(name) ?? { amount: 0n, tax: 0n }
    vat.set(name, { amount: sum.amount + toCents(line.total_amount), tax: sum.tax + toAtoms(tax) })
  }
  const paid = (operation['payments'] ?? []) as unknown as readonly Payment[]
  for (const { method, amount } of paid) {
    const name = TENDER_NAMES[method] ?? 'Altro'
    payments.set(name, (payments.get(name) ?? 0n) + toCents(amount))
  }
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

function roundedCents(atoms: bigint): bigint {
  return (atoms < 0n ? atoms - HALF_CENT : atoms + HALF_CENT) / ATOMS_PER_CENT
}
