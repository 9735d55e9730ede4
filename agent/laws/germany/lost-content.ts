import type { ForeignSums } from '../../contract/foreign-cash.ts'
import { DRAWER_OPENING } from './drawer-opening.ts'
import { ORDER_MOVE } from './order-move.ts'
import type { OrderedLine } from './order-text.ts'
import { BESTELLUNG, orderedCents, readOrder } from './order-text.ts'
import type { ReadBeleg } from './process-data.ts'
import { KASSENBELEG, readKassenbeleg, SONSTIGER_VORGANG } from './process-data.ts'

const OTHER_NAMES = [DRAWER_OPENING, ORDER_MOVE]

/** An order of which only the text signed by the TSE is left: it names neither VAT nor table. */
export type LostOrder = { type: 'AVBestellung'; cash: 0n; lines: readonly OrderedLine[] }
/** The content of a bon of which only the text signed by the TSE is left. */
export type LostContent = ReadBeleg | LostOrder | { type: 'AVSonstige'; name: string; cash: 0n }

/** Undefined for a text that this law's till does not sign. */
export function lostContent(processType: string, processData: string): LostContent | undefined {
  if (processType === KASSENBELEG) return readKassenbeleg(processData)
  if (processType === BESTELLUNG) {
    const lines = readOrder(processData)
    return lines && { type: 'AVBestellung', cash: 0n, lines }
  }
  if (processType !== SONSTIGER_VORGANG) return undefined
  const name = OTHER_NAMES.find((each) => processData.startsWith(each))
  return name === undefined ? undefined : { type: 'AVSonstige', name, cash: 0n }
}

/**
 * The foreign cash of a bon. The text has the units of each currency and the value of all together: with several, the first
 * one has it.
 */
export function foreignOf(content: LostContent): { currency: string; units: bigint; cents: bigint }[] {
  const { foreign } = 'foreign' in content ? content : {}
  const units = [...(foreign?.units ?? [])]
  return units.map(([currency, amount], at) => ({
    currency,
    units: amount,
    cents: at === 0 ? (foreign?.cents ?? 0n) : 0n,
  }))
}

/** True if the text does not have the value of each currency. */
export function sharesValue(content: LostContent): boolean {
  return foreignOf(content).length > 1
}

/** The same for the drawer. */
export function foreignIn(content: LostContent): { foreign?: ForeignSums } {
  const moved = foreignOf(content).map(({ currency, units, cents }) => {
    return [currency, { units: Number(units), base: Number(cents) }] as const
  })
  return moved.length === 0 ? {} : { foreign: Object.fromEntries(moved) }
}

/** A count is a Beleg without taxable turnover: cash alone, or 0.00 (DSFinV-K § 5.9). Other movements of cash look the same. */
export function isCashOnly(content: LostContent): boolean {
  if (content.type !== 'Beleg') return false
  const [, ...taxed] = content.gross.toReversed()
  return content.cashless === 0n && taxed.every((cents) => cents === 0n)
}

/** The gross of its lines (UMS_BRUTTO). */
export function grossIn(content: LostContent): bigint {
  switch (content.type) {
    case 'AVSonstige':
      return 0n
    case 'AVBestellung':
      return content.lines.reduce((sum, line) => sum + orderedCents(line), 0n)
    default:
      return content.gross.reduce((sum, cents) => sum + cents, 0n)
  }
}
