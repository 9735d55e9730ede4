import { formatCents } from '../../base/money.ts'

/** A payment of a bon; `cents` in its own currency. */
export type Paid = { type: string; currency: string; cents: bigint }

const SUMS = 5

/**
 * processData of `Kassenbeleg-V1` according to DSFinV-K Anhang I: `BON_TYP^B1_B2_B3_B4_B5^payments`. An aborted bon has
 * no amounts, and training has no payments. `kinds`: the amount, 1 to 5, that contains a key.
 */
export function receiptText(
  type: string,
  gross: ReadonlyMap<number, bigint>,
  kinds: ReadonlyMap<number, number>,
  paid: readonly Paid[],
  baseCurrency: string,
): string {
  const sums = Array<bigint>(SUMS).fill(0n)
  if (type !== 'AVBelegabbruch')
    for (const [key, cents] of gross) {
      const at = (kinds.get(key) ?? SUMS) - 1
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
