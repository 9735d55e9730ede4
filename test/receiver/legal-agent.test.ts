import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryJournal } from '../sync/memory-journal.ts'
import type { Rig } from '../sync/rig.ts'
import { journalHashes, openRig, storedHashes } from '../sync/rig.ts'
import { batchText, contentDigest, Wire } from '../sync/wire.ts'
import { once, WAIT_LIMIT_MS } from '../waits.ts'

let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => rig.close())

type Sent = { body: Buffer; headers: [name: string, value: string][]; version: string; target: string; pieces?: number }

/** The variants that an agent of another maker sends for three events, and the beginning of the answer to each. */
const HANDS: Record<string, readonly [expected: RegExp, change: (sent: Sent, text: Buffer) => Sent]> = {
  'as the page has it': [/^HTTP\/1.1 200 /, (sent) => sent],
  'headers in capitals, the last one first': [
    /^HTTP\/1.1 200 /,
    (sent) => ({
      ...sent,
      headers: sent.headers.map(([name, value]) => [name.toUpperCase(), value] as [string, string]).reverse(),
    }),
  ],
  'the scheme in lower case and two spaces': [
    /^HTTP\/1.1 200 /,
    (sent) => changed(sent, 'authorization', (value) => value.replace('Bearer ', 'bearer  ')),
  ],
  'HTTP/1.0': [/^HTTP\/1.1 200 /, (sent) => ({ ...sent, version: 'HTTP/1.0' })],
  'the whole address in the request line': [
    /^HTTP\/1.1 200 /,
    (sent) => ({ ...sent, target: `${rig.receiver.url}${sent.target}` }),
  ],
  'an expectation of 100': [
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /,
    (sent) => ({ ...sent, headers: [...sent.headers, ['expect', '100-continue']] }),
  ],
  'a body that comes byte by byte': [/^HTTP\/1.1 200 /, (sent) => ({ ...sent, pieces: 1 })],
  'a charset': [
    /^HTTP\/1.1 200 /,
    (sent) => changed(sent, 'content-type', (type) => `${type.toUpperCase()}; charset=utf-8`),
  ],
  'digests of several kinds': [
    /^HTTP\/1.1 200 /,
    (sent) => changed(sent, 'content-digest', (digest) => `sha-512=:AAAA:, ${digest}`),
  ],
  'lines that end with CR and LF': [
    /^HTTP\/1.1 200 /,
    (sent, text) => bodied(sent, Buffer.from(text.toString().replaceAll('\n', '\r\n'))),
  ],
  'members that no page names, in another order': [/^HTTP\/1.1 200 /, (sent, text) => bodied(sent, reordered(text))],
  'gzip in capitals': [/^HTTP\/1.1 200 /, (sent, text) => encoded(sent, gzipSync(text), 'GZIP')],
  'x-gzip, in two members': [
    /^HTTP\/1.1 200 /,
    (sent, text) =>
      encoded(sent, Buffer.concat([gzipSync(text.subarray(0, 90)), gzipSync(text.subarray(90))]), 'x-gzip'),
  ],
  'no signature': [
    /^HTTP\/1.1 200 /,
    (sent, text) => bodied(sent, Buffer.from(text.toString().replace(/,"cp":\{[^}]*\}/, ',"cp":null'))),
  ],
  'chunks instead of a length': [
    /^HTTP\/1.1 411 .*"length_required"/s,
    ({ headers, body, ...sent }) => ({
      ...sent,
      headers: [...headers.filter(([name]) => name !== 'content-length'), ['transfer-encoding', 'chunked']],
      body: Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
    }),
  ],
  'no line feed at the end': [/^HTTP\/1.1 400 .*"truncated"/s, (sent, text) => bodied(sent, text.subarray(0, -1))],
  'no digest': [
    /^HTTP\/1.1 400 .*"malformed"/s,
    (sent) => ({ ...sent, headers: sent.headers.filter(([name]) => name !== 'content-digest') }),
  ],
  'another version of the lines': [
    /^HTTP\/1.1 400 .*"malformed"/s,
    (sent, text) => bodied(sent, Buffer.from(text.toString().replace('"v":1', '"v":2'))),
  ],
}

