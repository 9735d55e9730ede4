import { expect, test } from 'vitest'
import type { Route } from '../../agent/contract/route.ts'
import { takesKey } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { claimId } from '../../agent/till/requests.ts'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { requestBytes, StandingClock, startHttp } from './harness.ts'
import { goodSale, MERCHANT, MemoryApplication, REGISTER_KEY } from './memory-application.ts'
import { RawConnection, rawExchange } from './raw-client.ts'

/** A body that is late is refused after that time. */
const LATE = { headersTimeoutMs: 300, requestTimeoutMs: 300 }
const WRONG = { Authorization: 'Bearer ofk_platform_wrong' }

test('a host that is not allowed is refused before its path is looked at', async () => {
  await using http = await startHttp({ allowedHosts: ['Till.shop.example:7070'] })
  for (const path of ['/healthz', '/v1/operations', '/nowhere']) {
    const answer = await http.json({ path, headers: { Host: 'evil.example', Authorization: undefined } })
    expect([answer.status, answer.json['code']]).toEqual([421, 'host_not_allowed'])
  }
  for (const host of [
    `localhost:${http.port}`,
    `[::1]:${http.port}`,
    `LOCALHOST:${http.port}`,
    'till.shop.example:7070',
  ]) {
    expect((await http.call({ path: '/healthz', headers: { Host: host } })).status).toBe(200)
  }
  for (const host of ['localhost', '127.0.0.1', `127.0.0.1:${http.port + 1}`, `127.0.0.1:${http.port}.evil.example`]) {
    expect((await http.call({ path: '/healthz', headers: { Host: host } })).status).toBe(421)
  }
})

test('a request without Host is refused, in HTTP/1.0 and 1.1', async () => {
  await using http = await startHttp()
  for (const version of ['1.0', '1.1']) {
    const answer = await http.json({ path: '/healthz', version, headers: { Host: undefined } })
    expect([answer.status, answer.json.details['reason']]).toEqual([400, 'header'])
  }
  expect((await http.call({ path: '/healthz', version: '1.0' })).status).toBe(200)
  const twice = await http.call({ path: '/healthz', headers: { host: 'evil.example' } })
  expect(twice.status).toBe(400)
})

test('a name with the usual port of its scheme is served without it too, as every client writes it', async () => {
  await using http = await startHttp({ allowedHosts: ['till.example:80', 'till.example:443'] })
  const asked = async (headers: Record<string, string>) => (await http.call({ path: '/healthz', headers })).status
  expect(await asked({ Host: 'till.example' })).toBe(200)
  expect(await asked({ Host: 'till.example:80', Origin: 'http://till.example' })).toBe(200)
  expect(await asked({ Host: 'till.example', Origin: 'https://till.example' })).toBe(403)
  expect(await asked({ Host: '127.0.0.1' })).toBe(421)
})

test('the authority of an absolute-form target must be allowed like the Host', async () => {
  await using http = await startHttp()
  expect((await http.call({ path: `http://127.0.0.1:${http.port}/healthz` })).status).toBe(200)
  expect((await http.call({ path: 'http://evil.example/healthz' })).status).toBe(421)
  expect((await http.call({ method: 'OPTIONS', path: '*' })).status).toBe(400)
})

