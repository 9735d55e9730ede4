import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { goodsOf, pay } from '../goods.ts'
import { italianTill, movement, ONE_PRINTER, sell } from './shop.ts'

test('a sale that begins with nothing prints the goods of its end, and nothing before', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { till } = register
  const open = await till.create({ ...movement('sale', register, []), line_items: [] })
  const amended = await till.amend(open, movement('sale', register, [{ title: 'Pane', amount: '6.00' }]))
  expect(amended).toMatchObject({ fiscal: { state: 'pending' }, fiscal_information: null })
  const last = goodsOf(movement('sale', register, [{ title: 'Caffè', amount: '3.00' }]))
  const done = await till.call({ ...completion(open, [pay('cash', '3.00')], last), ifMatch: 2 })
  expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: '3.00', resource_version: 3 })
  expect(done.json).toMatchObject({ cancelled_line_items: [{ title: 'Pane', total_amount: '6.00' }] })
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test.each(['amendment', 'completion'])(
  'a return that begins with nothing is printed with the goods of its %s',
  async (by) => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench)
    const { till } = register
    const sold = await sell(register, '20.00')
    const related_operation_id = sold.id
    const open = await till.create({ ...movement('return', register, [], { related_operation_id }), line_items: [] })
    const back = movement('return', register, [{ title: 'Tazza', amount: '-20.00' }], { related_operation_id })
    if (by === 'amendment') await till.amend(open, back)
    const last = by === 'amendment' ? {} : goodsOf(back)
    const call = completion(open, [pay('cash', '-20.00')], last)
    const done = await till.call({ ...call, ifMatch: by === 'amendment' ? 2 : 1 })
    expect(done.json, done.text).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
  },
)
