import { expect, test } from 'vitest'
import { verifyJournal } from '../../agent/journal/verify/journal.ts'
import { austrianTill, ONE_CARD, sell } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'

// What Austrian shops do and what befalls them. None of it may be called a manipulation: a false alarm is a failure.

test('sales, a void, training, an outage with a free receipt, its Sammelbeleg and the close are one sound chain', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const sold = await sell(register, '4.50')
  await till.create(event('void', id, { related_operation_id: sold.id }))
  const training = await till.create(goods('sale', id, [['9.00', '0.20']], { training: true }))
  await till.complete(training, [pay('cash', '9.00')])
  await bench.faultAt('card-1', 'unplugged@*')
  await sell(register, '3.00')
  await till.complete(await till.create(goods('sale', id, [['0.00', '0.20']])), [pay('cash', '0.00')])
  await bench.faultAt('card-1', 'clear')
  await sell(register, '2.00')
  await counted(register, '55.00')
  await till.create(closing(register, '0.00'))
  const { books, codes } = await verifyJournal(bench.config.state)
  expect({ books, codes }).toEqual({ books: 'consistent', codes: [] })
})
