import type { Members } from './client.ts'

type Sum = { name: string; key?: number; amount: string }
type Totals = { vat: Sum[]; payments: Sum[]; business_cases: Sum[] }

/** A number and sum that a report shows also if it is 0. */
export const NONE = { count: 0, amount: '0.00' }

/** The amounts of a report by name, of VAT by key. */
export function sums(report: Members): Record<string, string> {
  const { vat, payments, business_cases: cases } = report['totals'] as Totals
  return Object.fromEntries([
    ...vat.map(({ key, amount }) => [`key ${key}`, amount]),
    ...[...payments, ...cases].map(({ name, amount }) => [name, amount]),
  ])
}
