import type { Json } from '../../base/canonical.ts'

/** One broken request: its bytes, its mutation, and whether the client ends its direction after the bytes. */
type FuzzCase = { bytes: Buffer; kind: string; half: boolean }

type Body = { [member: string]: Json }
type FuzzTarget = { host: string; platformKey: string; sale: Body; others?: readonly Body[] }

/** Uniform integers below a bound, the same for the same seed (mulberry32). */
type Random = (below: number) => number

function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/**
 * `count` requests none of which may succeed. `target.sale` must be a well-formed sale of a register that does not
 * exist, and so each of `others`, which take turns with it: also a mutation that hurts nothing is then refused, so that every answer is a 4xx.
 */
export function* fuzzCases(seed: number, count: number, target: FuzzTarget): Generator<FuzzCase> {
  const random = seeded(seed)
  for (let index = 0; index < count; index++) {
    const kinds = [randomBytes, flippedBytes, brokenHead, brokenTree, brokenTree, brokenText, brokenPath, brokenQuery]
    const make = kinds[random(kinds.length)] ?? randomBytes
    const { sale, others = [] } = target
    const bodies: readonly [Body, ...Body[]] = [sale, ...others]
    yield make(random, { ...target, sale: bodies[index % bodies.length] ?? sale })
  }
}

type Draft = { method: string; path: string; headers: [string, string][]; body: Buffer }

function draft(target: FuzzTarget, body: Buffer): Draft {
  return {
    method: 'POST',
    path: '/v1/operations',
    headers: [
      ['Host', target.host],
      ['Authorization', `Bearer ${target.platformKey}`],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
      ['Connection', 'close'],
    ],
    body,
  }
}

