// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from './bench.ts'
import type { Client, Members } from './client.ts'
import { signed } from './client.ts'
import { event, goods, order, pay, sell } from './goods.ts'

function sale(register: string, external_id?: string): Members {
  return goods('sale', register, [['1.00', '0.07']], external_id === undefined ? {} : { external_id })
}

/** Two registers of one shop, each in a session. */
async function twoTills(bench: Bench) {
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { one, two }
}

async function idsOf(client: Client, query: string): Promise<unknown[]> {
  return (await client.list(`/v1/operations?${query}`)).map(({ id }) => id)
}

/** The ids of all pages. */
async function allOf(client: Client, query: string): Promise<unknown[]> {
  const ids: unknown[] = []
  for (let cursor = ''; ; ) {
    const page = await client.get(`/v1/operations?${query}&cursor=${cursor}`)
    ids.push(...(page['data'] as Members[]).map(({ id }) => id))
    if (page['next_cursor'] === null) return ids
    cursor = String(page['next_cursor'])
  }
}

test('operations are found by the exact external_id, all that have it, each key those that it may see', async () => {
  await using bench = await Bench.open()
  const { one, two } = await twoTills(bench)
  const first = await one.till.create(sale(one.id, 'order-1'))
  // Found as soon as it is answered.
  expect(await idsOf(one.till, 'external_id=order-1')).toEqual([first.id])
  const again = await one.till.create(sale(one.id, 'order-1'))
  const other = await two.till.create(sale(two.id, 'order-1'))
  await one.till.create(sale(one.id, 'order-10'))
  await one.till.create(sale(one.id, 'Order-1'))
  await one.till.create(sale(one.id))
  const online = await bench.office.create({ ...goods('sale', null, [['1.00', '0.07']]), external_id: 'order-1' })
  expect(await idsOf(bench.office, 'external_id=order-1')).toEqual([first.id, again.id, other.id, online.id])
  expect(await idsOf(bench.office, `external_id=order-1&register_id=${two.id}`)).toEqual([other.id])
  expect(await idsOf(one.till, 'external_id=order-1&order=desc')).toEqual([again.id, first.id])
  expect(await idsOf(two.till, 'external_id=order-1')).toEqual([other.id])
  expect(await idsOf(one.till, 'external_id=order')).toEqual([])
  await one.till.complete(first, [pay('cash', '1.00')])
  expect(await idsOf(one.till, 'external_id=order-1&status=completed&type=sale')).toEqual([first.id])
  expect(await idsOf(one.till, 'external_id=order-1&type=return')).toEqual([])
  const created = `from=${again.created_at}&to=${other.created_at}`
  expect(await idsOf(one.till, `external_id=order-1&${created}`)).not.toContain(first.id)
  // The external_id of a register belongs to the register.
  const { location_id } = await bench.office.get(`/v1/registers/${one.id}`)
  await bench.office.post('/v1/registers', { location_id, name: 'Kasse 3', external_id: 'till-3' })
  expect(await idsOf(bench.office, 'external_id=till-3')).toEqual([])
})

test('an external_id is found whatever characters it has', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  for (const text of ['a b', "O'Hara; --", '50%+1', 'Größe/🧁', 'x'.repeat(255), ' ']) {
    const made = await till.create(sale(id, text))
    expect(await idsOf(till, `external_id=${encodeURIComponent(text)}`), text).toEqual([made.id])
  }
  const session = await till.create(
    event('session_cash_adjustment', id, { cash_amount: '1.00', external_id: 'safe-1' }),
  )
  expect(await idsOf(till, 'external_id=safe-1')).toEqual([session.id])
})

test('an operation is found by register and receipt number, also a voided one and a session event with a number', async () => {
  await using bench = await Bench.open()
  const { one, two } = await twoTills(bench)
  const done = await sell(one, '2.00')
  await sell(two, '3.00')
  const { receipt_number: number } = signed(done)
  const query = `receipt_number=${number}&register_id=${one.id}`
  expect(await idsOf(bench.office, query)).toEqual([done.id])
  expect(await idsOf(one.till, query)).toEqual([done.id])
  expect(await idsOf(one.till, `${query}&order=desc&limit=1`)).toEqual([done.id])
  expect(await idsOf(one.till, `${query}&type=return`)).toEqual([])
  expect(await idsOf(one.till, `${query}&external_id=other`)).toEqual([])
  expect(await idsOf(bench.office, `receipt_number=999&register_id=${one.id}`)).toEqual([])
  expect(await idsOf(bench.office, 'receipt_number=1&register_id=reg_none')).toEqual([])
  const given = await one.till.create(sale(one.id))
  const voided = await one.till.void(given)
  expect(await idsOf(one.till, `receipt_number=${signed(voided).receipt_number}&register_id=${one.id}`)).toEqual([
    given.id,
  ])
  const foreign = await one.till.refused({ path: `/v1/operations?receipt_number=1&register_id=${two.id}` })
  expect([foreign.status, foreign.code, foreign.details['resource']]).toEqual([404, 'not_found', 'register'])
})

