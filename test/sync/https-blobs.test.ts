import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { BlobChannel } from '../../sync/blob-channel.ts'
import { once } from '../waits.ts'
import { cloud } from './rig.ts'

const SHA = createHash('sha256').update('blob').digest('hex')
const CHAIN = '0190a000-0000-7000-8000-000000000000'
const { signal } = new AbortController()

type Given = { status: number; body?: string; headers?: Record<string, string> }
type Asked = { request: IncomingMessage; body: Buffer }

/** The connection to a receiver with these answers, and the requests to it. */
async function laneTo(given: (request: IncomingMessage) => Given): Promise<{ lane: BlobChannel; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      asked.push({ request, body: Buffer.concat(pieces) })
      const { status, body = '', headers = {} } = given(request)
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(request.method === 'HEAD' ? undefined : body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = cloud(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token')
  onTestFinished(async () => {
    await target.close()
    server.close()
  })
  if (target.blobs === undefined) throw new Error('an https target takes blobs')
  return { lane: target.blobs, asked }
}

test('a blob is put under its hash, complete, only if it does not exist, with its digest', async () => {
  const { lane, asked } = await laneTo(() => ({ status: 201, body: '{}' }))
  expect(await lane.put(SHA, Buffer.from('blob'), signal)).toEqual({ kind: 'there' })
  const [{ request, body } = { request: undefined, body: undefined }] = asked
  expect(request).toMatchObject({ method: 'PUT', url: `/v1/blobs/sha256/${SHA}` })
  expect(request?.headers).toMatchObject({
    ...{ authorization: 'Bearer token', 'if-none-match': '*', 'content-length': '4' },
    'content-digest': `sha-256=:${createHash('sha256').update('blob').digest('base64')}:`,
  })
  expect(body?.toString()).toBe('blob')
})

test('a 412 is a success only if the digest equals', async () => {
  for (const status of [200, 412]) {
    const { lane } = await laneTo(() => ({ status, body: JSON.stringify({ sha256: 'ab'.repeat(32) }) }))
    expect(await lane.put(SHA, Buffer.from('blob'), signal)).toMatchObject({ kind: 'trouble', code: 'wrong_blob' })
    const { lane: same } = await laneTo(() => ({ status, body: JSON.stringify({ sha256: SHA }) }))
    expect(await same.put(SHA, Buffer.from('blob'), signal)).toEqual({ kind: 'there' })
  }
})

test('an existing blob is a success, in whatever way a receiver reports it', async () => {
  for (const status of [200, 201, 202, 204, 412]) {
    const { lane } = await laneTo(() => ({ status, body: status === 204 ? '' : '{"fine":true}' }))
    expect(await lane.put(SHA, Buffer.from('blob'), signal), String(status)).toEqual({ kind: 'there' })
  }
  const { lane } = await laneTo(() => ({ status: 200 }))
  expect(await lane.has(SHA, signal)).toEqual({ kind: 'there' })
})

test('a receiver without these routes takes no blobs, and one that cannot be asked for a blob is sent it', async () => {
  for (const status of [404, 405, 501]) {
    const { lane } = await laneTo(() => ({
      status,
      body: '<h1>Not here</h1>',
      headers: { 'content-type': 'text/html' },
    }))
    expect(await lane.missing(CHAIN, signal)).toEqual({ kind: 'unsupported' })
    expect(await lane.put(SHA, Buffer.from('blob'), signal)).toEqual({ kind: 'unsupported' })
    expect(await lane.has(SHA, signal)).toEqual({ kind: 'absent' })
  }
})

test('the missing blobs are read from any list a receiver answers with', async () => {
  const lists: readonly [string, readonly string[] | undefined][] = [
    [JSON.stringify({ data: [{ sha256: SHA, bytes: 4, media_type: 'x/y' }] }), [SHA]],
    [JSON.stringify({ count: 1, missing: [SHA] }), [SHA]],
    [JSON.stringify([{ sha256: SHA }]), [SHA]],
    [JSON.stringify([SHA, 'no hash', 7, null]), [SHA]],
    ['[]', []],
    ['{"data":[]}', []],
    ['{"nothing":true}', undefined],
    ['<h1>Welcome to the guest network</h1>', undefined],
  ]
  for (const [body, sha256s] of lists) {
    const { lane, asked } = await laneTo(() => ({ status: 200, body }))
    const answer = await lane.missing(CHAIN, signal)
    expect(answer, body).toMatchObject(sha256s === undefined ? { kind: 'trouble' } : { kind: 'missing', sha256s })
    expect(asked[0]?.request.url).toBe(`/v1/chains/${CHAIN}/missing-blobs?limit=100`)
  }
})

test('trouble is trouble: overload says for how long, a refusal why, and nothing is taken for there', async () => {
  const problem = (status: number, code: string, headers = {}): Given => ({
    ...{ status, body: JSON.stringify({ code, detail: code }) },
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
  const cases: readonly [Given, object][] = [
    [problem(429, 'too_many_requests', { 'retry-after': '30' }), { code: 'busy', retryAfterMs: 30_000 }],
    [problem(503, 'busy'), { code: 'busy' }],
    [problem(507, 'no_room'), { code: 'no_room' }],
    [problem(413, 'too_large'), { code: 'too_large' }],
    [problem(400, 'digest_mismatch'), { code: 'digest_mismatch' }],
    [problem(401, 'unauthenticated'), { code: 'unauthenticated' }],
    [{ status: 302, headers: { location: '/' } }, { code: 'http_302' }],
    // A captive portal.
    [{ status: 200, body: '<h1>Welcome</h1>', headers: { 'content-type': 'text/html' } }, { code: 'no_json' }],
  ]
  for (const [given, expected] of cases) {
    const { lane } = await laneTo(() => given)
    expect(await lane.put(SHA, Buffer.from('blob'), signal)).toMatchObject({ kind: 'trouble', ...expected })
  }
})

test('a refusal of a HEAD request is reported as it is, though its digest is that of the body of a GET', async () => {
  const body = JSON.stringify({ code: 'refused' })
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  const refusals: readonly [number, object][] = [
    [401, { code: 'http_401' }],
    [403, { code: 'http_403' }],
    [503, { code: 'busy', retryAfterMs: 30_000 }],
  ]
  for (const [status, expected] of refusals) {
    const { lane } = await laneTo(() => ({
      ...{ status, body },
      headers: { 'content-type': 'application/problem+json', 'content-digest': digest, 'retry-after': '30' },
    }))
    expect(await lane.has(SHA, signal)).toMatchObject({ kind: 'trouble', ...expected })
  }
})