test.each(Object.entries(HANDS))('an agent of another hand may send %s', async (_name, [expected, change]) => {
  const journal = new MemoryJournal()
  journal.append(3)
  const { chainId, agentId } = journal.chain
  const { token } = await rig.enrol(agentId)
  await new Wire(rig.receiver.url, token).register(journal)
  const text = batchText(journal, 1, 3)
  const headers: Sent['headers'] = [
    ['host', new URL(rig.receiver.url).host],
    ['authorization', `Bearer ${token}`],
    ['content-type', 'application/x-ndjson'],
    ['content-digest', contentDigest(text)],
    ['content-length', String(text.length)],
  ]
  const sent = change({ body: text, headers, version: 'HTTP/1.1', target: `/v1/chains/${chainId}/events` }, text)
  expect(await said(sent)).toMatch(expected)
  const stored = await storedHashes(rig.store, chainId)
  expect(stored).toEqual(expected.source.includes('200') ? journalHashes(journal) : [])
})

test('requests that come before the answers to those before them are answered in order', async () => {
  const journal = new MemoryJournal()
  journal.append(3)
  const { chainId, agentId } = journal.chain
  const { token } = await rig.enrol(agentId)
  await new Wire(rig.receiver.url, token).register(journal)
  const requests = [1, 2, 3].map((seq) => {
    const text = batchText(journal, seq, seq)
    const head = [
      `POST /v1/chains/${chainId}/events HTTP/1.1`,
      `host: ${new URL(rig.receiver.url).host}`,
      `authorization: Bearer ${token}`,
      'content-type: application/x-ndjson',
      `content-digest: ${contentDigest(text)}`,
      `content-length: ${text.length}`,
      ...(seq === 3 ? ['connection: close'] : []),
    ]
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), text])
  })
  const answers = await exchanged([Buffer.concat(requests)])
  expect([...answers.matchAll(/"acked_seq":(\d)/g)].map(([, seq]) => seq)).toEqual(['1', '2', '3'])
})

function said({ body, headers, version, target, pieces }: Sent): Promise<string> {
  const lines = [...headers, ['connection', 'close']].map(([name, value]) => `${name}: ${value}\r\n`)
  const head = Buffer.from(`POST ${target} ${version}\r\n${lines.join('')}\r\n`)
  return exchanged([head, ...(pieces === undefined ? [body] : [...body].map((byte) => Buffer.of(byte)))])
}

async function exchanged(pieces: readonly Buffer[]): Promise<string> {
  const socket = connect(Number(new URL(rig.receiver.url).port), '127.0.0.1')
  socket.setNoDelay(true).setTimeout(WAIT_LIMIT_MS, () => socket.destroy(new Error('no answer')))
  await once(socket, 'connect')
  for (const piece of pieces) socket.write(piece)
  let answer = ''
  for await (const piece of socket as AsyncIterable<Buffer>) answer += piece.toString('latin1')
  return answer
}

function changed(sent: Sent, name: string, change: (value: string) => string): Sent {
  return { ...sent, headers: sent.headers.map(([key, value]) => [key, key === name ? change(value) : value]) }
}

function bodied(sent: Sent, body: Buffer): Sent {
  const digested = changed({ ...sent, body }, 'content-digest', () => contentDigest(body))
  return changed(digested, 'content-length', () => String(body.length))
}

function encoded(sent: Sent, body: Buffer, encoding: string): Sent {
  const made = bodied(sent, body)
  return { ...made, headers: [...made.headers, ['content-encoding', encoding]] }
}

function reordered(text: Buffer): Buffer {
  const lines = text.toString().trimEnd().split('\n')
  const more = lines.map((line) => {
    const members = Object.entries(JSON.parse(line) as object).reverse()
    return JSON.stringify({ ...{ shop: 'Nord', tags: [] }, ...Object.fromEntries(members) })
  })
  return Buffer.from(`${more.join('\n')}\n`)
}