function bytesOf({ method, path, headers, body }: Draft): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`, 'latin1'), body])
}

function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random(items.length)] ?? items[0]
}

function saleBytes(target: FuzzTarget): Buffer {
  return Buffer.from(JSON.stringify(target.sale))
}

function randomBytes(random: Random): FuzzCase {
  const bytes = Buffer.from(Array.from({ length: 1 + random(600) }, () => random(256)))
  // Empty lines before a request are allowed and ask for nothing.
  if (bytes[0] === 0x0a || bytes[0] === 0x0d) bytes[0] = 0x47
  return { bytes, kind: 'random bytes', half: true }
}

function flippedBytes(random: Random, target: FuzzTarget): FuzzCase {
  const bytes = bytesOf(draft(target, saleBytes(target)))
  for (let flips = 1 + random(4); flips > 0; flips--) bytes[random(bytes.length)] = random(256)
  if (bytes[0] === 0x0a || bytes[0] === 0x0d) bytes[0] = 0x47
  return { bytes, kind: 'flipped bytes', half: true }
}

function brokenHead(random: Random, target: FuzzTarget): FuzzCase {
  const request = draft(target, saleBytes(target))
  const set = (name: string, value: string): void => {
    request.headers = [...request.headers.filter(([known]) => known !== name), [name, value]]
  }
  const breaks: [string, () => void][] = [
    [
      'method',
      () =>
        (request.method = pick(random, ['DELETE', 'PUT', 'TRACE', 'OPTIONS', 'post', 'POST POST', '', 'X'.repeat(40)])),
    ],
    ['host', () => set('Host', pick(random, ['evil.example', '', '127.0.0.1', '[::1]', 'localhost:0', '\xff']))],
    ['no host', () => (request.headers = request.headers.slice(1))],
    ['two hosts', () => request.headers.push(['host', target.host])],
    ['key', () => set('Authorization', pick(random, ['', 'Bearer', 'Basic eA==', `Bearer  \t${random(9)}`]))],
    [
      'key elsewhere',
      () => request.headers.push(['X-Api-Key', pick(random, ['ofk_reg_x', `Bearer ${target.platformKey}`])]),
    ],
    ['key without its scheme', () => set('Authorization', pick(random, ['', 'Token ', 'Basic ']) + target.platformKey)],
    [
      'media type',
      () => set('Content-Type', pick(random, ['text/plain', '', 'application/json;charset=x', '*/*', ','])),
    ],
    ['coding', () => set('Content-Encoding', pick(random, ['gzip', 'br', 'deflate, gzip', 'x']))],
    [
      'length',
      () => set('Content-Length', pick(random, ['-1', '1e3', '', '0x10', '9'.repeat(30), '5, 5', '99999999'])),
    ],
    ['two lengths', () => request.headers.push(['Content-Length', String(random(5000))])],
    ['length and chunks', () => request.headers.push(['Transfer-Encoding', 'chunked'])],
    [
      'coding of transfer',
      () => set('Transfer-Encoding', pick(random, ['gzip', 'chunked, gzip', 'identity', 'xchunked'])),
    ],
    ['key of idempotency', () => set('Idempotency-Key', pick(random, ['', 'a b', 'ä', 'k'.repeat(256), '\t']))],
    ['origin', () => set('Origin', pick(random, ['null', 'https://evil.example', '', 'file://']))],
    [
      'merchant',
      () =>
        set('X-OpenFiskal-Merchant', pick(random, ['x', 'key:x', 'key:', '../..', "' OR 1=1 --", 'm'.repeat(3000)])),
    ],
    ['many headers', () => request.headers.push(...Array.from({ length: 120 }, (): [string, string] => ['X', 'y']))],
    ['long header', () => set('X-Long', 'x'.repeat(16_000 + random(4000)))],
    ['header with a break', () => set('X-Break', pick(random, ['a\rb', 'a\nb', 'a\0b', 'a\r\n b', '\x7f']))],
    ['header name', () => request.headers.push([pick(random, ['a b', '', 'ä', 'x(', '\0']), 'v'])],
  ]
  const [kind, apply] = breaks[random(breaks.length)] ?? ['none', () => undefined]
  apply()
  return { bytes: bytesOf(request), kind, half: true }
}

const VALUES: readonly [Json, ...Json[]] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e300,
  '',
  'x',
  'key:x',
  '-',
  '1e5',
  '0.123456789',
  '\ud800',
  '\0',
  [],
  {},
  [[]],
]

function brokenTree(random: Random, target: FuzzTarget): FuzzCase {
  const sale = structuredClone(target.sale)
  for (let changes = 1 + random(3); changes > 0; changes--) changeOne(random, sale)
  if (random(8) === 0) sale['register_id'] = keyedId(random)
  const body = Buffer.from(JSON.stringify(sale))
  const request = draft(target, body)
  if (random(4) > 0) return { bytes: bytesOf(request), kind: 'tree', half: false }
  request.method = 'PATCH'
  request.path = `/v1/operations/${pick(random, ['op_x', 'key:x', '%00'])}`
  request.headers.push(['Idempotency-Key', `k-${random(1000)}`], ['If-Match', '"1"'])
  return { bytes: bytesOf(request), kind: 'tree of an amendment', half: false }
}

/** The body of a request with changes somewhere in it; some of these are valid. */
export function* changedBodies(seed: number, count: number, body: { [member: string]: Json }): Generator<Json> {
  const random = seeded(seed)
  for (let index = 0; index < count; index++) {
    const changed = structuredClone(body)
    for (let changes = 1 + random(3); changes > 0; changes--) changeOne(random, changed)
    yield changed
  }
}

/** Replaces, removes or adds one member somewhere in the tree. The source stays: another one needs no register. */
function changeOne(random: Random, root: { [member: string]: Json }): void {
  let holder = root as { [member: string]: Json }
  for (let depth = random(4); depth > 0; depth--) {
    const inner = Object.values(holder).filter((value) => typeof value === 'object' && value !== null)
    if (inner.length === 0) break
    holder = inner[random(inner.length)] as { [member: string]: Json }
  }
  const names = Object.keys(holder).filter((name) => name !== 'source' && name !== 'register_id')
  const name = names[random(Math.max(1, names.length))] ?? 'x'
  const action = random(4)
  if (action === 0) delete holder[name]
  else if (action === 1) holder[pick(random, ['extra', 'session_id', 'id', 'constructor', '', '~/'])] = anyValue(random)
  else holder[name] = anyValue(random)
}

/** A copy: a value that two cases shared would keep the changes of both, and might come to hold itself. */
function anyValue(random: Random): Json {
  return structuredClone(pick(random, VALUES))
}

/** An id of the caller's own that names nothing: no request of a fuzzer makes anything. */
function keyedId(random: Random): string {
  return `key:${pick(random, ['', ' ', 'ä', '\n', 'key:x', '%2F', '🥐', 'k'.repeat(256), '__proto__', `k-${random(1000)}`])}`
}

function brokenText(random: Random, target: FuzzTarget): FuzzCase {
  const text = JSON.stringify(target.sale)
  const at = random(text.length)
  const insert = (piece: string) => text.slice(0, at) + piece + text.slice(at)
  const body = pick<() => Buffer>(random, [
    () => Buffer.from(text.slice(0, at)),
    () =>
      Buffer.from(insert(pick(random, ['\0', '\\u0000', '{', '}', '"', '\\', ',', '1e400', '\u2028', '//', 'NaN']))),
    () => Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.of(0x80 + random(128)), Buffer.from(text.slice(at))]),
    () => Buffer.from(text + pick(random, ['{}', ',', ']', 'x', '\0'])),
    () => Buffer.from(text.replace('{', `{"__proto__":${random(9)},`)),
    () => Buffer.from(text.replace('"metadata":{', `"metadata":{"deep":${'['.repeat(40 + random(9000))}`)),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(`\ufeff${text}`),
    () => Buffer.alloc(1024 * 1024 + 1 + random(1000), 0x20),
    () => Buffer.from(pick(random, ['[]', 'null', '1', '"x"', '[[[[', '{"type":"refund"}', '{"type":{}}', ''])),
  ])()
  return { bytes: bytesOf(draft(target, body)), kind: 'text', half: false }
}

function brokenPath(random: Random, target: FuzzTarget): FuzzCase {
  const request = draft(target, saleBytes(target))
  const id = pick(random, [
    'op_x',
    '%00',
    '%ff',
    '..%2f..',
    'x'.repeat(1 + random(2500)),
    '%F0%9F%A5%90',
    "'%20OR%201",
    '{id}',
    encodeURIComponent(keyedId(random)).replace('%3A', ':'),
    'key%253Ax',
    'key:..%2f..',
    'key:%',
  ])
  request.path = pick(random, [
    `/v1/operations/${id}/complete`,
    `/v1/operations/${id}/void`,
    `/v1/operations/${id}/nothing`,
    `/v1/registers/${id}/nothing`,
    `/v1//operations`,
    `/v1/operations/`,
    `/V1/operations`,
    `/../v1/operations`,
    `http://evil.example/v1/operations`,
    `v1/operations`,
    `/v1/${id}`,
  ])
  request.headers.push(['Idempotency-Key', `k-${random(1000)}`])
  request.headers.push(['If-Match', pick(random, ['"1"', '1', '*', 'W/"1"', '""', '"x"'])])
  return { bytes: bytesOf(request), kind: `path ${request.path.slice(0, 30)}`, half: false }
}

