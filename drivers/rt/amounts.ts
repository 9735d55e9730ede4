import { DeviceError } from '../errors.ts'
import type { RtDocument } from '../ports/rt-printer.ts'

/** A decimal quantity in thousandths. Throws `refused` for more than three decimals, nothing, or above 99999. */
export function thousandthsOf(quantity: string): bigint {
  const match = /^(\d{1,5})(?:\.(\d{1,3})0*)?$/.exec(quantity)
  const thousandths = match ? BigInt(match[1] ?? 0) * 1000n + BigInt((match[2] ?? '').padEnd(3, '0')) : 0n
  if (thousandths > 0n) return thousandths
  throw new DeviceError('refused', 'none', 'a quantity up to 99999 with at most three decimals was expected')
}

/** Half up, as the printers round. */
export function lineCents(unitPriceCents: bigint, thousandths: bigint): bigint {
  return (unitPriceCents * thousandths + 500n) / 1000n
}

/** The total of the document; undefined if it takes the total of another one. */
export function totalOf(document: RtDocument): bigint | undefined {
  if (document.kind !== 'sale' && document.kind !== 'return') return undefined
  const amounts = document.lines.flatMap(({ unitPriceCents, quantity, adjustments = [] }) => [
    lineCents(unitPriceCents, thousandthsOf(quantity)),
    ...adjustments.map(({ kind, amountCents }) => (kind === 'discount' ? -amountCents : amountCents)),
  ])
  const deductions = document.kind === 'sale' ? (document.deductions ?? []) : []
  const deducted = deductions.map(({ amountCents }) => -amountCents)
  return [...amounts, ...deducted].reduce((sum, amount) => sum + amount, 0n)
}
