// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { httpsTarget } from '../../sync/targets/https.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig, RunningSync } from './rig.ts'
import { cloud, done, fastClock, journalHashes, openRig, seeded, storedHashes, syncTo } from './rig.ts'
import type { Fault } from './servers/fault-proxy.ts'
import { FaultProxy } from './servers/fault-proxy.ts'

const FACTOR = 20
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Setup = { rig: Rig; journal: MemoryJournal; sync: RunningSync; proxy: FaultProxy; token: string }

/** A journal of 300 events, a receiver, and between them a proxy that does `faults` to the requests that append, then none. */
async function setUp(
  faults: Fault[],
  options: { random?: () => number; clock?: Clock; targetClock?: Clock } = {},
): Promise<Setup> {
  const rig = await openRig()
  closers.push(() => rig.close())
  const proxy = new FaultProxy((method) => (method === 'POST' ? faults.shift() : undefined) ?? 'pass', 10_000 / FACTOR)
  const url = await proxy.listen(rig.receiver.url)
  closers.push(() => proxy.close())
  const journal = new MemoryJournal()
  journal.append(300)
  const { token } = await rig.enrol(journal.chain.agentId)
  const sync = syncTo(journal, cloud(url, token, options.targetClock ?? options.clock), options)
  closers.push(() => sync.sender.close())
  return { rig, journal, sync, proxy, token }
}

async function expectComplete({ rig, journal, sync }: Setup): Promise<void> {
  await sync.until(done)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
}

function posts({ proxy }: Setup): Buffer[] {
  return proxy.seen.filter(({ path }) => path.endsWith('/events')).map(({ body }) => body)
}

test('while nothing can be reached one connection at a time is tried, and all arrives once it can', async () => {
  const setup = await setUp(['reset', 'reset', 'reset', 'cut-request'])
  await setup.sync.sender.open()
  const away = await setup.sync.until(({ last_error: error }) => error !== null)
  expect(away).toMatchObject({ state: 'offline', acked_seq: 0, unacked: 300 })
  await expectComplete(setup)
  expect(setup.proxy.most).toBe(1)
})

test('an unresolvable name and a port without a server are an offline target', async () => {
  for (const url of ['https://name.invalid', 'http://127.0.0.1:1']) {
    const journal = new MemoryJournal()
    journal.append(1)
    const sync = syncTo(journal, cloud(url, 'token'))
    closers.push(() => sync.sender.close())
    await sync.sender.open()
    const status = await sync.until(({ last_error: error }) => error !== null)
    expect(status.state).toBe('offline')
    expect(status.last_error?.code).toMatch(/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/)
  }
})

test('a half-open connection ends after 30 s, and the same bytes go again', async () => {
  const setup = await setUp(['swallow-request', 'swallow-answer'])
  await setup.sync.sender.open()
  const status = await setup.sync.until(({ last_error: error }) => error !== null)
  expect(status.last_error?.code).toBe('time_out')
  setup.journal.append(5)
  await expectComplete(setup)
  const [first, second, third] = posts(setup)
  expect(second?.equals(first ?? Buffer.of())).toBe(true)
  expect(third?.equals(first ?? Buffer.of())).toBe(true)
})

test('an answer of one byte each ten seconds ends with the whole deadline', async () => {
  const setup = await setUp(['drip'])
  await setup.sync.sender.open()
  expect((await setup.sync.until(({ last_error: error }) => error !== null)).last_error?.code).toBe('time_out')
  await expectComplete(setup)
})

describe('an invalid answer moves nothing', () => {
  const expected: Partial<Record<Fault, string>> = {
    'captive-portal': 'no_json',
    'truncated-json': 'no_json',
    wrong_head: 'wrong_head',
    'huge-answer': 'answer_too_large',
    'gzip-bomb': 'no_json',
    redirect: 'http_302',
    'cut-answer': 'ECONNRESET',
  }
  test.each(Object.entries(expected))('%s', async (fault, code) => {
    // No deadline of an exchange is meant here: a busy machine takes its time for a hundred megabytes.
    const setup = await setUp([fault as Fault], { targetClock: fastClock(1) })
    const before = process.memoryUsage().rss
    await setup.sync.sender.open()
    const status = await setup.sync.until(({ last_error: error }) => error !== null)
    expect(status).toMatchObject({ state: 'offline', acked_seq: 0, last_error: { code } })
    expect(setup.sync.cursor.saved).toEqual([])
    expect(process.memoryUsage().rss - before).toBeLessThan(250 << 20)
    await expectComplete(setup)
  })
})

