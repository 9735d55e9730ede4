// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import { ChangeReader } from './change-reader.ts'
import type { Call, Members } from './client.ts'
import { amending, completion, processData, voiding } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

const BREZEL = { sku_identifier: 'brezel', title: 'Brezel', quantity: 2, unit_price: '1.20' }
const KAFFEE = { sku_identifier: 'kaffee', title: 'Kaffee', unit_price: '2.80' }
const NO_AMOUNTS = { pretax_amount: '0.00', tax_amount: '0.00', tip_amount: '0.00', total_amount: '0.00' }

function basket(id: string, brezels: number) {
  return goods('sale', id, [
    [(brezels * 1.2).toFixed(2), '0.07', { ...BREZEL, quantity: brezels }],
    ['2.80', '0.19', KAFFEE],
  ])
}

function begin(id: string, type = 'sale', more: Members = {}): Members {
  return { type, source: 'POS', register_id: id, currency: 'EUR', line_items: [], ...more }
}

test('an operation begins with nothing, is amended twice, and is signed with the goods of its end', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(begin(id))
  expect(open).toMatchObject({ ...NO_AMOUNTS, line_items: [], cart_level_discounts: [], status: 'open' })
  expect(open).toMatchObject({ resource_version: 1, fiscal: { state: 'pending', start_event: expect.anything() } })
  const two = await till.call(amending(open, basket(id, 2)))
  expect([two.status, two.headers.get('etag')]).toEqual([200, '"2"'])
  expect(two.json).toMatchObject({ status: 'open', total_amount: '5.20', resource_version: 2 })
  expect(two.json).not.toHaveProperty('cancelled_line_items')
  const one = await till.amend({ ...open, resource_version: 2 }, basket(id, 1))
  const done = await till.complete(open, [pay('cash', '4.00')]).catch(() => undefined)
  expect(done).toBeUndefined()
  const paid = await till.call({ ...completion(open, [pay('cash', '4.00')]), ifMatch: 3 })
  expect(paid.json).toMatchObject({ status: 'completed', resource_version: 4, created_at: open.created_at })
  expect(processData(await till.read(open.id))).toBe('Beleg^2.80_1.20_0.00_0.00_0.00^4.00:Bar')
  const cancelled = [
    {
      type: 'item',
      sku_identifier: 'brezel',
      title: 'Brezel',
      quantity: '1',
      unit_price: '1.20',
      total_amount: '1.20',
      taxes: [{ name: 'USt 0.07', rate: '0.07', tax_amount: '0.08' }],
      cancelled_at: one.updated_at,
    },
  ]
  expect(one).toMatchObject({ cancelled_line_items: cancelled })
  expect(paid.json['cancelled_line_items']).toEqual(cancelled)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('the last goods come with the completion, in one step of the version', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(basket(id, 2))
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = basket(id, 1)
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const done = await till.complete(open, [pay('cash', '4.00')], last)
  expect(done).toMatchObject({ resource_version: 2, total_amount: '4.00', status: 'completed' })
  expect(done).toMatchObject({ cancelled_line_items: [{ sku_identifier: 'brezel', quantity: '1' }] })
  expect(processData(done)).toBe('Beleg^2.80_1.20_0.00_0.00_0.00^4.00:Bar')
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '54.00' })
  const empty = await till.create(begin(id))
  const whole = await till.complete(empty, [pay('card', '4.00')], last)
  expect(processData(whole)).toBe('Beleg^2.80_1.20_0.00_0.00_0.00^4.00:Unbar')
  expect(whole).not.toHaveProperty('cancelled_line_items')
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('a line that is sent with its id keeps it; all other lines, taxes and discounts get new ones', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(basket(id, 2))
  const before = open as unknown as { line_items: { id: string; taxes: { id: string }[] }[] }
  const [brezel, kaffee] = before.line_items
  const body = basket(id, 2)
  const [first, second] = body['line_items'] as Members[]
  const lines = [{ ...second, id: kaffee?.id }, first]
  const amended = (await till.amend(open, { ...body, line_items: lines })) as unknown as typeof before
  expect(amended.line_items[0]?.id).toBe(kaffee?.id)
  expect([brezel?.id, kaffee?.id]).not.toContain(amended.line_items[1]?.id)
  expect(amended.line_items[0]?.taxes[0]?.id).not.toBe(kaffee?.taxes[0]?.id)
  expect(amended).not.toHaveProperty('cancelled_line_items')
  const version2 = { ...open, resource_version: 2 }
  for (const [wrong, pointer] of [
    [[{ ...second, id: brezel?.id }, first], '/line_items/0/id'],
    [
      [
        { ...second, id: kaffee?.id },
        { ...first, id: kaffee?.id },
      ],
      '/line_items/1/id',
    ],
    [[first, { ...second, id: 'li_of_nowhere' }], '/line_items/1/id'],
  ] as const) {
    const refusal = await till.refused(amending(version2, { ...body, line_items: wrong }))
    expect(refusal).toMatchObject({ status: 422, code: 'unprocessable_entity', details: { pointer } })
    expect(refusal).toMatchObject({ fiscal_effect: 'none' })
  }
})

