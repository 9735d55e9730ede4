import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { contentDigest } from '../../sync/protocol/content-digest.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { fastClock, LogRecord } from '../sync/rig.ts'
import type { StoreRig } from './store-rig.ts'
import { openRigOn } from './store-rig.ts'

let rig: StoreRig
beforeAll(async () => {
  rig = await openRigOn('sqlite')
})
afterAll(() => rig.close())

const HOST = 'Host: 127.0.0.1\r\n'

/** Sends bytes, and reads until the other end closes; `isLast` shuts the sending side after them. */
async function bytesTo(url: string, bytes: string, isLast = false): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  // A client that is cut off may see a reset.
  socket.on('error', () => undefined)
  let heard = ''
  socket.on('data', (chunk) => {
    heard += String(chunk)
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(bytes)
  if (isLast) socket.end()
  await closed
  return heard
}

async function answerTo(url: string, bytes: string) {
  const heard = await bytesTo(url, bytes)
  const [head = '', body = '{}'] = heard.split('\r\n\r\n')
  return { head, body, problem: JSON.parse(body) as object }
}

test.each([
  ['what is no request', 'hello\r\n\r\n', 400, 'malformed'],
  ['two lengths', `POST /v1/chains HTTP/1.1\r\n${HOST}Content-Length: 5, 6\r\n\r\nhello`, 400, 'malformed'],
  ['headers of 17 KiB', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(17 << 10)}\r\n\r\n`, 431, 'headers_too_large'],
  ['no host', 'GET /v1/chains HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed'],
  [
    'another wish than 100',
    `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\nConnection: close\r\n\r\n`,
    401,
    'unauthenticated',
  ],
])('%s is refused with a problem and its digest', async (_what, bytes, status, code) => {
  const { head, body, problem } = await answerTo(rig.receiver.url, bytes)
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*\\r\\nContent-Type: application/problem\\+json`))
  expect(head).toContain(`Content-Digest: ${contentDigest(Buffer.from(body))}`)
  expect(problem).toMatchObject({ status, code })
})

test('headers that do not come to an end are a time-out, which a sender repeats', async () => {
  const listen = { host: '127.0.0.1', port: 0 }
  const parts = { store: rig.store, clock: fastClock(1), log: new LogRecord() }
  const receiver = await openReceiver({ ...parts, listen, headersTimeoutMs: 50 })
  const { problem } = await answerTo(receiver.url, 'GET / HT')
  expect(problem).toMatchObject({ status: 408, code: 'request_timeout', retryable: true })
  await receiver.close()
})

test('a malformed request after one that is being answered does not replace its answer', async () => {
  const asked = `GET /v1/chains HTTP/1.1\r\n${HOST}Authorization: Bearer ${rig.office}\r\n\r\n`
  const { head } = await answerTo(rig.receiver.url, `${asked}hello\r\n\r\n`)
  expect(head).toMatch(/^HTTP\/1.1 200 /)
})

test('a malformed request after one with an unknown expectation does not replace its answer', async () => {
  const asked = `GET /v1/chains HTTP/1.1\r\n${HOST}Expect: tea\r\nAuthorization: Bearer ${rig.office}\r\n\r\n`
  const { head } = await answerTo(rig.receiver.url, `${asked}hello\r\n\r\n`)
  expect(head).toMatch(/^HTTP\/1.1 200 /)
})

test('eight pipelined requests are all answered', async () => {
  const request = (last = '') => `GET /v1/chains HTTP/1.1\r\n${HOST}${last}Authorization: Bearer ${rig.office}\r\n\r\n`
  const heard = await bytesTo(rig.receiver.url, request().repeat(7) + request('Connection: close\r\n'))
  expect(heard.match(/HTTP\/1.1 \d+ /g)).toEqual(Array(8).fill('HTTP/1.1 200 '))
})

test('a client that pipelines more is cut off: one read yields only the admitted requests', async () => {
  let serial = 0
  const count = (): void => {
    serial++
  }
  subscribe('http.server.request.start', count)
  try {
    await bytesTo(rig.receiver.url, `GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(1_000))
    expect(serial).toBeGreaterThan(0)
    expect(serial).toBeLessThanOrEqual(9)
  } finally {
    unsubscribe('http.server.request.start', count)
  }
})

test('a sender that shuts its side after the requests gets each answer', async () => {
  const request = `GET /v1/chains HTTP/1.1\r\n${HOST}Authorization: Bearer ${rig.office}\r\n\r\n`
  const heard = await bytesTo(rig.receiver.url, request.repeat(3), true)
  expect(heard.match(/HTTP\/1.1 \d+ /g)).toEqual(Array(3).fill('HTTP/1.1 200 '))
})

test('a sender that shuts its side within the body is refused with 400', async () => {
  const { chain } = new MemoryJournal()
  const { token } = await rig.enrol(chain.agentId)
  const head = `PUT /v1/chains/${chain.chainId} HTTP/1.1\r\n${HOST}Authorization: Bearer ${token}\r\n`
  const type = 'Content-Type: application/json\r\nContent-Length: 50\r\n\r\n'
  const heard = await bytesTo(rig.receiver.url, `${head}${type}{"a":`, true)
  expect(heard).toMatch(/^HTTP\/1.1 400 /)
})

test.each([
  ['Authorization', `Authorization: Bearer x`],
  ['Host', 'Host: localhost'],
  ['If-None-Match', 'If-None-Match: *\r\nIf-None-Match: *'],
])('a second %s header is called that', async (name, lines) => {
  const authorization = `Authorization: Bearer ${rig.office}\r\nConnection: close\r\n`
  const bytes = `GET /v1/chains HTTP/1.1\r\n${HOST}${authorization}${lines}\r\n\r\n`
  const { problem } = await answerTo(rig.receiver.url, bytes)
  expect(problem).toMatchObject({
    status: 400,
    code: 'malformed',
    detail: `More than one ${name} header: send it once.`,
  })
})

test('a path with two slashes together is called that, and another unknown one is not', async () => {
  const asked = (path: string) => `GET ${path} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`
  const { problem } = await answerTo(rig.receiver.url, asked('//v1/chains'))
  expect(problem).toMatchObject({ status: 404, detail: expect.stringContaining('two slashes together') })
  const other = await answerTo(rig.receiver.url, asked('/nothing'))
  expect(other.problem).toMatchObject({ status: 404, detail: 'There is nothing here.' })
})
