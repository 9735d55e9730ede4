import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../../clients/typescript/src/clock.ts'
import { exchange } from '../../../clients/typescript/src/exchange.ts'
import type { Attempt, Past, SenderOptions } from '../../../clients/typescript/src/sender.ts'
import { newPast, Sender } from '../../../clients/typescript/src/sender.ts'
import { once } from '../../waits.ts'
import { SkippingClock } from './skipping-clock.ts'

type Answer = Response | 'reset' | 'silent'
type Seen = { readonly atMs: number; readonly init: RequestInit }

const REQUEST = { method: 'POST', path: '/v1/operations', key: 'a:create', body: { type: 'sale' } } as const

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

function refusal(
  status: number,
  { code = 'unprocessable_entity', effect = 'none', retryable = status >= 500, retryAfter = '' } = {},
): Response {
  const error = { code, fiscal_effect: effect, retryable, message: code, request_id: 'req-1', status }
  return json(status, error, retryAfter === '' ? {} : { 'Retry-After': retryAfter })
}

function senderOf(fetch: SenderOptions['fetch'], clock: SenderOptions['clock'], attempts: Attempt[] = []): Sender {
  return new Sender({
    url: 'http://127.0.0.1:7070',
    key: async () => 'ofk_reg_1',
    fetch,
    clock,
    answerWithinMs: 12_000,
    timeoutMs: 15_000,
    log: (attempt) => attempts.push(attempt),
    userAgent: 'till/1',
  })
}

/** A line that gives these answers, one for each attempt; the last one for all that follow. */
function lineOf(...answers: readonly Answer[]) {
  const clock = new SkippingClock()
  const seen: Seen[] = []
  const attempts: Attempt[] = []
  const answered: SenderOptions['fetch'] = async (_, init) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)] ?? 'silent'
    seen.push({ atMs: clock.now(), init: init ?? {} })
    if (answer === 'reset') throw new TypeError('fetch failed')
    return answer === 'silent' ? new Promise<never>(() => undefined) : answer.clone()
  }
  const sender = senderOf(answered, clock, attempts)
  return { clock, seen, attempts, send: (past?: Past) => sender.send(REQUEST, past) }
}

test('an answer is done, and replayed if the agent had it', async () => {
  const line = lineOf(json(201, { id: 'op_1' }, { 'Idempotent-Replayed': 'true' }))
  expect(await line.send()).toEqual({ kind: 'done', value: { id: 'op_1' }, isReplayed: true })
  const [first] = line.seen
  expect(first?.init).toMatchObject({ redirect: 'error', body: '{"type":"sale"}' })
  expect(first?.init.headers).toMatchObject({ 'Idempotency-Key': 'a:create', 'User-Agent': 'till/1' })
})

test.each([
  ['a reset', 'reset'],
  ['HTML of a proxy with 200', new Response('<h1>Login</h1>', { headers: { 'Content-Type': 'text/html' } })],
  ['HTML that is named JSON', new Response('<h1>Login</h1>', { headers: { 'Content-Type': 'application/json' } })],
  ['an error of a proxy', json(502, { error: 'bad gateway' })],
  ['a body that was cut', new Response('{"id":"op_', { headers: { 'Content-Type': 'application/json' } })],
  ['an empty answer', new Response(null, { status: 204 })],
  ['an attempt that is over', 'silent'],
] as const)('%s is no answer: the same request is sent again, and may have been recorded', async (_, answer) => {
  const past = newPast()
  const line = lineOf(answer, json(201, { id: 'op_1' }))
  expect(await line.send(past)).toMatchObject({ kind: 'done' })
  expect(line.seen).toHaveLength(2)
  expect(line.seen[1]?.init.body).toBe(line.seen[0]?.init.body)
  expect(past.isUnknown).toBe(true)
})

test('no attempt begins after the timeout, and the caller is asked to send it again', async () => {
  const line = lineOf('reset')
  expect(await line.send()).toMatchObject({ kind: 'ask_again' })
  const last = line.seen.at(-1)?.atMs ?? 0
  expect(last).toBeLessThanOrEqual(15_000)
  expect(line.seen.length).toBeGreaterThan(4)
  expect(line.attempts.map(({ number }) => number)).toEqual(line.seen.map((_, index) => index + 1))
})

test('a retryable answer is asked again, and never before Retry-After', async () => {
  const past = newPast()
  const busy = { code: 'fiscal_device_busy', retryAfter: '2' }
  const line = lineOf(refusal(503, busy), refusal(503, busy), json(201, {}))
  expect(await line.send(past)).toMatchObject({ kind: 'done' })
  const [first = 0, second = 0, third = 0] = line.seen.map(({ atMs }) => atMs)
  expect(second - first).toBeGreaterThanOrEqual(2000)
  expect(third - second).toBeGreaterThanOrEqual(2000)
  expect(past.isUnknown).toBe(false)
})

