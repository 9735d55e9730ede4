import { formatCents } from '../../money.ts'
import type { Bucket } from './vat.ts'

export const KASSENBELEG = 'Kassenbeleg-V1'
export const SONSTIGER_VORGANG = 'SonstigerVorgang'
export const ABBRUCH = 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^'

/** Gross turnover by VAT kind and payments of one bon, in cents; foreign cash in its own currency's cents. */
export type Beleg = {
  turnover: readonly { bucket: Bucket; cents: bigint }[]
  payments: readonly { kind: 'Bar' | 'Unbar'; cents: bigint; currency?: string }[]
}

/**
 * processData of `Kassenbeleg-V1`: `Vorgangstyp^B1_B2_B3_B4_B5^payments`. Five buckets always, two decimals, a point; payments
 * summed per kind and currency, Bar before Unbar, EUR (unnamed) first, then codes A–Z, sums of 0.00 left out.
 * DSFinV-K Annex I.
 */
export function kassenbeleg(vorgangstyp: 'Beleg' | 'AVTraining', beleg: Beleg): string {
  const buckets = [0n, 0n, 0n, 0n, 0n]
  for (const { bucket, cents } of beleg.turnover) buckets[bucket - 1] = (buckets[bucket - 1] ?? 0n) + cents
  const sums = new Map<string, bigint>()
  for (const { kind, cents, currency } of beleg.payments) {
    const label = currency === undefined || currency === 'EUR' ? kind : `${kind}:${currency}`
    sums.set(label, (sums.get(label) ?? 0n) + cents)
  }
  const payments = [...sums.keys()]
    .filter((label) => sums.get(label) !== 0n)
    .sort()
    .map((label) => `${formatCents(sums.get(label) ?? 0n)}:${label}`)
  return `${vorgangstyp}^${buckets.map(formatCents).join('_')}^${payments.join('_')}`
}
