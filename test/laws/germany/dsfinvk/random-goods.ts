import type { Members } from '../../../../agent/journal/events.ts'
import type { Reversible } from '../../../../agent/register/reversal.ts'
import { reversed } from '../../../../agent/register/reversal.ts'
import type { Json } from '../../../../base/canonical.ts'
import { formatCents, toCents } from '../../../../base/money.ts'
import type { Random } from './random.ts'

type Line = { [member: string]: Json | undefined; total_amount: string }
export type Goods = Members & { id: string; type: string; total_amount: string; line_items: Line[] }

/** Reasons without VAT, and codes of the file. */
const ZERO_CODES = [
  ...['exempt', 'not_taxable', 'zero_rated', 'small_business', 'export', 'reverse_charge', 'margin_scheme'],
  ...['margin_scheme_art', 'margin_scheme_antiques', 'margin_scheme_travel', 'tour_margin'],
]
const STAMPS = { rate: '0.025', code: 'stamps' }
/** The meaning of rates and codes of a file; 8 % was in force on no day of the random ones. */
export const OF_FILE = [
  { ...STAMPS, key: 1101, bucket: 2, description: 'Sammlermarken' },
  { rate: '0', code: 'tour_margin', key: 1100, bucket: 5, description: 'Reiseleistung' },
  { rate: '0.08', key: 3, bucket: 3 },
]

const RATES = ['0.19', '0.19', '0.07', '0.07', '0.078', '0.055', '0', '0.0', STAMPS.rate]
/** Rates of earlier years may come back. */
const OLD_RATES = [...RATES, '0.08', '0.16', '0.05', '0.107', '0.095', '0.09', '0.084']
const METHODS = [
  'cash',
  'cash',
  'cash',
  'card',
  'mobile',
  'bank_transfer',
  'voucher',
  'digital_wallet',
  'store_credit',
  'other',
]
const DELIVERY_NOTE = { external_operation_id: 'LS-7', kind: 'delivery_note' }
const SCHEMES = [undefined, 'girocard', 'Visa', 'MASTERCARD', 'V-Pay', 'Gut & "Günstig"']
const TITLES = [
  'Brötchen',
  'Käse; alt',
  'Torte "Herz"',
  'Kaffee\nschwarz',
  '',
  'Tee 🍵',
  'x'.repeat(300),
  '\u0007',
  ' \u0085',
]
/** Types of lines that an agency may have. */
const OF_AGENCY = ['item', 'gift_card', 'container_deposit']
const QUANTITIES: (string | number)[] = [1, 1, 2, 3, '0.250', '1.333333', '0.000001', 12, 0.5]

function euros(cents: number): string {
  return formatCents(BigInt(cents))
}

function line(random: Random, sign: 1 | -1, type: string, rates: readonly string[]): Line {
  const quantity = random.pick(QUANTITIES)
  const price = random.int(5000) + 1
  const discounts = random.chance(15) ? [{ description: 'Rabatt', amount: euros(random.int(price) + 1) }] : undefined
  const off = discounts === undefined ? 0 : Math.round(Number(discounts[0]?.amount) * 100)
  const full = Math.round(Number(quantity) * price)
  const rate = type === 'gift_card' ? '0' : random.pick(rates)
  const total = sign * Math.max(0, full - off)
  return {
    sku_identifier: random.chance(4) ? random.pick(['sku'.repeat(40), ' ', '\u0001']) : `sku-${random.int(50)}`,
    title: random.pick(TITLES),
    quantity,
    unit_price: euros(sign * price),
    total_amount: euros(total),
    type,
    ...(type === 'gift_card' && { gift_card_id: `GC-${random.int(1000)}` }),
    ...(discounts !== undefined && { discounts }),
    ...(random.chance(10) && { gtin: '4006381333931', unit: 'Stück', group: 'Backwaren' }),
    ...(random.chance(20) && { in_house: random.chance(50) }),
    ...(OF_AGENCY.includes(type) && random.chance(10) && { agency_id: random.pick([1, 9999]) }),
    taxes: [
      {
        name: 'USt',
        rate,
        tax_amount: '0',
        ...(Number(rate) === 0 && random.chance(50) && { code: random.pick(ZERO_CODES) }),
        ...(rate === STAMPS.rate && { code: STAMPS.code }),
      },
    ],
  }
}

/** A claim of another system that is paid, or of which a payment is given back. */
function settlement(random: Random, sign: 1 | -1): Line {
  const { discounts: _, ...one } = line(random, sign, 'receivable', ['0'])
  const amount = euros(sign * (random.int(9000) + 1))
  const code = random.pick([undefined, 'not_taxable', 'not_determinable'])
  const taxes = [{ name: 'USt', rate: '0', tax_amount: '0', ...(code !== undefined && { code }) }]
  const kind = random.pick(['other', 'invoice', 'delivery_note'])
  const external = { description: 'Konto 7', external_operation_id: `RE-${random.int(99)}`, kind }
  const price = { quantity: 1, unit_price: amount, total_amount: amount }
  return { ...one, ...price, taxes, id: `li_${random.int(1_000_000)}`, external_related_operation: external }
}

