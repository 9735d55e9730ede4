import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS, FiskalError } from '../../agent/errors.ts'
import { EXPLANATIONS } from '../../agent/http/page/error-explanations.ts'
import { startHttp } from './harness.ts'
import { goodSale, PLATFORM_KEY } from './memory-application.ts'

const PAYMENTS = {
  payments: [{ payment_id: 'p', method: 'cash', status: 'captured', amount: '4.50', currency: 'EUR' }],
}

test('an answer has the bytes of the application, its ETag and Location, and the headers of a careful server', async () => {
  await using http = await startHttp()
  const created = await http.call({ path: '/v1/operations', body: goodSale() })
  const location = created.headers['location'] ?? ''
  const read = await http.call({ path: location })
  expect(read.body).toBe(created.body)
  expect([created.headers['etag'], read.headers['etag']]).toEqual(['"1"', '"1"'])
  expect(read.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  expect(Object.keys(read.headers)).not.toContain('x-powered-by')
  expect(Object.keys(read.headers)).not.toContain('server')
})

test('a retried completion is answered from the store, byte for byte, with any If-Match', async () => {
  await using http = await startHttp()
  const location = (await http.call({ path: '/v1/operations', body: goodSale() })).headers['location'] ?? ''
  const complete = (headers: Record<string, string>, method = 'POST', body: unknown = PAYMENTS) =>
    http.call({ method, path: `${location}/complete`, headers: { 'Idempotency-Key': 'c-1', ...headers }, body })
  const first = await complete({ 'If-Match': '"1"' })
  expect([first.status, first.headers['etag'], first.headers['idempotent-replayed']]).toEqual([200, '"2"', undefined])
  for (const headers of [{ 'If-Match': '"1"' }, { 'If-Match': 'junk' }, {}]) {
    const again = await complete(headers)
    expect([again.status, again.body, again.headers['etag']]).toEqual([200, first.body, '"2"'])
    expect(again.headers['idempotent-replayed']).toBe('true')
  }
  const reordered = JSON.stringify(PAYMENTS).replace('"payment_id":"p",', '').replace('"EUR"', '"EUR","payment_id":"p"')
  expect((await complete({}, 'POST', ` ${reordered}`)).status).toBe(200)
  for (const other of [await complete({}, 'PATCH'), await complete({}, 'POST', { payments: [] })]) {
    expect([other.status, JSON.parse(other.body).code]).toEqual([409, 'idempotency_key_conflict'])
  }
  const told = () => http.lines.filter(({ message }) => message === 'request').map(({ replayed }) => replayed)
  await expect.poll(told).toHaveLength(8)
  expect(told().map(Boolean)).toEqual([false, false, true, true, true, true, false, false])
})

test('complete and void demand an Idempotency-Key and leave the missing If-Match to the application', async () => {
  await using http = await startHttp()
  const location = (await http.call({ path: '/v1/operations', body: goodSale() })).headers['location'] ?? ''
  const bodies = { complete: PAYMENTS, void: { reason: 'operator_cancelled' } }
  for (const [verb, body] of Object.entries(bodies)) {
    const path = `${location}/${verb}`
    for (const key of [undefined, '', 'a b', 'ä', 'k'.repeat(256)]) {
      const answer = await http.json({ path, body, headers: { 'Idempotency-Key': key, 'If-Match': '"1"' } })
      expect([answer.status, answer.json.details['reason']]).toEqual([400, 'idempotency_key'])
    }
    const key = { 'Idempotency-Key': 'k'.repeat(255) }
    for (const tag of ['1', 'W/"1"', '*', '"1", "2"', '"one"', '"01"', '"-1"', '']) {
      const answer = await http.json({ path, body, headers: { ...key, 'If-Match': tag } })
      expect([answer.status, answer.json.details['reason']]).toEqual([400, 'if_match'])
    }
    expect((await http.call({ path, body, headers: key })).status).toBe(428)
    const stale = await http.json({ path, body, headers: { ...key, 'If-Match': '"7"' } })
    expect([stale.status, stale.json['message']]).toEqual([412, 'Resource version mismatch.'])
    const unknown = await http.call({ path: `/v1/operations/op_x/${verb}`, body, headers: key })
    expect(unknown.status).toBe(404)
  }
})

test('a refusal has every member, as application/json or as a problem where Accept asks', async () => {
  await using http = await startHttp()
  const plain = await http.json({ path: '/v1/operations/op_x', headers: { 'X-Request-Id': 'r-1' } })
  expect(Object.keys(plain.json)).toEqual([
    'type',
    'title',
    'status',
    'code',
    'message',
    'remedy',
    'details',
    'retryable',
    'fiscal_effect',
    'request_id',
  ])
  expect(plain.json).toMatchObject({
    type: `http://127.0.0.1:${http.port}/errors/not_found`,
    status: 404,
    details: { resource: 'operation' },
    retryable: false,
    fiscal_effect: 'none',
    request_id: 'r-1',
  })
  expect(plain.headers['content-type']).toBe('application/json')
  const accepts = { 'application/problem+json': true, 'text/html, application/problem+json;q=0.5': true }
  const refused = { 'application/json': false, '*/*': false, 'application/problem+json;q=0, application/json': false }
  for (const [Accept, problem] of Object.entries({ ...accepts, ...refused })) {
    const answer = await http.call({ path: '/v1/operations/op_x', headers: { Accept } })
    expect(answer.headers['content-type']).toBe(problem ? 'application/problem+json' : 'application/json')
  }
})

test('an unexpected error is a 500 without details, and one log line with all of them', async () => {
  await using http = await startHttp()
  http.application.fault = new Error('/var/lib/secret.db: SQL logic error')
  const answer = await http.json({ path: '/v1/operations/op_x', headers: { 'X-Request-Id': 'r-2' } })
  expect([answer.status, answer.json['code'], answer.json['retryable']]).toEqual([500, 'internal_error', true])
  expect(answer.body).not.toContain('SQL')
  const errors = http.lines.filter(({ level }) => level === 'error')
  expect(errors).toEqual([expect.objectContaining({ request_id: 'r-2', stack: expect.stringContaining('SQL') })])
})

test('a disk that refuses writes is reported with a retry time, and is logged', async () => {
  await using http = await startHttp()
  http.application.fault = Object.assign(new Error('ENOSPC: no space left on device, open /var/lib/x'), {
    code: 'ENOSPC',
  })
  const answer = await http.json({ path: '/v1/operations/op_x' })
  expect([answer.status, answer.json['code'], answer.json['retryable']]).toEqual([503, 'storage_unavailable', true])
  expect([answer.headers['retry-after'], answer.body.includes('/var/lib')]).toEqual(['30', false])
  expect(http.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
})

test('an unexpected error has an unknown fiscal effect within a change, and none within a read', async () => {
  await using http = await startHttp()
  for (const code of ['ENOSPC', 'EXPECTED_BY_NOBODY']) {
    http.application.fault = Object.assign(new Error('x'), { code })
    const effect = async (call: { path: string; body?: unknown }): Promise<unknown> =>
      (await http.json(call)).json['fiscal_effect']
    expect(await effect({ path: '/v1/operations', body: goodSale() })).toBe('unknown')
    expect(await effect({ path: '/v1/operations/op_x' })).toBe('none')
  }
})

test('a refusal that may be repeated has a retry time', async () => {
  await using http = await startHttp()
  const waits: [FiskalError, string | undefined][] = [
    [new FiskalError('reconciling', 'x', {}, { fiscalEffect: 'unknown', retryAfterSeconds: 2.2 }), '3'],
    [new FiskalError('fiscal_device_busy', 'x'), '1'],
    [new FiskalError('idempotency_key_in_use', 'x'), '1'],
    [new FiskalError('no_open_session', 'x'), undefined],
  ]
  for (const [fault, wait] of waits) {
    http.application.fault = fault
    const answer = await http.json({ path: '/v1/operations/op_x' })
    expect([answer.headers['retry-after'], answer.json['fiscal_effect']]).toEqual([wait, fault.fiscalEffect])
  }
})

test('X-Request-Id is taken if it is visible ASCII of at most 128, else made', async () => {
  await using http = await startHttp()
  for (const id of ['till-1/7', 'x'.repeat(128)]) {
    expect((await http.call({ path: '/healthz', headers: { 'X-Request-Id': id } })).headers['x-request-id']).toBe(id)
  }
  for (const id of ['', 'a b', 'ä', 'x'.repeat(129)]) {
    const answer = await http.call({ path: '/healthz', headers: { 'X-Request-Id': id } })
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('the log has one line a request and nothing that a caller must keep secret', async () => {
  await using http = await startHttp()
  const created = await http.call({ path: '/v1/operations', body: goodSale(), headers: { 'X-Request-Id': 'r-3' } })
  const location = created.headers['location'] ?? ''
  await http.call({ path: `${location}/receipt?language=it` })
  await http.call({ path: '/v1/nowhere?token=canary-query', headers: { Cookie: 'canary-cookie' } })
  await http.call({ path: '/v1/operations/canary-id', headers: { Authorization: 'Bearer canary-key' } })
  await http.call({ path: '/v1/operations', body: '{"canary-body"' })
  expect(http.lines).toHaveLength(5)
  const id = location.split('/').at(-1)
  expect(http.lines[0]).toEqual({
    level: 'info',
    message: 'request',
    request_id: 'r-3',
    method: 'POST',
    route: '/v1/operations',
    status: 201,
    ms: expect.any(Number),
    operation_id: id,
  })
  expect(http.lines[1]).toMatchObject({ route: '/v1/operations/{id}/receipt', status: 200, operation_id: id })
  expect(http.lines.map(({ code }) => code)).toEqual([
    undefined,
    undefined,
    'not_found',
    'unauthorized',
    'invalid_request',
  ])
  const text = JSON.stringify(http.lines)
  for (const secret of ['canary', PLATFORM_KEY, 'Croissant', 'language']) expect(text).not.toContain(secret)
})

test('lists are paged: limit up to 200, an opaque cursor, nothing else', async () => {
  await using http = await startHttp()
  const page = await http.json({ path: '/v1/operations?limit=200&cursor=abc' })
  expect(page.json).toEqual({ data: [], next_cursor: null })
  await http.call({ path: '/v1/operations' })
  await http.call({ path: '/v1/journal?after=7&limit=3' })
  expect(http.application.calls).toEqual(['list 10 abc', 'list 10 -', 'journal 7 3'])
  const bad = ['limit=0', 'limit=201', 'limit=x', 'limit=1.5', 'limit=1&limit=2', 'page=2', '__proto__=1']
  for (const query of bad) {
    const answer = await http.json({ path: `/v1/operations?${query}` })
    expect([query, answer.status, answer.json['code']]).toEqual([query, 400, 'invalid_request'])
  }
})

test('a receipt comes as JSON or as text, in the language that is asked for', async () => {
  await using http = await startHttp()
  const location = (await http.call({ path: '/v1/operations', body: goodSale() })).headers['location']
  const receipt = (query: string, headers: Record<string, string> = {}) =>
    http.call({ path: `${location}/receipt${query}`, headers })
  for (const [query, Accept, type] of [
    ['', '*/*', 'application/json'],
    ['', 'text/plain', 'text/plain; charset=utf-8'],
    ['?format=text', 'application/json', 'text/plain; charset=utf-8'],
    ['?format=json', 'text/plain', 'application/json'],
  ] as const) {
    const answer = await receipt(query, { Accept })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type])
  }
  const languages: [string, string, string][] = [
    ['', '', "the shop's"],
    ['', '*', "the shop's"],
    ['', 'it-IT,it;q=0.9,de;q=0.5', 'it'],
    ['', 'fr', "the shop's"],
    ['?language=en', 'it', 'en'],
  ]
  for (const [query, accepted, language] of languages) {
    await receipt(query, accepted === '' ? {} : { 'Accept-Language': accepted })
    expect(http.application.receiptLanguage).toBe(language)
  }
  for (const query of ['?format=docx', '?language=fr']) expect((await receipt(query)).status).toBe(400)
  const word = JSON.parse((await receipt('', { Accept: 'application/msword' })).body)
  expect([word.status, word.details.reason]).toEqual([400, 'header'])
})

test('an export is downloaded whole by its signed link, with or without a key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-http-'))
  await using http = await startHttp()
  const content = 'log message\n'.repeat(50_000)
  const path = join(folder, 'export.tar')
  await writeFile(path, content)
  http.application.file = { path, fileName: 'tse "1"\r\n.tar', mediaType: 'application/x-tar' }
  const link = '/v1/exports/exp_1/file?signature=good&expires=9'
  for (const Authorization of [undefined, `Bearer ${PLATFORM_KEY}`]) {
    const answer = await http.call({ path: link, headers: { Authorization } })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-tar',
      'content-length': String(content.length),
      'content-disposition': 'attachment; filename="tse__1___.tar"',
    })
    expect(answer.body === content).toBe(true)
  }
  await writeFile(path, '')
  expect((await http.call({ path: link })).body).toBe('')
  const forged = { path: link.replace('good', 'forged'), headers: { Authorization: undefined } }
  expect((await http.json(forged)).json).toMatchObject({ code: 'not_found', details: { resource: 'export' } })
  await rm(folder, { recursive: true })
  expect((await http.json({ path: link })).json.details).toEqual({ resource: 'export' })
})

