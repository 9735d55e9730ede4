import { expect, test } from 'vitest'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { processData } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

const reversal = (registerId: string, of: string, more: Members = {}) =>
  event('void', registerId, { related_operation_id: of, ...more })

test('a void reverses a completed sale whole: signs turned, lines, payments and drawer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = goods(
    'sale',
    id,
    [
      ['10.00', '0.19'],
      ['5.00', '0.07'],
    ],
    { tip_amount: '1.00' },
  )
  const done = await till.complete(await till.create(sale), [pay('cash', '20.00'), pay('cash', '-4.00')])
  const turned = await till.create(reversal(id, done.id, { reason: 'wrong table' }))
  expect(turned).toMatchObject({ status: 'completed', resource_version: 1, related_operation_id: done.id })
  expect(turned).toMatchObject({ total_amount: '-16.00', fiscal: { state: 'succeeded' } })
  expect(processData(turned)).toBe('Beleg^-10.00_-5.00_0.00_0.00_-1.00^-16.00:Bar')
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
  expect(await till.read(done.id)).toEqual(done)
})

test('a void is made once, of a completed operation of its register, and not after the close', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const { id, till } = one
  const sell = async () =>
    till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('card', '1.00')])
  const refused = async (body: Members, client = till) => {
    const refusal = await client.refused({ path: '/v1/operations', body })
    return [refusal.status, refusal.code]
  }
  const invalid = [422, 'related_operation_invalid']
  const done = await sell()
  const answers = await Promise.all(
    [1, 2].map(() => till.call({ path: '/v1/operations', body: reversal(id, done.id) })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422])
  expect(await refused(reversal(id, done.id))).toEqual(invalid)
  const turned = String(answers.find(({ status }) => status === 201)?.json['id'])
  expect(await refused(reversal(id, turned))).toEqual(invalid)
  expect(await refused(reversal(two.id, done.id), two.till)).toEqual(invalid)
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  expect(await refused(reversal(id, open.id))).toEqual(invalid)
  await till.void(open)
  const late = await sell()
  await till.create(event('session_cash_count', id, { counted_closing_amount: '0.00' }))
  expect(await refused(reversal(id, late.id))).toEqual([409, 'session_already_counted'])
  await till.create(event('session_close', id, { business_date: '2026-03-02' }))
  expect(await refused(reversal(id, late.id))).toEqual([422, 'void_after_closing'])
})

test('practice is signed as AVTraining and never reaches the drawer', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(goods('sale', id, [['10.00', '0.19']], { training: true }))
  const done = await till.complete(open, [pay('cash', '10.00')])
  expect(done).toMatchObject({ training: true, fiscal_information: { document_type: 'AVTraining' } })
  expect(processData(done)).toBe('AVTraining^10.00_0.00_0.00_0.00_0.00^')
  const turned = await till.create(reversal(id, done.id))
  expect(processData(turned)).toBe('AVTraining^-10.00_0.00_0.00_0.00_0.00^')
  const back = await till.create(goods('return', id, [['-3.00', '0.19']], { training: true, ...elsewhere }))
  await till.complete(back, [pay('cash', '-3.00')])
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
})

