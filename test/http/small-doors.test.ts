import { expect, test } from 'vitest'
import { preferredType } from '../../agent/http/accept.ts'
import { requestBytes, startHttp } from './harness.ts'
import { goodSale, PLATFORM_KEY } from './memory-application.ts'
import { rawExchange } from './raw-client.ts'

const TYPES = ['application/json', 'text/html', 'application/pdf', 'text/plain'] as const

test.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/*', 'text/html'],
  ['application/pdf', 'application/pdf'],
  ['APPLICATION/PDF', 'application/pdf'],
  ['text/plain, application/pdf', 'text/plain'],
  ['text/plain;q=0.2, application/pdf;q=0.9', 'application/pdf'],
  ['text/plain; charset=utf-8', 'text/plain'],
  ['application/json;charset=utf-8', 'application/json'],
  ['application/json;profile="a,b;q=0";q=0.4, text/html;q=0.3', 'application/json'],
  ['application/pdf;version=1.7;q=0.8, */*;q=0.1', 'application/pdf'],
  ['text/html;level=1, text/html;q=0.1, text/plain;q=0.5', 'text/plain'],
  ['application/json;q=0, */*', 'text/html'],
  ['application/json; q=0.000, text/*;q=0, */*;q=0.5', 'application/pdf'],
  ['application/*;Q=0.5, text/html;q=0.4', 'application/json'],
  ['application/msword, application/pdf;q=0.1', 'application/pdf'],
  ['application/msword, */*;q=0.1', 'application/json'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
  [', ,text/plain', 'text/plain'],
  ['text/plain;q=many', 'text/plain'],
  ['application/msword', undefined],
  ['*/*;q=0', undefined],
  ['text/html;q=0', undefined],
  ['nonsense', undefined],
])('Accept: %s takes %s', (header, type) => {
  expect(preferredType(header, TYPES)).toBe(type)
})

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['text/html', 'application/json'],
  ['application/problem+json', 'application/problem+json'],
  ['application/problem+json; charset=utf-8', 'application/problem+json'],
  ['application/json, application/problem+json', 'application/problem+json'],
  ['application/json;q=0.5, application/problem+json', 'application/problem+json'],
  ['application/json, application/problem+json;q=0.5', 'application/json'],
  ['application/problem+json;q=0, */*', 'application/json'],
  ['application/problem+json;q=0', 'application/json'],
  ['application/problem+json;profile=x;q=0', 'application/json'],
  ['application/json;q=0, */*', 'application/problem+json'],
])('a refusal for Accept: %s is %s', async (accept, type) => {
  await using http = await startHttp()
  const { headers } = await http.call({ path: '/v1/nothing', headers: { Accept: accept } })
  expect(headers['content-type']).toBe(type)
})

/** A request with further header lines after the usual ones. */
function withLines(port: number, lines: string, body: unknown = goodSale()): Buffer {
  const bytes = requestBytes(port, { path: '/v1/operations', body }).toString('latin1')
  return Buffer.from(bytes.replace('\r\n', `\r\n${lines}\r\n`), 'latin1')
}

test.each([
  ['Idempotency-Key', 'Idempotency-Key: a\r\nIdempotency-Key: b', 'idempotency_key'],
  ['Idempotency-Key', 'idempotency-key: a\r\nIDEMPOTENCY-KEY: a', 'idempotency_key'],
  ['If-Match', 'If-Match: "1"\r\nIf-Match: "2"', 'if_match'],
  ['Authorization', `Authorization: Bearer ${PLATFORM_KEY}`, 'header'],
  ['X-Register-Api-Key', 'X-Register-Api-Key: a\r\nX-Register-Api-Key: b', 'header'],
  ['X-OpenFiskal-Merchant', 'X-OpenFiskal-Merchant: a\r\nX-OpenFiskal-Merchant: a', 'header'],
  ['OpenFiskal-Organization', 'OpenFiskal-Organization: a\r\nOpenFiskal-Organization: a', 'header'],
  ['Content-Type', 'Content-Type: text/plain', 'header'],
  ['Host', 'Host: evil.example', 'header'],
  ['Content-Length', 'Content-Length: 5', 'header'],
])('a second %s header is called that', async (name, lines, reason) => {
  await using http = await startHttp()
  const answer = await rawExchange(http.port, withLines(http.port, lines))
  const body = JSON.parse(answer?.body ?? '{}') as { code: string; message: string; details: object }
  expect(answer?.status).toBe(400)
  expect(body).toMatchObject({ code: 'invalid_request', details: { reason } })
  expect(body.message).toMatch(new RegExp(`^More than one ${name} header.*: send it once`))
  expect(http.application.mutations).toEqual([])
})

