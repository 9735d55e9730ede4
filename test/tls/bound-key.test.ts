import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { dirname, join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { BookState } from '../../agent/journal/books/book-state.ts'
import { ShopAuthority } from '../../agent/tls/shop-authority.ts'
import type { Ran } from '../cli/command.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { heavy } from '../tags.ts'

const systemAuthorities = getCACertificates()
afterEach(() => setDefaultCACertificates(systemAuthorities))

type Said = { status: number; reason: unknown }

function ask(url: string, options: object): Promise<Said> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, ...options }, async (res) => {
      const body = JSON.parse(Buffer.concat(await res.toArray()).toString()) as { details?: { reason?: unknown } }
      resolve({ status: res.statusCode ?? 0, reason: body.details?.reason })
    })
    call.on('error', reject)
    call.end()
  })
}

function hashOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()
}

const REFUSED = { status: 403, reason: 'key_bound_to_certificate' }

async function shop(): Promise<Bench> {
  const tls = { names: ['127.0.0.2'], clientCertificates: 'optional' }
  return Bench.open({ config: { listen: { host: '127.0.0.2', port: 0 }, tls } })
}

test('a key bound to a certificate is opened over a connection with that certificate alone', heavy(), async () => {
  await using bench = await shop()
  const authority = new ShopAuthority(bench.config.state, Date.now, ['127.0.0.2'])
  const ca = authority.certificate()
  setDefaultCACertificates([...systemAuthorities, ca])
  const { locationId } = await bench.shop()
  const { id } = await bench.register(locationId)
  const [own, other] = [authority.client(id), authority.client(id)]
  const config = join(dirname(bench.config.state), 'agent.json')
  writeFileSync(config, JSON.stringify({ version: 1, state: bench.config.state, listen: {}, devices: [] }))
  const file = join(dirname(bench.config.state), 'till.crt')
  writeFileSync(file, own.cert)
  const fingerprint = new X509Certificate(own.cert).fingerprint256
  const said: Ran[] = []
  await bench.restart(async () => {
    const create = (...more: string[]) => fiskalEdge('key', 'create', ...more, '--config', config)
    said.push(await create('register', id, '--json', '--certificate', file))
    said.push(await create('platform', '--certificate', fingerprint))
    said.push(await fiskalEdge('key', 'list', '--config', config))
  })
  const [issued, spoken, listed] = said
  expect(said.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ])
  const till = JSON.parse(issued?.out ?? '') as { id: string; key: string; certificate: string }
  expect(till.certificate).toBe(hashOf(own.cert))
  expect(spoken?.out).toContain(`Only the client certificate ${hashOf(own.cert)} opens it.`)
  expect(spoken?.out).toContain('"clientCertificates": "required"')
  expect(listed?.out).toContain(hashOf(own.cert))
  const look = (key: string, shown: object) =>
    ask(`${bench.url}/v1/registers/${id}`, { ca, ...shown, headers: { 'X-Register-Api-Key': key } })
  expect(await look(till.key, own)).toEqual({ status: 200, reason: undefined })
  expect(await look(till.key, other)).toEqual(REFUSED)
  expect(await look(till.key, {})).toEqual(REFUSED)
  const office = await bench.agent.administration.createKey('platform', undefined, hashOf(own.cert))
  const unbound = await bench.agent.administration.createKey('register', id)
  const both = { Authorization: `Bearer ${office.key}`, 'X-Register-Api-Key': unbound.key }
  expect(await ask(`${bench.url}/v1/registers/${id}`, { ca, headers: both })).toEqual(REFUSED)
  expect((await ask(`${bench.url}/v1/registers/${id}`, { ...own, ca, headers: both })).status).toBe(200)
  await bench.restart(async () => {
    const db = new Database(join(bench.config.state, 'journal.db'))
    db.exec('UPDATE api_key SET certificate = NULL')
    db.close()
  })
  expect(await look(till.key, {})).toEqual(REFUSED)
  expect(await look(till.key, own)).toEqual({ status: 200, reason: undefined })
})

test('the book state of keys without a certificate has the bytes of older records', () => {
  const state = new BookState()
  const key = { id: 'A', kind: 'platform', hash: 'h' } as const
  state.note(1, '2026-05-04T08:00:00.000Z', '', { key })
  expect(state.toJson()).toContain(
    '"keys":[{"created_at":"2026-05-04T08:00:00.000Z","hash":"h","id":"A","kind":"platform","register":null,"revoked_at":null}]',
  )
  const certificate = 'ab'.repeat(32)
  state.note(2, '2026-05-04T08:00:00.000Z', '', { key: { ...key, id: 'B', certificate } })
  expect(BookState.from(state.toJson()).key('B')?.certificate).toBe(certificate)
})

test('a certificate that is neither a file nor a fingerprint is refused', async () => {
  const { code, err } = await fiskalEdge('key', 'create', 'platform', '--certificate', 'abcd')
  expect(code).not.toBe(0)
  expect(err).toContain('64 hex digits')
})
