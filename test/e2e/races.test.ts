// @module-tag heavy
import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import type { Answer, Operation } from './client.ts'
import { amending, completion, processData, voiding } from './client.ts'
import { event, goods, pay } from './goods.ts'

function outcomes(answers: readonly Answer[]): string[] {
  return answers.map(({ status, json }) => `${status} ${String(json['code'] ?? json['status'])}`).sort()
}

test('of two session_opens at the same instant exactly one wins', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  const body = event('session_open', id, { opening_balance_amount: '50.00' })
  const answers = await Promise.all([1, 2, 3].map(() => till.call({ path: '/v1/operations', body })))
  expect(outcomes(answers)).toEqual(['201 completed', '409 session_invalid_state', '409 session_invalid_state'])
  expect(await till.list('/v1/sessions')).toHaveLength(1)
})

test('of two completions, two voids, or one of each, exactly one wins and one transaction ends', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const opened = () => till.create(goods('sale', id, [['1.00', '0.07']]))
  const done = (open: { id: string }) => completion(open, [pay('cash', '1.00')])
  const races = [
    [done, done],
    [voiding, voiding],
    [done, voiding],
    [voiding, done],
  ]
  for (const race of races) {
    const open = await opened()
    const answers = await Promise.all(race.map((call) => till.call(call(open))))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses, JSON.stringify(outcomes(answers))).toEqual([200, expect.toBeOneOf([409, 412])])
    const end = await till.read(open.id)
    expect([end.resource_version, end.fiscal.state]).toEqual([2, 'succeeded'])
    const won = answers.find(({ status }) => status === 200)
    expect(won?.json).toEqual(end)
    expect(processData(end)).toMatch(end.status === 'voided' ? /^AVBelegabbruch/ : /^Beleg/)
  }
  expect(await till.get('/v1/devices')).toMatchObject({ data: [{ state: 'ready' }] })
})

test('of two amendments, or one and an end, with one version exactly one wins, and the other changes nothing', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const amend = (amount: string) => (open: Operation) => amending(open, goods('sale', id, [[amount, '0.07']]))
  const done = (open: Operation) => completion(open, [pay('cash', '1.00')])
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods('sale', id, [['4.00', '0.07']])
  const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
  const doneWith = (open: Operation) => completion(open, [pay('cash', '4.00')], last)
  const races = [
    [amend('2.00'), amend('3.00')],
    [amend('2.00'), done],
    [done, amend('2.00')],
    [amend('2.00'), doneWith],
    [doneWith, amend('2.00')],
    [voiding, amend('2.00')],
    [amend('2.00'), voiding],
    [doneWith, done],
  ]
  let drawer = 50
  for (const race of races) {
    const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
    const answers = await Promise.all(race.map((call) => till.call(call(open))))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses, JSON.stringify(outcomes(answers))).toEqual([200, expect.toBeOneOf([409, 412, 503])])
    const end = await till.read(open.id)
    const won = answers.find(({ status }) => status === 200)
    expect(won?.json).toEqual(end)
    expect(end.resource_version).toBe(2)
    if (end.status === 'open') await till.call({ ...voiding(open), ifMatch: 2 })
    if (end.status === 'completed') drawer += Number('total_amount' in end ? end.total_amount : 0)
  }
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: drawer.toFixed(2) })
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('an amendment at the instant of the count or of the close of its session is made, and nothing is closed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const ends = [
    event('session_cash_count', id, { counted_closing_amount: '50.00' }),
    event('session_close', id, { business_date: today() }),
  ]
  for (const body of ends) {
    const open = await till.create({ ...goods('sale', id, []), line_items: [] })
    const count = { path: '/v1/operations', body }
    const calls = [count, amending(open, goods('sale', id, [['1.00', '0.07']])), count]
    const answers = await Promise.all(calls.map((call) => till.call(call)))
    const refused = expect.toBeOneOf(['409 open_operations', '409 session_not_counted'])
    expect(outcomes(answers)).toEqual(['200 open', refused, refused])
    await till.call({ ...voiding(open), ifMatch: 2 })
  }
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ state: 'open' })
})

test('a count and a sale at the same instant: one finds the state that the other left', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const count = { path: '/v1/operations', body: event('session_cash_count', id, { counted_closing_amount: '50.00' }) }
  const sale = { path: '/v1/operations', body: goods('sale', id, [['1.00', '0.07']]) }
  for (const race of [
    [count, sale],
    [sale, count],
  ] as const) {
    const answers = await Promise.all(race.map((call) => till.call(call)))
    const codes = outcomes(answers)
    const open = answers.find(({ json }) => json['status'] === 'open')
    if (open === undefined) {
      expect(codes).toEqual(['201 completed', '409 session_already_counted'])
      await till.create(event('session_close', id, { business_date: today() }))
      await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
    } else {
      expect(codes).toEqual(['201 open', '409 open_operations'])
      await till.void({ id: String(open.json['id']) })
    }
  }
})

test('two fiscalizations at the same instant: one wins, and only its key is returned', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'K' })
  const path = `/v1/registers/${String(id)}/fiscalize`
  const answers = await Promise.all([1, 2].map(() => bench.office.call({ path, body: {} })))
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409])
  expect(answers.filter(({ json }) => 'register_api_key' in json)).toHaveLength(1)
  const keys = bench.agent.administration.listKeys().filter(({ kind }) => kind === 'register')
  expect(keys).toHaveLength(1)
})
