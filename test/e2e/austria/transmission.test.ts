import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { ChangeReader } from '../change-reader.ts'
import { event } from '../goods.ts'
import { austrianTill, ONE_CARD, sell } from './shop.ts'

test('a Jahresbeleg is pending until its check is confirmed, and its repeated request keeps its bytes', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till, key } = register
  await sell(register, '2.00')
  const close = { path: `/v1/registers/${id}/closings`, body: { type: 'annual' }, key: 'year-1' }
  const first = await till.call(close)
  expect(first.json).toMatchObject({ type: 'annual', transmission_status: 'pending', transmitted_at: null })
  const changes = await ChangeReader.open(bench.url, { 'X-Register-Api-Key': key })
  const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
  const check = tasks.find((task) => task.id.startsWith('yearly-check-'))
  expect(check).not.toHaveProperty('closing_id')
  await bench.agent.administration.confirmTask(String(check?.id))
  await changes.until(() => changes.words().includes('closing.changed transmitted'))
  changes.close()
  const path = `/v1/closings/${String(first.json['id'])}`
  const newest = await till.get(path)
  expect(newest).toMatchObject({ transmission_status: 'transmitted' })
  expect(newest['transmitted_at']).toMatch(/^20/)
  expect((await till.call(close)).text).toBe(first.text)
  await bench.restart()
  expect((await till.call(close)).text).toBe(first.text)
  expect(await till.get(path)).toEqual(newest)
})

test('the other closings need no transmission', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  for (const type of ['zero', 'daily', 'shift'])
    expect(await till.post(`/v1/registers/${id}/closings`, { type })).toMatchObject({
      ...{ transmission_status: 'not_required', transmitted_at: null },
    })
})
