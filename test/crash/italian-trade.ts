import { movement } from '../e2e/italy/shop.ts'
import type { Members } from './answer-log.ts'
import type { Seeded } from './seeded.ts'
import { money } from './till.ts'

/** A movement of the daily trade, as it is requested. */
type Drawn = { readonly weight: number; readonly draw: (random: Seeded, register: string) => Members }

/** Before the first day of each simulated clock. */
const EVIDENCE = ['POS 14-07-2026', 'VR', 'VR 14-07-2026', 'ND', 'ND 14-07-2026'] as const
const RATES = ['0.22', '0.10', '0.04'] as const

/** Goods, and others on the house. */
function given(random: Seeded, register: string): Members {
  const isAlone = random.chance(0.2)
  const goods = { title: 'Caffè', amount: money(1 + random.below(2000)), rate: random.pick(RATES) }
  const gift = {
    ...{ title: 'Biscotti', amount: '0.00', rate: random.pick(RATES) },
    more: { type: 'omaggio', unit_price: money(1 + random.below(500)), quantity: 1 + random.below(3) },
  }
  return movement('sale', { id: register }, isAlone ? [gift] : [goods, gift])
}

/** A voucher of one purpose is sold, or pays a part of its goods. It is one of another shop: nothing limits it here. */
function voucher(random: Seeded, register: string): Members {
  const cents = 1 + random.below(5000)
  const more = { type: 'single_purpose_voucher', gift_card_id: `BM-${random.below(1_000_000)}` }
  if (random.chance(0.5)) return movement('sale', { id: register }, [{ title: 'Buono', amount: money(cents), more }])
  const goods = { title: 'Massaggio', amount: money(cents + random.below(500)) }
  return movement('sale', { id: register }, [goods, { title: 'Buono', amount: money(-cents), more }])
}

/** Goods come back without a document, also for others: a kill may come between the two documents. */
function onEvidence(random: Seeded, register: string): Members {
  const external = { description: 'Senza documento', external_operation_id: random.pick(EVIDENCE) }
  const back = { title: 'Tazza', amount: money(-1 - random.below(2000)), rate: random.pick(RATES) }
  const related = { external_related_operation: external }
  if (random.chance(0.6)) return movement('return', { id: register }, [back], related)
  const goods = { title: 'Piatto', amount: money(1 + random.below(2000)), rate: random.pick(RATES) }
  return movement('exchange', { id: register }, [back, goods], related)
}

/** Empties come back, with goods or alone: a reso, and a sale if something is sold. */
function empties(random: Seeded, register: string): Members {
  const bottles = 1 + random.below(20)
  const more = { type: 'container_deposit', quantity: -bottles, unit_price: '0.25' }
  const back = { title: 'Vuoti', amount: money(-25 * bottles), code: 'N1', more }
  const goods = { title: 'Acqua', amount: money(1 + random.below(1000)), rate: random.pick(RATES) }
  return movement('sale', { id: register }, random.pick([[back], [back, goods], [goods, back], [goods, back]]))
}

/** Pieces are taken off the goods of the sale, at most all of them, and goods of elsewhere come back in it. */
function takenOff(random: Seeded, register: string): Members {
  const [pieces, price, rate] = [1 + random.below(4), 1 + random.below(900), random.pick(RATES)]
  const of = (count: number) => {
    const more = { sku_identifier: 'pane', quantity: count, unit_price: money(price) }
    return { title: 'Pane', amount: money(count * price), rate, more }
  }
  const other = { title: 'Torta', amount: money(500 + random.below(500)), rate: random.pick(RATES) }
  const external = { description: 'Senza documento', external_operation_id: random.pick(EVIDENCE) }
  const more = { quantity: -1, unit_price: '3.00', external_related_operation: external }
  const elsewhere = random.chance(0.4) ? [{ title: 'Tazza', amount: '-3.00', rate: random.pick(RATES), more }] : []
  return movement('sale', { id: register }, [of(pieces), other, of(-1 - random.below(pieces)), ...elsewhere])
}

/** An invoice is paid: a slip, and nothing in the sums of the printer. */
function claim(random: Seeded, register: string): Members {
  const external = { description: 'Fattura', external_operation_id: `RE-${random.below(10_000)}`, kind: 'invoice' }
  const more = { type: 'receivable', external_related_operation: external }
  const line = { title: 'Incasso', amount: money(1 + random.below(9000)), rate: '0', more }
  return movement('sale', { id: register }, [line])
}

const TRADE: readonly Drawn[] = [
  { weight: 2, draw: given },
  { weight: 2, draw: onEvidence },
  { weight: 3, draw: empties },
  { weight: 3, draw: takenOff },
]
const VOUCHERS: readonly Drawn[] = [{ weight: 1, draw: voucher }]
const SLIPS: readonly Drawn[] = [{ weight: 1, draw: claim }]

/** One movement of the trade, drawn by weight. `vouchers`: the printer redeems them; `slips`: movements that print one, too. */
export function drawTrade(
  random: Seeded,
  register: string,
  { vouchers, slips }: { vouchers: boolean; slips: boolean },
): Members {
  const all = [...TRADE, ...(vouchers ? VOUCHERS : []), ...(slips ? SLIPS : [])]
  let lot = random.below(all.reduce((sum, { weight }) => sum + weight, 0))
  for (const { weight, draw } of all) {
    if (lot < weight) return draw(random, register)
    lot -= weight
  }
  throw new RangeError('no movement was drawn')
}
