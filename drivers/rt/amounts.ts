import { DeviceError } from '../errors.ts'

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
