import type { Article } from '../../demo-menu.ts'
import type { Goods, ShiftStep, ShiftTechnician, ShiftTill, Tender } from '../../demo-shift.ts'
import { at, DemoError, mustBe } from '../../demo-shift.ts'
import { FACTS } from '../facts.ts'
import { basket } from './bar/menu.ts'
import { PRINTER } from './proofs.ts'

const ADDRESS = { line1: 'Via Garibaldi 12', city: 'Torino', postal_code: '10122', country_code: FACTS.country }
const BACK_TRIES = 100
const BACK_WAIT_MS = 200

const COFFEE: Article = { sku: 'coffee-1', title: 'Caffè in grani 1 kg', cents: 1220, percent: 22 }
const CROISSANTS: Article = { sku: 'bun-4', title: 'Cornetti, 4 pezzi', cents: 660, percent: 10 }
const POT: Article = { sku: 'pot-1', title: 'Caffettiera', cents: 3050, percent: 22 }
const MILK = {
  sku_identifier: 'milk-1',
  title: 'Latte fresco',
  quantity: 2,
  unit_price: '1.50',
  total_amount: '2.60',
  taxes: [{ name: 'IVA 4 %', rate: '0.04', tax_amount: '0.10' }],
  discounts: [{ description: 'Sconto soci', amount: '0.40' }],
}
const EXACT: readonly Tender[] = [['cash', '6.60']]
const BREAKFAST = basket([[1, CROISSANTS]])
const MORNING: Goods = {
  pretax_amount: '28.50',
  tax_amount: '5.10',
  total_amount: '33.60',
  line_items: [...basket([[2, COFFEE]]).line_items, ...BREAKFAST.line_items, MILK],
}
const RETURN = basket([[-1, COFFEE]])
const EXCHANGE = basket([
  [-1, COFFEE],
  [1, POT],
])

const IDENTITY = {
  country_code: FACTS.country,
  tax_number: '12345678903',
  vat_number: '12345678903',
  legal_entity_type: 'COMPANY',
  fisconline_user: 'RSSMRA80A01H501U',
  fisconline_password: 'demo-only',
  fisconline_pin: '0000000000',
}
const TID = '50123456'
export const SHOP = {
  merchant: {
    legal_name: 'Torrefazione Aurora S.r.l.',
    country_code: FACTS.country,
    address: ADDRESS,
    fiscal_identities: [IDENTITY],
  },
  location: { name: 'Torino Centro', address: ADDRESS },
  register: 'Cassa 1',
  fiscalization: {},
  paymentTerminal: {
    ...{ kind: 'physical', tid: TID, active_from: '2026-02-10' },
    acquirer: { tax_number: '12345678903', name: 'Incassi S.p.A.' },
  },
}

/** The day: three rates, a return, a void, an exchange, a lost reply, an unplugged printer, training, the Z. */
export async function* workShift(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const { businessDate: business_date } = till
  const opened = await till.event('session_open', { opening_balance_amount: '50.00' })
  yield { title: 'Opening float', amount: '50.00', operation: opened, notes: ['documento gestionale'] }
  const completion = { customer: { lottery_code: 'AB12CD34' } }
  const card: readonly Tender[] = [['card', '33.60', TID]]
  const first = await till.sell('Sale, coffee (22 %), croissants (10 %), milk (4 %)', MORNING, {
    tenders: card,
    completion,
  })
  yield first
  const more = { related_operation_id: at(first.operation, 'id') }
  const given: readonly Tender[] = [
    ['cash', '10.00'],
    ['cash', '-3.40'],
  ]
  yield await till.sell('Sale, croissants, cash 10.00', BREAKFAST, { tenders: given })
  yield await till.sell('Return of one coffee', RETURN, { type: 'return', tenders: [['cash', '-12.20']], more })
  const pot = 'Exchange, the other coffee for a pot'
  yield await till.sell(pot, EXCHANGE, { type: 'exchange', tenders: [['card', '18.30', TID]], more })
  const wrong = await till.sell('Sale, croissants', BREAKFAST, { tenders: EXACT })
  yield wrong
  const voided = await till.event('void', { related_operation_id: at(wrong.operation, 'id') })
  yield { title: 'Void of it', amount: '-6.60', operation: voided, notes: ['ANNULLAMENTO'] }

  await technician.fault(PRINTER, 'lost-answer@=T')
  const lost = await till.sell('Sale, the reply to its payment is lost', BREAKFAST, { tenders: EXACT })
  yield { ...lost, notes: ['the printer was asked, and had printed it: once'] }
  await technician.fault(PRINTER, 'unplugged-before=1500@*')
  yield await whileAway(till, technician)
  yield await till.sell('Training, croissants', BREAKFAST, { tenders: EXACT, more: { training: true } })

  const dropped = await till.event('session_cash_adjustment', { cash_amount: '-40.00' })
  yield { title: 'Safe drop', amount: '-40.00', operation: dropped, notes: ['documento gestionale'] }
  const counted = await till.event('session_cash_count', { counted_closing_amount: '17.60' })
  mustBe('closing_cashcount_diff', at(counted, 'closing_cashcount_diff'), '0.00')
  yield { title: 'Count', amount: '17.60', operation: counted, notes: ['as expected; nothing is printed'] }
  const closed = await till.event('session_close', { business_date })
  yield { title: 'Close', amount: '0.00', operation: closed, notes: ['left for the next shift 17.60'] }
  const z = await till.close({})
  yield {
    title: 'Daily closing',
    amount: '0.00',
    operation: z,
    notes: [`Z ${at(z, 'document_number')} of the printer`],
  }
}

/** The printer is the fiscal memory: without it no operation completes; afterwards the till repeats the request. */
async function whileAway(till: ShiftTill, technician: ShiftTechnician): Promise<ShiftStep> {
  const open = await till.open(BREAKFAST)
  let refused = 0
  for (let tries = 0; tries < BACK_TRIES; tries++) {
    try {
      const operation = await till.complete(open, { tenders: EXACT })
      await technician.fault(PRINTER, 'clear')
      const notes = refused === 0 ? [] : [`refused ${refused} times (503), nothing printed`]
      return { title: 'Sale, the printer is pulled out and put back', amount: '6.60', operation, notes }
    } catch (error) {
      if (!(error instanceof DemoError) || !error.message.includes('fiscal_device_unavailable')) throw error
      refused += 1
      await technician.pause(BACK_WAIT_MS)
    }
  }
  throw new DemoError('the printer did not come back')
}
