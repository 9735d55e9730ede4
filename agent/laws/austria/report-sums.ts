import { divideRounded, formatCents, toAtoms, toCents, withoutZeros } from '../../../base/money.ts'
import type { Payment } from '../../contract/payment.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { euroCents } from '../../register/payments.ts'
import { METHOD_NAMES } from '../../texts/receipts.ts'
import type { ClosingTotals } from '../closing-reports.ts'
import { TakenBackSums } from '../closing-reports.ts'
import type { Share } from './amounts.ts'
import { sharesOf } from './amounts.ts'
import { fieldNames, fields } from './vat.ts'

export const CASES: Readonly<Record<Share['type'], string>> = {
  item: 'Umsatz',
  container_deposit: 'Pfand',
  gift_card: 'Gutscheinverkauf',
  service_charge: 'Bedienungszuschlag',
  deposit: 'Anzahlung',
  receivable: 'Zahlung auf Rechnung',
  single_purpose_voucher: 'Einzweckgutschein',
  omaggio: 'Gratisabgabe',
  tip: 'Trinkgeld',
}
const ONE = 100_000_000n

type VatSum = Pick<Share, 'field' | 'rate'> & { cents: bigint; taxCents: bigint }

/** Sums of the receipts of a report, by rate, means of payment and kind of line; each receipt rounds its own tax. */
export class ReportSums {
  /** Number of added receipts. */
  count = 0
  readonly #vat = new Map<string, VatSum>()
  readonly #payments = new Map<string, bigint>()
  readonly #cases = new Map<string, bigint>()
  readonly #takenBack = new TakenBackSums()

  /** Training is only counted as such. */
  add(document: GoodsDocument): void {
    const total = toCents(document.shown.total_amount)
    if (document.shown.training === true) {
      this.#takenBack.add('training', total)
      return
    }
    this.count += 1
    if (document.kind === 'void') this.#takenBack.add('reversals', total)
    if (document.kind === 'return') this.#takenBack.add('returns', total)
    for (const line of document.shown.cancelled_line_items ?? [])
      this.#takenBack.add('cancelled_lines', toCents(line.total_amount))
    const ofReceipt = new Map<string, Share>()
    for (const share of sharesOf(document.shown)) {
      add(this.#cases, CASES[share.type], share.cents)
      const rate = withoutZeros(share.rate)
      const id = `${share.field} ${rate}`
      ofReceipt.set(id, { ...share, rate, cents: share.cents + (ofReceipt.get(id)?.cents ?? 0n) })
    }
    for (const [id, { field, rate, cents }] of ofReceipt) {
      const before = this.#vat.get(id) ?? { field, rate, cents: 0n, taxCents: 0n }
      const taxCents = before.taxCents + taxIn(cents, rate)
      this.#vat.set(id, { field, rate, cents: before.cents + cents, taxCents })
    }
    for (const payment of paidOf(document)) add(this.#payments, METHOD_NAMES[payment.method], euroCents(payment))
  }

  /** Rates in the order of the machine-readable code; names in the order of the tables. */
  totals(): ClosingTotals {
    const rates = [...this.#vat.values()].sort(
      (a, b) => fields.indexOf(a.field) - fields.indexOf(b.field) || Number(a.rate) - Number(b.rate),
    )
    return {
      vat: rates.map(({ field, rate, cents, taxCents }) => ({
        name: fieldNames[field],
        rate,
        amount: formatCents(cents),
        tax_amount: formatCents(taxCents),
      })),
      payments: inOrder(this.#payments, METHOD_NAMES),
      business_cases: inOrder(this.#cases, CASES),
      ...this.#takenBack.totals(),
    }
  }
}

/** The payments that make up the total: a failed or cancelled attempt paid nothing. */
export function paidOf({ shown: { payments = [] }, own }: GoodsDocument): readonly Payment[] {
  return payments.filter(({ status }) => own.counted_statuses.includes(status))
}

function taxIn(cents: bigint, rate: string): bigint {
  const atoms = toAtoms(rate)
  return divideRounded(cents * atoms, ONE + atoms)
}

function add(sums: Map<string, bigint>, name: string, cents: bigint): void {
  sums.set(name, (sums.get(name) ?? 0n) + cents)
}

function inOrder(
  sums: ReadonlyMap<string, bigint>,
  names: Readonly<Record<string, string>>,
): ClosingTotals['payments'] {
  return Object.values(names).flatMap((name) => {
    const cents = sums.get(name) ?? 0n
    return cents === 0n ? [] : [{ name, amount: formatCents(cents) }]
  })
}
