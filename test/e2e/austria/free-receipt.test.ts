import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { elsewhere, event, goods, pay } from '../goods.ts'
import { austrianTill, closingTypes, dep131Rows, ONE_CARD, receiptOf, sell, verifiedDep } from './shop.ts'

const LEFT_OUT = { status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null }
const NOTHING = [pay('cash', '0.00')]
const FREE = [['0.00', '0.20']] as const
const SWAP = [
  ['10.00', '0.20'],
  ['-10.00', '0.20'],
] as const
const UNEVEN = [
  ['10.00', '0.20'],
  ['-10.00', '0.10'],
] as const

test('in an outage a free sale, an even swap and a paid capture are not in the chain; a swap of two rates is', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
  const register = await austrianTill(bench)
  const { id, till } = register
  const deposit = await till.create(goods('deposit', id, [['50.00', '0.20', { type: 'deposit' }]]))
  expect(receiptOf(await till.complete(deposit, [pay('cash', '50.00')])).receipt_number).toBe('2')
  await bench.faultAt('card-1', 'unplugged@*')

  const free = await till.create(goods('sale', id, FREE))
  // The card is still taken for ready: its failure to sign decides.
  const given = await till.complete(free, NOTHING)
  expect(given).toMatchObject(LEFT_OUT)
  const swap = await till.create(goods('exchange', id, SWAP, elsewhere))
  expect(await till.complete(swap, NOTHING)).toMatchObject(LEFT_OUT)
  const lines = [
    ['50.00', '0.20'],
    ['-50.00', '0.20', { type: 'deposit' }],
  ] as const
  const capture = await till.create(goods('deposit_capture', id, lines, { related_operation_id: deposit.id }))
  expect(await till.complete(capture, NOTHING)).toMatchObject(LEFT_OUT)
  const uneven = await till.create(goods('exchange', id, UNEVEN, elsewhere))
  const marked = receiptOf(await till.complete(uneven, NOTHING))
  expect(marked).toMatchObject({ receipt_number: '3', security_device_failed: true })
  expect(receiptOf(await sell(register, '2.00')).receipt_number).toBe('4')

  const printed = await till.get(`/v1/operations/${free.id}/receipt`)
  expect(printed).toMatchObject({ title: 'Kassenbeleg', qr: null, fiscal: [], notices: [], total: { value: '0.00' } })
  expect(printed['header']).not.toContainEqual(expect.objectContaining({ label: 'Belegnummer' }))

  await bench.faultAt('card-1', 'clear')
  await bench.until(async () => (await closingTypes(register)).includes('collective'))
  const [, collective] = await till.list(`/v1/registers/${id}/closings`)
  expect(collective).toMatchObject({ document_number: '5', outage: { first_number: '3', last_number: '4' } })
  expect(receiptOf(await sell(register, '0.00')).receipt_number).toBe('6')
  expect(await verifiedDep(bench, id)).toMatchObject({
    valid: true,
    ...{ receipts: 6, outageReceipts: 2, turnoverCents: 5200n, findings: [] },
  })
  const rows = (await dep131Rows(bench, id)).filter(({ operation }) => operation === free.id)
  expect(rows).toMatchObject([{ kind: 'sale', document_number: '', outage: '1', gross: '0.00' }])
})

test('the reversal of an omitted receipt is omitted when the unit is back; money that goes back is signed', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
  const register = await austrianTill(bench)
  const { id, till } = register
  await bench.faultAt('card-1', 'unplugged@*')
  const [voided, returned] = [await sell(register, '0.00'), await sell(register, '0.00')]
  const swapped = await till.create(goods('exchange', id, SWAP, elsewhere))
  await till.complete(swapped, NOTHING)
  await bench.faultAt('card-1', 'clear')
  await bench.untilDevice('ready')

  expect(await till.create(event('void', id, { related_operation_id: voided.id }))).toMatchObject(LEFT_OUT)
  const back = await till.create(goods('return', id, FREE, { related_operation_id: returned.id }))
  expect(await till.complete(back, NOTHING)).toMatchObject(LEFT_OUT)
  const paidBack = await till.create(goods('return', id, [['-10.00', '0.20']], { related_operation_id: swapped.id }))
  expect(receiptOf(await till.complete(paidBack, [pay('cash', '-10.00')])).receipt_number).toBe('2')
  expect(await closingTypes(register)).toEqual(['start'])
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 2, turnoverCents: -1000n })
})