test('what is left out of an amendment stays, and what never changes may be sent again', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sent = { customer: { name: 'Erika' }, note: 'Tisch 4', external_id: 'pos-7', metadata: { a: 1 } }
  const cart = { cart_level_discounts: [{ amount: '0.20' }] }
  const [, ...rest] = basket(id, 2)['line_items'] as Members[]
  const open = await till.create({
    ...goods('sale', id, [['2.60', '0.19', { ...KAFFEE }]], { ...sent, ...cart, operator_id: 'u1' }),
  })
  expect(rest).toHaveLength(1)
  const again = { type: 'sale', source: 'POS', register_id: id, currency: 'EUR', training: false }
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = basket(id, 1)
  const amended = await till.amend(open, {
    ...again,
    ...{ line_items, pretax_amount, tax_amount, tip_amount, total_amount },
    ...{ operator_id: 'u2', operator_name: 'Erika' },
  })
  expect(amended).toMatchObject({ ...sent, operator_id: 'u2', operator_name: 'Erika', cart_level_discounts: [] })
  const changed = await till.amend(amended, { ...basket(id, 1), note: 'Tisch 5', customer: { name: 'Max' } })
  expect(changed).toMatchObject({ note: 'Tisch 5', customer: { name: 'Max' }, external_id: 'pos-7', operator_id: 'u2' })
  for (const [member, value] of [
    ['type', 'return'],
    ['source', 'ONLINE'],
    ['register_id', 'reg_other'],
    ['currency', 'USD'],
    ['training', true],
    ['related_operation_id', open.id],
    ['external_related_operation', { description: 'd', external_operation_id: 'e' }],
  ] as const) {
    const refusal = await till.refused(amending(changed, { ...basket(id, 1), [member]: value }))
    expect(refusal).toMatchObject({ status: 422, code: 'unprocessable_entity', details: { pointer: `/${member}` } })
    expect(refusal).toMatchObject({ fiscal_effect: 'none' })
  }
})

test('an amendment is refused in the order of the checks, and changes nothing then', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(basket(id, 1))
  const amend = (more: Partial<Call> = {}, body: Members = basket(id, 2)): Call => ({
    ...amending(open, body),
    ...more,
  })
  const { ifMatch: _version, ...unversioned } = amend()
  const unkeyed = amend({ headers: { 'Idempotency-Key': undefined } })
  const head = bench.head()
  for (const [call, status, code] of [
    [unkeyed, 400, 'invalid_request'],
    [amend({}, { total_amount: '0.00' }), 400, 'invalid_request'],
    [amend({}, { ...basket(id, 1), tax_amount: undefined }), 400, 'invalid_request'],
    [amend({}, { ...basket(id, 1), tax_amount: undefined, type: 'return' }), 400, 'invalid_request'],
    [amend({}, { ...basket(id, 1), total_amount: '9.00', type: 'return' }), 422, 'unprocessable_entity'],
    [amend({ path: '/v1/operations/op_nowhere' }), 404, 'not_found'],
    [unversioned, 428, 'precondition_required'],
    [amend({ ifMatch: 2 }), 412, 'precondition_failed'],
    [amend({}, { ...basket(id, 1), total_amount: '9.00' }), 422, 'amount_mismatch'],
    [amend({}, { line_items: [], total_amount: '1.00' }), 422, 'amount_mismatch'],
    [amend({}, goods('sale', id, [['1.00', '0.21']])), 422, 'tax_rate_not_supported'],
    [amend({}, goods('sale', id, [['-1.00', '0.07']])), 422, 'unprocessable_entity'],
  ] as const)
    expect(await till.refused(call), JSON.stringify(call)).toMatchObject({ status, code, fiscal_effect: 'none' })
  expect(bench.requestedSince(head)).toEqual([])
  await till.complete(open, [pay('cash', '4.00')])
  expect(await till.refused(amend({ ifMatch: 2 }))).toMatchObject({ status: 409, code: 'operation_invalid_state' })
  const [opening] = await till.list('/v1/operations?type=session_open')
  const session = { id: String(opening?.['id']), resource_version: 1 }
  expect(await till.refused(amending(session, basket(id, 1)))).toMatchObject({ code: 'operation_invalid_state' })
})

