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
  expect(check).not.toHaveProperty('closing_ids')
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

test('a Jahresbeleg that a later one of its year replaces needs no transmission once that is checked', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const closed: string[] = []
  const close = async (): Promise<void> => {
    await sell(register, '2.00')
    closed.push(String((await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'annual' }))['id']))
  }
  const states = () =>
    Promise.all(closed.map(async (id) => (await register.till.get(`/v1/closings/${id}`))['transmission_status']))
  const confirm = async (): Promise<void> => {
    const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
    const checks = tasks.filter(({ id }) => id.startsWith('yearly-check-'))
    expect(checks).toHaveLength(1)
    expect(checks[0]).not.toHaveProperty('closing_ids')
    await bench.agent.administration.confirmTask(String(checks[0]?.id))
  }
  await close()
  await close()
  expect(await states()).toEqual(['pending', 'pending'])
  await confirm()
  expect(await states()).toEqual(['not_required', 'transmitted'])
  await close()
  await confirm()
  expect(await states()).toEqual(['not_required', 'transmitted', 'transmitted'])
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