function lines(random: Random, type: string): Line[] {
  const count = 1 + random.int(4)
  return Array.from({ length: count }, () => {
    const isSettling = (type === 'sale' || type === 'return') && random.chance(6)
    return isSettling ? settlement(random, type === 'sale' ? 1 : -1) : goodsLine(random, type)
  })
}

function goodsLine(random: Random, type: string): Line {
  if (type === 'deposit') return line(random, 1, 'deposit', RATES)
  const sign = type === 'return' || (type === 'exchange' && random.chance(50)) ? -1 : 1
  const kind = random.chance(70) ? 'item' : random.pick(['gift_card', 'container_deposit', 'service_charge'])
  return line(random, sign, kind, type === 'sale' ? RATES : OLD_RATES)
}

/** Takes the discounts of the cart off the lines that bear them, as a client would or only more or less so. */
function cartDiscounts(random: Random, sold: Line[]): { description?: string; amount: string }[] {
  const bearing = sold.filter(
    (one) =>
      !['gift_card', 'service_charge', 'receivable', 'single_purpose_voucher'].includes(String(one['type'])) &&
      toCents(one.total_amount) > 100n,
  )
  const first = bearing[0]
  if (first === undefined) return []
  const count = 1 + random.int(2)
  return Array.from({ length: count }, () => {
    const cents = 1n + BigInt(random.int(40))
    const from = random.pick(bearing)
    from.total_amount = formatCents(toCents(from.total_amount) - cents)
    if (random.chance(30)) first['unit_price'] = '7.00'
    return { ...(random.chance(70) && { description: 'Aktion' }), amount: formatCents(cents) }
  })
}

function payments(random: Random, total: bigint): Members[] {
  const paid: Members[] = []
  const pay = (method: string, cents: bigint): void => {
    const scheme = method === 'card' ? random.pick(SCHEMES) : undefined
    const card = method === 'gift_card' ? { gift_card_id: `GC-${random.int(1000)}` } : {}
    paid.push({
      payment_id: 'p',
      method,
      status: 'captured',
      amount: formatCents(cents),
      currency: 'EUR',
      ...(scheme !== undefined && { scheme }),
      ...card,
      ...(method === 'on_account' && random.chance(50) && { external_related_operation: DELIVERY_NOTE }),
    })
  }
  let remaining = total
  if (random.chance(20) && total !== 0n) {
    const voucher = random.chance(30) ? total : total / 2n
    pay('gift_card', voucher)
    remaining -= voucher
  }
  if (random.chance(10) && remaining !== 0n) {
    const claim = random.chance(50) ? remaining : remaining / 2n
    pay('on_account', claim)
    remaining -= claim
  }
  if (random.chance(20)) {
    pay(random.pick(METHODS), remaining / 3n)
    remaining -= remaining / 3n
  }
  if (random.chance(40) && remaining > 0n) {
    pay('cash', remaining + 500n)
    pay('cash', -500n)
  } else pay(random.pick(METHODS), remaining)
  if (random.chance(10))
    paid.push({ payment_id: 'f', method: 'card', status: 'failed', amount: '1.00', currency: 'EUR' })
  return paid
}

/** Empties, a piece that is cancelled before payment, or goods of another system that come back in a purchase. */
function linesBack(random: Random, sold: readonly Line[]): Line[] {
  const lot = random.int(14)
  if (lot > 11) return singlePurpose(random, sold)
  if (lot < 2) return [line(random, -1, 'container_deposit', RATES)]
  const [first] = sold
  const isGoods = first?.['type'] === 'item' && first['discounts'] === undefined
  if (lot === 2 && isGoods)
    return [
      { ...first, quantity: `-${String(first['quantity'])}`, total_amount: formatCents(-toCents(first.total_amount)) },
    ]
  if (lot > 3) return []
  const kind = random.pick(['other', 'invoice', 'delivery_note'])
  const external = { description: 'Alte Kasse', external_operation_id: `RE-${random.int(99)}`, kind }
  return [
    { ...line(random, -1, 'item', OLD_RATES), id: `li_${random.int(1_000_000)}`, external_related_operation: external },
  ]
}

/** A voucher of one purpose that is sold, or redeemed on an article of the sale, in whole or in part. */
function singlePurpose(random: Random, sold: readonly Line[]): Line[] {
  const voucher = { type: 'single_purpose_voucher', gift_card_id: `EZ-${random.int(1000)}` }
  const { discounts: _, ...bought } = line(random, 1, 'item', RATES)
  const article = sold.find(({ type, total_amount: total }) => type === 'item' && toCents(total) > 1n)
  if (article === undefined || random.chance(40)) return [{ ...bought, ...voucher }]
  const cents = toCents(article.total_amount) / (random.chance(50) ? 1n : 2n)
  const redeemed = { quantity: -1, unit_price: formatCents(cents), total_amount: formatCents(-cents) }
  return [{ ...bought, ...voucher, ...redeemed, taxes: article['taxes'] }]
}