test('a batch that arrives twice at once is stored once, and both senders receive success', async () => {
  const setup = await setUp(['twice', 'twice'])
  await setup.sync.sender.open()
  await expectComplete(setup)
  expect(setup.sync.log.lines.filter(({ level }) => level !== 'info')).toEqual([])
})

test('a late acknowledgement of an older batch does not move the cursor back', async () => {
  const setup = await setUp(['pass', 'old-answer'])
  await setup.sync.sender.open()
  const late = await setup.sync.until(({ last_error: error }) => error?.code === 'late_ack')
  expect(late.acked_seq).toBe(200)
  await expectComplete(setup)
  const cursors = setup.sync.cursor.saved.map(({ ackedSeq }) => ackedSeq)
  expect(cursors).toEqual([...cursors].sort((a, b) => a - b))
})

test('if gzip is refused the batch goes uncompressed, now and from then on', async () => {
  const setup = await setUp(['no-gzip'])
  await setup.sync.sender.open()
  await expectComplete(setup)
  const encodings = setup.proxy.seen
    .filter(({ path }) => path.endsWith('/events'))
    .map(({ headers }) => headers['content-encoding'] === 'gzip')
  expect(encodings).toEqual([true, false, false])
  expect(setup.sync.log.lines.filter(({ level }) => level !== 'info')).toEqual([])
})

test('a token revoked in mid-flight stops the sync, and the next one from the file resumes it', async () => {
  const rig = await openRig()
  closers.push(() => rig.close())
  const journal = new MemoryJournal()
  journal.append(10)
  let issued = await rig.enrol(journal.chain.agentId)
  const token = async (): Promise<string> => issued.token
  const target = httpsTarget({
    id: 'cloud',
    url: rig.receiver.url,
    token,
    clock: fastClock(FACTOR),
    requestId: randomUUID,
  })
  const sync = syncTo(journal, target)
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  await rig.store.revokeToken(issued.id)
  journal.append(5)
  const denied = await sync.until(({ last_error: error }) => error !== null)
  expect(denied).toMatchObject({ state: 'offline', unacked: 5, last_error: { code: 'unauthenticated' } })
  expect(JSON.stringify([denied, sync.log.lines])).not.toContain(issued.token)
  issued = await rig.enrol(journal.chain.agentId)
  await sync.until(done)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
})

test('another token in the file is used at once, next to the first; while the file cannot be read, the last one', async () => {
  const rig = await openRig()
  closers.push(() => rig.close())
  const journal = new MemoryJournal()
  journal.append(10)
  const [first, second] = [await rig.enrol(journal.chain.agentId), await rig.enrol(journal.chain.agentId)]
  let token = async (): Promise<string> => first.token
  const clock = fastClock(FACTOR)
  const target = httpsTarget({
    ...{ id: 'cloud', url: rig.receiver.url, clock, requestId: randomUUID },
    token: () => token(),
  })
  const sync = syncTo(journal, target)
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  token = async () => second.token
  journal.append(5)
  await sync.until(done)
  // So that the head office sees when the first one can be revoked.
  const issued = await rig.store.tokens(10)
  expect(issued.find(({ id }) => id === second.id)?.usedAtMs).toBeGreaterThan(0)
  token = () => Promise.reject(new Error('the file is away'))
  journal.append(5)
  await sync.until(done)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
})

test('a receiver that was restored from an old backup is filled again', async () => {
  const setup = await setUp([])
  await setup.sync.sender.open()
  await setup.sync.until(done)
  const old = await openRig()
  closers.push(() => old.close())
  // The backup has the chain and its first 120 events.
  await old.store.addToken('old', await hashOf(setup.token), {
    kind: 'agent',
    tenantId: old.tenantId,
    agentId: setup.journal.chain.agentId,
  })
  const copy = setup.journal.clone()
  copy.events.splice(120)
  const filling = syncTo(copy, cloud(old.receiver.url, setup.token))
  await filling.sender.open()
  await filling.until(done)
  await filling.sender.close()
  setup.proxy.redirectTo(old.receiver.url)
  setup.journal.append(1)
  await setup.sync.until(({ acked_seq: acked }) => acked === 301)
  expect(await storedHashes(old.store, setup.journal.chain.chainId)).toEqual(journalHashes(setup.journal))
  expect(setup.sync.log.lines).toContainEqual(expect.objectContaining({ code: 'receiver_rewind' }))
})