test('a foreign Origin or a cross-site fetch is refused, an own page is served', async () => {
  await using http = await startHttp()
  for (const Origin of ['https://evil.example', 'null', `http://127.0.0.1:${http.port + 1}`]) {
    const answer = await http.json({ path: '/v1/operations', headers: { Origin } })
    expect([answer.status, answer.json['code']]).toEqual([403, 'origin_not_allowed'])
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  }
  expect((await http.call({ path: '/healthz', headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403)
  const own = await http.call({ path: '/v1/operations', headers: { Origin: `http://127.0.0.1:${http.port}` } })
  expect(own.status).toBe(200)
  expect(own.headers['access-control-allow-origin']).toBeUndefined()
})

test("a link on another site's page is followed, also to a download; its fetch, frame or post is not", async () => {
  await using http = await startHttp()
  const followed = {
    Authorization: undefined,
    'Sec-Fetch-Site': 'cross-site',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
  }
  const asked = async (headers: Record<string, string | undefined>, method = 'GET', path = '/') =>
    (await http.call({ method, path, headers: { ...followed, ...headers } })).status
  expect(await asked({})).toBe(200)
  expect(await asked({}, 'GET', '/v1/operations')).toBe(401)
  for (const other of [{ 'Sec-Fetch-Dest': 'iframe' }, { 'Sec-Fetch-Mode': 'no-cors' }, { Origin: 'null' }])
    expect(await asked(other)).toBe(403)
  expect(await asked({}, 'POST', '/v1/operations')).toBe(403)
})

test('a preflight is answered for configured origins alone', async () => {
  await using http = await startHttp({ allowedOrigins: ['https://till.example'] })
  const preflight = {
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Private-Network': 'true',
    'Sec-Fetch-Site': 'cross-site',
    Authorization: undefined,
  }
  const good = await http.call({
    method: 'OPTIONS',
    path: '/v1/operations',
    headers: { ...preflight, Origin: 'https://till.example' },
  })
  expect(good.status).toBe(204)
  expect(good.headers['access-control-allow-origin']).toBe('https://till.example')
  expect(good.headers['access-control-allow-private-network']).toBe('true')
  const allowed = good.headers['access-control-allow-headers']?.split(', ')
  for (const name of ['Last-Event-ID', 'traceparent', 'tracestate', 'baggage', 'sentry-trace', 'x-requested-with'])
    expect(allowed).toContain(name)
  expect(Number(good.headers['access-control-max-age'])).toBeLessThanOrEqual(600)
  expect(good.headers['access-control-allow-credentials']).toBeUndefined()
  const foreign = await http.call({
    method: 'OPTIONS',
    path: '/v1/operations',
    headers: { ...preflight, Origin: 'https://till.example.evil.example' },
  })
  expect(foreign.status).toBe(403)
  const use = await http.call({ path: '/v1/operations', headers: { Origin: 'https://till.example' } })
  expect([use.status, use.headers['access-control-allow-origin']]).toEqual([200, 'https://till.example'])
  const traced = { traceparent: '00-t4711', tracestate: 'a=t4711', baggage: 'b=t4711', 'sentry-trace': 't4711' }
  const headers = { Origin: 'https://till.example', 'X-Requested-With': 't4711', ...traced }
  expect((await http.call({ path: '/v1/operations', headers })).status).toBe(200)
  expect(JSON.stringify(http.lines)).not.toContain('t4711')
})

test('an allowed page reads every refusal, also one before its origin was checked; no other page does', async () => {
  await using http = await startHttp({ allowedOrigins: ['https://till.example'], ...LATE })
  const refusals = (Origin: string) => [
    http.call({ path: '/healthz', headers: { Origin, Host: 'evil.example' } }),
    http.call({ path: `/healthz?${'x'.repeat(3_000)}`, headers: { Origin } }),
    http.call({ path: '/v1/operations', headers: { Origin, Authorization: undefined } }),
    http.call({ path: '/v1/nowhere', headers: { Origin } }),
    http.call({ method: 'DELETE', path: '/v1/operations', headers: { Origin } }),
    http.call({ path: '/v1/operations', headers: { Origin }, body: { type: 'nonsense' } }),
    // A body that is late: answered on the bare socket.
    http.call({ path: '/v1/operations', headers: { Origin, 'Content-Length': '9' }, body: '{' }),
  ]
  const shown = async (origin: string) =>
    (await Promise.all(refusals(origin))).map((answer) => {
      expect(answer?.status).toBeGreaterThanOrEqual(400)
      expect(answer?.headers['vary']).toBe('Origin')
      return answer?.headers['access-control-allow-origin']
    })
  expect(new Set(await shown('https://till.example'))).toEqual(new Set(['https://till.example']))
  expect(new Set(await shown('https://evil.example'))).toEqual(new Set([undefined]))
})

test('without a key, or with a wrong one, every path under /v1 is 401', async () => {
  await using http = await startHttp()
  for (const path of ['/v1/operations', '/v1/nowhere', '/v1/operations/x/y/z', '/v1']) {
    const answer = await http.json({ path, headers: { Authorization: undefined } })
    expect([answer.status, answer.json['code']]).toEqual([401, 'unauthorized'])
    expect(answer.headers['www-authenticate']).toContain('Bearer')
  }
  const refused = [
    WRONG,
    { Authorization: `Bearer ${REGISTER_KEY}` },
    { Authorization: 'Basic ofk_platform_test' },
    { Authorization: undefined, 'X-Register-Api-Key': 'ofk_platform_test' },
    { 'X-Register-Api-Key': 'ofk_reg_wrong' },
  ]
  for (const headers of refused) {
    const answer = await http.json({ path: '/v1/operations', headers })
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Bearer')])
  }
  expect((await http.call({ path: '/nowhere', headers: { Authorization: undefined } })).status).toBe(404)
})

test('with a key an unknown path is 404 and a known path with another method 405', async () => {
  await using http = await startHttp()
  const unknown = await http.json({ path: '/v1/nowhere' })
  expect([unknown.status, unknown.json.details['resource']]).toEqual([404, 'route'])
  const other = await http.json({ method: 'DELETE', path: '/v1/operations/op_1' })
  expect([other.status, other.json['code'], other.headers['allow']]).toEqual([
    405,
    'method_not_allowed',
    'GET, HEAD, PATCH',
  ])
  for (const method of ['PROPFIND', 'PUT', 'OPTIONS']) {
    const rare = await http.call({ method, path: '/v1/operations/op_1' })
    expect([method, rare.status, rare.headers['allow']]).toEqual([method, 405, 'GET, HEAD, PATCH'])
  }
  const patched = await http.call({ method: 'PATCH', path: '/v1/operations', body: {} })
  expect(patched.status).toBe(405)
  const open = await http.call({ method: 'POST', path: '/healthz', headers: { Authorization: undefined }, body: {} })
  expect([open.status, open.headers['allow']]).toEqual([405, 'GET, HEAD'])
  expect((await http.call({ method: 'OPTIONS', path: '/v1/operations' })).status).toBe(405)
})

test('after ten wrong keys in a minute only requests that fail are slowed', async () => {
  const clock = new StandingClock()
  await using http = await startHttp({ clock })
  for (let attempt = 1; attempt <= 10; attempt++) {
    expect((await http.call({ path: '/v1/operations', headers: WRONG })).status).toBe(401)
  }
  const slowed = await http.json({ path: '/v1/operations', headers: WRONG })
  expect([slowed.status, slowed.json['code'], slowed.json['retryable']]).toEqual([429, 'rate_limit_exceeded', true])
  expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(slowed.headers['retry-after'])).toBeLessThanOrEqual(61)
  expect((await http.call({ path: '/v1/operations' })).status).toBe(200)
  expect((await http.call({ path: '/v1/operations', headers: { Authorization: undefined } })).status).toBe(401)
  clock.ms += 60_000
  expect((await http.call({ path: '/v1/operations', headers: WRONG })).status).toBe(401)
})

test('a register key is refused if a platform key is needed, before the body is read', async () => {
  await using http = await startHttp()
  const headers = { Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY }
  const refused = ['/v1/merchants', '/v1/locations', '/v1/registers', '/v1/exports']
  for (const path of refused) {
    const answer = await http.json({ method: 'POST', path, headers, body: 'not json' })
    expect([answer.status, answer.json['code']]).toEqual([403, 'forbidden'])
  }
  expect((await http.call({ path: '/v1/journal', headers })).status).toBe(403)
  expect((await http.call({ path: '/v1/devices', headers })).status).toBe(200)
  expect((await http.call({ path: '/v1/operations', headers, body: goodSale() })).status).toBe(201)
})

test('the order of checks: Host, Origin, key, merchant, size, media type, JSON, stored answer, schema', async () => {
  await using http = await startHttp()
  const layers: [number, Record<string, string | undefined>, unknown][] = [
    [421, { Host: 'evil.example' }, undefined],
    [403, { Origin: 'https://evil.example' }, undefined],
    [401, WRONG, undefined],
    [404, { 'X-OpenFiskal-Merchant': 'merchant_2' }, undefined],
    [413, { 'Content-Type': 'text/plain' }, ' '.repeat(1024 * 1024 + 1)],
    [415, { 'Content-Type': 'text/plain' }, 'not json'],
    [400, {}, 'not json'],
  ]
  // Each layer also holds every fault of the layers below it.
  let headers: Record<string, string | undefined> = {}
  let body: unknown = 'not json'
  for (const [status, more, ownBody] of layers.reverse()) {
    headers = { ...headers, ...more }
    body = ownBody ?? body
    expect((await http.call({ path: '/v1/operations', headers, body })).status).toBe(status)
  }
  const key = { 'Idempotency-Key': 'k-1' }
  expect((await http.call({ path: '/v1/operations', headers: key, body: goodSale() })).status).toBe(201)
  const other = await http.json({ path: '/v1/operations', headers: key, body: { type: 'nonsense' } })
  expect(other.json['code']).toBe('idempotency_key_conflict')
  const schema = await http.json({ path: '/v1/operations', body: { type: 'nonsense' } })
  expect(schema.json.details['reason']).toBe('schema')
})

test('each change that the document lists with an Idempotency-Key needs it, but a dry run', async () => {
  await using http = await startHttp()
  const changes = Object.values<Route>(routes).filter(takesKey)
  expect(changes.length).toBeGreaterThan(15)
  for (const { path: template, methods, dryRun } of changes) {
    const path = template.replaceAll(/\{\w+\}/g, 'op_1')
    for (const method of methods) {
      const headers = { 'Idempotency-Key': undefined }
      const { status, json } = await http.json({ method: method.toUpperCase(), path, headers, body: {} })
      expect([status, json['code'], json.details['reason']], `${method} ${path}`).toEqual([
        400,
        'invalid_request',
        'idempotency_key',
      ])
      if (dryRun !== true) continue
      const trial = await http.json({ path, headers: { ...headers, Prefer: 'dry-run' }, body: {} })
      expect(trial.json.details?.['reason'], path).not.toBe('idempotency_key')
    }
  }
  // The trials alone reached it.
  expect(http.application.mutations.filter((mutation) => !('dryRun' in mutation))).toEqual([])
})

test('merchant, organization, version and request id reach the application', async () => {
  await using http = await startHttp()
  await http.call({
    path: '/v1/operations',
    body: goodSale(),
    headers: {
      'X-OpenFiskal-Merchant': MERCHANT,
      'OpenFiskal-Organization': 'org_1',
      'X-Request-Id': 'till-7/42',
      'If-Match': '"3"',
      'Idempotency-Key': 'k-1',
    },
  })
  expect(http.application.mutations).toEqual([
    {
      caller: { kind: 'platform', keyId: 'k1' },
      merchantId: MERCHANT,
      arrivedNs: expect.any(BigInt),
      organization: 'org_1',
      ifMatch: 3,
      idempotency: {
        scope: `${MERCHANT}:/v1/operations:k1`,
        key: 'k-1',
        id: claimId(`${MERCHANT}:/v1/operations:k1`, 'k-1'),
        print: expect.stringMatching(/^[\w-]{43}$/),
        sent: {
          ...{ template: '/v1/operations', method: 'POST', path: '/v1/operations' },
          body: canonicalJson(goodSale() as Json),
        },
      },
    },
  ])
})

test('bytes that are not an HTTP request are answered with a problem', async () => {
  await using http = await startHttp()
  const broken = ['GARBAGE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET /healthz HTTP/1.1\r\nbad header\r\n\r\n']
  for (const bytes of [...broken, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n']) {
    const answer = await rawExchange(http.port, bytes)
    expect(answer?.status).toBe(400)
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'invalid_request', details: { reason: 'header' } })
  }
})

test('the called address is a Host and an origin of the agent’s page, also if the agent listens on all addresses', async () => {
  for (const [listened, called, written] of [
    ['127.0.0.2', '127.0.0.2', '127.0.0.2'],
    ['0.0.0.0', '127.0.0.3', '127.0.0.3'],
    ['::', '127.0.0.4', '127.0.0.4'],
    ['::ffff:127.0.0.5', '127.0.0.5', '127.0.0.5'],
  ] as const) {
    await using http = await startHttp({}, new MemoryApplication(), listened)
    const asked = async (name: string): Promise<[number, number]> => {
      const [host, origin] = [`${name}:${http.port}`, `http://${name}:${http.port}`]
      const own = { Host: `${written}:${http.port}`, Origin: origin }
      const exchange = async (headers: Record<string, string>): Promise<number> => {
        const answer = await rawExchange(http.port, requestBytes(http.port, { path: '/healthz', headers }), {
          to: called,
        })
        return answer?.status ?? 0
      }
      return [await exchange({ Host: host }), await exchange(own)]
    }
    expect([listened, await asked(written)]).toEqual([listened, [200, 200]])
    // Another address of this machine, and an unassigned one, are not the called address.
    for (const other of ['127.0.0.9', '0.0.0.0', `[::ffff:${called}]`]) expect(await asked(other)).toEqual([421, 403])
  }
})

test('localhost is served on both loopback addresses with the same limits, and closed on both', async () => {
  const http = await startHttp({}, new MemoryApplication(), 'localhost')
  const asked = async (to: string): Promise<number | undefined> =>
    (await rawExchange(http.port, requestBytes(http.port, { path: '/v1/operations' }), { to }))?.status
  expect([await asked('127.0.0.1'), await asked('::1')]).toEqual([200, 200])
  const idle = new RawConnection(http.port, '::1')
  idle.write(requestBytes(http.port, { path: '/healthz' }))
  expect((await idle.answer())?.status).toBe(200)
  await http.server.close()
  expect(await idle.answer()).toBeUndefined()
  expect([await asked('127.0.0.1'), await asked('::1')]).toEqual([undefined, undefined])
})
