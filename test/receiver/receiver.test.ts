// @module-tag heavy
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { preparePostgres } from '../../receiver/postgres/schema.ts'
import { demandPrepared } from '../../receiver/postgres/settings.ts'
import { registrationDocument } from '../../sync/source.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { cloud, done, fastClock, journalHashes, storedHashes, syncTo } from '../sync/rig.ts'
import { batchText, contentDigest, Wire } from '../sync/wire.ts'
import type { StoreRig } from './store-rig.ts'
import { openRigOn, STORES } from './store-rig.ts'

describe.each(STORES)('receiver on %s', (kind) => {
  let rig: StoreRig
  beforeAll(async () => {
    rig = await openRigOn(kind)
  })
  afterAll(() => rig.close())

  /** A registered chain of ten events and a sender with its token. */
  async function shop(events = 10): Promise<{ journal: MemoryJournal; wire: Wire; chainId: string }> {
    const journal = new MemoryJournal()
    journal.append(events)
    const wire = new Wire(rig.receiver.url, (await rig.enrol(journal.chain.agentId)).token)
    await wire.register(journal)
    return { journal, wire, chainId: journal.chain.chainId }
  }
  const office = (): Wire => new Wire(rig.receiver.url, rig.office)
  const head = (journal: MemoryJournal, seq: number): string =>
    Buffer.from(journal.hashAt(seq) ?? []).toString('base64url')

  test('registration: 404 before, 201 once, 200 for the same again, 412 for another one under that id', async () => {
    const journal = new MemoryJournal()
    const wire = new Wire(rig.receiver.url, (await rig.enrol(journal.chain.agentId)).token)
    const path = `/v1/chains/${journal.chain.chainId}`
    expect(await wire.call('GET', path)).toMatchObject({ status: 404, body: { code: 'unknown_chain' } })
    expect((await wire.register(journal)).status).toBe(201)
    expect((await wire.register(journal)).status).toBe(200)
    const other = JSON.stringify({ ...registrationDocument(journal.chain), genesis: { reason: 'other' } })
    const headers = { 'content-type': 'application/json' }
    expect(await wire.call('PUT', path, other, headers)).toMatchObject({ status: 412 })
    const answer = await wire.call('GET', path)
    expect(answer.body).toMatchObject({ epoch: 1, state: 'open', head_seq: 0, expected_seq: 1 })
    expect(answer.headers.get('etag')).toBe(`"1.0.${'A'.repeat(16)}"`)
    for (const tag of [answer.headers.get('etag'), `"0", W/${answer.headers.get('etag')}`]) {
      const unchanged = await wire.call('GET', path, undefined, { 'if-none-match': String(tag) })
      expect([unchanged.status, unchanged.headers.get('content-digest')]).toEqual([304, null])
    }
  })

  test('stored events are skipped, new ones are appended, and the head is the one at the acknowledged event', async () => {
    const { journal, wire, chainId } = await shop()
    expect((await wire.zipped(chainId, batchText(journal, 1, 6))).body).toMatchObject({
      acked_seq: 6,
      duplicate: false,
    })
    expect((await wire.events(chainId, batchText(journal, 4, 10))).body).toMatchObject({
      acked_seq: 10,
      head: head(journal, 10),
      duplicate: false,
      epoch: 1,
      credit: { max_events: 1000 },
    })
    expect((await wire.events(chainId, batchText(journal, 2, 5))).body).toMatchObject({
      acked_seq: 5,
      head: head(journal, 5),
      duplicate: true,
    })
    expect(await storedHashes(rig.store, chainId)).toEqual(journalHashes(journal))
  })

  test('a gap is refused with the expected event, and nothing of it is stored', async () => {
    const { journal, wire, chainId } = await shop()
    await wire.events(chainId, batchText(journal, 1, 3))
    const gap = await wire.events(chainId, batchText(journal, 5, 10))
    expect(gap).toMatchObject({ status: 409, body: { code: 'gap', expected_seq: 4, head: head(journal, 3) } })
    expect(gap.headers.get('content-type')).toBe('application/problem+json')
    expect(await rig.store.events(chainId, 0, 100)).toHaveLength(3)
  })

  test('another event in a stored place is a fork, kept as evidence, and the chain takes no further event', async () => {
    const { journal, wire, chainId } = await shop()
    const clone = journal.clone((seq) => `{"clone":${seq}}`)
    clone.events.splice(5)
    clone.append(5)
    await wire.events(chainId, batchText(journal, 1, 10))
    const fork = await wire.events(chainId, batchText(clone, 4, 10))
    expect(fork).toMatchObject({
      status: 409,
      body: {
        code: 'fork',
        seq: 6,
        stored_hash: head(journal, 6),
        received_hash: head(clone, 6),
        stored_checkpoint: { seq: 10, ...journal.checkpoint(10, journal.head().hash) },
      },
    })
    journal.append(1)
    expect(await wire.events(chainId, batchText(journal, 11, 11))).toMatchObject({
      status: 409,
      body: { code: 'fork', seq: 6 },
    })
    expect((await wire.call('GET', `/v1/chains/${chainId}`)).body).toMatchObject({ state: 'forked', head_seq: 10 })
    const { body } = await office().call('GET', '/v1/forks')
    expect(body['data']).toContainEqual(expect.objectContaining({ chain_id: chainId, seq: 6 }))
  })

  test('a new epoch fences the old one, which may still repeat itself, and takes more only when it is reopened', async () => {
    const { journal, wire, chainId } = await shop()
    await wire.events(chainId, batchText(journal, 1, 5))
    const next = journal.nextEpoch()
    expect((await wire.register(next)).status).toBe(201)
    expect((await wire.events(chainId, batchText(journal, 1, 5))).body).toMatchObject({ duplicate: true })
    expect(await wire.events(chainId, batchText(journal, 6, 7))).toMatchObject({
      status: 409,
      body: { code: 'stale_epoch', current_epoch: 2, current_checkpoint: null },
    })
    next.append(3)
    await wire.events(next.chain.chainId, batchText(next, 1, 3))
    const { seq, hash } = next.head()
    const cp = next.checkpoint(seq, hash)
    const head = Buffer.from(hash).toString('base64url')
    expect(await wire.events(chainId, batchText(journal, 6, 7))).toMatchObject({
      status: 409,
      body: { current_epoch: 2, current_checkpoint: { chain: next.chain.chainId, epoch: 2, seq: 3, head, cp } },
    })
    const newest = `/v1/chains/${next.chain.chainId}/checkpoints?up_to=${Number.MAX_SAFE_INTEGER}`
    expect(await wire.call('GET', newest)).toMatchObject({ status: 200, body: { epoch: 2, seq: 3, head, cp } })
    expect(await wire.register(journal.nextEpoch())).toMatchObject({ status: 409, body: { code: 'stale_epoch' } })
    expect((await wire.call('POST', `/v1/chains/${chainId}/reopen`)).status).toBe(403)
    expect((await office().call('POST', `/v1/chains/${chainId}/reopen`)).status).toBe(200)
    expect((await wire.events(chainId, batchText(journal, 6, 7))).body).toMatchObject({ acked_seq: 7 })
  })

  test('a batch that is cut, damaged, false or signed by another is refused, and nothing is stored', async () => {
    const { journal, wire, chainId } = await shop()
    const text = batchText(journal, 1, 10)
    const lines = text.toString().split('\n')
    const changed = Buffer.from(text.toString().replace('0.90', '9.90'))
    const stranger = new MemoryJournal({ facts: { ...journal.chain } })
    stranger.events.push(...journal.events)
    const cases: [Promise<{ status: number; body: Record<string, unknown> }>, number, string][] = [
      [wire.events(chainId, Buffer.from(`${lines.slice(0, 5).join('\n')}\n`)), 400, 'truncated'],
      [wire.events(chainId, text.subarray(0, -1)), 400, 'truncated'],
      [wire.events(chainId, text, { 'content-digest': contentDigest(changed) }), 400, 'digest_mismatch'],
      [wire.events(chainId, text, { 'content-digest': '' }), 400, 'digest_mismatch'],
      [wire.events(chainId, Buffer.from(text.toString().replace('Brötchen', 'Brrötchen'))), 422, 'hash_mismatch'],
      [wire.events(chainId, batchText(stranger, 1, 10)), 422, 'bad_signature'],
      [wire.events(chainId, Buffer.from('{}\n')), 400, 'malformed'],
      [wire.events(chainId, text, { 'content-encoding': 'gzip' }), 400, 'malformed'],
      [wire.events(chainId, text, { 'content-encoding': 'br' }), 415, 'unsupported_encoding'],
      [wire.events(chainId, text, { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
      [wire.zipped(chainId, Buffer.alloc(64 << 20, 10)), 413, 'too_large'],
      [wire.events(chainId, gzipSync(Buffer.alloc(3 << 20)), { 'content-encoding': 'gzip' }), 413, 'too_large'],
      [wire.events(chainId, Buffer.alloc((1 << 20) + 1)), 413, 'too_large'],
    ]
    for (const [reply, status, code] of cases) expect(await reply).toMatchObject({ status, body: { code } })
    expect(await rig.store.events(chainId, 0, 100)).toEqual([])
  })

  test('a thousand and one events are too many, a thousand are not', async () => {
    const { journal, wire, chainId } = await shop(1001)
    expect(await wire.zipped(chainId, batchText(journal, 1, 1001))).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    })
    expect(await wire.zipped(chainId, batchText(journal, 1, 1000))).toMatchObject({
      status: 200,
      body: { acked_seq: 1000 },
    })
  })

  test('no token, a wrong one, one of another agent and a revoked one are refused; two are valid at once', async () => {
    const { journal, chainId } = await shop()
    const [first, second] = [await rig.enrol(journal.chain.agentId), await rig.enrol(journal.chain.agentId)]
    const foreign = await rig.enrol(new MemoryJournal().chain.agentId)
    const path = `/v1/chains/${chainId}`
    const by = (token: string): Wire => new Wire(rig.receiver.url, token)
    expect((await by('frt_wrong').call('GET', path)).status).toBe(401)
    expect((await by(foreign.token).call('GET', path)).status).toBe(403)
    expect((await by(foreign.token).events(chainId, batchText(journal, 1, 1))).status).toBe(403)
    expect((await by(first.token).call('GET', path)).status).toBe(200)
    expect((await by(second.token).call('GET', path)).status).toBe(200)
    await rig.store.revokeToken(first.id)
    expect((await by(first.token).call('GET', path)).status).toBe(401)
    expect((await by(second.token).call('GET', path)).status).toBe(200)
    expect((await by(second.token).call('GET', '/v1/chains')).status).toBe(403)
  })

  test('a checkpoint is kept if it is ours, a gap if events are missing, a fork if the head is another', async () => {
    const { journal, wire, chainId } = await shop()
    await wire.events(chainId, batchText(journal, 1, 5))
    const sign = (seq: number, hash: Uint8Array): Promise<{ status: number; body: Record<string, unknown> }> => {
      const signed = { seq, head: Buffer.from(hash).toString('base64url'), cp: journal.checkpoint(seq, hash) }
      return wire.call('POST', `/v1/chains/${chainId}/checkpoints`, JSON.stringify(signed), {
        'content-type': 'application/json',
      })
    }
    expect((await sign(5, journal.hashAt(5) ?? Buffer.of())).body).toMatchObject({
      acked_seq: 5,
      head: head(journal, 5),
    })
    expect((await sign(9, journal.hashAt(9) ?? Buffer.of())).body).toMatchObject({ code: 'gap', expected_seq: 6 })
    expect((await sign(4, Buffer.alloc(32, 9))).body).toMatchObject({
      code: 'fork',
      seq: 4,
      stored_hash: head(journal, 4),
    })
  })

  test('a head office reads its chains with their lag, their events and a page without script', async () => {
    const { journal, wire, chainId } = await shop()
    await wire.events(chainId, batchText(journal, 1, 10))
    const listed = await office().call('GET', '/v1/chains?limit=1000')
    expect(listed.body['data']).toContainEqual(
      expect.objectContaining({ chain_id: chainId, head_seq: 10, state: 'open', heard_at: expect.any(String) }),
    )
    const events = await office().call('GET', `/v1/chains/${chainId}/events?after=8&limit=5`)
    expect(events.body['data']).toMatchObject([
      { seq: 9 },
      { seq: 10, hash: head(journal, 10), body: journal.events[9]?.body },
    ])
    const basic = Buffer.from(`office:${rig.office}`).toString('base64')
    const page = await fetch(rig.receiver.url, { headers: { authorization: `Basic ${basic}` } })
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    const html = await page.text()
    expect(html).toContain(journal.chain.agentId)
    expect(html).not.toMatch(/<script|javascript:/i)
    expect((await fetch(rig.receiver.url)).status).toBe(401)
    const older = await fetch(`${rig.receiver.url}/?before=${chainId}`, {
      headers: { authorization: `Basic ${basic}` },
    })
    expect(await older.text()).not.toContain(journal.chain.agentId)
  })

  test('a token reports its last use, so that the former one is removed only when the new one is used', async () => {
    const { journal, chainId } = await shop()
    const [old, fresh] = [await rig.enrol(journal.chain.agentId), await rig.enrol(journal.chain.agentId)]
    const by = (token: string): Wire => new Wire(rig.receiver.url, token)
    await by(old.token).call('GET', `/v1/chains/${chainId}`)
    const use = async (id: string): Promise<number | undefined> =>
      (await rig.store.tokens(1000)).find((token) => token.id === id)?.usedAtMs
    expect(await use(old.id)).toBeGreaterThan(0)
    expect(await use(fresh.id)).toBeUndefined()
    await by(fresh.token).call('GET', `/v1/chains/${chainId}`)
    expect(await use(fresh.id)).toBeGreaterThan(0)
    expect(await rig.store.revokeToken(old.id)).toBe(true)
    expect(await rig.store.revokeToken('tok_none')).toBe(false)
    expect(await rig.store.tokens(1000)).toContainEqual(expect.objectContaining({ id: old.id, revoked: true }))
    expect(JSON.stringify(await rig.store.tokens(1000))).not.toContain(old.token)
  })

  test('ten shops at once arrive complete', async () => {
    const shops = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const journal = new MemoryJournal()
        journal.append(700)
        const { token } = await rig.enrol(journal.chain.agentId)
        const sync = syncTo(journal, cloud(rig.receiver.url, token, fastClock(2)), { clock: fastClock(20) })
        await sync.sender.open()
        return { journal, sync }
      }),
    )
    for (const { journal, sync } of shops) {
      await sync.until(done)
      expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
      await sync.sender.close()
    }
  })

  if (kind !== 'postgres') return

  test('a role that owns the tables, or is a superuser, is not prepared as the one of the receiver', async () => {
    const owner = rig.postgres?.owner ?? ''
    await expect(preparePostgres({ owner, role: 'postgres' })).rejects.toMatchObject({
      code: 'receiver_role_too_strong',
    })
    await preparePostgres({ owner, role: 'receiver' })
  })

  test('a database that is missing, unprepared, locked or of a newer receiver is reported before one is ready', async () => {
    const [owner, application] = [rig.postgres?.owner ?? '', rig.postgres?.application ?? '']
    await demandPrepared(application)
    const client = new pg.Client({ connectionString: owner })
    await client.connect()
    const broken = {
      'REVOKE INSERT ON blob_reference FROM receiver': /INSERT on blob_reference.* prepare/,
      'REVOKE SELECT ON event FROM receiver': /SELECT on event.* prepare/,
      'REVOKE UPDATE (head_seq) ON chain FROM receiver': /UPDATE on chain.head_seq.* prepare/,
      // As the database of an earlier version is.
      'ALTER TABLE token DROP COLUMN used_at': /UPDATE on token.used_at.* prepare/,
    }
    for (const [statement, message] of Object.entries(broken)) {
      await client.query(statement)
      const refusal = { code: 'store_unprepared', message: expect.stringMatching(message) }
      await expect(demandPrepared(application)).rejects.toMatchObject(refusal)
      await preparePostgres({ owner, role: 'receiver' })
      await demandPrepared(application)
    }
    await client.query('INSERT INTO store_version VALUES (99)')
    await expect(demandPrepared(application)).rejects.toMatchObject({ code: 'store_too_new' })
    await expect(preparePostgres({ owner, role: 'receiver' })).rejects.toMatchObject({ code: 'store_too_new' })
    await client.query('DELETE FROM store_version WHERE version = 99')
    await client.query('ALTER ROLE receiver SET default_transaction_read_only = on')
    await expect(demandPrepared(application)).rejects.toMatchObject({ code: 'store_read_only' })
    await client.query('ALTER ROLE receiver RESET default_transaction_read_only')
    await client.query('CREATE ROLE nobody LOGIN')
    await client.end()
    const weak = Object.assign(new URL(owner), { username: 'nobody' }).href
    await expect(preparePostgres({ owner: weak, role: 'another' })).rejects.toMatchObject({
      code: 'store_owner_too_weak',
    })
    for (const none of ['', 'host=127.0.0.1 dbname=fiskal'])
      await expect(demandPrepared(none)).rejects.toMatchObject({ message: expect.stringContaining('form postgres://') })
    const elsewhere = Object.assign(new URL(owner), { pathname: '/empty' }).href
    await expect(demandPrepared(elsewhere)).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(demandPrepared('postgres://receiver@127.0.0.1:9/empty')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('the role of the application may add events, and neither change nor remove them', async () => {
    const client = new pg.Client({ connectionString: rig.postgres?.application })
    await client.connect()
    for (const statement of [
      'DELETE FROM event',
      "UPDATE event SET kind = 'x'",
      'TRUNCATE event',
      'DELETE FROM fork_evidence',
      'DELETE FROM chain',
      'UPDATE chain SET agent_id = agent_id',
    ]) {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' })
    }
    const broken = await client.query(
      'SELECT chain_id FROM event GROUP BY 1 HAVING max(seq) - min(seq) + 1 <> count(*) OR min(seq) <> 1',
    )
    expect(broken.rows).toEqual([])
    await client.end()
  })

  test('a chain that another process holds is answered with 503 and a Retry-After, the others are not', async () => {
    const { journal, wire, chainId } = await shop()
    const other = await shop()
    const client = new pg.Client({ connectionString: rig.postgres?.owner })
    await client.connect()
    await client.query('BEGIN')
    await client.query('SELECT 1 FROM chain WHERE chain_id = $1 FOR UPDATE', [chainId])
    const held = wire.events(chainId, batchText(journal, 1, 10))
    expect((await other.wire.events(other.chainId, batchText(other.journal, 1, 10))).status).toBe(200)
    const busy = await held
    expect(busy).toMatchObject({ status: 503, body: { code: 'busy', retryable: true } })
    expect(busy.headers.get('retry-after')).toBe('2')
    await client.end()
    expect((await wire.events(chainId, batchText(journal, 1, 10))).status).toBe(200)
  })
})