test('a receipt number without its register, and a filter of another form, are refused by their names', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  for (const [query, pointer] of [
    ['receipt_number=1', '/register_id'],
    [`receipt_number=0&register_id=${id}`, '/receipt_number'],
    [`receipt_number=-1&register_id=${id}`, '/receipt_number'],
    [`receipt_number=1.5&register_id=${id}`, '/receipt_number'],
    [`receipt_number=one&register_id=${id}`, '/receipt_number'],
    ['order=up', '/order'],
    ['order=DESC', '/order'],
    [`external_id=${'x'.repeat(256)}`, '/external_id'],
    [`allocation_group=${'x'.repeat(51)}`, '/allocation_group'],
    ['external_id=a&external_id=b', '/external_id'],
    ['related_external_id=a', '/related_external_id'],
  ] as const) {
    const refused = await till.refused({ path: `/v1/operations?${query}` })
    expect([refused.status, refused.code, refused.fiscal_effect], query).toEqual([400, 'invalid_request', 'none'])
    const errors = refused.details['errors'] as { pointer: string }[]
    expect(new Set(errors.map((each) => each.pointer)), query).toEqual(new Set([pointer]))
  }
})

test('pages from the newest to the oldest are complete, in order, and without what is made between two of them', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const ids: string[] = []
  for (let sales = 0; sales < 7; sales++) ids.push((await till.create(sale(id, 'same'))).id)
  const newest = ids.toReversed()
  for (const filter of [
    'type=sale',
    'external_id=same',
    `register_id=${id}&type=sale`,
    'from=2000-01-01T00:00:00Z&type=sale',
  ])
    for (const limit of [1, 2, 3, 7, 50])
      expect(await allOf(till, `${filter}&order=desc&limit=${limit}`), `${filter} ${limit}`).toEqual(newest)
  expect(await allOf(till, 'external_id=same&limit=3')).toEqual(ids)
  const first = await till.get('/v1/operations?external_id=same&order=desc&limit=3')
  await till.create(sale(id, 'same'))
  await sell({ id, till }, '1.00')
  const second = await till.get(
    `/v1/operations?external_id=same&order=desc&limit=9&cursor=${String(first['next_cursor'])}`,
  )
  expect([first, second].flatMap((page) => (page['data'] as Members[]).map((row) => row['id']))).toEqual(newest)
  expect(second['next_cursor']).toBeNull()
})

test('a cursor belongs to its order: with another one it is refused', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  for (let sales = 0; sales < 3; sales++) await till.create(sale(id))
  const cursorOf = async (query: string) => String((await till.get(`/v1/operations?limit=1&${query}`))['next_cursor'])
  const [forward, backward] = [await cursorOf(''), await cursorOf('order=desc')]
  expect(await idsOf(till, `limit=1&cursor=${forward}`)).toEqual(
    await idsOf(till, `limit=1&order=asc&cursor=${forward}`),
  )
  for (const path of [
    `/v1/operations?order=desc&cursor=${forward}`,
    `/v1/operations?order=asc&cursor=${backward}`,
    `/v1/operations?cursor=${backward}`,
    `/v1/sessions?cursor=${backward}`,
  ]) {
    const refused = await till.refused({ path })
    expect([refused.status, refused.code], path).toEqual([400, 'invalid_request'])
    expect(refused.details['errors'], path).toMatchObject([{ pointer: '/cursor' }])
  }
})

