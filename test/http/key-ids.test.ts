import { expect, test } from 'vitest'
import { startHttp } from './harness.ts'
import { goodSale, MERCHANT, REGISTER_KEY } from './memory-application.ts'

const asRegister = { Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY }

test('ids of path, query, header and body are looked up by their kind, for the caller and its merchant', async () => {
  await using http = await startHttp()
  const { calls } = http.application
  const asked = async (path: string, rest: object = {}): Promise<string[]> => {
    calls.length = 0
    await http.call({ path, ...rest })
    return calls.filter((call) => call.startsWith('key '))
  }
  const of = `platform ${MERCHANT}`
  expect(await asked('/v1/operations/key:a')).toEqual([`key operation a ${of}`])
  expect(await asked('/v1/operations/key:a/receipt')).toEqual(
    ['operation', 'closing', 'drawer_opening'].map((kind) => `key ${kind} a ${of}`),
  )
  expect(await asked('/v1/sessions/key:a', { headers: asRegister })).toEqual([`key session a register ${MERCHANT}`])
  expect(await asked('/v1/operations?register_id=key:r&session_id=key:s')).toEqual([
    `key register r ${of}`,
    `key session s ${of}`,
  ])
  expect(await asked('/v1/operations', { headers: { 'X-OpenFiskal-Merchant': 'key:m' } })).toEqual([
    'key merchant m platform -',
  ])
  const sale = { ...goodSale('key:r'), related_operation_id: 'key:o' }
  expect(await asked('/v1/operations', { body: sale })).toEqual([`key register r ${of}`, `key operation o ${of}`])
  const drawer = { occurred_at: '2026-02-25T08:00:00Z', operation_id: 'key:o' }
  expect(await asked('/v1/registers/key:r/cash-drawer-openings', { body: drawer })).toEqual([
    `key register r ${of}`,
    `key operation o ${of}`,
  ])
})

test('a request without such an id asks for none, whatever its other members hold', async () => {
  await using http = await startHttp()
  const body = { ...goodSale(), note: 'key:a', metadata: { register_id: 'key:a' }, external_id: 'key:a' }
  await http.call({ path: '/v1/operations', body, headers: { 'Idempotency-Key': 'key:a' } })
  await http.call({ path: '/v1/operations/xkey:a' })
  await http.call({ path: '/v1/operations?cursor=key:a' })
  for (const register_id of [['key:a'], { id: 'key:a' }, 7, null, ' key:a', 'Key:a'])
    await http.call({ path: '/v1/operations', body: { ...goodSale(), register_id } })
  for (const odd of ['"key:a"', '["key:a"]', 'null', '7'])
    await http.call({
      path: '/v1/operations',
      body: odd,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    })
  expect(http.application.calls.filter((call) => call.startsWith('key '))).toEqual([])
})

test('a repetition is recognised by the text as it was sent, whatever the key names by then', async () => {
  await using http = await startHttp()
  const { application } = http
  application.idsOfKeys.set('register r', 'reg_1')
  const send = (body: object, key = 'k') =>
    http.json({ path: '/v1/operations', body, headers: { 'Idempotency-Key': key } })
  const first = await send(goodSale('key:r'))
  expect(first.status).toBe(201)
  for (const now of ['reg_2', undefined]) {
    if (now === undefined) application.idsOfKeys.clear()
    else application.idsOfKeys.set('register r', now)
    const again = await send(goodSale('key:r'))
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([first.body, 'true'])
  }
  expect((await send(goodSale('reg_1'))).json['code']).toBe('idempotency_key_conflict')

  application.idsOfKeys.set('operation s', String(first.json['id']))
  const complete = { path: '/v1/operations/key:s/void', body: { reason: 'operator_cancelled' }, method: 'POST' }
  const headers = { 'Idempotency-Key': 'v', 'If-Match': '"1"' }
  const voided = await http.json({ ...complete, headers })
  expect([voided.status, voided.json['id']]).toEqual([200, first.json['id']])
  application.idsOfKeys.clear()
  expect((await http.json({ ...complete, headers })).body).toBe(voided.body)
})

test('the log and the answers of a request by key have the real id', async () => {
  await using http = await startHttp()
  const made = await http.json({ path: '/v1/operations', body: goodSale() })
  const id = String(made.json['id'])
  http.application.idsOfKeys.set('operation s', id)
  const read = await http.json({ path: '/v1/operations/key:s' })
  expect(read.json['id']).toBe(id)
  expect(http.lines.at(-1)).toMatchObject({ route: '/v1/operations/{id}', operation_id: id })
  expect(JSON.stringify(http.lines)).not.toContain('key:s')
})

const EMPTY = [undefined, '', 'null', '{}', ' { } ', '\n null\t'] as const

test.each(['/v1/registers/reg_1/fiscalize', '/v1/registers/reg_1/decommission', '/v1/registers/reg_1/closings'])(
  'no body, null and {} are one request at %s, and anything else is another',
  async (path) => {
    await using http = await startHttp()
    const send = (body: string | undefined, key: string) =>
      http.json({
        path,
        method: 'POST',
        headers: { 'Idempotency-Key': key, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body }),
      })
    for (const [at, first] of EMPTY.entries()) {
      const answer = await send(first, `k${at}`)
      expect(answer.status, answer.body).toBeLessThan(300)
      for (const body of EMPTY) {
        const again = await send(body, `k${at}`)
        expect([again.body, again.headers['idempotent-replayed']]).toEqual([answer.body, 'true'])
      }
    }
    for (const body of ['[]', '0', 'false', '""', '{"a":{}}', '[{}]', '[null]'])
      expect((await send(body, 'k0')).json['code'], body).toBe('idempotency_key_conflict')
    for (const body of ['[]', '0', 'false', '""', '{"a":{}}'])
      expect((await send(body, 'other')).json, body).toMatchObject({
        code: 'invalid_request',
        details: { reason: 'schema' },
      })
  },
)