test('goods of a completion are refused as a whole, and a completion needs a line', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(begin(id))
  const cash = [pay('cash', '0.00')]
  const head = bench.head()
  for (const [more, status, code, pointer] of [
    [{}, 422, 'unprocessable_entity', '/line_items'],
    [{ line_items: [] }, 422, 'unprocessable_entity', '/line_items'],
    [{ total_amount: '0.00' }, 422, 'unprocessable_entity', '/total_amount'],
    [{ tip_amount: '0.00' }, 422, 'unprocessable_entity', '/line_items'],
    [{ cart_level_discounts: [] }, 422, 'unprocessable_entity', '/cart_level_discounts'],
    [{ ...NO_AMOUNTS, line_items: basket(id, 1)['line_items'] }, 422, 'amount_mismatch', undefined],
    [{ line_items: basket(id, 1)['line_items'] }, 400, 'invalid_request', undefined],
  ] as const) {
    const refusal = await till.refused(completion(open, cash, more))
    expect(refusal, JSON.stringify(more)).toMatchObject({ status, code, fiscal_effect: 'none' })
    if (pointer !== undefined) expect(refusal).toMatchObject({ details: { pointer } })
  }
  expect(bench.requestedSince(head)).toEqual([])
  expect(await till.read(open.id)).toEqual(open)
  expect(await till.refused(completion(open, cash))).toMatchObject({ message: expect.stringContaining('void it') })
  expect(await till.void(open)).toMatchObject({ status: 'voided', line_items: [] })
})

test('of two amendments with one version one wins, and a repeated key gets the answer of the first', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(begin(id), 'basket')
  const calls = [amending(open, basket(id, 1)), amending(open, basket(id, 2))]
  const answers = await Promise.all(calls.map((call) => till.call(call)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
  const won = answers.findIndex(({ status }) => status === 200)
  const repeated = await till.call(calls[won] as Call)
  expect([repeated.text, repeated.headers.get('idempotent-replayed')]).toEqual([answers[won]?.text, 'true'])
  expect(await till.refused({ ...(calls[won] as Call), body: basket(id, 3) })).toMatchObject({
    code: 'idempotency_key_conflict',
  })
  // The create was answered before: its answer stays the one of version 1.
  const created = await till.call({ path: '/v1/operations', body: begin(id), key: 'basket' })
  expect(created.json).toMatchObject({ resource_version: 1, line_items: [] })
})

test('a dry run shows the amended operation and journals nothing', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(basket(id, 2))
  const head = bench.head()
  const call = { ...amending(open, basket(id, 1)), headers: { Prefer: 'dry-run' } }
  const trial = await till.call(call)
  expect([trial.status, trial.headers.get('preference-applied')]).toEqual([200, 'dry-run'])
  expect(trial.json).toMatchObject({
    resource_version: 2,
    total_amount: '4.00',
    cancelled_line_items: [{ quantity: '1' }],
  })
  expect(trial.json).toHaveProperty('explanation')
  expect(bench.requestedSince(head)).toEqual([])
  expect(await till.read(open.id)).toEqual(open)
})

test('the stream of changes names each amendment, between the begin and the end', async () => {
  await using bench = await Bench.open()
  const { id, till, key } = await bench.till()
  const reader = await ChangeReader.open(bench.url, { 'X-Register-Api-Key': key })
  const open = await till.create(begin(id))
  await till.amend(open, basket(id, 1))
  await till.call({ ...voiding(open), ifMatch: 2 })
  await reader.until(() => reader.told.some((told) => told.event === 'operation.voided'))
  const kinds = reader.told.filter(({ data }) => data.id === open.id).map(({ event, data }) => [event, data.state])
  expect(kinds).toEqual([
    ['operation.created', 'open'],
    ['operation.amended', 'open'],
    ['operation.voided', 'voided'],
    ['operation.fiscal', 'succeeded'],
  ])
  reader.close()
})