test('the last operation of a register is the goods movement or void that it completed last', async () => {
  await using bench = await Bench.open()
  const { one, two } = await twoTills(bench)
  const path = `/v1/registers/${one.id}/last-operation`
  const none = await one.till.refused({ path })
  expect([none.status, none.code, none.details['resource']]).toEqual([404, 'not_found', 'operation'])
  const parked = await one.till.create(sale(one.id))
  expect((await one.till.refused({ path })).code).toBe('not_found')
  const done = await sell(one, '2.00')
  await sell(two, '3.00')
  const answer = await one.till.call({ path })
  expect([answer.status, answer.headers.get('etag'), answer.json['id']]).toEqual([200, '"2"', done.id])
  expect(answer.json).toEqual(await one.till.get(`/v1/operations/${done.id}`))
  // Begun before the other, completed after it.
  await one.till.complete(parked, [pay('cash', '1.00')])
  expect((await one.till.get(path))['id']).toBe(parked.id)
  const given = await one.till.create(sale(one.id))
  await one.till.void(given)
  const adjusted = await one.till.create(event('session_cash_adjustment', one.id, { cash_amount: '5.00' }))
  expect((await one.till.get(path))['id']).toBe(parked.id)
  const reversal = await one.till.create(event('void', one.id, { related_operation_id: parked.id }))
  expect((await bench.office.get(path))['id']).toBe(reversal.id)
  for (const [type, id] of [
    ['sale', parked.id],
    ['void', reversal.id],
    ['session_cash_adjustment', adjusted.id],
  ])
    expect((await one.till.get(`${path}?type=${type}`))['id']).toBe(id)
  const noReturn = await one.till.refused({ path: `${path}?type=return` })
  expect([noReturn.status, noReturn.details['resource']]).toEqual([404, 'operation'])
  // An event of a session also after it was closed.
  expect((await one.till.get(`${path}?type=session_open`))['type']).toBe('session_open')
})

test('the last operation belongs to who may see the register, and a type that does not exist is refused', async () => {
  await using bench = await Bench.open()
  const { one, two } = await twoTills(bench)
  await sell(two, '3.00')
  for (const path of [`/v1/registers/${two.id}/last-operation`, '/v1/registers/reg_none/last-operation']) {
    const refused = await one.till.refused({ path })
    expect([refused.status, refused.code, refused.details['resource']], path).toEqual([404, 'not_found', 'register'])
  }
  const refused = await two.till.refused({ path: `/v1/registers/${two.id}/last-operation?type=receipt` })
  expect([refused.status, refused.code]).toEqual([400, 'invalid_request'])
  expect(refused.details['errors']).toMatchObject([{ pointer: '/type' }])
})

test('what was found and completed is found after a restart and after the tables were made again', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const made = await till.create(sale(id, 'order-1'))
  await till.complete(made, [pay('cash', '1.00')])
  await bench.restart()
  expect(await idsOf(till, 'external_id=order-1')).toEqual([made.id])
  expect((await till.get(`/v1/registers/${id}/last-operation`))['id']).toBe(made.id)
  await till.create(sale(id, 'order-1'))
  expect(await idsOf(till, 'external_id=order-1')).toHaveLength(2)
})

test('orders and bills of a group are found by it, and an order is the last operation only if its type is named', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const group = { allocation_group: 'Tisch 7' }
  const ordered = await till.complete(await till.create(order(id, [['3.99', '0.19']], group)), [])
  await till.create(order(id, [['3.99', '0.19']], { allocation_group: 'Tisch 71' }))
  const path = `/v1/registers/${id}/last-operation`
  expect((await till.refused({ path })).details['resource']).toBe('operation')
  const bill = await till.create(goods('sale', id, [['3.99', '0.19']], group))
  const paid = await till.complete(bill, [pay('cash', '3.99')])
  const late = await till.complete(await till.create(order(id, [['3.99', '0.19']], group)), [])
  expect(await idsOf(till, 'allocation_group=Tisch%207')).toEqual([ordered.id, paid.id, late.id])
  expect(await idsOf(till, 'allocation_group=Tisch%207&order=desc&type=order')).toEqual([late.id, ordered.id])
  expect(await idsOf(till, 'allocation_group=Tisch%207&external_id=none')).toEqual([])
  expect(await idsOf(till, 'allocation_group=tisch%207')).toEqual([])
  expect((await till.get(path))['id']).toBe(paid.id)
  expect((await till.get(`${path}?type=order`))['id']).toBe(late.id)
  const meal = goods('employee_benefit', id, [['9.90', '0.07']], { customer: { name: 'Ada' } })
  const eaten = await till.complete(await till.create(meal), [])
  expect((await till.get(path))['id']).toBe(eaten.id)
})