/** Taken away before the end: whole prices, without discounts. */
function cancelledLines(random: Random, type: string): Line[] {
  if (random.chance(80)) return []
  return lines(random, type).map(({ discounts: _, ...taken }) => {
    const { quantity = 1, unit_price: price } = taken
    const cents = Math.round(Number(quantity) * Number(price) * 100)
    return {
      ...taken,
      quantity: String(quantity),
      total_amount: euros(cents),
      cancelled_at: '2026-03-02T07:00:00.000Z',
    }
  })
}

/** A completed goods movement as it is journalled; amounts that only the API checks are omitted. */
export function randomGoods(random: Random, id: string, type: string, more: Members = {}): Goods {
  const sold = lines(random, type)
  if (type === 'sale') sold.push(...linesBack(random, sold))
  const discounts = type === 'sale' && random.chance(25) ? cartDiscounts(random, sold) : []
  const tip = type === 'sale' && random.chance(15) ? BigInt(random.int(500)) : 0n
  const cancelled = cancelledLines(random, type)
  return withPayments(random, {
    id,
    type,
    line_items: sold,
    ...(cancelled.length > 0 && { cancelled_line_items: cancelled }),
    ...(type === 'sale' && { cart_level_discounts: discounts }),
    tip_amount: formatCents(tip),
    ...more,
  })
}

function withPayments(random: Random, goods: Members & { line_items: Line[]; id: string; type: string }): Goods {
  const total = goods.line_items.reduce(
    (sum, one) => sum + toCents(one.total_amount),
    toCents(String(goods['tip_amount'])),
  )
  return {
    ...goods,
    status: 'completed',
    total_amount: formatCents(total),
    payments: payments(random, total),
    own: { counted_statuses: ['captured', 'authorized'] },
  } as unknown as Goods
}

const GROUPS = ['Tisch 7', 'Zimmer "12"; Hof', 'Herr Öz 🍺'] as const

/** A move of a few lines, or of more than its signed text may name. */
export function randomMove(random: Random, id: string): Members {
  const from = random.pick(GROUPS)
  return {
    id,
    type: 'order_move',
    status: 'completed',
    from_allocation_group: from,
    allocation_group: random.pick(GROUPS.filter((group) => group !== from)),
    moved_lines: Array.from({ length: random.pick([1, 3, 60]) }, (_, index) => {
      const { title, sku_identifier, unit_price } = line(random, 1, 'item', RATES)
      const moved = { order_id: 'op_0', order_line_id: `li_${index}`, sku_identifier, title, unit_price }
      return { ...moved, quantity: '1', total_amount: unit_price }
    }),
  } as unknown as Members
}

/** An order, a transfer or a benefit as it is journalled: the quantity has the sign, an order has no discounts. */
export function randomUnpaid(random: Random, id: string, type: string): Goods {
  const ordered = Array.from({ length: 1 + random.int(4) }, () => {
    const sign = type === 'employee_benefit' || random.chance(70) ? 1 : -1
    const { discounts: _, ...one } = line(random, 1, random.pick(['item', 'item', 'container_deposit']), RATES)
    const priced = toCents(String(one['unit_price']))
    const total = BigInt(Math.round(Number(one['quantity']) * Number(priced)))
    const quantity = sign < 0 ? `-${String(one['quantity'])}` : one['quantity']
    return { ...one, quantity, total_amount: formatCents(BigInt(sign) * total) } as Line
  })
  const total = ordered.reduce((sum, one) => sum + toCents(one.total_amount), 0n)
  return {
    id,
    type,
    status: 'completed',
    line_items: ordered,
    tip_amount: '0.00',
    total_amount: formatCents(total),
    allocation_group: random.pick(GROUPS),
    ...(type === 'employee_benefit' && { customer: random.pick([{ name: 'Ada' }, { id: 'u7', type: 'Azubi' }]) }),
    ...(random.chance(10) && { training: true }),
  } as unknown as Goods
}

/** The goods in full, and the deposits off: each line names its own, or the operation names the first. */
export function capture(random: Random, id: string, deposits: readonly Goods[]): Goods {
  const [first] = deposits
  const isNamed = random.chance(50)
  const off = deposits.flatMap((deposit) =>
    deposit.line_items.map((one, index) => ({
      ...one,
      id: `${deposit.id}-${index}`,
      unit_price: `-${String(one['unit_price'])}`,
      total_amount: formatCents(-toCents(one.total_amount)),
      ...((isNamed || deposit !== first) && { related_operation_id: deposit.id }),
    })),
  )
  const sold = [line(random, 1, 'item', RATES), ...off]
  return withPayments(random, {
    id,
    type: 'deposit_capture',
    line_items: sold,
    tip_amount: random.chance(20) ? formatCents(BigInt(random.int(500))) : '0.00',
    ...(!isNamed && { related_operation_id: String(first?.id) }),
  })
}

/** The reversal of a whole movement. */
export function reversal(id: string, original: Goods): Goods {
  const turned = reversed({
    pretax_amount: '0',
    tax_amount: '0',
    ...original,
  } as unknown as Reversible) as unknown as Goods
  return {
    ...turned,
    id,
    type: 'void',
    status: 'completed',
    related_operation_id: original.id,
    own: original['own'],
    ...(original['training'] === true && { training: true }),
  } as unknown as Goods
}
