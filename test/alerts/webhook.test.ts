import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { Message } from '../../alerts/message.ts'
import { webhookChannel } from '../../alerts/webhook.ts'
import { systemClock } from '../../base/clock.ts'
import { freePort } from '../free-port.ts'
import { ManualClock } from '../manual-clock.ts'
import { failure, SHOP } from './desk.ts'
import { HookServer, isSigned } from './hook-server.ts'

const KEY = Buffer.from('0123456789abcdef0123456789abcdef')
const SECRET = `whsec_${KEY.toString('base64')}`
const AGENT = { id: '5f6c1d2e-0000-8000-8000-000000000000', version: '0.2.0' }
const NEVER = new AbortController().signal

const RAISED: Message = {
  id: 'alr_01',
  type: 'alert.raised',
  atMs: Date.parse('2026-11-25T10:00:12.345Z'),
  shop: SHOP,
  open: 1,
  alerts: [
    {
      ...{ type: 'alert.raised', id: 'alr_01', rule: 'devices', severity: 'alarm', shop: SHOP },
      ...{ sinceMs: Date.parse('2026-11-25T09:50:10Z'), subject: { device: 'tse-1' }, name: 'tse-1' },
      ...{ message: 'The fiscal device does not answer.', remedy: 'Check cable and power.' },
    },
  ],
}

type Given = Partial<Parameters<typeof webhookChannel>[0]>

function channelTo(url: string, given: Given = {}) {
  const secret = async (): Promise<string> => SECRET
  return webhookChannel({ id: 'office', url, secret, authority: undefined, clock: systemClock, agent: AGENT, ...given })
}

test('a call has the form of the page, and a signature that the text of Standard Webhooks verifies', async () => {
  await using server = await HookServer.open()
  expect(await channelTo(server.url).send(RAISED, NEVER)).toEqual({ words: 'HTTP 204' })
  const [call] = server.calls
  if (call === undefined) throw new Error('no call')
  expect(JSON.parse(call.body)).toEqual({
    type: 'alert.raised',
    timestamp: '2026-11-25T10:00:12Z',
    data: {
      ...{ id: 'alr_01', rule: 'devices', severity: 'alarm', since: '2026-11-25T09:50:10Z' },
      ...{ subject: { device: 'tse-1' }, message: 'tse-1: The fiscal device does not answer.' },
      ...{ remedy: 'Check cable and power.', agent: AGENT, shop: SHOP, open: 1 },
    },
  })
  expect(call.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'alr_01' })
  expect(Math.abs(Number(call.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(30)
  expect(isSigned(call, KEY)).toBe(true)
  expect(isSigned({ ...call, body: `${call.body} ` }, KEY)).toBe(false)
  expect(isSigned(call, Buffer.from('another'))).toBe(false)
})

test('a secret without the prefix signs with its bytes, and a renewed one is used by the next call', async () => {
  await using server = await HookServer.open()
  let secret = 'pass wörd'
  const channel = channelTo(server.url, { secret: async () => secret })
  await channel.send(RAISED, NEVER)
  secret = SECRET
  await channel.send(RAISED, NEVER)
  const [first, second] = server.calls
  expect(first && isSigned(first, Buffer.from('pass wörd', 'utf8'))).toBe(true)
  expect(second && isSigned(second, KEY)).toBe(true)
})

test.each(['whsec_', 'whsec_***', ''])('the secret %j is refused before anything is sent', async (text) => {
  await using server = await HookServer.open()
  const error = await failure(channelTo(server.url, { secret: async () => text }).send(RAISED, NEVER))
  expect(error.code).toBe('secret_invalid')
  expect(server.calls).toEqual([])
})

test.each([302, 400, 410, 429, 500])('an answer %i is a failure, and no redirect is followed', async (status) => {
  await using server = await HookServer.open()
  server.answer = (response) => void response.writeHead(status, { location: server.url, 'retry-after': '120' }).end('x')
  const error = await failure(channelTo(server.url).send(RAISED, NEVER))
  expect(error.code).toBe(`http_${status}`)
  expect(error.retryAfterMs).toBe(120_000)
  expect(server.calls).toHaveLength(1)
})

test.each([200, 201, 204, 299])('an answer %i is a delivery, whatever its body', async (status) => {
  await using server = await HookServer.open()
  server.answer = (response) => void response.writeHead(status).end()
  await channelTo(server.url).send(RAISED, NEVER)
})

test.each([
  ['{"error":"unknown hook"}', 'The server answered 404: {"error":"unknown hook"}'],
  ['<html><h1>Not  found</h1>\n<p>nginx</p></html>', 'The server answered 404: Not found nginx'],
  [`a\u202eb${'x'.repeat(500)}`, `The server answered 404: a\\u202eb${'x'.repeat(192)}`],
  [
    `hook ${SECRET} of ${KEY.toString('hex').slice(0, 20)}`,
    'The server answered 404: hook whsec_[redacted] of [redacted]',
  ],
  ['', 'The server answered 404.'],
])('the words %j of a refusal are shown on one line, cut, without secrets', async (body, message) => {
  await using server = await HookServer.open()
  server.answer = (response) => void response.writeHead(404).end(body)
  expect((await failure(channelTo(server.url).send(RAISED, NEVER))).message).toBe(message)
})

test('a path that is a key is not repeated, and a refusal whose body never ends is reported after 2 s', async () => {
  await using server = await HookServer.open()
  const key = 'T0KENT0KENT0KENT0KEN'
  const clock = new ManualClock()
  const written = new Promise<void>((resolve) => {
    server.answer = (response) => void response.writeHead(403).write(`no hook ${key}`, () => resolve())
  })
  const sending = failure(channelTo(`${server.url}/${key}`, { clock }).send(RAISED, NEVER))
  await written
  await clock.advance(0)
  let error: Awaited<typeof sending> | undefined
  void sending.then((thrown) => {
    error = thrown
  })
  for (let turn = 0; error === undefined; turn++) await clock.advance(turn === 0 ? 1_000 : 100)
  expect(error.message).toBe('The server answered 403: no hook [redacted]')
})

test('https: to a server without TLS is named, without the text of OpenSSL', async () => {
  await using server = await HookServer.open()
  const error = await failure(channelTo(server.url.replace('http:', 'https:')).send(RAISED, NEVER))
  expect([error.code, error.message]).toEqual(['no_tls', 'The server uses no TLS there.'])
})

test('a body without end does not hold up a delivery', async () => {
  await using server = await HookServer.open()
  const open: ServerResponse[] = []
  server.answer = (response) => {
    open.push(response)
    response.writeHead(200)
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(65_536), more)
    }
    more()
  }
  await channelTo(server.url).send(RAISED, NEVER)
  expect(open).toHaveLength(1)
})

