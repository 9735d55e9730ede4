import type { ForeignSums } from '../contract/foreign-cash.ts'

/** By currency, A to Z. */
export function byCurrency(sums: ForeignSums): [currency: string, sums: ForeignSums[string]][] {
  return Object.entries(sums).sort(([one], [other]) => (one < other ? -1 : 1))
}
