import { expect, test } from 'vitest'
import { parseJsonBody } from '../../agent/http/json-body.ts'
import { computedMs } from '../computed.ts'
import { requestBytes, startHttp } from './harness.ts'
import { goodSale } from './memory-application.ts'
import { RawConnection } from './raw-client.ts'

const PATH = '/v1/operations'
const LIMIT = 1024 * 1024

async function refusal(body: unknown, headers: Record<string, string | undefined> = {}) {
  await using http = await startHttp()
  const answer = await http.json({ path: PATH, body, headers })
  expect(http.application.operationsById.size).toBe(0)
  return { status: answer.status, reason: answer.json.details['reason'], json: answer.json }
}

test('only application/json in UTF-8 without a content coding is read', async () => {
  await using http = await startHttp()
  const refused = [
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'application/merge-patch+json' },
    { 'Content-Type': 'application/json; charset=iso-8859-1' },
    { 'Content-Type': 'application/json;charset="utf-16"' },
    { 'Content-Type': undefined },
    { 'Content-Encoding': 'gzip' },
  ]
  for (const headers of refused) {
    const answer = await http.json({ path: PATH, body: goodSale(), headers })
    expect([answer.status, answer.json['code']]).toEqual([415, 'unsupported_media_type'])
  }
  const read = [
    { 'Content-Type': 'application/json; charset=utf-8' },
    { 'Content-Type': 'Application/JSON;charset="UTF-8"' },
    { 'Content-Encoding': 'identity' },
  ]
  for (const headers of read) {
    expect((await http.call({ path: PATH, body: goodSale(), headers })).status).toBe(201)
  }
})

test('a Content-Type of many blanks is read in a moment', async () => {
  await using http = await startHttp()
  const blanks = '\t'.repeat(14_000)
  const begin = computedMs()
  for (let count = 0; count < 8; count++) {
    const headers = { 'Content-Type': `application/json; charset=${blanks}=\t=` }
    expect((await http.call({ path: PATH, body: goodSale(), headers })).status).toBe(201)
  }
  expect(computedMs() - begin).toBeLessThan(1000)
  for (const [charset, status] of [
    ['utf-8', 201],
    ['utf-16', 415],
  ]) {
    const headers = { 'Content-Type': `application/json;\tcharset \t=\t"${charset}" \t` }
    expect((await http.call({ path: PATH, body: goodSale(), headers })).status).toBe(status)
  }
})

test('a body that is not JSON in UTF-8 is refused with reason json', async () => {
  const bodies = ['{"type":', '', '{} {}', "{'type':1}", '{"a":NaN}', '\ufeff{}', '{"a":"\u0000"}', '[1,]']
  for (const body of [
    ...bodies,
    Buffer.from('7b2261223a22ff227d', 'hex'),
    Buffer.from('7b2261223a22eda080227d', 'hex'),
  ]) {
    expect(await refusal(body)).toMatchObject({ status: 400, reason: 'json' })
  }
})

test('invalid JSON is reported with its place if known, and without any of its content', async () => {
  const told: [string, string][] = [
    ['{"type":"sale",\n "note":"x",}', 'The body is not well-formed JSON: line 2 column 13.'],
    [
      '{"note":"one\ntwo"}',
      'A control character of a text must be written as an escape such as \\n: line 1 column 13.',
    ],
    ['\ufeff{}', 'The body begins with a byte order mark (U+FEFF): send it without one.'],
    ['{"note": secret at position 7 (line 1 column 8)', 'The body is not well-formed JSON.'],
  ]
  for (const [body, message] of told) expect((await refusal(body)).json['message']).toBe(message)
})

