// @module-tag heavy
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditBlobs } from '../../receiver/audit.ts'
import { backupsOf, pruneBackups } from '../../receiver/backups.ts'
import type { BlobStore, PlacedReference } from '../../receiver/blob-store.ts'
import { MANIFEST_TYPE } from '../../sync/protocol/blob-manifest.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { openRig } from '../sync/rig.ts'
import type { Reply } from '../sync/wire.ts'
import { batchText, Wire } from '../sync/wire.ts'
import type { StoreRig } from './store-rig.ts'
import { openRigOn, STORES } from './store-rig.ts'

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe.each(STORES)('blobs on %s', (kind) => {
  let rig: StoreRig
  beforeAll(async () => {
    rig = await openRigOn(kind)
  })
  afterAll(() => rig.close())
  const office = (): Wire => new Wire(rig.receiver.url, rig.office)

  test('blobs that events name are missing until they are put, whole and once', async () => {
    const blob = Buffer.from('a receipt as a picture')
    const sha256 = createHash('sha256').update(blob).digest('hex')
    const journal = new MemoryJournal({
      bodyOf: () => JSON.stringify({ files: [{ sha256, bytes: blob.length, media_type: 'image/png' }] }),
    })
    journal.append(2)
    const chainId = journal.chain.chainId
    const wire = new Wire(rig.receiver.url, (await rig.enrol(journal.chain.agentId)).token)
    await wire.register(journal)
    await wire.events(chainId, batchText(journal, 1, 2))
    const missing = (): Promise<unknown> =>
      wire.call('GET', `/v1/chains/${chainId}/missing-blobs?limit=100`).then(({ body }) => body['data'])
    expect(await missing()).toEqual([{ sha256, bytes: blob.length, media_type: 'image/png' }])
    const put = (bytes: Uint8Array): Promise<{ status: number }> =>
      wire.call('PUT', `/v1/blobs/sha256/${sha256}`, bytes, { 'if-none-match': '*' })
    expect((await put(Buffer.from('another'))).status).toBe(400)
    expect((await put(blob)).status).toBe(201)
    expect((await put(blob)).status).toBe(412)
    expect(await missing()).toEqual([])
    // An operation is complete when its events and their blobs are stored.
    const events = async (): Promise<unknown> =>
      (await office().call('GET', `/v1/chains/${chainId}/events`)).body['data']
    expect(await events()).toMatchObject([
      { seq: 1, complete: true },
      { seq: 2, complete: true },
    ])
    await rig.store.blobs.remove(journal.chain.agentId, [sha256])
    expect(await events()).toMatchObject([
      { seq: 1, complete: false },
      { seq: 2, complete: false },
    ])
  })

  test('an audit finds the blob whose bytes are no longer those of its name', async () => {
    const { journal, put } = await backedUp([['x']])
    await put('one')
    await put('two')
    const { agentId, chainId } = journal.chain
    const name = sha256Of(Buffer.from('three'))
    // A disk that gives back something else.
    await rig.store.blobs.put({ agentId, tenantId: chainId }, name, Buffer.from('tree'))
    let count = 0
    const found: unknown[] = []
    for await (const finding of auditBlobs(rig.store.blobs, () => count++)) found.push(finding)
    expect(found).toEqual([{ agentId, sha256: name }])
    expect(count).toBeGreaterThan(2)
  })

  /** A manifest of a backup in these parts, as the agent of a journal would name it. */
  function manifestOf(journal: MemoryJournal, parts: readonly Buffer[]): Buffer {
    const { agentId: agent, chainId: chain, epoch } = journal.chain
    const whole = Buffer.concat(parts)
    const made = {
      name: 'a.backup',
      created_at: '2026-08-01T03:00:00.000Z',
      secrets: true,
      mediaType: 'x/y',
      events: 1,
    }
    const place = { agent, chain, epoch, seq: journal.head().seq, head: Buffer.alloc(32, 1).toString('base64url') }
    const listed = parts.map((part) => ({ sha256: sha256Of(part), bytes: part.length }))
    const about = { t: 'blob_parts', v: 1, ...made, ...place, sha256: sha256Of(whole), bytes: whole.length }
    return Buffer.from(JSON.stringify({ ...about, parts: listed }))
  }

  /** An agent that names a backup for each list of parts, one event each. */
  async function backedUp(backups: readonly (readonly string[])[]) {
    const made: Buffer[] = []
    const journal = new MemoryJournal({
      bodyOf: (seq) => {
        const manifest = made[seq - 1] ?? Buffer.alloc(0)
        return JSON.stringify({
          blob: { sha256: sha256Of(manifest), bytes: manifest.length, media_type: MANIFEST_TYPE },
        })
      },
    })
    const wire = new Wire(rig.receiver.url, (await rig.enrol(journal.chain.agentId)).token)
    await wire.register(journal)
    for (const parts of backups) {
      made.push(
        manifestOf(
          journal,
          parts.map((part) => Buffer.from(part)),
        ),
      )
      journal.append(1)
    }
    await wire.events(journal.chain.chainId, batchText(journal, 1, backups.length))
    const put = (bytes: Buffer | string): Promise<Reply> =>
      wire.call('PUT', `/v1/blobs/sha256/${sha256Of(Buffer.from(bytes))}`, bytes, { 'if-none-match': '*' })
    const missing = async (): Promise<unknown[]> => {
      const { body } = await wire.call('GET', `/v1/chains/${journal.chain.chainId}/missing-blobs?limit=100`)
      return (body['data'] as { sha256: string }[]).map(({ sha256 }) => sha256)
    }
    const listed = async (by = wire): Promise<Record<string, unknown>[]> => {
      const { body } = await by.call('GET', `/v1/agents/${journal.chain.agentId}/backups`)
      return body['data'] as Record<string, unknown>[]
    }
    return { journal, wire, made, put, missing, listed }
  }

  test('the newest manifest is missing, then its parts are, and then the backup is whole', async () => {
    const { journal, wire, made, put, missing, listed } = await backedUp([['old'], ['one', 'two', 'one']])
    const [, manifest = Buffer.alloc(0)] = made
    // The backup before it is replaced, so its blobs are not needed.
    expect(await missing()).toEqual([sha256Of(manifest)])
    expect(await listed()).toMatchObject([{ state: 'missing' }, { state: 'missing' }])
    expect((await put(manifest)).status).toBe(201)
    expect(await missing()).toEqual(['one', 'two'].map((part) => sha256Of(Buffer.from(part))))
    expect((await put('two')).status).toBe(201)
    expect(await listed()).toMatchObject([{ state: 'incomplete', missing_parts: 1 }, { state: 'missing' }])
    expect((await put('one')).status).toBe(201)
    expect(await missing()).toEqual([])
    const [newest] = await listed(office())
    expect(newest).toMatchObject({ state: 'whole', bytes: 9, parts: 3, seq: 1, epoch: 1, secrets: true })
    const basic = Buffer.from(`office:${rig.office}`).toString('base64')
    const page = await fetch(rig.receiver.url, { headers: { authorization: `Basic ${basic}` } })
    expect(await page.text()).toMatch(new RegExp(`${journal.chain.agentId}.*data-name="Backup">\\d+ s ago<`))
    // Asked for without being sent, by agent and office; for another agent it does not exist, even if it guesses the
    // hash.
    const path = `/v1/blobs/sha256/${sha256Of(Buffer.from('two'))}`
    expect((await wire.call('HEAD', path)).headers.get('content-length')).toBe('3')
    const whole = await wire.call('GET', path)
    expect(whole.body).toEqual({ text: 'two' })
    const unchanged = await wire.call('GET', path, undefined, { 'if-none-match': String(whole.headers.get('etag')) })
    expect([unchanged.status, unchanged.headers.get('content-digest')]).toEqual([304, null])
    expect((await office().call('GET', `${path}?agent=${journal.chain.agentId}`)).status).toBe(200)
    expect((await office().call('GET', path)).status).toBe(400)
    const other = await backedUp([['z']])
    const absent = await other.wire.call('HEAD', path)
    // The digest is that of content, and this answer has no content (RFC 9530 §2).
    expect([absent.status, absent.headers.get('content-digest')]).toEqual([404, null])
    expect((await other.wire.call('GET', `${path}?agent=${journal.chain.agentId}`)).status).toBe(403)
    expect((await other.wire.call('GET', `/v1/agents/${journal.chain.agentId}/backups`)).status).toBe(403)
    expect((await other.wire.call('PUT', path, 'two', { 'if-none-match': '*' })).status).toBe(201)
    expect((await office().call('PUT', path, 'two')).status).toBe(403)
  })

  test('a blob is at most 8 MiB, is what its name says, and an agent has its share of the room', async () => {
    const { wire, put } = await backedUp([['x']])
    expect((await put(Buffer.alloc(8 << 20, 1))).status).toBe(201)
    expect(await put(Buffer.alloc((8 << 20) + 1))).toMatchObject({ status: 413, body: { code: 'too_large' } })
    expect((await wire.call('PUT', '/v1/blobs/sha256/abc', 'x')).status).toBe(400)
    const small = await openRig({ store: rig.store, blobQuotaBytes: (8 << 20) + 2 })
    const near = new Wire(small.receiver.url, wire.token)
    const name = (text: string): string => `/v1/blobs/sha256/${sha256Of(Buffer.from(text))}`
    expect((await near.call('PUT', name('ab'), 'ab')).status).toBe(201)
    expect(await near.call('PUT', name('c'), 'c')).toMatchObject({ status: 507, body: { code: 'no_room' } })
    await small.receiver.close()
  })

  test('old backups go, those that are kept stay whole, and nothing is asked for again', async () => {
    const { journal, put, missing, listed, made } = await backedUp([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'd'],
      ['a', 'e'],
    ])
    for (const blob of ['a', 'b', 'c', 'd', ...made]) await put(blob)
    // The newest is still coming: it stays, and counts for none.
    const states = async (): Promise<unknown[]> => (await listed()).map(({ state }) => state)
    expect(await states()).toEqual(['incomplete', 'whole', 'whole', 'whole'])
    const { agentId } = journal.chain
    expect(await pruneBackups(rig.store.blobs, agentId, 2)).toEqual({ agentId, backups: 1, blobs: 2 })
    expect(await states()).toEqual(['incomplete', 'whole', 'whole', 'missing'])
    expect(await missing()).toEqual([sha256Of(Buffer.from('e'))])
    expect(await rig.store.blobs.agents()).toContain(agentId)
  })

  test('a backup that is named again in the next epoch is one backup, and replaces none that is kept', async () => {
    const { journal, put, listed, made, wire } = await backedUp([['a'], ['b'], ['c']])
    for (const blob of ['a', 'b', 'c', ...made]) await put(blob)
    const next = journal.nextEpoch('restore', () => journal.events[2]?.body ?? '')
    next.append(1)
    await wire.register(next)
    await wire.events(next.chain.chainId, batchText(next, 1, 1))
    const states = async (): Promise<unknown[]> => (await listed()).map(({ state }) => state)
    expect(await states()).toEqual(['whole', 'whole', 'whole', 'whole'])
    const { agentId } = journal.chain
    expect(await pruneBackups(rig.store.blobs, agentId, 2)).toEqual({ agentId, backups: 1, blobs: 2 })
    expect(await states()).toEqual(['whole', 'whole', 'whole', 'missing'])
  })

  test('a manifest that is named again and again is read once, and its parts are not held', async () => {
    const { journal, put, made } = await backedUp([['a', 'b']])
    for (const blob of ['a', ...made]) await put(blob)
    const { agentId } = journal.chain
    const { blobs } = rig.store
    const [once] = await blobs.named(agentId, MANIFEST_TYPE, 1)
    let reads = 0
    const often: Pick<BlobStore, 'named' | 'read' | 'absent'> = {
      named: async (_agent, _type, limit) => Array.from({ length: limit }, () => once as PlacedReference),
      read: (agent, sha256) => {
        reads++
        return blobs.read(agent, sha256)
      },
      absent: (agent, sha256s) => blobs.absent(agent, sha256s),
    }
    const listed = await backupsOf(often, agentId, 100)
    expect(listed).toHaveLength(100)
    expect(listed[99]).toMatchObject({ missing: 1, manifest: { parts: 2, bytes: 2 } })
    expect(reads).toBe(1)
  })
})
