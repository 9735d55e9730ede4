import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { nextOutgoing } from '../../sync/outgoing-events.ts'
import type { Checkpoint } from '../../sync/protocol/chain-hash.ts'
import { answerOf } from '../../sync/targets/http-answer.ts'
import { once } from '../waits.ts'
import { MemoryJournal } from './memory-journal.ts'
import { cloud } from './rig.ts'

const HEAD = Buffer.alloc(32, 7).toString('base64url')

function answered(status: number, document: object | undefined, headers: Record<string, string> = {}) {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  const body = Buffer.from(document === undefined ? '' : JSON.stringify(document))
  return answerOf({ method: 'POST', status, headers: { ...(document && { 'content-type': type }), ...headers }, body })
}

test('an empty chain has no hash yet, however a receiver writes that', () => {
  const zero = Buffer.alloc(32)
  for (const head of [undefined, null, '', zero.toString('base64url')]) {
    expect(answered(200, { head_seq: 0, head, state: 'open' })).toEqual({
      ...{ kind: 'position', headSeq: 0, head: zero, forked: false },
    })
    expect(answered(409, { code: 'gap', expected_seq: 1, head })).toEqual({ kind: 'gap', expectedSeq: 1, head: zero })
  }
  expect(answered(200, { head_seq: 1, head: null })).toMatchObject({ kind: 'unknown', code: 'no_head' })
  expect(answered(409, { code: 'gap', expected_seq: 2 })).toMatchObject({ kind: 'unknown' })
})

test('Retry-After is seconds or a date, read on the clock of the receiver', () => {
  const date = 'Fri, 20 Nov 2026 12:00:00 GMT'
  const after = (value: string, more = {}) => answered(503, {}, { 'retry-after': value, ...more })
  expect(after('17')).toMatchObject({ kind: 'busy', retryAfterMs: 17_000 })
  // However long: the pace takes an hour of it.
  expect(after('99999999999')).toMatchObject({ retryAfterMs: 99_999_999_999_000 })
  expect(after('Fri, 20 Nov 2026 12:01:30 GMT', { date })).toMatchObject({ retryAfterMs: 90_000 })
  expect(after('Fri, 20 Nov 2026 11:00:00 GMT', { date })).toMatchObject({ retryAfterMs: 0 })
  for (const value of ['', 'soon', '-5', 'Fri, 20 Nov 2026 12:01:30 GMT']) {
    expect(after(value)).toMatchObject({ kind: 'busy', retryAfterMs: undefined })
  }
})

test('the type of a problem names its code if the member does not', () => {
  const conflict = { type: 'https://cloud.example/problems/stale_epoch', detail: 'replaced' }
  expect(answered(409, conflict)).toEqual({ kind: 'stale_epoch', message: 'replaced' })
  expect(answered(409, { type: 'about:blank', title: 'Conflict' })).toMatchObject({ kind: 'unknown' })
  expect(answered(404, undefined)).toMatchObject({ kind: 'unknown', code: 'http_404' })
  expect(answered(404, { code: 'unknown_chain' })).toEqual({ kind: 'unknown_chain' })
  expect(answered(200, { acked_seq: 5, head: HEAD })).toMatchObject({ kind: 'acked', ackedSeq: 5 })
})

test.each([401, 403, 407])('%i without a problem document is of a proxy, and the token was not examined', (status) => {
  const foreign = { kind: 'unknown', code: 'proxy_refused', message: expect.stringContaining(String(status)) }
  expect(answered(status, undefined)).toMatchObject(foreign)
  expect(answered(status, { message: 'Forbidden by policy' })).toMatchObject(foreign)
  const own = status === 407 ? { kind: 'unknown' } : { kind: 'denied', code: 'unauthenticated' }
  expect(answered(status, { code: 'unauthenticated', detail: 'Token revoked.' })).toMatchObject(own)
})

test('a signed head is accepted if the receiver says yes in any words, and not if it names another head', async () => {
  const journal = new MemoryJournal()
  journal.append(1)
  const { seq, hash: head } = journal.head()
  const answers: readonly (readonly [number, string, string])[] = [
    [204, '', 'acked'],
    [202, '{}', 'acked'],
    [200, JSON.stringify({ ackedSeq: 1, head: Buffer.from(head).toString('base64url') }), 'acked'],
    [200, '<h1>Welcome</h1>', 'unknown'],
    [409, JSON.stringify({ code: 'gap', expected_seq: 1, head: null }), 'gap'],
  ]
  for (const [status, body, kind] of answers) {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(
          status,
          body === '' ? {} : { 'content-type': body[0] === '<' ? 'text/html' : 'application/json' },
        )
        response.end(body)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const target = cloud(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token')
    const signed = { seq, head, checkpoint: checkpointOf(journal) }
    expect(await target.checkpoint(journal.chain, signed, new AbortController().signal), body).toMatchObject({ kind })
    await target.close()
    server.close()
  }
})

const REPEATED = [
  ['as it is', (token: string) => token, 'identity'],
  ['in base64', (token: string) => Buffer.from(token).toString('base64'), 'identity'],
  ['in hex', (token: string) => Buffer.from(token).toString('hex'), 'identity'],
  ['cut', (token: string) => token.slice(2, 11), 'identity'],
  ['compressed', (token: string) => token, 'gzip'],
] as const

test.each(REPEATED)(
  'a receiver that repeats the token %s brings it into no answer of the agent',
  async (_, form, way) => {
    const journal = new MemoryJournal()
    journal.append(1)
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const said = form((request.headers.authorization ?? '').replace('Bearer ', ''))
        const body = Buffer.from(JSON.stringify({ code: 'forbidden', detail: `not for ${said}` }))
        response.writeHead(403, { 'content-type': 'application/problem+json', 'content-encoding': way })
        response.end(way === 'gzip' ? gzipSync(body) : body)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const target = cloud(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'canary-token')
    onTestFinished(() => target.close())
    const { chain } = journal
    const { seq, hash: head } = journal.head()
    const signal = new AbortController().signal
    const batch = await nextOutgoing(journal, 0, { maxEvents: 1, maxBytes: 1 })
    if (batch === undefined) throw new Error('there is an event')
    const answers = [
      await target.position(chain, signal),
      await target.register(chain, signal),
      await target.deliver(chain, batch, signal),
      await target.checkpoint(chain, { seq, head, checkpoint: checkpointOf(journal) }, signal),
      await target.blobs?.missing(chain.chainId, signal),
      await target.blobs?.put('ab'.repeat(32), Buffer.from('blob'), signal),
    ]
    for (const answer of answers) {
      expect(JSON.stringify(answer)).toContain('not for')
      expect(JSON.stringify(answer)).not.toContain(form('canary-token'))
    }
  },
)

function checkpointOf(journal: MemoryJournal): Checkpoint {
  const { seq, hash } = journal.head()
  const checkpoint = journal.checkpoint(seq, hash)
  if (checkpoint === undefined) throw new Error('the journal has a key')
  return checkpoint
}