/** A read with a query that is wrong, of a resource that does not exist, or both. Empty values are left out. */
function brokenQuery(random: Random, target: FuzzTarget): FuzzCase {
  const request = draft(target, Buffer.alloc(0))
  const value = () => pick(random, ['', '%00', '%20', 'x', '-1', '1e9', '%ff', 'false&follow=true', '9'.repeat(300)])
  const wrong = () => pick(random, ['no', '%20', '%00', 'FALSE', '-', 'true&%s=false', '\u00fc'])
  request.method = 'GET'
  request.path = pick(random, [
    `/v1/events?follow=${wrong().replace('%s', 'follow')}`,
    `/v1/operations?cursor=&limit=${wrong().replace('%s', 'limit')}`,
    `/v1/operations?limit=&cursor=&${value() || 'x'}=1`,
    `/v1/operations?external_id=${value()}&order=${wrong().replace('%s', 'order')}`,
    `/v1/operations?order=desc&receipt_number=${value() || 'x'}`,
    `/v1/operations?allocation_group=${'x'.repeat(51 + random(300))}&order=desc`,
    `/v1/registers/${value() || 'x'}/last-operation?type=${wrong().replace('%s', 'type')}`,
    `/v1/journal?limit=&after=${wrong().replace('%s', 'after')}`,
    `/v1/exports/${value() || 'x'}/file?signature=${value()}&expires=${value()}`,
    `/v1/exports/exp_x/file?expires=&${value()}=${value()}`,
    `/v1/${pick(random, ['operations', 'closings'])}/none/receipt.${pick(random, ['pdf', 'txt', 'escpos', 'x'])}?copy=${value()}`,
    `/v1/operations/op_x/receipt?language=${value()}&copy=${value()}&columns=&paper=`,
  ])
  if (random(3) === 0) request.headers = request.headers.filter(([name]) => name !== 'Authorization')
  return { bytes: bytesOf(request), kind: `query ${request.path.slice(0, 40)}`, half: false }
}
