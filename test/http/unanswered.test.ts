import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { requestBytes, startHttp } from './harness.ts'
import { goodSale } from './memory-application.ts'
import { RawConnection } from './raw-client.ts'

const PATH = '/v1/operations'

/** Sales are begun and not answered until the promise is settled; `begun` counts them. */
async function startWaiting() {
  const http = await startHttp()
  let finish: () => void = () => undefined
  let begun = 0
  http.application.onAccepted = () => {
    begun++
  }
  http.application.accepted = new Promise((resolve) => {
    finish = resolve
  })
  const sales = (count: number) =>
    Buffer.concat(Array.from({ length: count }, () => requestBytes(http.port, { path: PATH, body: goodSale() })))
  return { http, sales, finish, begun: () => begun }
}

test('eight pipelined requests are answered in their order', async () => {
  const { http, sales, finish } = await startWaiting()
  await using _ = http
  const connection = new RawConnection(http.port)
  connection.write(sales(8))
  finish()
  for (let count = 0; count < 8; count++) expect((await connection.answer())?.status).toBe(201)
  connection.write(sales(8))
  for (let count = 0; count < 8; count++) expect((await connection.answer())?.status).toBe(201)
  connection.socket.destroy()
})

test('a client that sends more without waiting for an answer is cut off, and only those eight are begun', async () => {
  const { http, sales, finish, begun } = await startWaiting()
  await using _ = http
  const connection = new RawConnection(http.port)
  connection.write(sales(40))
  await connection.close()
  expect(begun()).toBeLessThanOrEqual(8)
  finish()
})

test('one read from a stranger yields only the admitted requests', async () => {
  await using http = await startHttp()
  let serial = 0
  const count = (): void => {
    serial++
  }
  subscribe('http.server.request.start', count)
  try {
    const stranger = new RawConnection(http.port)
    stranger.write('GET / HTTP/1.1\r\n\r\n'.repeat(3_640))
    await stranger.close()
    expect(serial).toBeGreaterThan(0)
    expect(serial).toBeLessThanOrEqual(9)
  } finally {
    unsubscribe('http.server.request.start', count)
  }
})

test('over all connections at most 256 requests wait, and again 256 once those are finished', async () => {
  const { http, sales, finish, begun } = await startWaiting()
  await using _ = http
  for (const round of [1, 2]) {
    const before = begun()
    const open = Array.from({ length: 128 }, () => new RawConnection(http.port))
    for (const connection of open) connection.write(sales(3))
    await expect.poll(() => begun() - before).toBe(3 * 128)
    const late = new RawConnection(http.port)
    late.write(sales(2))
    await late.close()
    expect((await http.call({ path: '/healthz' })).status).toBe(200)
    for (const { socket } of open) socket.resetAndDestroy()
    const told = () => http.lines.filter(({ aborted }) => aborted === true).length
    await expect.poll(told).toBe(round * (3 * 128 + 1))
  }
  finish()
})
