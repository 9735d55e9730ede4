// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { processData } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

function reversal(registerId: string, of: string) {
  return event('void', registerId, { related_operation_id: of })
}

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
  // A rate of other years is for goods sold then.
  const late = goods('deposit', id, [['30.00', '0.16', { type: 'deposit' }]])
  expect((await till.refused({ path: '/v1/operations', body: late })).code).toBe('tax_rate_not_supported')
  const nowhere = { path: '/v1/operations', body: { ...capture, related_operation_id: 'op_x' } }
  expect((await till.refused(nowhere)).code).toBe('related_operation_invalid')
})

test('an untaxed deposit is taken off for the reason that it was untaxed for; left out it is exempt', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const untaxed = (amount: string, code?: string): Members => {
    const taxes = [{ name: 'USt', rate: '0', tax_amount: '0.00', ...(code !== undefined && { code }) }]
    return { type: 'deposit', taxes, total_amount: amount }
  }
  const bodyOf = (type: Parameters<typeof goods>[0], lines: Parameters<typeof goods>[2], of?: string) =>
    goods(type, id, lines, of === undefined ? {} : { related_operation_id: of })
  const paidFor = async (code?: string) => {
    const body = bodyOf('deposit', [['30.00', '0', untaxed('30.00', code)]])
    return (await till.complete(await till.create(body), [pay('cash', '30.00')])).id
  }
  const takenOff = (of: string, code?: string) =>
    bodyOf(
      'deposit_capture',
      [
        ['30.00', '0.19'],
        ['-30.00', '0', untaxed('-30.00', code)],
      ],
      of,
    )
  const outside = await paidFor('not_taxable')
  for (const body of [takenOff(outside), bodyOf('return', [['-30.00', '0', untaxed('-30.00', 'zero_rated')]], outside)])
    expect((await till.refused({ path: '/v1/operations', body })).code).toBe('unprocessable_entity')
  expect((await till.refused({ path: '/v1/operations', body: takenOff(outside, 'exempt') })).message).toBe(
    'The deposit is booked at 0 (not_taxable) and cannot be taken off at 0 (exempt).',
  )
  await till.create(takenOff(outside, 'not_taxable'))
  await till.create(takenOff(await paidFor('exempt')))
  await till.create(takenOff(await paidFor(), 'exempt'))
})

test('at most the paid amount of a deposit is taken off, and a cancelled or reversed part is left again', async () => {
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
    'The deposit has 30.00 left at 0.19: 30.01 cannot be taken off.',
  ])
  const part = await till.complete(await till.create(capture('-10.00')), [pay('card', '90.00')])
  const open = await till.create(capture('-20.00'))
  const nothingLeft = 'The deposit has 0.00 left at 0.19: 0.01 cannot be taken off.'
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

test('a deposit is given back as a return of its lines, in whole or in part, also in a later shift', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const deposit = goods('deposit', id, [['30.00', '0.19', { type: 'deposit' }]])
  const paid = await till.complete(await till.create(deposit), [pay('cash', '30.00')])
  await till.create(event('session_cash_count', id, { counted_closing_amount: '80.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  await till.create(event('session_open', id, { opening_balance_amount: '80.00' }))
  const back = (amount: string, more: Members = {}, type = 'deposit', rate = '0.19') =>
    goods('return', id, [[amount, rate, { type }]], { related_operation_id: paid.id, ...more })
  const refused = async (body: Members) => {
    const { code, message } = await till.refused({ path: '/v1/operations', body })
    return [code, message]
  }
  expect(await refused(back('-30.01'))).toEqual([
    'unprocessable_entity',
    'The deposit has 30.00 left at 0.19: 30.01 cannot be taken off.',
  ])
  expect((await refused(back('-30.00', {}, 'deposit', '0.07')))[0]).toBe('unprocessable_entity')
  const part = await till.complete(await till.create(back('-10.00')), [pay('cash', '-10.00')])
  expect(processData(part)).toBe('Beleg^-10.00_0.00_0.00_0.00_0.00^-10.00:Bar')
  expect(part).toMatchObject({ type: 'return', related_operation_id: paid.id })
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '70.00' })
  const capture = (off: string) => {
    const lines: Parameters<typeof goods>[2] = [
      ['100.00', '0.19'],
      [off, '0.19', { type: 'deposit' }],
    ]
    return goods('deposit_capture', id, lines, { related_operation_id: paid.id })
  }
  expect((await refused(capture('-20.01')))[1]).toBe('The deposit has 20.00 left at 0.19: 20.01 cannot be taken off.')
  await till.create(reversal(id, part.id))
  await till.complete(await till.create(capture('-30.00')), [pay('card', '70.00')])
  expect((await refused(back('-0.01')))[1]).toBe('The deposit has 0.00 left at 0.19: 0.01 cannot be taken off.')
})

test('a returned deposit has its own lines, and goods go back to the operation that sold them', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const paid = await till.complete(await till.create(goods('deposit', id, [['30.00', '0.19', { type: 'deposit' }]])), [
    pay('cash', '30.00'),
  ])
  const sold = await till.complete(await till.create(goods('sale', id, [['30.00', '0.19']])), [pay('cash', '30.00')])
  const refused = async (lines: Parameters<typeof goods>[2], more: Members) => {
    const body = goods('return', id, lines, more)
    return (await till.refused({ path: '/v1/operations', body })).code
  }
  const item = ['-5.00', '0.19'] as const
  const deposit = ['-5.00', '0.19', { type: 'deposit' }] as const
  expect(await refused([item], { related_operation_id: paid.id })).toBe('related_operation_invalid')
  expect(await refused([deposit], { related_operation_id: sold.id })).toBe('related_operation_invalid')
  expect(await refused([item, deposit], { related_operation_id: paid.id })).toBe('unprocessable_entity')
  expect(await refused([deposit], elsewhere)).toBe('unprocessable_entity')
})