test('a receiver that has lost everything gets everything again', async () => {
  const setup = await setUp([])
  await setup.sync.sender.open()
  await setup.sync.until(done)
  const empty = await openRig()
  closers.push(() => empty.close())
  await empty.store.addToken('new', await hashOf(setup.token), {
    kind: 'agent',
    tenantId: empty.tenantId,
    agentId: setup.journal.chain.agentId,
  })
  setup.proxy.redirectTo(empty.receiver.url)
  setup.journal.append(1)
  await setup.sync.until(({ acked_seq: acked }) => acked === 301)
  expect(await storedHashes(empty.store, setup.journal.chain.chainId)).toEqual(journalHashes(setup.journal))
})

test('two machines that continue one journal are a fork; both keep the evidence and nothing is overwritten', async () => {
  const setup = await setUp([])
  await setup.sync.sender.open()
  await setup.sync.until(done)
  await setup.sync.sender.close()
  const clone = setup.journal.clone((seq) => `{"clone":${seq}}`)
  setup.journal.append(10)
  clone.append(5)
  const original = syncTo(setup.journal, cloud(setup.rig.receiver.url, setup.token))
  closers.push(() => original.sender.close())
  await original.sender.open()
  await original.until(done)
  const before = await storedHashes(setup.rig.store, setup.journal.chain.chainId)
  const second = syncTo(clone, cloud(setup.rig.receiver.url, setup.token))
  closers.push(() => second.sender.close())
  await second.sender.open()
  const halted = await second.until(({ state }) => state === 'forked')
  expect(halted.last_error?.code).toBe('fork')
  expect(second.cursor.load()?.halt?.evidence).toMatchObject({
    seq: expect.any(Number),
    stored_checkpoint: { seq: 310, alg: 'Ed25519' },
    own_checkpoint: { seq: 305, alg: 'Ed25519' },
  })
  expect(await storedHashes(setup.rig.store, setup.journal.chain.chainId)).toEqual(before)
  expect(await setup.rig.store.forks(setup.rig.tenantId, 10)).toHaveLength(1)
  // A restart does not forget it.
  const again = syncTo(clone, cloud(setup.rig.receiver.url, setup.token), { cursor: second.cursor })
  closers.push(() => again.sender.close())
  await again.sender.open()
  expect(again.sender.status().state).toBe('forked')
})

test('a journal that was restored from an old backup stops as a rollback before it can fork', async () => {
  const setup = await setUp([])
  await setup.sync.sender.open()
  await setup.sync.until(done)
  const restored = setup.journal.clone()
  restored.events.splice(250)
  const sync = syncTo(restored, cloud(setup.rig.receiver.url, setup.token))
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  const status = await sync.until(({ state }) => state === 'stalled')
  expect(status.last_error?.code).toBe('rollback')
})

test.each([1, 2])('after any 60 network faults, nothing is lost, doubled or out of order (seed %i)', async (seed) => {
  const random = seeded(seed)
  const kinds: Fault[] = [
    'pass',
    'reset',
    'swallow-answer',
    'cut-request',
    'cut-answer',
    'captive-portal',
    'wrong_head',
    'twice',
    'old-answer',
    'truncated-json',
    'redirect',
  ]
  const faults = Array.from({ length: 60 }, () => kinds[Math.floor(random() * kinds.length)] ?? 'pass')
  const setup = await setUp(faults, { random: () => random() / 200, clock: fastClock(60) })
  await setup.sync.sender.open()
  for (let round = 0; round < 20; round++) {
    setup.journal.append(1 + Math.floor(random() * 150))
    await setup.sync.until(({ unacked }) => unacked < 300)
    // The stored events are always a beginning of the journal.
    const stored = await storedHashes(setup.rig.store, setup.journal.chain.chainId)
    expect(stored).toEqual(journalHashes(setup.journal).slice(0, stored.length))
  }
  await expectComplete(setup)
})

async function hashOf(token: string): Promise<Uint8Array> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token)))
}
