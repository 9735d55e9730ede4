// @module-tag heavy
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { computedMs } from '../computed.ts'
import { once } from '../waits.ts'
import { deferred, requestBytes, startHttp } from './harness.ts'
import { goodSale } from './memory-application.ts'
import { RawConnection, rawExchange } from './raw-client.ts'

const PATH = '/v1/operations'

test('a URL over 2 KiB, headers over 16 KiB and more than 100 headers are refused', async () => {
  await using http = await startHttp()
  const many = Object.fromEntries(Array.from({ length: 98 }, (_, index) => [`X-H-${index}`, 'v']))
  expect((await http.call({ path: '/healthz', headers: many })).status).toBe(200)
  expect((await http.call({ path: `/healthz?${'x'.repeat(2_048 - 9)}` })).status).toBe(200)
  const refused = [
    { path: `/healthz?${'x'.repeat(2_048)}` },
    { path: '/healthz', headers: { 'X-Long': 'x'.repeat(17_000) } },
    { path: '/healthz', headers: { ...many, 'X-A': '1' } },
    { path: '/healthz', headers: { ...many, 'X-A': '1', 'X-B': '2', 'X-C': '3', 'X-D': '4' } },
  ]
  for (const request of refused) {
    const answer = await http.json(request)
    expect([answer.status, answer.json.details['reason']]).toEqual([400, 'header'])
  }
})

test('headers that trickle in are cut off at the limit, and so is a body', async () => {
  await using http = await startHttp({ headersTimeoutMs: 150, requestTimeoutMs: 300 })
  const request = requestBytes(http.port, { path: PATH, body: goodSale() })
  for (const sent of [25, request.length - 5]) {
    const answer = await rawExchange(http.port, request.subarray(0, sent))
    expect(answer?.status).toBe(400)
    expect(JSON.parse(answer?.body ?? '').details.reason).toBe('header')
  }
  expect(http.application.operationsById.size).toBe(0)
  expect((await http.call({ path: PATH, body: goodSale() })).status).toBe(201)
})