test('JSON that no resource can hold is refused with reason schema', async () => {
  const sale = JSON.stringify(goodSale())
  const bodies: [string, string][] = [
    [sale.replace('"Croissant', '"\\u0000Croissant'), '/line_items/0/title'],
    [sale.replace('"Croissant', '"\\ud800Croissant'), '/line_items/0/title'],
    [sale.replace('"till"', '"\\udc00"'), '/metadata'],
    [sale.replace('"till"', '"__proto__"'), '/metadata/__proto__'],
    [sale.replace('{', '{"__proto__":{"type":"sale"},'), '/__proto__'],
    [sale.replace('{', '{"\\u005f_proto__":1,'), '/__proto__'],
    [sale.replace(':3,', ':1e400,'), '/line_items/0/quantity'],
    [sale.replace('"front"', '-1e999'), '/metadata/till'],
    [sale.replace('"front"', '['.repeat(31) + ']'.repeat(31)), `/metadata/till${'/0'.repeat(30)}`],
    ['['.repeat(10_000) + ']'.repeat(10_000), '/0'.repeat(32)],
    [sale.replace('"front"', `[${'0,'.repeat(1000)}0]`), '/metadata/till'],
    [sale.replace('"4.50"', '4.50'), '/total_amount'],
    ['[]', ''],
    ['null', ''],
  ]
  for (const [body, pointer] of bodies) {
    const answer = await refusal(body)
    expect(answer).toMatchObject({ status: 400, reason: 'schema' })
    expect(answer.json.details['errors']).toEqual(
      expect.arrayContaining([{ pointer, message: expect.stringMatching(/^(must|is)/) }]),
    )
  }
})

test('a number that would be rounded is refused, in any place; a number that a double holds is echoed', async () => {
  const sale = JSON.stringify(goodSale())
  const rounded = [
    ...['9007199254740993', '-9007199254740993', '12345678901234567890', '123456789012345678'],
    ...['0.1234567890123456789', '3.141592653589793238462643', '1e-400', '1E-9999', `1${'0'.repeat(50)}1`, '1e400'],
  ]
  for (const number of rounded) {
    const body = sale.replace('"front"', `["\\"9007199254740993",1,${number}]`)
    const { status, reason, json } = await refusal(body)
    expect([number, status, reason]).toEqual([number, 400, 'schema'])
    expect(json.details['errors']).toEqual([
      { pointer: '/metadata/till/2', message: 'must be a number that a double (IEEE 754) holds as it is, or text' },
    ])
  }
  const held = [
    ...['9007199254740992', '9007199254740991', '-9007199254740991', '100000000000000000000000', '1e308', '5e-324'],
    ...[
      '0.1',
      '0.10000000000000001',
      '0.30000000000000004',
      '1234567890.1234567',
      '0.000000000000000000',
      '-0',
      '1e21',
    ],
  ]
  const texts = '"9007199254740993","\\\\","\\"9007199254740993"'
  expect(parseJsonBody(Buffer.from(`[${texts},${held.join(',')}]`))).toEqual([
    ...['9007199254740993', '\\', '"9007199254740993'],
    ...held.map(Number),
  ])
  // Only the last of two members with one name is checked.
  expect(parseJsonBody(Buffer.from('{"a":9007199254740993,"a":1}'))).toEqual({ a: 1 })
})

test('a body of long numbers and open quotation marks is read in a moment', () => {
  const begin = computedMs()
  for (const body of [
    '9007199254740993,'.repeat(50_000),
    `1${'0'.repeat(20)}${'"\\'.repeat(500_000)}`,
    '1.'.repeat(500_000),
  ])
    for (const text of [body, `[${body}1]`, `{"a":"${body}"}`])
      expect(() => parseJsonBody(Buffer.from(text))).not.toThrow(RangeError)
  expect(computedMs() - begin).toBeLessThan(5000)
})

test('nesting by the thousand is refused before anything is built from it; brackets in a text do not count', () => {
  const errors = [{ pointer: '', message: 'must not be nested deeper than 32 levels' }]
  for (const deep of ['['.repeat(500_000), '{"a":'.repeat(100_000), `["]}\\""]${'{"":['.repeat(60_000)}`])
    expect(() => parseJsonBody(Buffer.from(deep))).toThrow(
      expect.objectContaining({ code: 'invalid_request', details: { reason: 'schema', errors } }),
    )
  const text = '[{'.repeat(60_000)
  for (const flat of [text, `\\"${text}`, `${text}\\`])
    expect(parseJsonBody(Buffer.from(JSON.stringify({ a: flat, b: [] })))).toEqual({ a: flat, b: [] })
  expect(parseJsonBody(Buffer.from(`[${'[],'.repeat(900)}"${text}"]`))).toHaveLength(901)
})

