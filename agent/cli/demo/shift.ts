import type { Answer, Pos } from './pos.ts'
import { at, mustBe } from './pos.ts'

/** One act of the shift as the till has it back: what it was, its amount, and what to add in words. */
export type ShiftStep = { title: string; amount: string; operation: Answer; notes: readonly string[] }

export type Shop = { merchant: Answer; register: Answer; registerKey: string }

const ADDRESS = { line1: 'Marktplatz 3', city: 'Lindenau', postal_code: '04177', country_code: 'DEU' }
const CASH = { method: 'cash', status: 'captured', currency: 'EUR' }
const FOOD = { name: 'USt 7 %', rate: '0.07' }
const DRINK = { name: 'USt 19 %', rate: '0.19' }

const ROLL = {
  ...{ sku_identifier: 'bun-6', title: 'Brötchen, 6 Stück', quantity: 1, unit_price: '4.50', total_amount: '4.50' },
  taxes: [{ ...FOOD, tax_amount: '0.29' }],
}
const CAKE = {
  ...{
    sku_identifier: 'cake-1',
    title: 'Hochzeitstorte, halb',
    quantity: 2,
    unit_price: '40.00',
    total_amount: '80.00',
  },
  taxes: [{ ...FOOD, tax_amount: '5.23' }],
}
const COFFEE = {
  ...{ sku_identifier: 'coffee-1', title: 'Kaffee, Kanne', quantity: 1, unit_price: '18.00', total_amount: '18.00' },
  taxes: [{ ...DRINK, tax_amount: '2.87' }],
}

/** Merchant, location and register with their TSE client, as a back office makes them once. */
export async function openShop(office: Pos): Promise<Shop> {
  const merchant = await office.post('/v1/merchants', {
    legal_name: 'Bäckerei Morgenrot GmbH',
    country_code: 'DEU',
    address: ADDRESS,
    fiscal_identities: [{ country_code: 'DEU', tax_number: '232/123/45678', vat_id: 'DE123456789' }],
  })
  const location = await office.post('/v1/locations', {
    name: 'Marktplatz',
    address: ADDRESS,
    timezone: 'Europe/Berlin',
  })
  const created = await office.post('/v1/registers', { location_id: at(location, 'id'), name: 'Kasse 1' })
  const register = await office.post(`/v1/registers/${at(created, 'id')}/fiscalize`, {})
  mustBe('fiscalization_status', at(register, 'fiscalization_status'), 'fiscalized')
  return { merchant, register, registerKey: at(register, 'register_api_key') }
}

/** The bakery's day: float, two sales, a safe drop, the count, the close. Each step is checked against the drawer. */
export async function* workShift(till: Pos, register: string, businessDate: string): AsyncGenerator<ShiftStep> {
  const event = (type: string, members: object): Promise<Answer> =>
    till.post('/v1/operations', { type, register_id: register, currency: 'EUR', ...members })

  const opened = await event('session_open', { opening_balance_amount: '50.00' })
  yield { title: 'Opening float', amount: '50.00', operation: opened, notes: [] }

  const first = {
    pretax_amount: '4.21',
    tax_amount: '0.29',
    tip_amount: '0.00',
    total_amount: '4.50',
    line_items: [ROLL],
  }
  yield await sell(till, event, first, ['4.50'], 'Sale, rolls', 'cash 4.50')

  const second = {
    pretax_amount: '89.90',
    tax_amount: '8.10',
    tip_amount: '0.00',
    total_amount: '98.00',
    line_items: [CAKE, COFFEE],
  }
  yield await sell(
    till,
    event,
    second,
    ['100.00', '-2.00'],
    'Sale, cake (7 %) and coffee (19 %)',
    'cash 100.00, change -2.00',
  )

  const drop = await event('session_cash_adjustment', { cash_amount: '-20.00', movement_type: 'safe_drop' })
  yield { title: 'Safe drop', amount: '-20.00', operation: drop, notes: [] }

  const counted = await event('session_cash_count', { counted_closing_amount: '127.50' })
  mustBe('expected_closing_amount', at(counted, 'expected_closing_amount'), '132.50')
  mustBe('closing_cashcount_diff', at(counted, 'closing_cashcount_diff'), '-5.00')
  yield { title: 'Count', amount: '127.50', operation: counted, notes: ['expected 132.50, difference -5.00'] }

  const closed = await event('session_close', { business_date: businessDate, closing_adjustment_amount: '-100.00' })
  mustBe('amount_left', at(closed, 'amount_left'), '27.50')
  yield { title: 'Close, to the bank', amount: '-100.00', operation: closed, notes: ['left for the next shift 27.50'] }
}

async function sell(
  till: Pos,
  event: (type: string, members: object) => Promise<Answer>,
  sale: { total_amount: string },
  cash: readonly string[],
  title: string,
  note: string,
): Promise<ShiftStep> {
  const open = await event('sale', { source: 'POS', ...sale })
  const payments = cash.map((amount, index) => ({ ...CASH, payment_id: `${at(open, 'id')}-${index + 1}`, amount }))
  const path = `/v1/operations/${at(open, 'id')}/complete`
  const operation = await till.post(path, { payments }, `"${at(open, 'resource_version')}"`)
  mustBe('status', at(operation, 'status'), 'completed')
  return { title, amount: sale.total_amount, operation, notes: [note] }
}
