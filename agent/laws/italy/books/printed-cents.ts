import type { Members } from '../../../journal/events.ts'

type Amounts = { amountCents: number }
type Line = { unitPriceCents: number; quantity: string; adjustments?: readonly (Amounts & { kind: string })[] }

const THOUSAND = 1000n

/** The amount of a sale or return that was sent to a printer, in cents; undefined for a document without lines. */
export function printedCents({ lines, deductions }: Members): number | undefined {
  if (!Array.isArray(lines)) return undefined
  const goods = (lines as unknown as Line[]).reduce((sum, line) => sum + lineCents(line), 0)
  const taken = (deductions ?? []) as unknown as readonly Amounts[]
  return taken.reduce((sum, { amountCents }) => sum - amountCents, goods)
}

/** Half up, as printers round. */
function lineCents({ unitPriceCents, quantity, adjustments = [] }: Line): number {
  const [whole = '0', decimals = ''] = quantity.split('.')
  const thousandths = BigInt(whole) * THOUSAND + BigInt(decimals.slice(0, 3).padEnd(3, '0'))
  const cents = Number((BigInt(unitPriceCents) * thousandths + THOUSAND / 2n) / THOUSAND)
  return adjustments.reduce(
    (sum, { kind, amountCents }) => (kind === 'surcharge' ? sum + amountCents : sum - amountCents),
    cents,
  )
}
