import type { Payment } from '../../../demo-counter.ts'
import { inCash } from '../../../demo-counter.ts'
import type { Article, Entry } from '../../../demo-menu.ts'
import { euros, grossOf } from '../../../demo-menu.ts'
import type { ShiftStep, ShiftTill } from '../../../demo-shift.ts'
import { at } from '../../../demo-shift.ts'
import { NOODLES, PILS, SCHNITZEL, WINE } from './menu.ts'
import type { Service } from './service.ts'
import { CEM, LOTTERY } from './shop.ts'

const TICKET: Article = {
  sku: 'lotto',
  title: 'Lotto 6 aus 49',
  cents: 1250,
  percent: 0,
  more: { agency_id: LOTTERY },
}
/** 25 francs for 22.90, with the change in euro. */
const FRANCS: readonly Payment[] = [
  { method: 'cash', amount: '25.00', currency: 'CHF', base_amount: '23.50' },
  inCash(-60),
]
const TIP_CENTS = 250
const VOUCHER_CENTS = 5_000
const VOUCHER = { type: 'single_purpose_voucher', gift_card_id: 'EG-17' }
const GUEST = { id: 'k-4711', name: 'Kanalbau Lindenau GmbH' }

/** The counter takes each case of the trade that needs more than one request, or more than a sale. */
export async function* workCounter(till: ShiftTill, service: Service): AsyncGenerator<ShiftStep> {
  const ticket = await service.take(
    'A lottery ticket with a beer',
    [
      [1, PILS],
      [1, TICKET],
    ],
    [inCash(PILS.cents + TICKET.cents)],
    { more: CEM },
  )
  yield { ...ticket, slip: await till.receipt(ticket.operation) }
  yield await tipped(service, 'A tip to the staff, by card', [[1, NOODLES]], 'employee')
  yield await tipped(
    service,
    'A tip to the owner, by card',
    [
      [1, SCHNITZEL],
      [1, WINE],
    ],
    'owner',
  )
  yield await service.take('A guest pays with francs', [[1, SCHNITZEL]], FRANCS, { more: CEM })
  yield* onAccount(service)
  yield* voucher(service)
}

function tipped(service: Service, title: string, entries: readonly Entry[], recipient: string): Promise<ShiftStep> {
  const payment = { method: 'card', amount: euros(grossOf(entries) + TIP_CENTS) }
  const completion = { tip_amount: euros(TIP_CENTS), tip_recipient: recipient }
  return service.take(title, entries, [payment], { completion, more: CEM })
}

/** A voucher for meals is taxed when it is sold, and taken off the goods that it pays. */
async function* voucher(service: Service): AsyncGenerator<ShiftStep> {
  const sold: Article = { sku: 'gutschein', title: 'Essensgutschein', cents: VOUCHER_CENTS, percent: 7, more: VOUCHER }
  yield await service.take('A voucher for meals', [[1, sold]], [inCash(VOUCHER_CENTS)], { more: CEM })
  const entries: readonly Entry[] = [
    [3, SCHNITZEL],
    [-1, sold],
  ]
  const rest = { method: 'card', amount: euros(grossOf(entries)) }
  yield await service.take('The voucher and a card', entries, [rest], { more: CEM })
}

/** A firm eats on account, and pays at the counter. */
async function* onAccount(service: Service): AsyncGenerator<ShiftStep> {
  const entries: readonly Entry[] = [[4, SCHNITZEL]]
  const cents = grossOf(entries)
  const more = { ...CEM, customer: GUEST }
  const sold = await service.take('On account of a firm', entries, [{ method: 'on_account', amount: euros(cents) }], {
    more,
  })
  yield sold
  const claim: Article = {
    sku: 'rechnung',
    title: 'Rechnung',
    cents,
    percent: 0,
    more: { type: 'receivable', related_operation_id: at(sold.operation, 'id') },
  }
  yield await service.take('The firm pays', [[1, claim]], [inCash(cents)], { more: CEM })
}
