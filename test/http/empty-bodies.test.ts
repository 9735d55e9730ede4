import { expect, test } from 'vitest'
import { requestBytes, startHttp } from './harness.ts'
import { goodSale } from './memory-application.ts'
import { rawExchange } from './raw-client.ts'

const TYPES = [
  undefined,
  'application/json',
  'application/json; charset=us-ascii',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain; charset=iso-8859-1',
  'nonsense',
]
/** Routes of which a body is optional, and one that takes none. */
const OPTIONAL = [
  ['/v1/registers/reg_1/fiscalize', 202],
  ['/v1/registers/reg_1/decommission', 200],
  ['/v1/registers/reg_1/closings', 200],
] as const
const NEEDED = ['/v1/operations', '/v1/operations/op_1/complete', '/v1/merchants']

type Framing = { [header: string]: string | undefined }
const NO_BODY: readonly [Framing, string][] = [
  [{}, ''],
  [{ 'Content-Length': '0' }, ''],
  [{ 'Transfer-Encoding': 'chunked' }, '0\r\n\r\n'],
  [{ 'Content-Length': '0', 'Content-Encoding': 'gzip' }, ''],
]

function post(port: number, path: string, headers: Framing, bytes: string): Buffer {
  const key = path.endsWith('complete') ? { 'Idempotency-Key': 'one', 'If-Match': '"1"' } : {}
  const head = requestBytes(port, { method: 'POST', path, headers: { ...key, ...headers } })
  return Buffer.concat([head, Buffer.from(bytes)])
}

test.each(TYPES)('a POST without a body is taken if it is optional, with Content-Type %s', async (type) => {
  await using http = await startHttp()
  for (const [path, status] of OPTIONAL) {
    for (const [framing, bytes] of NO_BODY) {
      const answer = await rawExchange(http.port, post(http.port, path, { ...framing, 'Content-Type': type }, bytes))
      expect([path, framing, answer?.status]).toEqual([path, framing, status])
    }
  }
})

test.each(TYPES)('a POST without a body is refused with reason json if it is needed, with %s', async (type) => {
  await using http = await startHttp()
  for (const path of NEEDED) {
    for (const [framing, bytes] of NO_BODY) {
      const answer = await rawExchange(http.port, post(http.port, path, { ...framing, 'Content-Type': type }, bytes))
      const json = JSON.parse(answer?.body ?? '{}') as object
      expect([path, framing, answer?.status]).toEqual([path, framing, 400])
      expect(json).toMatchObject({ code: 'invalid_request', details: { reason: 'json' } })
    }
  }
  expect(http.application.mutations).toEqual([])
})

test('a body of null is taken if a body is optional, and refused with its pointer if one is needed', async () => {
  await using http = await startHttp()
  for (const body of ['null', ' null\r\n']) {
    for (const [path, status] of OPTIONAL) expect((await http.call({ method: 'POST', path, body })).status).toBe(status)
    for (const path of NEEDED) {
      const headers = path.endsWith('complete') ? { 'Idempotency-Key': 'one', 'If-Match': '"1"' } : {}
      const { status, json } = await http.json({ path, body, headers })
      expect([path, status, json['code']]).toEqual([path, 400, 'invalid_request'])
      expect(json.details).toMatchObject({ reason: 'schema', errors: [{ pointer: '' }] })
    }
  }
})

test('a form with content is refused with 415, announced or chunked, even if a body is optional', async () => {
  await using http = await startHttp()
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const path = '/v1/registers/reg_1/fiscalize'
  const bodies: readonly [Framing, string][] = [
    [{ 'Content-Length': '3' }, 'a=1'],
    [{ 'Transfer-Encoding': 'chunked' }, '3\r\na=1\r\n0\r\n\r\n'],
    [{ 'Transfer-Encoding': 'chunked', 'Content-Type': undefined }, '2\r\n{}\r\n0\r\n\r\n'],
    [{ 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, '1\r\n{\r\n'],
  ]
  for (const [framing, bytes] of bodies) {
    const answer = await rawExchange(http.port, post(http.port, path, { ...form, ...framing }, bytes))
    expect([framing, answer?.status]).toEqual([framing, 415])
    expect(JSON.parse(answer?.body ?? '{}')).toMatchObject({ code: 'unsupported_media_type' })
  }
})

test('JSON in US-ASCII is read, and text in other charsets is not', async () => {
  await using http = await startHttp()
  const status = async (charset: string): Promise<number> => {
    const headers = { 'Content-Type': `application/json; charset=${charset}` }
    return (await http.call({ path: '/v1/operations', body: goodSale(), headers })).status
  }
  for (const charset of ['us-ascii', 'US-ASCII', '"us-ascii"', 'utf-8', 'UTF8']) expect(await status(charset)).toBe(201)
  for (const charset of ['ascii', 'iso-8859-1', 'windows-1252', 'utf-16', 'us-ascii-x'])
    expect(await status(charset)).toBe(415)
})