test('headers that may be repeated are not refused', async () => {
  await using http = await startHttp()
  const lines = [
    ...['Accept: application/json', 'Accept: text/html;q=0.5', 'Prefer: return=representation', 'Prefer: wait=5'],
    ...['Accept-Language: de', 'Accept-Language: it', 'X-Forwarded-For: a', 'X-Forwarded-For: b', 'Via: 1.1 a'],
    ...['Via: 1.1 b', 'X-Request-Id: a', 'X-Request-Id: b', 'Cookie: a=1', 'Cookie: b=2'],
  ]
  expect((await rawExchange(http.port, withLines(http.port, lines.join('\r\n'))))?.status).toBe(201)
})

test('wrong keys of a till that sends its key twice do not count', async () => {
  await using http = await startHttp()
  const lines = 'X-Register-Api-Key: a\r\nX-Register-Api-Key: b'
  for (let tries = 0; tries < 15; tries++)
    expect((await rawExchange(http.port, withLines(http.port, lines)))?.status).toBe(400)
})

test('a Host without its port, or with another one, is answered with the right one', async () => {
  await using http = await startHttp({ allowedHosts: ['till.shop.example'] })
  const refusal = async (host: string, path = '/v1/operations'): Promise<unknown> => {
    const { status, json } = await http.json({ path, headers: { Host: host } })
    expect([host, status, json['code']]).toEqual([host, 421, 'host_not_allowed'])
    return json['message']
  }
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', 'localhost:'])
    expect(await refusal(host)).toMatch(/ without its port: send ".+:\d+"\.$/)
  expect(await refusal('127.0.0.1:1')).toBe(
    `This host name is not served here at port 1: send "127.0.0.1:${http.port}", or add "127.0.0.1:1" to allowedHosts.`,
  )
  for (const host of ['evil.example', 'evil.example:80', '::1', `evil.example:${http.port}`])
    expect(await refusal(host)).toBe('This host name is not served here.')
  expect(await refusal(`localhost:${http.port}`, 'http://localhost/v1/operations')).toMatch(/without its port/)
  expect((await http.call({ path: '/healthz', headers: { Host: 'till.shop.example' } })).status).toBe(200)
})

test('a path with a slash too many is called that', async () => {
  await using http = await startHttp()
  const said = async (path: string): Promise<unknown> => {
    const { status, json } = await http.json({ path })
    expect([path, status, json['code']]).toEqual([path, 404, 'not_found'])
    return json['message']
  }
  for (const path of ['//v1/operations', '//v1', '/v1//operations', '//healthz', '///'])
    expect(await said(path)).toContain('two slashes together')
  for (const path of ['/v1/operations/', '/healthz/']) expect(await said(path)).toContain('ends with a slash')
  for (const path of ['/v1', '/v1/nothing']) expect(await said(path)).toBe('There is nothing at this path.')
  const near = { '/v1/operation': '/v1/operations', '/v1/operation/op_1/complete': '/v1/operations/{id}/complete' }
  for (const [path, route] of Object.entries(near))
    expect(await said(path)).toBe(`There is nothing at this path; the nearest one is ${route}.`)
  expect((await http.call({ path: '/v1/operations?cursor=//' })).status).not.toBe(404)
})