test('a request that ends at any byte changes nothing, and the next one is served', async () => {
  await using http = await startHttp()
  const request = requestBytes(http.port, { path: PATH, body: goodSale() })
  for (let sent = 0; sent < request.length; sent += 5) {
    const connection = new RawConnection(http.port)
    connection.write(request.subarray(0, sent))
    if (sent % 2 === 0) connection.socket.destroySoon()
    else connection.socket.resetAndDestroy()
    await connection.close()
  }
  expect((await http.call({ path: '/healthz' })).status).toBe(200)
  expect(http.application.operationsById.size).toBe(0)
  expect((await http.call({ path: PATH, body: goodSale() })).status).toBe(201)
  expect(http.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a caller that leaves after its sale was accepted does not cancel it', async () => {
  await using http = await startHttp()
  const accepted = deferred()
  const finished = deferred()
  http.application.onAccepted = accepted.resolve
  http.application.accepted = finished.promise
  const headers = { 'Idempotency-Key': 'k-1' }
  const connection = new RawConnection(http.port)
  connection.write(requestBytes(http.port, { path: PATH, body: goodSale(), headers }))
  await accepted.promise
  connection.socket.resetAndDestroy()
  await connection.close()
  finished.resolve()
  const again = await http.call({ path: PATH, body: goodSale(), headers })
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true'])
  expect(http.application.operationsById.size).toBe(1)
})

test('a body of 100 MB is answered 413 at once and is not kept', async () => {
  await using http = await startHttp()
  const chunk = Buffer.alloc(64 * 1024, 0x20)
  const before = process.memoryUsage().rss
  for (const chunked of [false, true]) {
    const connection = new RawConnection(http.port)
    const framing = chunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 100000000'
    const [head = ''] = requestBytes(http.port, { method: 'POST', path: PATH }).toString().split('\r\n\r\n')
    connection.write(`${head}\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`)
    let sent = 0
    while (sent < 100_000_000 && !connection.closed) {
      if (chunked) connection.write(`${chunk.length.toString(16)}\r\n`)
      connection.write(chunk)
      if (chunked) connection.write('\r\n')
      sent += chunk.length
      if (connection.socket.writableNeedDrain) {
        await Promise.race([new Promise((drained) => connection.socket.once('drain', drained)), connection.close()])
      }
    }
    const answer = await connection.answer()
    expect(answer?.status).toBe(413)
    expect(sent).toBeLessThan(40_000_000)
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
  expect((await http.call({ path: PATH, body: goodSale() })).status).toBe(201)
})

test('a client that sends its whole oversized body before it reads still finds the 413', async () => {
  await using http = await startHttp()
  const connection = new RawConnection(http.port)
  connection.socket.pause()
  const whole = requestBytes(http.port, { path: PATH, body: Buffer.alloc(15 * 1024 * 1024, 0x20) })
  await new Promise((sent) => connection.socket.write(whole, sent))
  connection.socket.resume()
  expect((await connection.answer())?.status).toBe(413)
  await connection.close()
})

test('a million members and a depth of 10,000 do not stop the loop for long', async () => {
  await using http = await startHttp()
  const members = Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(',')
  expect((await http.call({ path: PATH, body: `{${members}}` })).status).toBe(413)
  const heavy = [
    `{${members.slice(0, 1_000_000).replace(/,[^,]*$/, '')}}`,
    `[${'[],'.repeat(330_000)}[]]`,
    `[${'0,'.repeat(500_000)}0]`,
    `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
  ]
  for (const body of heavy) {
    const started = computedMs()
    expect((await http.call({ path: PATH, body })).status).toBe(400)
    expect(computedMs() - started).toBeLessThan(2_000)
  }
})

test('1,000 clients at once are all answered', async () => {
  await using http = await startHttp()
  const sales = Array.from({ length: 1_000 }, async () => http.call({ path: PATH, body: goodSale() }))
  const statuses = new Set((await Promise.all(sales)).map(({ status }) => status))
  expect([...statuses]).toEqual([201])
  expect(http.application.operationsById.size).toBe(1_000)
})

test('silent or idle connections of strangers replace each other and never a till', async () => {
  await using http = await startHttp()
  const till = new RawConnection(http.port)
  till.write(requestBytes(http.port, { path: PATH, body: goodSale() }))
  expect((await till.answer())?.status).toBe(201)
  const strangers: Socket[] = []
  const ended: Promise<unknown>[] = []
  for (let count = 0; count < 2_300; count++) {
    const socket = connect(http.port, '127.0.0.1')
    socket.on('error', () => undefined)
    ended.push(new Promise((resolve) => socket.once('close', resolve)))
    socket.resume()
    strangers.push(socket)
    await once(socket, 'connect')
    // A connection that was answered and asks nothing else is as idle as a silent one.
    if (count % 2 === 1)
      socket.write(requestBytes(http.port, { path: '/healthz', headers: { Authorization: undefined } }))
  }
  // The oldest are closed; a till that comes now is served, and so is the one that came before all.
  await Promise.all(ended.slice(0, 1_000))
  expect((await http.call({ path: PATH, body: goodSale() })).status).toBe(201)
  till.write(requestBytes(http.port, { path: PATH, body: goodSale() }))
  expect((await till.answer())?.status).toBe(201)
  for (const socket of [...strangers, till.socket]) socket.destroy()
})

test('a program that forgets its connections loses the oldest of them, and each new one is served', async () => {
  await using http = await startHttp()
  const open: RawConnection[] = []
  for (let count = 0; count < 2_100; count++) {
    const connection = new RawConnection(http.port)
    connection.write(requestBytes(http.port, { path: '/v1/merchants' }))
    expect((await connection.answer())?.status).toBe(200)
    open.push(connection)
  }
  for (const { socket } of open) socket.destroy()
})

test('requests of one connection are answered in order, also before one that is broken', async () => {
  await using http = await startHttp()
  const accepted = deferred()
  const finished = deferred()
  http.application.onAccepted = accepted.resolve
  http.application.accepted = finished.promise
  const connection = new RawConnection(http.port)
  connection.write(
    Buffer.concat([requestBytes(http.port, { path: PATH, body: goodSale() }), Buffer.from('BROKEN\r\n\r\n')]),
  )
  await accepted.promise
  finished.resolve()
  expect((await connection.answer())?.status).toBe(201)
  expect((await connection.answer())?.status).toBe(400)
  await connection.close()
})

test('a refusal does not swallow the next request of the connection', async () => {
  await using http = await startHttp()
  const connection = new RawConnection(http.port)
  const wrong = { 'Content-Type': 'text/plain' }
  connection.write(
    Buffer.concat([
      requestBytes(http.port, { path: PATH, body: goodSale(), headers: wrong }),
      requestBytes(http.port, { path: PATH, body: goodSale() }),
    ]),
  )
  expect((await connection.answer())?.status).toBe(415)
  expect((await connection.answer())?.status).toBe(201)
  connection.socket.destroy()
})
