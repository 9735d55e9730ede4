import type { BonPayment, BonType, VatShare } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { ABBRUCH } from '../../../../agent/laws/germany/process-data.ts'
import { formatCents } from '../../../../base/money.ts'

/** The keys of the company that random days have, by their container; others have no VAT. */
const OWN_KEYS: ReadonlyMap<number, number> = new Map([
  [1101, 2],
  [1800, 3],
])

/** Container of processData that a VAT key belongs to (DSFinV-K Anhang I). */
function containerOf(key: number): number {
  if (key >= 1000) return OWN_KEYS.get(key) ?? 5
  if (key > 10) return key % 10
  return Math.min(key, 5)
}

/**
 * processData of `Kassenbeleg-V1` from the rows of a bon, for bons without a document: apart from the product's own text
 * and from the verifier's.
 */
export function processDataFrom(
  type: BonType,
  vat: readonly VatShare[],
  payments: readonly BonPayment[],
  baseCurrency: string,
): string {
  if (type === 'AVBelegabbruch') return ABBRUCH
  const containers = [0n, 0n, 0n, 0n, 0n]
  for (const { key, cents } of vat) {
    const at = containerOf(key) - 1
    containers[at] = (containers[at] ?? 0n) + cents
  }
  const paid = type === 'AVTraining' ? '' : paymentPart(payments, baseCurrency)
  return `${type}^${containers.map(formatCents).join('_')}^${paid}`
}

/** `Bar` before `Unbar`, the base currency (unnamed) first; sums of 0 are omitted. */
function paymentPart(payments: readonly BonPayment[], baseCurrency: string): string {
  const sums = new Map<string, bigint>()
  for (const { type, currency, cents, foreignCents } of payments) {
    const kind = type === 'Bar' ? 'Bar' : 'Unbar'
    const label = currency === baseCurrency ? kind : `${kind}:${currency}`
    sums.set(label, (sums.get(label) ?? 0n) + (foreignCents ?? cents))
  }
  return [...sums.entries()]
    .filter(([, cents]) => cents !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, cents]) => `${formatCents(cents)}:${label}`)
    .join('_')
}
