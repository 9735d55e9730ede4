import type { ScenarioDay } from '../../../contract/scenario.ts'
import type { Article } from '../../demo-menu.ts'
import type { ShiftStep, ShiftTill } from '../../demo-shift.ts'
import { at, mustBe } from '../../demo-shift.ts'
import { FACTS } from '../facts.ts'
import { basket } from './restaurant/menu.ts'

const ADDRESS = { line1: 'Marktplatz 3', city: 'Lindenau', postal_code: '04177', country_code: FACTS.country }
const FOOD = 7
const DRINK = 19
const ROLL: Article = { sku: 'bun-6', title: 'Brötchen, 6 Stück', cents: 450, percent: FOOD }
const CAKE: Article = { sku: 'cake-1', title: 'Hochzeitstorte, halb', cents: 4000, percent: FOOD }
const COFFEE: Article = { sku: 'coffee-1', title: 'Kaffee, Kanne', cents: 1800, percent: DRINK }
const COFFEE_TO_GO: Article = { sku: 'coffee-to-go', title: 'Kaffee zum Mitnehmen', cents: 200, percent: DRINK }
const ROLLS = basket([[1, ROLL]])
const PARTY = basket([
  [2, CAKE],
  [1, COFFEE],
])

const HANDHELD = { id: 'handheld-1', serial_number: 'HG-2024-0117', brand: 'Muster', model: 'M 5' }
const NO_TIP = { tip_amount: '0.00' }
const DAY: ScenarioDay = {
  secondRegister: 'Kasse 2',
  renamed: { merchant: 'Bäckerei Morgenrot KG', location: 'Am Marktplatz', register: 'Kasse 1, Theke' },
  terminals: [HANDHELD],
  goods: {
    sold: { ...ROLLS, ...NO_TIP, terminal_id: HANDHELD.id },
    voided: { ...basket([[1, COFFEE_TO_GO]]), ...NO_TIP },
    returned: { ...basket([[-1, ROLL]]), ...NO_TIP },
  },
}

export const SHOP = {
  merchant: {
    legal_name: 'Bäckerei Morgenrot GmbH',
    country_code: FACTS.country,
    address: ADDRESS,
    fiscal_identities: [{ country_code: FACTS.country, tax_number: '232/123/45678', vat_id: 'DE123456789' }],
  },
  location: { name: 'Marktplatz', address: ADDRESS },
  register: 'Kasse 1',
  fiscalization: {},
  inventory: {
    ...{ kind: 'pc', maker: 'Muster', model: 'Typ 5', software: 'Backstube', software_version: '1.0' },
    acquired_on: '2026-01-02',
  },
  day: DAY,
}

/** The bakery's day: float, two sales, a safe drop, the count, the close. Each step is checked against the drawer. */
export async function* workShift(till: ShiftTill): AsyncGenerator<ShiftStep> {
  const opened = await till.event('session_open', { opening_balance_amount: '50.00' })
  yield { title: 'Opening float', amount: '50.00', operation: opened, notes: [] }

  const first = await till.sell('Sale, rolls', ROLLS, { tenders: [['cash', '4.50']] })
  yield { ...first, notes: ['cash 4.50'] }

  const second = await till.sell('Sale, cake (7 %) and coffee (19 %)', PARTY, {
    tenders: [
      ['cash', '100.00'],
      ['cash', '-2.00'],
    ],
  })
  yield { ...second, notes: ['cash 100.00, change -2.00'] }

  const drop = await till.event('session_cash_adjustment', { cash_amount: '-20.00', movement_type: 'safe_drop' })
  yield { title: 'Safe drop', amount: '-20.00', operation: drop, notes: [] }

  const counted = await till.event('session_cash_count', { counted_closing_amount: '127.50' })
  mustBe('expected_closing_amount', at(counted, 'expected_closing_amount'), '132.50')
  mustBe('closing_cashcount_diff', at(counted, 'closing_cashcount_diff'), '-5.00')
  yield { title: 'Count', amount: '127.50', operation: counted, notes: ['expected 132.50, difference -5.00'] }

  const { businessDate: business_date } = till
  const closed = await till.event('session_close', { business_date, closing_adjustment_amount: '-100.00' })
  mustBe('amount_left', at(closed, 'amount_left'), '27.50')
  yield { title: 'Close, to the bank', amount: '-100.00', operation: closed, notes: ['left for the next shift 27.50'] }
}
