import { toAtoms, toCents } from '../../../../base/money.ts'
import type { Line, LineType } from '../../../journal/books/operation-parts.ts'
import type { RateDifference } from './rates.ts'
import { departmentKey, rateKey, VOUCHERS } from './rates.ts'
import { taxDifference, taxWithin } from './vat-rows.ts'

/** A line of an operation with what decides its department. */
export type TaxedLine = Omit<Line, 'taxes'> & {
  readonly department?: string
  readonly taxes: readonly { readonly rate: string; readonly code?: string; readonly tax_amount?: string }[]
}

/** The key of a rate of 0 without a reason, by the type of the line. */
const NO_REASON: ReadonlyMap<string, string> = new Map(
  Object.entries({
    item: '0',
    gift_card: VOUCHERS,
    container_deposit: '0',
    service_charge: '0',
    deposit: '0',
    receivable: '0',
    single_purpose_voucher: '0',
    omaggio: '0',
  } satisfies { readonly [Type in LineType]: string }),
)
const ATOMS_A_CENT = 1_000_000
/** A tax is rounded to whole cents at most. A float is exact to far less. */
const HALF_CENT = 0.5 + 1e-6

/** The rate or natura of a line, and its department; several or none are a key that no document has. */
export function lineKey({ type, taxes, department }: TaxedLine): string {
  const keys = taxes.map(({ rate, code }) => {
    if (Number(rate) !== 0)
      return departmentKey(code === undefined ? rateKey(rate) : `${rateKey(rate)} ${code}`, department)
    return departmentKey(code ?? NO_REASON.get(type ?? 'item') ?? '0', department)
  })
  return keys.length === 0 ? '–' : keys.join(' + ')
}

/** Taxes that are not within their amounts: of the lines by rate, as sums, and of the operation. */
export function wrongTaxes(lines: readonly TaxedLine[], total: unknown): RateDifference[] {
  const wrong = new Map<string, { due: number; sent: number }>()
  let all = 0
  for (const line of lines) {
    const key = lineKey(line)
    const due = taxWithin(Number(toCents(line.total_amount)), key)
    const sent = centsIn(line.taxes[0]?.tax_amount)
    all += due
    if (Math.abs(due - sent) <= HALF_CENT) continue
    const before = wrong.get(key) ?? { due: 0, sent: 0 }
    wrong.set(key, { due: before.due + due, sent: before.sent + sent })
  }
  const differences = [...wrong].map(([key, { due, sent }]) => taxDifference(key, due, sent))
  const isTotal = Math.abs(all - centsIn(total)) <= HALF_CENT * Math.max(1, lines.length)
  return isTotal || differences.length > 0 ? differences : [taxDifference('totale', all, centsIn(total))]
}

function centsIn(amount: unknown): number {
  return Number(toAtoms(String(amount ?? '0'))) / ATOMS_A_CENT
}