test('a deposit is taxed when it is paid, and its capture pays the rest', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const deposit = goods('deposit', id, [['30.00', '0.19', { type: 'deposit' }]])
  const paid = await till.complete(await till.create(deposit), [pay('cash', '30.00')])
  expect(processData(paid)).toBe('Beleg^30.00_0.00_0.00_0.00_0.00^30.00:Bar')
  const lines: Parameters<typeof goods>[2] = [
    ['100.00', '0.19'],
    ['-30.00', '0.19', { type: 'deposit' }],
  ]
  const capture = goods('deposit_capture', id, lines, { related_operation_id: paid.id })
  const done = await till.complete(await till.create(capture), [pay('card', '70.00')])
  expect(processData(done)).toBe('Beleg^70.00_0.00_0.00_0.00_0.00^70.00:Unbar')
  expect(done).toMatchObject({ related_operation_id: paid.id })
  const atOther = goods('deposit_capture', id, [lines[0] ?? ['', ''], ['-30.00', '0.07', { type: 'deposit' }]], {
    related_operation_id: paid.id,
  })
  expect(await till.refused({ path: '/v1/operations', body: atOther })).toMatchObject({
    code: 'unprocessable_entity',
    message: 'The deposit is booked at 0.19 and cannot be taken off at 0.07.',
  })
  // A rate of other years is for what was sold then.
  const late = goods('deposit', id, [['30.00', '0.16', { type: 'deposit' }]])
  expect((await till.refused({ path: '/v1/operations', body: late })).code).toBe('tax_rate_not_supported')
  const nowhere = { path: '/v1/operations', body: { ...capture, related_operation_id: 'op_x' } }
  expect((await till.refused(nowhere)).code).toBe('related_operation_invalid')
})

test('no more of a deposit is taken off than was paid, whoever takes it; what is given up or reversed is left again', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const [paid, other] = await Promise.all(
    ['19', '07'].map(async (percent) => {
      const deposit = goods('deposit', id, [['30.00', `0.${percent}`, { type: 'deposit' }]])
      return till.complete(await till.create(deposit), [pay('cash', '30.00')])
    }),
  )
  const capture = (off: string, from = paid, rate = '0.19', more: Members = {}) => {
    const lines: Parameters<typeof goods>[2] = [
      ['100.00', rate],
      [off, rate, { type: 'deposit' }],
    ]
    return goods('deposit_capture', id, lines, { related_operation_id: String(from?.id), ...more })
  }
  const refused = async (body: Members) => {
    const { status, code, message } = await till.refused({ path: '/v1/operations', body })
    return [status, code, message]
  }
  expect(await refused(capture('-30.01'))).toEqual([
    422,
    'unprocessable_entity',
    'Of the deposit 30.00 is left at 0.19: 30.01 cannot be taken off.',
  ])
  const part = await till.complete(await till.create(capture('-10.00')), [pay('card', '90.00')])
  const open = await till.create(capture('-20.00'))
  const nothingLeft = 'Of the deposit 0.00 is left at 0.19: 0.01 cannot be taken off.'
  expect(await refused(capture('-0.01'))).toEqual([422, 'unprocessable_entity', nothingLeft])
  // Practice takes nothing.
  await till.void(await till.create(capture('-30.00', paid, '0.19', { training: true })))
  await bench.restart()
  expect((await refused(capture('-0.01')))[2]).toBe(nothingLeft)
  await till.void(open)
  expect((await refused(reversal(id, String(paid?.id))))[1]).toBe('related_operation_invalid')
  await till.create(reversal(id, part.id))
  const whole = await till.complete(await till.create(capture('-30.00')), [pay('card', '70.00')])
  expect(await refused(reversal(id, String(paid?.id)))).toEqual([
    422,
    'related_operation_invalid',
    `Operation ${paid?.id} is taken off by ${whole.id} already.`,
  ])
  await till.create(reversal(id, String(other?.id)))
  expect((await refused(capture('-30.00', other, '0.07')))[1]).toBe('related_operation_invalid')
})

test('a deposit that was practised is taken off in training alone', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const deposit = goods('deposit', id, [['30.00', '0.19', { type: 'deposit' }]], { training: true })
  const practised = await till.complete(await till.create(deposit), [pay('cash', '30.00')])
  const lines: Parameters<typeof goods>[2] = [
    ['30.00', '0.19'],
    ['-30.00', '0.19', { type: 'deposit' }],
  ]
  const capture = goods('deposit_capture', id, lines, { related_operation_id: practised.id })
  expect((await till.refused({ path: '/v1/operations', body: capture })).code).toBe('related_operation_invalid')
  await till.complete(await till.create({ ...capture, training: true }), [pay('cash', '0.00')])
})