test('health and readiness need no key', async () => {
  await using http = await startHttp()
  const open = { Authorization: undefined }
  expect((await http.call({ path: '/healthz', headers: open })).body).toBe('{"status":"ok"}')
  const states = { ready: 200, degraded: 200, starting: 503, stopping: 503, no_storage: 503 } as const
  for (const [state, status] of Object.entries(states)) {
    http.application.state = state as keyof typeof states
    const answer = await http.json({ path: '/readyz', headers: open })
    expect(answer.status).toBe(status)
    expect(status === 200 ? answer.json['state'] : answer.json.details['state']).toBe(state)
  }
})

test('every error code is explained, to people and to programs', async () => {
  await using http = await startHttp()
  const open = { Authorization: undefined }
  for (const [code, { status, remedy }] of Object.entries(ERRORS)) {
    const answer = await http.json({ path: `/errors/${code}`, headers: open })
    expect([answer.status, answer.json]).toMatchObject([200, { code, status, remedy }])
  }
  for (const code of ['nonsense', 'toString', '__proto__', '%ff']) {
    expect((await http.call({ path: `/errors/${code}`, headers: open })).status).toBe(code === '%ff' ? 400 : 404)
  }
})

test('the page of an error says meaning, what to do, whether to repeat, the effect, and shows one refusal', async () => {
  await using http = await startHttp()
  const headers = { Authorization: undefined, Accept: 'text/html,*/*;q=0.8' }
  const pages = new Map<string, string>()
  for (const code of Object.keys(ERRORS)) {
    const page = await http.call({ path: `/errors/${code}`, headers })
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const parts = ['What to do', 'Send it again?', 'Fiscal effect', 'Example'].map((title) => `<h2>${title}</h2>`)
    for (const part of parts) expect(page.body, code).toContain(part)
    const [, effect = ''] = /&quot;fiscal_effect&quot;: &quot;(\w+)&quot;/.exec(page.body) ?? []
    expect(page.body, code).toContain(`<tr><td><code>${effect}</code></td>`)
    expect(page.body, code).toContain(`&quot;code&quot;: &quot;${code}&quot;`)
    pages.set(code, page.body)
  }
  expect(pages.get('no_open_session')).toContain('Send session_open first.')
  expect(pages.get('no_open_session')).toContain('Not as it is')
  expect(pages.get('reconciling')).toContain('HTTP 503\nRetry-After: 1')
  expect(pages.get('reconciling')).toContain('Begin no second sale')
  expect(pages.get('precondition_failed')).toContain('Read the operation first')
  expect(pages.get('unauthorized')).toContain('If an earlier attempt was not answered, it may be recorded')
  expect(pages.get('idempotency_key_conflict')).toContain('No. The key belongs to the first request')
})

test('a meaning of an error is at most two sentences of 25 words', () => {
  for (const [code, { meaning }] of Object.entries(EXPLANATIONS)) {
    const sentences = meaning.split(/(?<=\.) /)
    expect(sentences.length, code).toBeLessThanOrEqual(2)
    for (const sentence of sentences) {
      expect(sentence, code).toMatch(/^[A-Z].*\.$/)
      expect(sentence.split(' ').length, sentence).toBeLessThanOrEqual(25)
    }
  }
})