test('nesting of 32 levels and 1,000 entries pass, surrogate pairs and the last of duplicate members are kept', async () => {
  await using http = await startHttp()
  const sale = JSON.stringify(goodSale())
  const good = [
    sale.replace('"front"', '['.repeat(30) + ']'.repeat(30)),
    sale.replace('"front"', `[${'0,'.repeat(999)}0]`),
    sale.replace('"front"', '"\\ud83e\\udd50"'),
    sale.replace('{', '{"type":"nonsense","register_id":7,'),
  ]
  for (const body of good) expect((await http.call({ path: PATH, body })).status).toBe(201)
})

test('a body of 1 MiB is read and one byte more refused, announced or chunked', async () => {
  await using http = await startHttp()
  const sale = JSON.stringify(goodSale())
  const full = sale + ' '.repeat(LIMIT - Buffer.byteLength(sale))
  expect((await http.call({ path: PATH, body: full })).status).toBe(201)
  expect((await http.json({ path: PATH, body: `${full} ` })).json['code']).toBe('payload_too_large')
  const chunked = `${(LIMIT + 1).toString(16)}\r\n${full} \r\n0\r\n\r\n`
  const headers = { 'Transfer-Encoding': 'chunked', 'Content-Length': undefined }
  const answer = await http.json({ path: PATH, body: chunked, headers })
  expect([answer.status, answer.json.details['limit_bytes']]).toEqual([413, LIMIT])
})

test('a chunked body and one that comes byte by byte are read like any other', async () => {
  await using http = await startHttp()
  const sale = JSON.stringify(goodSale())
  const chunks = `${Buffer.byteLength(sale).toString(16)}\r\n${sale}\r\n0\r\n\r\n`
  const headers = { 'Transfer-Encoding': 'chunked', 'Content-Length': undefined }
  expect((await http.call({ path: PATH, body: chunks, headers })).status).toBe(201)
  const connection = new RawConnection(http.port)
  connection.socket.setNoDelay(true)
  for (const byte of requestBytes(http.port, { path: PATH, body: goodSale() })) connection.write(Buffer.of(byte))
  expect((await connection.answer())?.status).toBe(201)
  connection.socket.destroy()
})

test('a client that sends Expect gets a continue only when its body is wanted', async () => {
  await using http = await startHttp()
  const [head = '', body = ''] = requestBytes(http.port, {
    path: PATH,
    body: goodSale(),
    headers: { Expect: '100-continue' },
  })
    .toString()
    .split('\r\n\r\n')
  const wanted = new RawConnection(http.port)
  const asked = new Promise<string>((resolve) => wanted.socket.once('data', (chunk) => resolve(String(chunk))))
  wanted.write(`${head}\r\n\r\n`)
  expect(await asked).toMatch(/^HTTP\/1.1 100 /)
  wanted.write(body)
  expect((await wanted.answer())?.status).toBe(201)
  const refused = new RawConnection(http.port)
  refused.write(`${head.replace('Bearer ofk', 'Bearer no')}\r\n\r\n`)
  const answer = await refused.answer()
  expect([answer?.status, answer?.headers['connection']]).toEqual([401, 'close'])
  refused.socket.destroy()
  wanted.socket.destroy()
})

test('a body may be omitted if the contract allows it', async () => {
  await using http = await startHttp()
  for (const body of [undefined, {}, { pos_client_serial_number: 'KASSE-1' }]) {
    const answer = await http.call({ method: 'POST', path: '/v1/registers/reg_1/fiscalize', body })
    expect(answer.status).toBe(202)
  }
  expect((await http.call({ method: 'POST', path: '/v1/registers/reg_1/decommission' })).status).toBe(200)
  const unknown = await http.call({ method: 'POST', path: '/v1/registers/reg_1/decommission', body: { a: 1 } })
  expect(unknown.status).toBe(400)
  const needed = await http.json({ method: 'POST', path: PATH })
  expect([needed.status, needed.json.details['reason']]).toEqual([400, 'json'])
})

test('a drawer opening takes its register from the path and refuses another one in the body', async () => {
  await using http = await startHttp()
  const body = { occurred_at: '2026-02-25T20:14:55Z' }
  const of = '/v1/registers/reg_1/cash-drawer-openings'
  expect((await http.json({ path: of, body })).json['register_id']).toBe('reg_1')
  expect((await http.call({ path: of, body: { ...body, register_id: 'reg_1' } })).status).toBe(201)
  const other = await http.json({ path: of, body: { ...body, register_id: 'reg_2' } })
  expect([other.status, other.json.details['reason']]).toEqual([400, 'schema'])
})
