import type { Administration } from '../../till/administration.ts'
import type { Answer, Pos } from './pos.ts'
import { at, DemoError, mustBe } from './pos.ts'
import type { ShiftStep, Shop } from './shift.ts'

const ADDRESS = { line1: 'Hauptplatz 7', city: 'Graz', postal_code: '8010', country_code: 'AUT' }
const CASH = { method: 'cash', status: 'captured', currency: 'EUR' }
const CARD = 'card-1'
const BACK_TRIES = 150
const BACK_WAIT_MS = 200

const COFFEE = {
  ...{ sku_identifier: 'coffee-1', title: 'Melange', quantity: 2, unit_price: '4.80', total_amount: '9.60' },
  taxes: [{ name: 'USt 20 %', rate: '0.20', tax_amount: '1.60' }],
}
const ROLLS = {
  ...{ sku_identifier: 'bun-4', title: 'Semmeln, 4 Stück', quantity: 1, unit_price: '4.40', total_amount: '4.40' },
  taxes: [{ name: 'USt 10 %', rate: '0.10', tax_amount: '0.40' }],
}
const FLOWERS = {
  ...{ sku_identifier: 'flower-1', title: 'Blumenstrauß', quantity: 1, unit_price: '11.30', total_amount: '11.30' },
  taxes: [{ name: 'USt 13 %', rate: '0.13', tax_amount: '1.30' }],
}
const SUNDAY = {
  pretax_amount: '22.00',
  tax_amount: '3.30',
  total_amount: '25.30',
  line_items: [COFFEE, ROLLS, FLOWERS],
}
const BUNS = { pretax_amount: '4.00', tax_amount: '0.40', total_amount: '4.40', line_items: [ROLLS] }
const COFFEES = { pretax_amount: '8.00', tax_amount: '1.60', total_amount: '9.60', line_items: [COFFEE] }

/** Merchant, location and register with its Startbeleg, as a back office makes them once. */
export async function openAustrianShop(office: Pos): Promise<Shop> {
  const merchant = await office.post('/v1/merchants', {
    legal_name: 'Bäckerei Morgenrot GmbH',
    country_code: 'AUT',
    address: ADDRESS,
    fiscal_identities: [{ country_code: 'AUT', vat_id: 'ATU12345678' }],
  })
  const place = { name: 'Hauptplatz', address: ADDRESS, timezone: 'Europe/Vienna' }
  const location = await office.post('/v1/locations', place)
  const created = await office.post('/v1/registers', { location_id: at(location, 'id'), name: 'Kassa 1' })
  const kassenId = { pos_client_serial_number: 'KASSA-1' }
  const register = await office.post(`/v1/registers/${at(created, 'id')}/fiscalize`, kassenId)
  mustBe('fiscalization_status', at(register, 'fiscalization_status'), 'fiscalized')
  return { merchant, register, registerKey: at(register, 'register_api_key') }
}

/** The day: three rates, a void, training, an outage of the card with its Sammelbeleg, the inspector's Nullbeleg. */
export async function* workAustrianShift(
  till: Pos,
  register: string,
  businessDate: string,
  technician: Pick<Administration, 'fault'>,
): AsyncGenerator<ShiftStep> {
  const event = (type: string, members: object): Promise<Answer> =>
    till.post('/v1/operations', { type, register_id: register, currency: 'EUR', ...members })
  const sell = (title: string, goods: { total_amount: string }, more: object = {}): Promise<ShiftStep> =>
    sellFor(till, event, title, { ...goods, ...more })

  const opened = await event('session_open', { opening_balance_amount: '50.00' })
  yield { title: 'Opening float', amount: '50.00', operation: opened, notes: [] }
  yield await sell('Sale, coffee (20 %), rolls (10 %), flowers (13 %)', SUNDAY)
  const wrong = await sell('Sale, rolls', BUNS)
  yield wrong
  const voided = await event('void', { related_operation_id: at(wrong.operation, 'id') })
  yield { title: 'Void of it', amount: '-4.40', operation: voided, notes: ['Stornobuchung'] }
  yield await sell('Training, coffee', COFFEES, { training: true })

  await technician.fault(CARD, 'unplugged@*')
  const lost = await sell('Sale, the card is pulled out', BUNS)
  mustBe('security_device_failed', String(failed(lost.operation)), 'true')
  yield { ...lost, notes: [at(lost.operation, 'fiscal', 'receipt_text')] }
  await technician.fault(CARD, 'clear')
  const collective = await collectiveOf(till, register)
  const [first, last] = [at(collective, 'outage', 'first_number'), at(collective, 'outage', 'last_number')]
  const range = `Sammelbeleg for receipts ${first} to ${last}, made by itself`
  yield { title: 'The card is back', amount: '0.00', operation: collective, notes: [range] }
  yield await sell('Sale, coffee', COFFEES)
  const zero = await till.post(`/v1/registers/${register}/closings`, { type: 'zero' })
  yield { title: 'An inspector comes', amount: '0.00', operation: zero, notes: ['Nullbeleg'] }

  const counted = await event('session_cash_count', { counted_closing_amount: '89.30' })
  mustBe('closing_cashcount_diff', at(counted, 'closing_cashcount_diff'), '0.00')
  yield { title: 'Count', amount: '89.30', operation: counted, notes: ['as expected'] }
  const closed = await event('session_close', { business_date: businessDate, closing_adjustment_amount: '-39.30' })
  mustBe('amount_left', at(closed, 'amount_left'), '50.00')
  yield { title: 'Close, to the bank', amount: '-39.30', operation: closed, notes: ['left for the next shift 50.00'] }
}

async function sellFor(
  till: Pos,
  event: (type: string, members: object) => Promise<Answer>,
  title: string,
  goods: { total_amount: string },
): Promise<ShiftStep> {
  const open = await event('sale', { source: 'POS', tip_amount: '0.00', ...goods })
  const payments = [{ ...CASH, payment_id: `${at(open, 'id')}-1`, amount: goods.total_amount }]
  const path = `/v1/operations/${at(open, 'id')}/complete`
  const operation = await till.post(path, { payments }, `"${at(open, 'resource_version')}"`)
  return { title, amount: goods.total_amount, operation, notes: [] }
}

/** The agent looks for the card every few seconds and then makes the receipt that ends the outage. */
async function collectiveOf(till: Pos, register: string): Promise<Answer> {
  for (let tries = 0; tries < BACK_TRIES; tries++) {
    const { data } = await till.get(`/v1/registers/${register}/closings`)
    const found = (data as readonly Answer[]).find((closing) => at(closing, 'type') === 'collective')
    if (found !== undefined && at(found, 'document_number') !== '') return found
    await new Promise((resolve) => setTimeout(resolve, BACK_WAIT_MS))
  }
  throw new DemoError('the Sammelbeleg did not come')
}

function failed(operation: Answer): unknown {
  return (operation['fiscal_information'] as Answer | null)?.['security_device_failed']
}