test('an open operation that was amended blocks the count of its session until it ends', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(begin(id))
  await till.amend(open, basket(id, 1))
  const count = { path: '/v1/operations', body: event('session_cash_count', id, { counted_closing_amount: '54.00' }) }
  expect(await till.refused(count)).toMatchObject({ status: 409, code: 'open_operations' })
  await till.call({ ...completion(open, [pay('cash', '4.00')]), ifMatch: 2 })
  expect((await till.call(count)).json).toMatchObject({ closing_cashcount_diff: '0.00' })
  await till.create(event('session_close', id, { business_date: today() }))
})

test('an order begins with nothing, and its amendments add their amounts up; a transfer sends its own', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const group = { allocation_group: 'Tisch 7' }
  const order = await till.create({ type: 'order', register_id: id, currency: 'EUR', line_items: [], ...group })
  expect(order).toMatchObject({ ...NO_AMOUNTS, ...group, status: 'open' })
  const { line_items } = basket(id, 2)
  const amended = await till.amend(order, { line_items, allocation_group: 'Tisch 8' })
  expect(amended).toMatchObject({ total_amount: '5.20', pretax_amount: '4.59', allocation_group: 'Tisch 8' })
  const call = { ...completion(order, []), ifMatch: 2 }
  const last = { ...call, body: { line_items: basket(id, 1)['line_items'] } }
  const done = await till.call(last)
  expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: '4.00', resource_version: 3 })
  expect(done.json).toMatchObject({ cancelled_line_items: [{ quantity: '1', total_amount: '1.20' }] })
  const transfer = await till.create({ type: 'transfer', register_id: id, currency: 'EUR', line_items: [] })
  for (const [body, status, pointer] of [
    [{ line_items }, 400, '/pretax_amount'],
    [{ ...basket(id, 1), type: 'transfer', cart_level_discounts: [] }, 400, '/cart_level_discounts'],
    [{ ...basket(id, 1), type: 'sale' }, 422, '/type'],
  ] as const) {
    const refusal = await till.refused(amending(transfer, body))
    expect(refusal, JSON.stringify(body)).toMatchObject({ status, fiscal_effect: 'none' })
    expect(JSON.stringify(refusal.details)).toContain(pointer)
  }
  const sold = await till.create(begin(id, 'deposit'))
  expect(await till.refused(amending(sold, { line_items: [], ...group }))).toMatchObject({ status: 400 })
  const many = Array.from({ length: 101 }, () => (line_items as Members[])[0])
  const other = await till.create({ type: 'order', register_id: id, currency: 'EUR', line_items: [], ...group })
  expect(await till.refused(amending(other, { line_items: many }))).toMatchObject({ status: 400 })
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('every type of goods begins with nothing and is completed with them: training, web sales and returns too', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const { office } = bench
  const whole = [
    [till, goods('sale', id, [['1.00', '0.07']], { training: true }), '1.00'],
    [till, goods('return', id, [['-2.00', '0.19']], elsewhere), '-2.00'],
    [
      till,
      goods(
        'exchange',
        id,
        [
          ['-2.00', '0.19'],
          ['5.00', '0.07'],
        ],
        elsewhere,
      ),
      '3.00',
    ],
    [till, goods('deposit', id, [['9.00', '0.19', { type: 'deposit' }]]), '9.00'],
    [office, goods('sale', null, [['4.00', '0.19']]), '4.00'],
  ] as const
  for (const [client, body, total] of whole) {
    const { line_items, ...others } = body
    const open = await client.create({ ...others, ...NO_AMOUNTS, line_items: [] }, `begin-${total}`)
    const amended = await client.amend({ ...open, id: `key:begin-${total}` }, body)
    expect(amended).toMatchObject({ resource_version: 2, total_amount: total })
    const empty = await client.amend(amended, { line_items: [] })
    expect(empty).toMatchObject({ ...NO_AMOUNTS, cancelled_line_items: expect.arrayContaining([expect.anything()]) })
    const { pretax_amount, tax_amount, tip_amount, total_amount } = body
    const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    const method = body['source'] === 'ONLINE' ? 'online' : 'cash'
    const call = completion(open, [pay(method, total)], last)
    const done = await client.call({ ...call, path: `/v1/operations/key:begin-${total}/complete`, ifMatch: 3 })
    expect(done.json, done.text).toMatchObject({ status: 'completed', total_amount: total, resource_version: 4 })
    if (body['training'] === true) expect(done.json).toMatchObject({ training: true })
  }
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '60.00' })
  const other = await bench.register((await bench.office.list('/v1/locations'))[0]?.['id'] as string)
  const open = await till.create(begin(id))
  expect(await other.till.refused(amending(open, basket(id, 1)))).toMatchObject({ status: 404, code: 'not_found' })
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})