test('a server that never answers is left after 10 s, one that closes without an answer at once', async () => {
  await using server = await HookServer.open()
  const clock = new ManualClock()
  const asked = new Promise<void>((resolve) => {
    server.answer = () => resolve()
  })
  const sending = failure(channelTo(server.url, { clock }).send(RAISED, NEVER))
  await asked
  await clock.advance(10_000)
  expect((await sending).code).toBe('timeout')
  server.answer = (response) => void response.socket?.destroy()
  expect((await failure(channelTo(server.url).send(RAISED, NEVER))).code).toBe('ECONNRESET')
})

test('a refused connection and an unknown name are failures with their codes', async () => {
  const port = await freePort()
  expect((await failure(channelTo(`http://127.0.0.1:${port}/`).send(RAISED, NEVER))).code).toBe('ECONNREFUSED')
  const nowhere = await failure(channelTo('https://nowhere.invalid/').send(RAISED, NEVER))
  expect(['ENOTFOUND', 'name_server_silent']).toContain(nowhere.code)
})

test('without a list a webhook gets everything but agent.alive, which no pattern names', () => {
  const url = 'http://127.0.0.1:1/'
  const all = channelTo(url)
  const some = channelTo(url, { events: ['alert.raised'] })
  const pattern = channelTo(url, { events: ['alert.*', 'duty.changed'] })
  const alive = channelTo(url, { events: ['agent.alive'] })
  const alerts = channelTo(url, { events: ['alert.*'] })
  const types = ['alert.raised', 'alert.resolved', 'alert.digest', 'alert.test', 'duty.changed', 'agent.alive'] as const
  expect(types.filter((type) => all.takes(type))).toEqual(types.slice(0, 5))
  expect(types.filter((type) => alerts.takes(type))).toEqual(types.slice(0, 4))
  expect(types.filter((type) => some.takes(type))).toEqual(['alert.raised', 'alert.test'])
  expect(types.filter((type) => pattern.takes(type))).toEqual(types.slice(0, 5))
  expect(types.filter((type) => alive.takes(type))).toEqual(['alert.test', 'agent.alive'])
})

test('a probe connects and sends no request', async () => {
  await using server = await HookServer.open()
  expect(await channelTo(server.url).probe(NEVER)).toBe('connection and secret')
  expect(server.calls).toEqual([])
})
