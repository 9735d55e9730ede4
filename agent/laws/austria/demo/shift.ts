import type { Article } from '../../demo-menu.ts'
import type { Goods, ShiftStep, ShiftTechnician, ShiftTill } from '../../demo-shift.ts'
import { at, mustBe } from '../../demo-shift.ts'
import { FACTS } from '../facts.ts'
import { collectiveStep } from './collective.ts'
import { CARD } from './device.ts'
import { marked } from './marked.ts'
import { basket } from './stall/menu.ts'

const ADDRESS = { line1: 'Hauptplatz 7', city: 'Graz', postal_code: '8010', country_code: FACTS.country }

const COFFEE: Article = { sku: 'coffee-1', title: 'Melange', cents: 480, percent: 20 }
const ROLLS: Article = { sku: 'bun-4', title: 'Semmeln, 4 Stück', cents: 440, percent: 10 }
const FLOWERS: Article = { sku: 'flower-1', title: 'Blumenstrauß', cents: 1130, percent: 13 }
const BUNS = basket([[1, ROLLS]])
const COFFEES = basket([[2, COFFEE]])
const SUNDAY = basket([
  [2, COFFEE],
  [1, ROLLS],
  [1, FLOWERS],
])

export const SHOP = {
  merchant: {
    legal_name: 'Bäckerei Morgenrot GmbH',
    country_code: FACTS.country,
    address: ADDRESS,
    fiscal_identities: [{ country_code: FACTS.country, vat_id: 'ATU12345678' }],
  },
  location: { name: 'Hauptplatz', address: ADDRESS },
  register: 'Kassa 1',
  fiscalization: { pos_client_serial_number: 'KASSA-1' },
}

/** The day: three rates, a void, training, an outage of the card with its Sammelbeleg, the inspector's Nullbeleg. */
export async function* workShift(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const { businessDate: business_date } = till
  const sell = (title: string, goods: Goods, more: object = {}): Promise<ShiftStep> =>
    till.sell(title, goods, { tenders: [['cash', goods.total_amount]], more })

  const opened = await till.event('session_open', { opening_balance_amount: '50.00' })
  yield { title: 'Opening float', amount: '50.00', operation: opened, notes: [] }
  yield await sell('Sale, coffee (20 %), rolls (10 %), flowers (13 %)', SUNDAY)
  const wrong = await sell('Sale, rolls', BUNS)
  yield wrong
  const voided = await till.event('void', { related_operation_id: at(wrong.operation, 'id') })
  yield { title: 'Void of it', amount: '-4.40', operation: voided, notes: ['Stornobuchung'] }
  yield await sell('Training, coffee', COFFEES, { training: true })

  await technician.fault(CARD, 'unplugged@*')
  const lost = await sell('Sale, the card is pulled out', BUNS)
  yield marked(lost)
  await technician.fault(CARD, 'clear')
  yield await collectiveStep(till, technician)
  yield await sell('Sale, coffee', COFFEES)
  const zero = await till.close({ type: 'zero' })
  yield { title: 'An inspector comes', amount: '0.00', operation: zero, notes: ['Nullbeleg'] }

  const counted = await till.event('session_cash_count', { counted_closing_amount: '89.30' })
  mustBe('closing_cashcount_diff', at(counted, 'closing_cashcount_diff'), '0.00')
  yield { title: 'Count', amount: '89.30', operation: counted, notes: ['as expected'] }
  const closed = await till.event('session_close', { business_date, closing_adjustment_amount: '-39.30' })
  mustBe('amount_left', at(closed, 'amount_left'), '50.00')
  yield { title: 'Close, to the bank', amount: '-39.30', operation: closed, notes: ['left for the next shift 50.00'] }
}
