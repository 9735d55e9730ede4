import { expect, test } from 'vitest'
import { today } from '../today.ts'
import { Bench } from './bench.ts'
import type { Answer } from './client.ts'
import { completion, processData, voiding } from './client.ts'
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
