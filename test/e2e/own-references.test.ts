// @module-tag heavy
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD, verifiedDep } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { elsewhere, event, goods, pay, sell } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { closing, counted } from './shift.ts'

const PATH = '/v1/operations'

/** A sale of one line with an id of the till, completed in cash. */
async function sold({ id, till }: Register, external_id: string, rate: string, amount = '5.00') {
  return till.complete(await till.create(goods('sale', id, [[amount, rate]], { external_id })), [pay('cash', amount)])
}

function back({ id }: Register, rate: string, more: Members): Members {
  return goods('return', id, [['-5.00', rate]], more)
}

test.each([
  ['Germany', '0.19', {}, (bench: Bench) => bench.till()],
  ['Austria', '0.20', ONE_CARD, (bench: Bench) => austrianTill(bench)],
  ['Italy', '0.22', ONE_PRINTER, (bench: Bench) => italianTill(bench)],
] as const)(
  'in %s void and return name an operation by the id that the till gave it',
  async (_name, rate, config, make) => {
    await using bench = await Bench.open({ config })
    const register = await make(bench)
    const { id, till } = register
    const [first, second] = [await sold(register, 'order-1', rate), await sold(register, 'order-2', rate)]
    const body = event('void', id, { related_external_id: 'order-1', external_id: 'void-1' })
    const dry = await till.call({ path: PATH, body, headers: { Prefer: 'dry-run' } })
    expect([dry.status, dry.json['related_operation_id']]).toEqual([200, first.id])
    const call = { path: PATH, body, key: 'void-1' }
    const answer = await till.call(call)
    expect(answer.json).toMatchObject({ status: 'completed', related_operation_id: first.id, total_amount: '-5.00' })
    expect(answer.json).not.toHaveProperty('related_external_id')
    // The same key is the same answer, also when another operation has that id by now.
    await sold(register, 'order-1', rate)
    const repeated = await till.call(call)
    expect([repeated.text, repeated.headers.get('idempotent-replayed')]).toEqual([answer.text, 'true'])
    const open = await till.create(back(register, rate, { related_external_id: 'order-2' }))
    expect(open).toMatchObject({ related_operation_id: second.id })
    const done = await till.complete(open, [pay('cash', '-5.00')])
    expect(done).toMatchObject({ status: 'completed', related_operation_id: second.id })
    // A reference that was resolved holds like any other.
    const undone = await till.refused({ path: PATH, body: event('void', id, { related_external_id: 'order-2' }) })
    expect([undone.status, undone.code]).toEqual([422, 'related_operation_invalid'])
    if (rate === '0.20') expect(await verifiedDep(bench, id)).toMatchObject({ valid: true })
  },
)

test('an exchange, a deposit and its capture are named by the id that the till gave them', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sale = await sold(register, 'order-1', '0.19')
  const swap: Parameters<typeof goods>[2] = [
    ['-5.00', '0.19'],
    ['5.00', '0.19', { sku_identifier: 'other' }],
  ]
  const exchange = await till.create(goods('exchange', id, swap, { related_external_id: 'order-1' }))
  expect(exchange).toMatchObject({ related_operation_id: sale.id })
  await till.void(exchange)
  const deposit = goods('deposit', id, [['30.00', '0.19', { type: 'deposit' }]], { external_id: 'cake-1' })
  const paid = await till.complete(await till.create(deposit), [pay('cash', '30.00')])
  const lines: Parameters<typeof goods>[2] = [
    ['100.00', '0.19'],
    ['-30.00', '0.19', { type: 'deposit' }],
  ]
  const capture = goods('deposit_capture', id, lines, { related_external_id: 'cake-1', external_id: 'cake-1-out' })
  const done = await till.complete(await till.create(capture), [pay('card', '70.00')])
  expect(done).toMatchObject({ related_operation_id: paid.id })
  const whole = lines.map(([amount, rate, more]) => [`${-Number(amount)}.00`, rate, more ?? {}] as const)
  const given = await till.create(goods('return', id, whole, { related_external_id: 'cake-1-out' }))
  expect(given).toMatchObject({ related_operation_id: done.id })
})

