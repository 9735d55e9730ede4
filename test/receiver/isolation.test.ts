// @module-tag heavy
import { hash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Admission } from '../../receiver/admission.ts'
import { decodeBatch } from '../../sync/protocol/envelope.ts'
import { registrationDocument } from '../../sync/source.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { batchText, Wire } from '../sync/wire.ts'
import { once } from '../waits.ts'
import type { StoreRig } from './store-rig.ts'
import { openRigOn, STORES } from './store-rig.ts'

const JSON_BODY = { 'content-type': 'application/json' }

/** One agent or head office can do nothing to the others of a receiver. */
describe.each(STORES)('strangers at a receiver on %s', (kind) => {
  let rig: StoreRig
  beforeAll(async () => {
    rig = await openRigOn(kind)
  })
  afterAll(() => rig.close())
  const by = (token: string): Wire => new Wire(rig.receiver.url, token)

  test('a download that one agent does not read delays no other agent, nor its own long poll', async () => {
    const { agentId } = new MemoryJournal().chain
    const { token } = await rig.enrol(agentId)
    const blob = Buffer.alloc(8 << 20, 1)
    const path = `/v1/blobs/sha256/${hash('sha256', blob)}`
    expect((await by(token).call('PUT', path, blob)).status).toBe(201)
    const unread = await Promise.all(Array.from({ length: 8 }, () => begin(rig.receiver.url, path, token)))
    expect(await by(token).call('GET', path)).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
    expect((await by(rig.office).call('GET', `${path}?agent=${agentId}`)).status).toBe(200)
    for (const socket of unread) socket.destroy()
    await expect.poll(async () => (await by(token).call('GET', path)).status).toBe(200)
  })

  test('JSON nested deeper than can be written is malformed, and not a fault of the receiver', async () => {
    const { chain } = new MemoryJournal()
    const agent = by((await rig.enrol(chain.agentId)).token)
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const registration = JSON.stringify({ ...registrationDocument(chain), genesis: 0 }).replace(
      '"genesis":0',
      `"genesis":${deep}`,
    )
    const malformed = { status: 400, body: { code: 'malformed' } }
    expect(await agent.call('PUT', `/v1/chains/${chain.chainId}`, registration, JSON_BODY)).toMatchObject(malformed)
  })

  test('a request that breaks off within its body is not an error of the receiver', async () => {
    const { journal, token } = await shop()
    const head = { 'content-type': 'application/x-ndjson', 'content-length': '1000' }
    const logged = rig.log.lines.length
    const path = `/v1/chains/${journal.chain.chainId}/events`
    const sent = request(`${rig.receiver.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, expect: '100-continue', ...head },
    })
    sent.on('error', () => undefined)
    sent.flushHeaders()
    await once(sent, 'continue')
    sent.write('{')
    sent.destroy()
    // Later requests are answered later: by then the broken one is over.
    expect((await by(token).register(journal)).status).toBe(200)
    expect(rig.log.lines.slice(logged)).toEqual([])
  })

  test('large events are read in portions that fit into memory, and an export of them is whole', async () => {
    const { journal, token } = await large(12)
    const { chainId } = journal.chain
    expect(await rig.store.events(chainId, 0, 500)).toHaveLength(8)
    expect(await rig.store.events(chainId, 8, 500)).toHaveLength(4)
    const { body } = await by(token).call('GET', `/v1/chains/${chainId}/journal`)
    const exported = decodeBatch(Buffer.from(String(body['text'])))
    expect(exported.events.map(({ hash }) => hash)).toEqual(journal.events.map(({ hash }) => hash))
  })

  test('an export whose reader disconnects is not an error of the receiver', async () => {
    const { journal, token } = await large(24)
    const path = `/v1/chains/${journal.chain.chainId}/journal`
    const logged = rig.log.lines.length
    const unread = await Promise.all(Array.from({ length: 8 }, () => begin(rig.receiver.url, path, token)))
    expect((await by(token).call('GET', path)).status).toBe(429)
    for (const socket of unread) socket.destroy()
    await expect.poll(async () => (await by(token).call('HEAD', path)).status).toBe(200)
    expect(rig.log.lines.slice(logged)).toEqual([])
  })

  /** A chain whose events have half a megabyte each. */
  async function large(events: number): Promise<{ journal: MemoryJournal; token: string }> {
    const bodyOf = (): string => JSON.stringify({ text: randomBytes(250_000).toString('hex') })
    const { journal, token } = await shop(new MemoryJournal({ bodyOf }))
    journal.append(events)
    for (let seq = 1; seq <= events; seq++) {
      expect((await by(token).zipped(journal.chain.chainId, batchText(journal, seq, seq))).status).toBe(200)
    }
    return { journal, token }
  }

  test('an agent that claims the chain of another one as its own past learns nothing of that', async () => {
    const { journal, token } = await shop()
    journal.append(3)
    await by(token).events(journal.chain.chainId, batchText(journal, 1, 3))
    const genesis = {
      previous_chain_id: journal.chain.chainId,
      last_known_seq: 1,
      last_known_head: '',
      reason: 'restore',
    }
    const { journal: other } = await shop(new MemoryJournal({ facts: { genesis } }))
    const { body } = await by(rig.office).call('GET', '/v1/chains?limit=1000')
    const previous = { chain_id: journal.chain.chainId, standing: 'unknown', only_here: 0, not_here: 1 }
    expect(body['data']).toContainEqual(
      expect.objectContaining({ chain_id: other.chain.chainId, previous: expect.objectContaining(previous) }),
    )
  })

  test('a page of another site changes nothing through the browser of a head office', async () => {
    const { journal } = await shop()
    const { chainId, agentId } = journal.chain
    await by((await rig.enrol(agentId)).token).register(journal.nextEpoch())
    // The browser sends the credentials that it got once for the page.
    const authorization = `Basic ${Buffer.from(`office:${rig.office}`).toString('base64')}`
    const reopen = (more: Record<string, string>) =>
      by('').call('POST', `/v1/chains/${chainId}/reopen`, undefined, { authorization, ...more })
    for (const foreign of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, { origin: 'null' }])
      expect(await reopen(foreign)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect((await rig.store.chain(chainId))?.state).toBe('fenced')
    const link = await by('').call('GET', '/', undefined, { authorization, 'sec-fetch-site': 'cross-site' })
    expect(link.status).toBe(200)
    expect((await reopen({ origin: rig.receiver.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  test('no chain is hidden from its head office by its name', async () => {
    const journal = new MemoryJournal({ facts: { chainId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' } })
    expect((await by((await rig.enrol(journal.chain.agentId)).token).register(journal)).status).toBe(201)
    const { body } = await by(rig.office).call('GET', '/v1/chains?limit=1000')
    expect(body['data']).toContainEqual(expect.objectContaining({ chain_id: journal.chain.chainId }))
  })

  async function shop(journal = new MemoryJournal()): Promise<{ journal: MemoryJournal; token: string }> {
    const { token } = await rig.enrol(journal.chain.agentId)
    await by(token).register(journal)
    return { journal, token }
  }
})

test('slow senders have at most a share of the places', async () => {
  const admission = new Admission()
  const never = new Promise<void>(() => undefined)
  const refused = { code: 'too_many_requests', retryAfterSeconds: 2 }
  for (let count = 0; count < 4; count++) void admission.run('batch', 'slow', () => never)
  await expect(admission.run('batch', 'slow', async () => 'in')).rejects.toMatchObject(refused)
  expect(await admission.run('batch', 'other', async () => 'in')).toBe('in')
  // A request that has ended frees its place.
  await expect(admission.run('batch', 'other', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  for (let agent = 0; agent < 28; agent++) void admission.run('batch', String(agent), () => never)
  await expect(admission.run('batch', 'other', async () => 'in')).rejects.toMatchObject(refused)
})

/** A download whose first bytes have arrived, and whose other bytes are not read. */
async function begin(url: string, path: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  const [first] = await once(socket, 'data')
  socket.pause()
  expect(String(first)).toMatch(/^HTTP\/1.1 200 /)
  return socket
}