test('a Retry-After beyond the timeout asks the caller at once, and the next send keeps it', async () => {
  const past = newPast()
  const full = refusal(503, { code: 'storage_unavailable', retryAfter: '30' })
  const line = lineOf(full, json(201, {}))
  expect(await line.send(past)).toMatchObject({ kind: 'ask_again', retryAfterMs: 30_000, error: { status: 503 } })
  expect(await line.send(past)).toMatchObject({ kind: 'ask_again' })
  expect(line.seen).toHaveLength(1)
  expect(past.isUnknown).toBe(false)
})

test('500 without end is asked until the timeout, and its effect is unknown', async () => {
  const past = newPast()
  const line = lineOf(refusal(500, { code: 'internal_error', effect: 'unknown' }))
  expect(await line.send(past)).toMatchObject({ kind: 'ask_again', error: { code: 'internal_error' } })
  expect(past.isUnknown).toBe(true)
})

test('a clock of the machine that is set back a day neither ends nor delays the repetitions of a request', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  let tries = 0
  const dayBack = async (): Promise<Response> => {
    vi.setSystemTime(Date.now() - 86_400_000)
    tries += 1
    if (tries < 3) throw new TypeError('fetch failed')
    return json(201, {})
  }
  const sender = senderOf(dayBack, systemClock)
  expect(await sender.send(REQUEST)).toMatchObject({ kind: 'done' })
  expect(tries).toBe(3)
})

test('412 is refused although it is retryable: no one has seen the version that it names', async () => {
  const line = lineOf(refusal(412, { code: 'precondition_failed', retryable: true }))
  expect(await line.send()).toMatchObject({ kind: 'refused', error: { status: 412 } })
  expect(line.seen).toHaveLength(1)
})

test.each([401, 403, 421])('%i refuses only if each earlier attempt was answered', async (status) => {
  expect(await lineOf(refusal(status)).send()).toMatchObject({ kind: 'barred' })
  expect(await lineOf(refusal(503), refusal(status)).send()).toMatchObject({ kind: 'barred' })
  expect(await lineOf('reset', refusal(status)).send()).toMatchObject({ kind: 'ask_again', error: { status } })
})

test('an agent that stepped back to an older version refuses nothing that its later version may have recorded', async () => {
  const error = { code: 'version_too_old' }
  expect(await lineOf('reset', refusal(409, error)).send()).toMatchObject({ kind: 'ask_again', error })
  expect(await lineOf(refusal(409, error)).send()).toMatchObject({ kind: 'barred' })
})

test('a conflict of keys and a part that a device recorded are not refusals', async () => {
  const conflict = refusal(409, { code: 'idempotency_key_conflict' })
  expect(await lineOf(conflict).send()).toMatchObject({ kind: 'conflict' })
  expect(await lineOf(refusal(422, { effect: 'recorded' })).send()).toMatchObject({ kind: 'partial' })
  expect(await lineOf(refusal(422)).send()).toMatchObject({ kind: 'refused' })
})

test('a key that cannot be read now sends nothing, and records nothing', async () => {
  const past = newPast()
  const attempts: Attempt[] = []
  const sender = new Sender({
    url: 'http://127.0.0.1:7070',
    key: () => Promise.reject(new Error('the vault is locked')),
    fetch: () => Promise.reject(new Error('sent')),
    clock: new SkippingClock(),
    answerWithinMs: 12_000,
    timeoutMs: 1000,
    log: (attempt) => attempts.push(attempt),
    userAgent: undefined,
  })
  expect(await sender.send(REQUEST, past)).toMatchObject({ kind: 'ask_again' })
  expect(past.isUnknown).toBe(false)
  expect(attempts[0]?.failure).toMatch('the vault is locked')
})

test('a redirect to another host is not followed: the key does not leave for it', async () => {
  const seen: (string | undefined)[] = []
  const other = createServer(({ headers }, response) => {
    seen.push(headers['x-register-api-key']?.toString())
    response.end('{}')
  })
  const redirecting = createServer((_, response) => {
    response.writeHead(307, { Location: addressOf(other) }).end()
  })
  for (const server of [other, redirecting]) await once(server.listen(0, '127.0.0.1'), 'listening')
  const reply = await exchange(
    {
      url: addressOf(redirecting),
      key: async () => '',
      fetch,
      clock: systemClock,
      answerWithinMs: 1000,
      userAgent: 'a',
    },
    REQUEST,
    'ofk_reg_1',
  )
  for (const server of [other, redirecting]) server.close()
  expect([reply, seen]).toEqual([undefined, []])
})

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
