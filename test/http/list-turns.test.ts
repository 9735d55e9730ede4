import { expect, test } from 'vitest'
import { ReadQueue } from '../../agent/http/read-queue.ts'
import { loopTurn, requestBytes, startHttp } from './harness.ts'
import { MemoryApplication } from './memory-application.ts'
import { RawConnection } from './raw-client.ts'

const PATH = '/v1/operations?limit=200'
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
  const pages = await Promise.all(Array.from({ length: 12 }, () => http.call({ path: PATH })))
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]))
  expect([new Set(turns).size, rows]).toEqual([12 * 15, 10])
  expect(turns).toHaveLength(12 * 15)
})

test('the portions of a page are one list, in order and canonical', async () => {
  const shop = application()
  await using http = await startHttp({}, shop)
  const whole = [...shop.operationsById.values()].map(({ a, id, z }) => ({ a, id, z }))
  const { body } = await http.call({ path: PATH })
  expect(body).toBe(JSON.stringify({ data: whole, next_cursor: null }))
  const { body: part } = await http.call({ path: '/v1/operations?limit=45' })
  expect(part).toBe(JSON.stringify({ data: whole.slice(0, 45), next_cursor: '45' }))
})

test('portions without a match are skipped within the same page', async () => {
  const shop = new MemoryApplication()
  let asked = 0
  shop.operations.list = (_access, { cursor }) => {
    asked++
    const at = Number(cursor ?? 0)
    return at < 30 ? { data: [], next_cursor: String(at + 1) } : { data: [{ id: 'op_1' }], next_cursor: null }
  }
  await using http = await startHttp({}, shop)
  expect((await http.json({ path: PATH })).json).toEqual({ data: [{ id: 'op_1' }], next_cursor: null })
  expect(asked).toBe(31)
})

test('items that are read one by one are read one per event-loop turn, however many are requested at once', async () => {
  const shop = new MemoryApplication()
  const turns: number[] = []
  shop.operations.get = (_access, id) => {
    turns.push(loopTurn())
    return { id }
  }
  await using http = await startHttp({}, shop)
  const connection = new RawConnection(http.port)
  connection.write(Buffer.concat(Array(8).fill(requestBytes(http.port, { path: '/v1/operations/op_1' }))))
  for (let count = 0; count < 8; count++) expect((await connection.answer())?.status).toBe(200)
  connection.socket.destroy()
  expect([turns.length, new Set(turns).size]).toEqual([8, 8])
})

test('keys read one after the other, and a cancelled read takes no slot', async () => {
  const reads = new ReadQueue()
  const order: string[] = []
  const read = (key: string) => reads.wait(key).then(() => order.push(key))
  const cancel = reads.take('a', () => order.push('cancelled'))
  const all = ['a', 'a', 'a', 'b', 'c', 'b'].map(read)
  cancel()
  await Promise.all(all)
  expect(order.join('')).toBe('abcaba')
  await read('a')
  expect(order).toHaveLength(7)
})