test('an id that no completed operation has, or several, is refused with those that have it', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const refusedOf = async ({ till }: Register, body: Members, key = 'refused') => {
    const { status, code, fiscal_effect, details } = await till.refused({ path: PATH, body, key })
    expect([status, code, fiscal_effect]).toEqual([422, 'related_operation_invalid', 'none'])
    return details
  }
  const named = { related_external_id: 'order-1' }
  const voiding = (register: Register) => event('void', register.id, named)
  expect(await refusedOf(one, voiding(one))).toMatchObject({ ...named, operation_ids: [] })
  const open = await one.till.create(goods('sale', one.id, [['5.00', '0.19']], { external_id: 'order-1' }))
  expect(await refusedOf(one, voiding(one))).toMatchObject({ operation_ids: [] })
  await one.till.void(open)
  expect(await refusedOf(one, back(one, '0.19', named))).toMatchObject({ operation_ids: [] })
  const first = await sold(one, 'order-1', '0.19')
  // A void is of the register, a return of the merchant.
  expect(await refusedOf(two, voiding(two))).toMatchObject({ operation_ids: [] })
  const atOther = await two.till.create(back(two, '0.19', named))
  expect(atOther).toMatchObject({ related_operation_id: first.id })
  await two.till.void(atOther)
  const second = await sold(two, 'order-1', '0.19')
  expect(await refusedOf(one, back(one, '0.19', named))).toMatchObject({ operation_ids: [first.id] })
  const byOffice = await bench.office.refused({ path: PATH, body: back(one, '0.19', named) })
  expect(byOffice.details).toMatchObject({ ...named, operation_ids: [first.id, second.id] })
  // The case of letters counts.
  expect(await refusedOf(one, back(one, '0.19', { related_external_id: 'Order-1' }))).toMatchObject({
    operation_ids: [],
  })
  // The refusals left the key free.
  await one.till.create(voiding(one), 'refused')
  const third = await sold(one, 'order-1', '0.19')
  const several = await refusedOf(one, voiding(one), 'other')
  expect(several).toMatchObject({ operation_ids: [first.id, third.id] })
})

test('exactly one kind of reference is sent, and only by a type that has an original', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sale = await sold(register, 'order-1', '0.19')
  const named = { related_external_id: 'order-1' }
  for (const body of [
    back(register, '0.19', { ...named, related_operation_id: sale.id }),
    back(register, '0.19', { ...named, ...elsewhere }),
    goods('sale', id, [['5.00', '0.19']], named),
    goods('deposit', id, [['5.00', '0.19', { type: 'deposit' }]], named),
    event('void', id, { ...named, related_operation_id: sale.id }),
  ]) {
    const refused = await till.refused({ path: PATH, body })
    expect([refused.status, refused.code, refused.fiscal_effect]).toEqual([422, 'unprocessable_entity', 'none'])
    expect(refused.details['pointer']).toBe('/related_external_id')
  }
  for (const [more, pointer] of [
    [{}, '/related_operation_id'],
    [{ related_external_id: '' }, '/related_external_id'],
    [{ related_external_id: 7 }, '/related_external_id'],
    [{ related_external_id: 'x'.repeat(256) }, '/related_external_id'],
  ] as const) {
    const refused = await till.refused({ path: PATH, body: event('void', id, more) })
    expect([refused.status, refused.code]).toEqual([400, 'invalid_request'])
    expect(refused.details['errors']).toMatchObject([{ pointer }])
  }
  const bare = await till.refused({ path: PATH, body: { type: 'void' } })
  const pointers = (bare.details['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)
  expect(pointers.toSorted()).toEqual(['/currency', '/register_id', '/related_operation_id'])
})

test('a web sale names its original by the id of the shop among all operations of the merchant', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const online = goods('sale', null, [['5.00', '0.19']], { external_id: 'web-1' })
  const web = await bench.office.complete(await bench.office.create(online), [pay('card', '5.00')])
  const atTill = await sold(register, 'order-1', '0.19')
  for (const [related_external_id, original] of [
    ['web-1', web.id],
    ['order-1', atTill.id],
  ]) {
    const body = goods('return', null, [['-5.00', '0.19']], { related_external_id })
    expect(await bench.office.create(body)).toMatchObject({ related_operation_id: original })
  }
})

test('two voids of one id at once: one is done, the other is refused', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sale = await sold(register, 'order-1', '0.19')
  const voids = ['a', 'b', 'c'].map((key) =>
    till.call({ path: PATH, body: event('void', id, { related_external_id: 'order-1' }), key }),
  )
  const answers = await Promise.all(voids)
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422, 422])
  expect(answers.find(({ status }) => status === 201)?.json).toMatchObject({ related_operation_id: sale.id })
  await sell(register, '1.00')
  await counted(register, '51.00')
  await till.create(closing(register, '0.00'))
})
