import { formatCents } from '../../base/money.ts'

/** A payment of a bon; `cents` in its own currency. */
export type Paid = { type: string; currency: string; cents: bigint }

/** The keys whose sum is B1, B2, B3 and B4: each rate with its former ones; every other key is in B5 (DSFinV-K Anhang I). */
const KEYS_OF_SUM: readonly (readonly number[])[] = [[1, 11, 21], [2, 12, 22], [3, 13, 23, 33, 43], [4]]
const SUMS = 5

/**
 * processData of `Kassenbeleg-V1` according to DSFinV-K Anhang I: `BON_TYP^B1_B2_B3_B4_B5^payments`. An aborted bon has
 * no amounts, and training has no payments.
 */
export function receiptText(
  type: string,
  gross: ReadonlyMap<number, bigint>,
  paid: readonly Paid[],
  baseCurrency: string,
): string {
  const sums = Array<bigint>(SUMS).fill(0n)
  if (type !== 'AVBelegabbruch')
    for (const [key, cents] of gross) {
      const named = KEYS_OF_SUM.findIndex((keys) => keys.includes(key))
      const at = named < 0 ? SUMS - 1 : named
      sums[at] = (sums[at] ?? 0n) + cents
    }
  const isPaid = type !== 'AVBelegabbruch' && type !== 'AVTraining'
  return `${type}^${sums.map(formatCents).join('_')}^${isPaid ? paymentsText(paid, baseCurrency) : ''}`
}

/** `amount:Bar` or `amount:Unbar`, with a currency other than that of the register; in the order of these names, without zeros. */
function paymentsText(paid: readonly Paid[], baseCurrency: string): string {
  const sums = new Map<string, bigint>()
  for (const { type, currency, cents } of paid) {
    const name = `${type === 'Bar' ? 'Bar' : 'Unbar'}${currency === baseCurrency ? '' : `:${currency}`}`
    sums.set(name, (sums.get(name) ?? 0n) + cents)
  }
  const names = [...sums.keys()].filter((name) => sums.get(name) !== 0n).sort()
  return names.map((name) => `${formatCents(sums.get(name) ?? 0n)}:${name}`).join('_')
}
