import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { post } from '../../../drivers/links/http.ts'
import { once } from '../../waits.ts'

/** A device on a separate thread: it reports its port, then each request, and answers a moment later. */
const ANSWERING = `
  const { parentPort } = require('node:worker_threads')
  const answer = (request, response) => {
    parentPort.postMessage('asked')
    setTimeout(() => response.end('done'), 100)
  }
  const server = require('node:http').createServer(answer).listen(0, '127.0.0.1', () => {
    parentPort.postMessage(server.address().port)
  })
`
const LASTING = new AbortController().signal

let server: Server
let requests: number
let answers: boolean
let status: number
beforeEach(async () => {
  requests = 0
  answers = true
  status = 200
  server = createServer((_request, response) => {
    requests += 1
    response.statusCode = status
    if (answers) response.end('done')
    server.emit('heard')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function asked(signal: AbortSignal): Promise<string> {
  const { port } = server.address() as AddressInfo
  return post({ host: '127.0.0.1', port, path: '/', headers: {}, body: 'print' }, 5000, systemClock, signal)
}

test('an answer that came while the process was blocked is accepted after its deadline', async () => {
  const answering = new Worker(ANSWERING, { eval: true })
  const [port] = (await once(answering, 'message')) as [number]
  const asked = post({ host: '127.0.0.1', port, path: '/', headers: {}, body: 'print' }, 300, systemClock, LASTING)
  await once(answering, 'message')
  // A disk that takes its time for a sync.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  expect(await asked).toBe('done')
  await answering.terminate()
})

test('a request that was cancelled before it began is not sent, and has done nothing', async () => {
  await expect(asked(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
  // A request sent earlier would have arrived before this one.
  expect(await asked(new AbortController().signal)).toBe('done')
  expect(requests).toBe(1)
})

test('a request that is cancelled before there is a connection has done nothing', async () => {
  const given = new AbortController()
  const answer = asked(given.signal)
  given.abort()
  await expect(answer).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
  expect(await asked(new AbortController().signal)).toBe('done')
  expect(requests).toBe(1)
})

test('a request that is cancelled while the device executes it has an unknown outcome', async () => {
  answers = false
  const given = new AbortController()
  const answer = asked(given.signal)
  await Promise.all([once(server, 'heard').then(() => given.abort()), answer.catch(() => undefined)])
  await expect(answer).rejects.toMatchObject({ code: 'aborted', effect: 'unknown' })
})

test.each([401, 403])(
  'a request that the device answers with a demand for a login has done nothing, and is reported so (%i)',
  async (code) => {
    status = code
    await expect(asked(new AbortController().signal)).rejects.toMatchObject({
      ...{ code: 'unavailable', effect: 'none', message: expect.stringContaining(`HTTP ${code}, it wants a user`) },
    })
  },
)

test('a few interim responses are waited through, but not a flood of them', async () => {
  const announced = (count: number) => 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(count)
  let told = `${announced(3)}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone`
  const device = createTcpServer((socket) => socket.once('data', () => socket.write(told))).listen(0, '127.0.0.1')
  onTestFinished(() => void device.close())
  await once(device, 'listening')
  const { port } = device.address() as AddressInfo
  const request = { host: '127.0.0.1', port, path: '/', headers: {}, body: 'print' }
  const { signal } = new AbortController()
  expect(await post(request, 5000, systemClock, signal)).toBe('done')
  told = announced(100)
  const flooded = post(request, 5000, systemClock, signal)
  await expect(flooded).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
})
