import type { ForeignSums } from '../../contract/foreign-cash.ts'

const NOTHING = { units: 0, base: 0 }

/** Foreign cash after more of it entered or left. A currency of which nothing is left stays named. */
export function withForeign(before: ForeignSums = {}, moved: ForeignSums = {}): ForeignSums {
  const sums: Record<string, ForeignSums[string]> = { ...before }
  for (const [currency, { units, base }] of Object.entries(moved)) {
    const held = sums[currency] ?? NOTHING
    sums[currency] = { units: held.units + units, base: held.base + base }
  }
  return sums
}
