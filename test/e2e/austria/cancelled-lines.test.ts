import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { completion, voiding } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { austrianTill, dep131Rows, ONE_CARD, verifiedDep } from './shop.ts'

const SEMMEL = { sku_identifier: 'semmel', title: 'Semmel', unit_price: '0.60' }

test('what was taken away is in the protocol and the reports, and not in the signed amounts', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const basket = (pieces: number) =>
    goods('sale', id, [[(pieces * 0.6).toFixed(2), '0.10', { ...SEMMEL, quantity: pieces }]])
  const begun = { type: 'sale', source: 'POS', register_id: id, currency: 'EUR', line_items: [], operator_id: 'u7' }
  const open = await till.create(begun)
  const five = await till.amend(open, basket(5))
  await till.amend(five, { ...basket(2), operator_id: 'u9' })
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = basket(1)
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const done = await till.call({ ...completion(open, [pay('cash', '0.60')], last), ifMatch: 3 })
  expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: '0.60' })
  const left = await till.create(basket(2))
  await till.amend(left, basket(1))
  await till.call({ ...voiding(left), ifMatch: 2 })
  const report = await till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
  expect(report['totals']).toMatchObject({
    business_cases: [{ name: 'Umsatz', amount: '0.60' }],
    cancelled_lines: { count: 2, amount: '2.40' },
  })
  const rows = (await dep131Rows(bench, id)).filter(({ item }) => item === 'Semmel')
  expect(rows.map(({ kind, quantity, gross, operator }) => [kind, quantity, gross, operator])).toEqual([
    ['sale', '1', '0.60', 'u9'],
    ['sale.cancelled_line', '3', '1.80', 'u9'],
    ['sale.cancelled_line', '1', '0.60', 'u9'],
    ['sale.voided', '1', '0.60', ''],
    ['sale.cancelled_line', '1', '0.60', ''],
  ])
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, findings: [] })
})
