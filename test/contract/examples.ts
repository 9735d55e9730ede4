/** The published examples of the API, with the sku_identifier that newer versions demand. */
type Members = Record<string, unknown>

function goods(type: string, amounts: [string, string, string], lines: Members[], more: Members = {}): Members {
  const [pretax_amount, tax_amount, total_amount] = amounts
  return {
    register_id: 'reg_01HXYZ',
    source: 'POS',
    type,
    currency: 'EUR',
    pretax_amount,
    tax_amount,
    tip_amount: '0.00',
    total_amount,
    line_items: lines,
    ...more,
  }
}

function line(title: string, amount: string, rate: string, tax_amount: string): Members {
  const name = `MwSt. ${Math.round(Number(rate) * 100)}%`
  return {
    sku_identifier: title.toUpperCase(),
    title,
    quantity: 1,
    unit_price: amount,
    total_amount: amount,
    taxes: [{ name, rate, tax_amount }],
  }
}

const related = { related_operation_id: 'op_01HSALE' }
const external = {
  external_related_operation: {
    description: 'Return against legacy Shopify order #4711 (pre-OpenFiskal).',
    external_operation_id: 'shopify-order-4711',
  },
}
const returned = line('Menu (return)', '-12.00', '0.07', '-0.79')

export const sale = goods('sale', ['44.39', '3.11', '47.50'], [line('Menu', '47.50', '0.07', '3.11')])
export const returnOfSale = goods('return', ['-11.21', '-0.79', '-12.00'], [returned], related)
export const returnOfExternal = goods('return', ['-11.21', '-0.79', '-12.00'], [returned], external)
export const exchangePaid = goods(
  'exchange',
  ['42.02', '7.98', '50.00'],
  [line('Widget (returned)', '-100.00', '0.19', '-15.97'), line('Widget Pro', '150.00', '0.19', '23.95')],
  related,
)
export const exchangeRefunded = goods(
  'exchange',
  ['-8.40', '-1.60', '-10.00'],
  [line('Widget Pro (returned)', '-60.00', '0.19', '-9.58'), line('Widget', '50.00', '0.19', '7.98')],
  related,
)
export const exchangeEven = goods(
  'exchange',
  ['0.00', '0.00', '0.00'],
  [line('Widget (returned)', '-50.00', '0.19', '-7.98'), line('Widget', '50.00', '0.19', '7.98')],
  related,
)

export const goodsExamples: readonly (readonly [string, Members])[] = [
  ['sale', sale],
  ['return of a prior sale', returnOfSale],
  ['return of an external sale', returnOfExternal],
  ['exchange, the customer pays', exchangePaid],
  ['exchange, the merchant refunds', exchangeRefunded],
  ['even swap', exchangeEven],
]

export function payment(method: string, amount: string, more: Members = {}): Members {
  return { payment_id: `pay_${method}_1001`, method, status: 'captured', amount, currency: 'EUR', ...more }
}

const session = { register_id: 'reg_abc123', currency: 'EUR' }

/** The bakery shift: float 50.00, −20.00 to the safe, counted 127.50, −100.00 at the close. */
export const bakery = {
  open: { type: 'session_open', source: 'POS', ...session, opening_balance_amount: '50.00' },
  adjustment: { type: 'session_cash_adjustment', ...session, cash_amount: '-20.00', note: 'Midday drop' },
  count: { type: 'session_cash_count', ...session, counted_closing_amount: '127.50', discrepancy_note: 'short' },
  close: {
    type: 'session_close',
    ...session,
    business_date: '2026-02-25',
    closing_adjustment_amount: '-100.00',
    closing_adjustment_note: 'Safe deposit',
  },
} satisfies Record<string, Members>
