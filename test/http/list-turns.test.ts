import { expect, test } from 'vitest'
import { loopTurn, startHttp } from './harness.ts'
import { MemoryApplication } from './memory-application.ts'

const path = '/v1/operations?limit=200'
const OPERATIONS = 150

function application(): MemoryApplication {
  const application = new MemoryApplication()
  for (let number = 0; number < OPERATIONS; number++)
    application.operationsById.set(`op_${number}`, { id: `op_${number}`, z: 1, a: number })
  return application
}

test('a list is read in portions, one a turn of the event loop, however many are asked for at once', async () => {
  const shop = application()
  const { list } = shop.operations
  const turns: number[] = []
  let rows = 0
  const read: typeof list = (access, query) => {
    turns.push(loopTurn())
    rows = Math.max(rows, query.limit)
    return list(access, query)
  }
  shop.operations.list = read
  await using http = await startHttp({}, shop)
  const pages = await Promise.all(Array.from({ length: 12 }, () => http.call({ path })))
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]))
  expect([new Set(turns).size, rows]).toEqual([12 * 15, 10])
  expect(turns).toHaveLength(12 * 15)
})

test('the portions of a page are one list, in order and canonical', async () => {
  const shop = application()
  await using http = await startHttp({}, shop)
  const whole = [...shop.operationsById.values()].map(({ a, id, z }) => ({ a, id, z }))
  const { body } = await http.call({ path })
  expect(body).toBe(JSON.stringify({ data: whole, next_cursor: null }))
  const { body: part } = await http.call({ path: '/v1/operations?limit=45' })
  expect(part).toBe(JSON.stringify({ data: whole.slice(0, 45), next_cursor: '45' }))
})

test('portions in which nothing fits are gone past within the same page', async () => {
  const shop = new MemoryApplication()
  let asked = 0
  shop.operations.list = (_access, { cursor }) => {
    asked++
    const at = Number(cursor ?? 0)
    return at < 30 ? { data: [], next_cursor: String(at + 1) } : { data: [{ id: 'op_1' }], next_cursor: null }
  }
  await using http = await startHttp({}, shop)
  expect((await http.json({ path })).json).toEqual({ data: [{ id: 'op_1' }], next_cursor: null })
  expect(asked).toBe(31)
})
