import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect as connectSecure } from 'node:tls'
import { afterAll, expect, test } from 'vitest'
import { Authority } from '../sync/servers/certificates.ts'
import { once } from '../waits.ts'
import { deferred, requestBytes, startHttp } from './harness.ts'
import { goodSale, MemoryApplication } from './memory-application.ts'

const PATH = '/v1/operations'

const authority = new Authority()
const { cert, key } = authority.issue('IP:127.0.0.1')
afterAll(() => authority.remove())
const TLS = { cert, key, demandsClient: false }

/** All that arrives until the other end shuts its side, too. */
async function rest(socket: Socket): Promise<string> {
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    text += String(bytes)
  })
  await once(socket, 'close')
  return text
}

async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setImmediate(resolve))
}

function plain(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect').then(() => socket)
}

function secure(port: number): Promise<TLSSocket> {
  const options = { port, host: '127.0.0.1', ca: authority.ca, allowHalfOpen: true }
  const socket = connectSecure(options)
  return once(socket, 'secureConnect').then(() => socket)
}

const doors = [
  { name: 'without TLS', tls: undefined, open: plain },
  { name: 'over TLS', tls: TLS, open: secure },
]

test.each(doors)('a till that shuts its sending side after a sale gets the answer: $name', async ({ tls, open }) => {
  await using http = await startHttp(tls && { tls })
  const accepted = deferred()
  const finished = deferred()
  http.application.onAccepted = accepted.resolve
  http.application.accepted = finished.promise
  const socket = await open(http.port)
  const heard = rest(socket)
  socket.end(requestBytes(http.port, { path: PATH, body: goodSale() }))
  await accepted.promise
  // The end of the sending side has arrived once a later connection was answered.
  const probe = await open(http.port)
  const answered = rest(probe)
  probe.end(requestBytes(http.port, { path: '/healthz' }))
  expect(await answered).toMatch(/^HTTP\/1\.1 200 /)
  finished.resolve()
  expect(await heard).toMatch(/^HTTP\/1\.1 201 [\s\S]*"id":/)
})

test.each(doors)('pipelined requests before the half-close are all answered: $name', async ({ tls, open }) => {
  await using http = await startHttp(tls && { tls })
  const socket = await open(http.port)
  const heard = rest(socket)
  const request = requestBytes(http.port, { path: '/v1/operations' })
  socket.end(Buffer.concat([request, request, request]))
  expect((await heard).match(/HTTP\/1\.1 \d+/g)).toEqual(Array(3).fill('HTTP/1.1 200'))
})

test.each(doors)('a body that is cut off is refused with 400: $name', async ({ tls, open }) => {
  await using http = await startHttp(tls && { tls })
  const bytes = requestBytes(http.port, { path: PATH, body: goodSale() })
  for (const cut of [bytes.length - 1, bytes.indexOf('\r\n\r\n') + 4, bytes.indexOf('\r\n\r\n'), 20]) {
    const socket = await open(http.port)
    const heard = rest(socket)
    socket.end(bytes.subarray(0, cut))
    expect(await heard, `${cut} bytes`).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/)
  }
  const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }
  const chunked = requestBytes(http.port, { method: 'POST', path: PATH, headers })
  const socket = await open(http.port)
  const heard = rest(socket)
  socket.end(Buffer.concat([chunked, Buffer.from('5\r\n{"typ\r\n')]))
  expect(await heard, 'chunked').toMatch(/^HTTP\/1\.1 400 /)
  expect(http.application.mutations.length).toBe(0)
})

test.each(doors)('a connection that sends nothing and half-closes is closed: $name', async ({ tls, open }) => {
  await using http = await startHttp(tls && { tls })
  const socket = await open(http.port)
  const heard = rest(socket)
  socket.end()
  expect(await heard).toBe('')
})

test.each(doors)('a stream of changes ends at the half-close of its reader: $name', async ({ tls, open }) => {
  const application = new MemoryApplication()
  await using http = await startHttp(tls && { tls }, application)
  const [leaving, staying] = [await open(http.port), await open(http.port)]
  const heard = rest(leaving)
  for (const socket of [leaving, staying]) {
    socket.write(requestBytes(http.port, { path: '/v1/events' }))
    await once(socket, 'data')
  }
  expect(application.listeners.size).toBe(2)
  leaving.end()
  // The last chunk: it ended properly.
  expect(await heard).toMatch(/\r\n0\r\n\r\n$/)
  expect(application.listeners.size).toBe(1)
  staying.destroy()
  await until(() => application.listeners.size === 0)
})

test.each(doors)('a stream that is asked for with a half-close ends at once: $name', async ({ tls, open }) => {
  const application = new MemoryApplication()
  await using http = await startHttp(tls && { tls }, application)
  const socket = await open(http.port)
  const heard = rest(socket)
  socket.end(requestBytes(http.port, { path: '/v1/events' }))
  expect(await heard).toMatch(/^HTTP\/1\.1 200 [\s\S]*retry: 2000[\s\S]*\r\n0\r\n\r\n$/)
  expect(application.listeners.size).toBe(0)
})

test.each(doors)('a half-closed connection does not hold a stop: $name', async ({ tls, open }) => {
  const http = await startHttp({ closeTimeoutMs: 600_000, halfRequestMs: 600_000, ...(tls && { tls }) })
  const idle = await open(http.port)
  idle.write(requestBytes(http.port, { path: '/healthz' }))
  await once(idle, 'data')
  idle.end()
  const accepted = deferred()
  const finished = deferred()
  http.application.onAccepted = accepted.resolve
  http.application.accepted = finished.promise
  const running = await open(http.port)
  const heard = rest(running)
  running.end(requestBytes(http.port, { path: PATH, body: goodSale() }))
  await accepted.promise
  const closed = http.server.close()
  finished.resolve()
  expect(await heard).toMatch(/^HTTP\/1\.1 201 /)
  await closed
})

test('a client of TLS that half-closes before the handshake is closed', async () => {
  await using http = await startHttp({ tls: TLS })
  const socket = await plain(http.port)
  const heard = rest(socket)
  socket.end()
  await heard
})
