import { expect, test } from 'vitest'
import { ManualClock } from '../../manual-clock.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { processData } from '../client.ts'
import { goods, order } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'
import type { Line } from './tavern.ts'
import { billed, billOf, GROUPS, lineOf, ordered, tavern } from './tavern.ts'

const HOUR_MS = 3_600_000
const VAT = { kassensichv: { vatRates: [{ key: 2, rate: '0.06', from: '2027-01-01' }] } }
const STAFF = { customer: { name: 'Ada' } }

function cup(quantity: number, rate = '0.07', more: Members = {}): Line {
  const total = (4.2 * quantity).toFixed(2)
  return [total, rate, { sku_identifier: 'latte', title: 'Latte', unit_price: '4.20', quantity, ...more }]
}

test(
  'goods ordered before a change of rates are billed, transferred, eaten and cancelled at the rate of their order',
  heavy(),
  async () => {
    const clock = new ManualClock(Date.UTC(2026, 11, 31, 22))
    await using bench = await Bench.open({ clock, config: VAT })
    const { bar } = await tavern(bench)
    const first = await ordered(bar, 'Tisch 7', cup(5))
    await ordered(bar, 'Tisch 8', cup(1))
    await clock.advance(2 * HOUR_MS)
    const refused = async (body: Members) => bar.till.refused({ path: '/v1/operations', body })
    const unknown = { status: 422, code: 'tax_rate_not_supported', fiscal_effect: 'none' }
    // Nothing more than was ordered, nothing at another table, no new order, and no sale beside a table.
    expect(await refused(billOf(bar, 'Tisch 7', cup(6)))).toMatchObject(unknown)
    expect(await refused(billOf(bar, 'Tisch 8', cup(2)))).toMatchObject(unknown)
    expect(await refused(order(bar.id, [cup(1)], { allocation_group: 'Tisch 7' }))).toMatchObject(unknown)
    expect(await refused(goods('sale', bar.id, [cup(1)]))).toMatchObject(unknown)

    const bySku = await billed(bar, 'Tisch 7', cup(1))
    expect(processData(bySku)).toBe('Beleg^0.00_4.20_0.00_0.00_0.00^4.20:Bar')
    const named = await billed(bar, 'Tisch 7', cup(1, '0.07', { order_line_id: lineOf(first, 0) }))
    expect(processData(named)).toBe('Beleg^0.00_4.20_0.00_0.00_0.00^4.20:Bar')
    const group = { allocation_group: 'Tisch 7' }
    const { till } = bar
    const room = await till.complete(await till.create(goods('transfer', bar.id, [cup(1)], group)), [])
    expect(processData(room)).toBe('AVTransfer^0.00_4.20_0.00_0.00_-4.20^')
    const meal = goods('employee_benefit', bar.id, [cup(1)], { ...group, ...STAFF })
    expect(processData(await till.complete(await till.create(meal), []))).toBe('AVSachbezug^0.00_4.20_0.00_0.00_0.00^')
    await ordered(bar, 'Tisch 7', cup(-1))
    const left = await till.list(GROUPS)
    expect(left.map(({ allocation_group }) => allocation_group)).toEqual(['Tisch 8'])
    await billed(bar, 'Tisch 8', cup(1))
    await endShift(bar, '2026-12-31')
    // Historical: 7 % of the reduced rate.
    const { vat } = await verifiedPackage(bench)
    expect(vat.map((row) => row['UST_SCHLUESSEL'])).toContain('12')
    expect((await verifyJournal(bench.config.state)).findings).toEqual([])
  },
)
