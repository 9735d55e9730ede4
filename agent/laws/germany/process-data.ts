import { formatCents, toCents } from '../../../base/money.ts'
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
 * processData of `Kassenbeleg-V1`: `Vorgangstyp^B1_B2_B3_B4_B5^payments`. Always five buckets, two decimals, a point;
 * payments summed per kind and currency, Bar before Unbar, EUR (unnamed) first, then codes A–Z, sums of 0.00 omitted.
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

/** The content of a bon's processData: gross by VAT kind, B1 to B5, and the payments, in cents. */
export type ReadBeleg = {
  type: 'Beleg' | 'AVTraining' | 'AVBelegabbruch'
  gross: readonly bigint[]
  cash: bigint
  cashless: bigint
}

const AMOUNT = '(-?\\d{1,15}\\.\\d\\d)'
const BELEG = new RegExp(
  `^(Beleg|AVTraining|AVBelegabbruch)\\^${Array(5).fill(AMOUNT).join('_')}\\^(?:${AMOUNT}:Bar)?_?(?:${AMOUNT}:Unbar)?$`,
)

/** Undefined for any text that `kassenbeleg` would not write exactly so: nothing is guessed. */
export function readKassenbeleg(text: string): ReadBeleg | undefined {
  const [, type, ...amounts] = BELEG.exec(text) ?? []
  if (type === undefined) return undefined
  const cents = amounts.map((amount) => (amount === undefined ? 0n : toCents(amount)))
  const [gross, cash = 0n, cashless = 0n] = [cents.slice(0, 5), cents[5], cents[6]]
  const beleg = { type: type as ReadBeleg['type'], gross, cash, cashless }
  return written(beleg) === text ? beleg : undefined
}

/** The text as it would be signed; undefined if turnover and payments are not balanced. */
function written({ type, gross, cash, cashless }: ReadBeleg): string | undefined {
  if (type === 'AVBelegabbruch') return ABBRUCH
  const turnover = gross.map((cents, index) => ({ bucket: (index + 1) as Bucket, cents }))
  if (type === 'AVTraining') return kassenbeleg(type, { turnover, payments: [] })
  const balance = gross.reduce((sum, cents) => sum + cents, -cash - cashless)
  const payments = [
    { kind: 'Bar' as const, cents: cash },
    { kind: 'Unbar' as const, cents: cashless },
  ]
  return balance === 0n ? kassenbeleg(type, { turnover, payments }) : undefined
}
