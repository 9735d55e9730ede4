// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { cursorOf, epochsOf, readSyncBacklog, sourceOf, syncedAt } from '../../agent/journal/cursors.ts'
import type { Renewal } from '../../agent/journal/event-facts.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { Store } from '../../receiver/store.ts'
import { JournalSync } from '../../sync/journal-sync.ts'
import type { Cursor, Source } from '../../sync/source.ts'
import type { Target } from '../../sync/target.ts'
import { verifyExport } from '../../verify/journal/export.ts'
import { markEvent } from '../journal/some-event.ts'
import { appendNotes, openJournal, signer, temporaryDirectory } from '../journal/temporary-journal.ts'
import { MemoryCursor, MemoryJournal } from './memory-journal.ts'
import type { Rig, RunningSync } from './rig.ts'
import { cloud, done, fastClock, journalHashes, openRig, storedHashes, syncTo } from './rig.ts'
import { FaultProxy } from './servers/fault-proxy.ts'
import { Wire } from './wire.ts'

type Shop = { rig: Rig; journal: MemoryJournal; token: string; target: () => Target }

async function shop(events: number): Promise<Shop> {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const journal = new MemoryJournal()
  journal.append(events)
  const { token } = await rig.enrol(journal.chain.agentId)
  return { rig, journal, token, target: () => cloud(rig.receiver.url, token) }
}

async function begin(journal: MemoryJournal, target: Target, cursor = new MemoryCursor()): Promise<RunningSync> {
  const sync = syncTo(journal, target, { cursor })
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  return sync
}

async function expectStored(store: Store, ...journals: MemoryJournal[]): Promise<void> {
  for (const journal of journals) {
    expect(await storedHashes(store, journal.chain.chainId)).toEqual(journalHashes(journal))
  }
}

async function listed(rig: Rig): Promise<readonly Record<string, unknown>[]> {
  const { body } = await new Wire(rig.receiver.url, rig.office).call('GET', '/v1/chains?limit=100')
  return body['data'] as readonly Record<string, unknown>[]
}

test('an epoch that ends during its sync is completed before the next one is registered', async () => {
  const { rig, journal, target } = await shop(900)
  const sync = await begin(journal, target())
  const next = journal.nextEpoch()
  next.append(250)
  expect(sync.sender.status()).toMatchObject({ head_seq: 1150 })
  const status = await sync.until(({ acked_seq: acked }) => acked === 1150)
  expect(status).toMatchObject({ state: 'current', unacked: 0, last_error: null })
  await expectStored(rig.store, journal, next)
  const [newest, oldest] = (await listed(rig)).toSorted((a, b) => Number(b['epoch']) - Number(a['epoch']))
  expect(oldest).toMatchObject({ epoch: 1, state: 'fenced', previous: null })
  expect(newest).toMatchObject({
    epoch: 2,
    state: 'open',
    previous: { chain_id: journal.chain.chainId, last_known_seq: 900, standing: 'agrees', only_here: 0, not_here: 0 },
  })
  const third = next.nextEpoch()
  third.append(1)
  await sync.until(({ acked_seq: acked }) => acked === 1151)
  await expectStored(rig.store, journal, next, third)
})

test('a journal restored from an old backup stops, begins a new epoch, and the receiver keeps its additional events', async () => {
  const { rig, journal, target } = await shop(300)
  const before = await begin(journal, target())
  await before.until(done)
  const restored = journal.restored(120)
  const sync = await begin(restored, target())
  const halted = await sync.until(({ state }) => state === 'stalled')
  expect(halted).toMatchObject({ acked_seq: 0, last_error: { code: 'rollback' } })
  expect(Object.keys(halted.last_error ?? {})).toEqual(['code', 'message'])

  const next = restored.nextEpoch('rollback')
  next.append(10)
  await sync.until(({ acked_seq: acked }) => acked === 130)
  await expectStored(rig.store, journal, next)
  const chains = await listed(rig)
  expect(chains.find(({ epoch }) => epoch === 2)).toMatchObject({
    previous: { last_known_seq: 120, reason: 'rollback', standing: 'agrees', only_here: 180, not_here: 0 },
  })
  expect(rig.log.lines).toContainEqual(expect.objectContaining({ level: 'warn', code: 'new_epoch' }))
})

test('the machine that was replaced sells on and is refused as stale; nothing is overwritten', async () => {
  const { rig, journal, target } = await shop(50)
  const old = await begin(journal, target())
  await old.until(done)
  const next = journal.restored(50).nextEpoch()
  next.append(5)
  await (await begin(next, target())).until(done)
  journal.append(1)
  const refused = await old.until(({ state }) => state === 'stalled')
  expect(refused).toMatchObject({
    ...{ acked_seq: 50, unacked: 1 },
    last_error: {
      code: 'stale_epoch',
      message: 'The agent is in epoch 2. Proven: the key of this journal signed event 5 of epoch 2 there.',
    },
  })
  expect(rig.log.lines).toContainEqual(expect.objectContaining({ level: 'warn', code: 'stale_epoch' }))
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal).slice(0, 50))
  await expectStored(rig.store, next)
})

test('a copy that continues under its own key is reported as not proven', async () => {
  const { rig, journal, target } = await shop(10)
  const old = await begin(journal, target())
  await old.until(done)
  const other = new MemoryJournal({ facts: { agentId: journal.chain.agentId, epoch: 2 } })
  other.append(5)
  await (await begin(other, target())).until(done)
  journal.append(1)
  const refused = await old.until(({ state }) => state === 'stalled')
  expect(refused.last_error).toEqual({
    code: 'stale_epoch',
    message:
      'The agent is in epoch 2. Not proven: the target shows nothing of that epoch that the key of this journal signed.',
  })
  await expectStored(rig.store, other)
})

test('two machines restored from one backup cannot both be epoch 2', async () => {
  const { rig, journal, target } = await shop(10)
  await (await begin(journal, target())).until(done)
  const [first, second] = [journal.restored(10).nextEpoch(), journal.restored(10).nextEpoch()]
  for (const epoch of [first, second]) epoch.append(1)
  await (await begin(first, target())).until(done)
  const sync = await begin(second, target())
  const refused = await sync.until(({ state }) => state === 'stalled')
  expect(refused.last_error).toMatchObject({ code: 'stale_epoch', message: expect.stringContaining('2') })
  expect(await rig.store.chain(second.chain.chainId)).toBeUndefined()
})

test('after a fork the shop continues in a new epoch, and both histories stay as evidence', async () => {
  const { rig, journal, target } = await shop(100)
  const clone = journal.clone((seq) => `{"clone":${seq}}`)
  journal.append(10)
  clone.append(5)
  await (await begin(journal, target())).until(done)
  const sync = await begin(clone, target())
  await sync.until(({ state }) => state === 'forked')
  const next = clone.nextEpoch('fork')
  next.append(3)
  const status = await sync.until(({ acked_seq: acked }) => acked === clone.events.length + 3)
  // Its own events 101 to 105 have no place there: said, and not taken for acknowledged.
  expect(status).toMatchObject({ state: 'behind', last_error: { code: 'fork' } })
  expect(status.unacked).toBeGreaterThan(0)
  await expectStored(rig.store, journal, next)
  const chains = await listed(rig)
  expect(chains.find(({ epoch }) => epoch === 1)).toMatchObject({ state: 'forked', head_seq: 110 })
  expect(chains.find(({ epoch }) => epoch === 2)).toMatchObject({ previous: { standing: 'differs' } })
  expect(await rig.store.forks(rig.tenantId, 10)).toHaveLength(1)
})

test('events that a fork stranded are an alarm until a person has looked, and then are counted apart, evidence kept', async () => {
  const { journal, target } = await shop(100)
  const clone = journal.clone((seq) => `{"clone":${seq}}`)
  journal.append(10)
  clone.append(5)
  await (await begin(journal, target())).until(done)
  const cursor = new MemoryCursor()
  const sync = await begin(clone, target(), cursor)
  await sync.until(({ state }) => state === 'forked')
  // The fork is unresolved: there is nothing to dismiss yet.
  expect(sync.sender.stranded()).toEqual([])
  clone.nextEpoch('fork').append(3)
  const standing = await sync.until(({ acked_seq: acked }) => acked === 108)
  expect(standing).toMatchObject({ warning: 'sync_delayed_long', dismissed: 0, last_error: { code: 'fork' } })
  const strandedEvents = sync.sender.stranded()
  expect(strandedEvents).toMatchObject([
    { chainId: clone.chain.chainId, epoch: 1, halt: { code: 'fork', state: 'forked' } },
  ])
  expect(strandedEvents[0]?.halt.evidence).toMatchObject({
    stored_checkpoint: { seq: 110 },
    own_checkpoint: { seq: 105 },
  })
  await sync.sender.dismissStranded()
  const after = sync.sender.status()
  expect(after).toMatchObject({ state: 'current', unacked: 0, warning: null, last_error: null })
  expect(after.dismissed).toBe(standing.unacked)
  expect(cursor.load()?.halt).toMatchObject({ set_aside: true, evidence: { own_checkpoint: { seq: 105 } } })
  await sync.sender.close()
  // A restart does not make it an alarm again.
  const again = await begin(clone, target(), cursor)
  const still = await again.until(({ acked_seq: acked }) => acked === 108)
  expect(still).toMatchObject({ unacked: 0, warning: null, dismissed: after.dismissed })
  expect(again.sender.stranded()).toEqual([])
})

test('fork events that a receiver has lost are missing, and an alarm, also after a person has looked', async () => {
  const { rig, journal, token, target } = await shop(100)
  const clone = journal.clone((seq) => `{"clone":${seq}}`)
  const cursor = new MemoryCursor()
  const before = await begin(clone, target(), cursor)
  await before.until(done)
  await before.sender.close()
  journal.append(10)
  clone.append(5)
  await (await begin(journal, target())).until(done)
  const proxy = new FaultProxy(() => 'pass', 1)
  const url = await proxy.listen(rig.receiver.url)
  onTestFinished(() => proxy.close())
  const sync = await begin(clone, cloud(url, token), cursor)
  await sync.until(({ state }) => state === 'forked')
  const next = clone.nextEpoch('fork')
  next.append(3)
  await sync.until(({ acked_seq: acked }) => acked === 108)
  await sync.sender.dismissStranded()
  expect(sync.sender.status()).toMatchObject({ unacked: 0, dismissed: 5 })
  // Of its backup nothing is left.
  const anew = await openRig()
  onTestFinished(() => anew.close())
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token)))
  const { agentId } = journal.chain
  await anew.store.addToken('t', hash, { kind: 'agent', tenantId: anew.tenantId, agentId })
  proxy.redirectTo(anew.receiver.url)
  next.append(1)
  const status = await sync.until(({ acked_seq: acked, unacked }) => acked === 109 && unacked > 0)
  expect(status).toMatchObject({ unacked: 105, stranded: 105, dismissed: 0, warning: 'sync_delayed_long' })
  await expectStored(anew.store, next)
  expect(await anew.store.chain(clone.chain.chainId)).toBeUndefined()
  expect(cursor.load()).toMatchObject({
    ackedSeq: 0,
    halt: { code: 'fork', evidence: { own_checkpoint: { seq: 105 } } },
  })
})

test('a receiver set back to before an epoch gets the end of the one before it first', async () => {
  const { rig, journal, token } = await shop(200)
  const proxy = new FaultProxy(() => 'pass', 1)
  const url = await proxy.listen(rig.receiver.url)
  onTestFinished(() => proxy.close())
  const sync = await begin(journal, cloud(url, token))
  await sync.until(done)
  const next = journal.nextEpoch()
  next.append(40)
  await sync.until(({ acked_seq: acked }) => acked === 240)
  // The backup was made when the first epoch had 150 events.
  const backup = await openRig()
  onTestFinished(() => backup.close())
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token)))
  const { agentId } = journal.chain
  await backup.store.addToken('t', hash, { kind: 'agent', tenantId: backup.tenantId, agentId })
  const filling = syncTo(journal.restored(150), cloud(backup.receiver.url, token))
  await filling.sender.open()
  await filling.until(done)
  await filling.sender.close()
  proxy.redirectTo(backup.receiver.url)
  next.append(1)
  await sync.until(({ acked_seq: acked, last_error: error }) => acked === 241 && error === null)
  await expectStored(backup.store, journal, next)
})

test('an old epoch that the receiver refuses is reported, and does not delay the present one', async () => {
  const { rig, journal, target } = await shop(100)
  const short = journal.restored(60)
  const filling = syncTo(short, target())
  await filling.sender.open()
  await filling.until(done)
  await filling.sender.close()
  const next = journal.nextEpoch()
  next.append(20)
  const wire = new Wire(rig.receiver.url, (await rig.enrol(journal.chain.agentId)).token)
  // The next epoch was registered before the end of the first had come.
  expect((await wire.register(next)).status).toBe(201)
  const sync = await begin(journal, target())
  const status = await sync.until(({ acked_seq: acked }) => acked === 120)
  expect(status).toMatchObject({ state: 'behind', unacked: 40, last_error: { code: 'stale_epoch' } })
  await expectStored(rig.store, next)
  await wire.call('GET', '/v1/chains')
  const office = new Wire(rig.receiver.url, rig.office)
  expect((await office.call('POST', `/v1/chains/${journal.chain.chainId}/reopen`)).status).toBe(200)
  await sync.sender.close()
  const again = await begin(journal, target())
  await again.until(({ acked_seq: acked, unacked }) => acked === 120 && unacked === 0)
  await expectStored(rig.store, journal, next)
})

test('an epoch whose key is no longer here is sent unsigned, and its export ends at the last head that is signed', async () => {
  const { rig, journal, target } = await shop(100)
  const filling = syncTo(journal.restored(70), target())
  await filling.sender.open()
  await filling.until(done)
  await filling.sender.close()
  journal.forgetKey()
  const next = journal.nextEpoch()
  next.append(1)
  const sync = await begin(journal, target())
  await sync.until(({ acked_seq: acked }) => acked === 101)
  await expectStored(rig.store, journal, next)
  const office = new Wire(rig.receiver.url, rig.office)
  const { body } = await office.call('GET', `/v1/chains/${journal.chain.chainId}/journal`)
  const text = Buffer.from(String(body['text']))
  expect(await verifyExport(Readable.from([text]), journal.chain.publicKey)).toMatchObject({ valid: true, lastSeq: 70 })
})

test('a disk that cannot read the cursor of the next epoch is asked again: sync and its process continue', async () => {
  const { rig, journal, target } = await shop(50)
  const cursors = new Map<string, MemoryCursor>()
  let unreadable = 2
  const cursorOf = ({ chain: { chainId } }: Source): Cursor => {
    const cursor = cursors.get(chainId) ?? new MemoryCursor()
    cursors.set(chainId, cursor)
    const load = (): ReturnType<MemoryCursor['load']> => {
      if (chainId !== journal.chain.chainId && unreadable-- > 0) throw new Error('disk I/O error')
      return cursor.load()
    }
    return { load, save: (state) => cursor.save(state) }
  }
  const parts = { target: target(), clock: fastClock(1000), random: () => 0.1, log: rig.log }
  const sender = new JournalSync({ ...parts, epochs: () => journal.epochs(), cursorOf })
  onTestFinished(() => sender.close())
  await sender.open()
  const next = journal.nextEpoch()
  next.append(5)
  await expect.poll(() => sender.status()).toMatchObject({ unacked: 0, acked_seq: 55 })
  await expectStored(rig.store, journal, next)
  expect(rig.log.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
})

test('nor does one that cannot read the first cursor at a start: the target exists, and gets all once it can be read', async () => {
  const { rig, journal, target } = await shop(50)
  const cursor = new MemoryCursor()
  let unreadable = 2
  const load = (): ReturnType<MemoryCursor['load']> => {
    if (unreadable-- > 0) throw new Error('disk I/O error')
    return cursor.load()
  }
  const parts = { target: target(), clock: fastClock(1000), random: () => 0.1, log: rig.log }
  const cursorOf = (): Cursor => ({ load, save: (state) => cursor.save(state) })
  const sender = new JournalSync({ ...parts, epochs: () => journal.epochs(), cursorOf })
  onTestFinished(() => sender.close())
  await sender.open()
  expect(sender.status()).toMatchObject({ target: 'cloud', state: 'offline', unacked: 50 })
  await expect.poll(() => sender.status()).toMatchObject({ unacked: 0, acked_seq: 50 })
  await expectStored(rig.store, journal)
  expect(rig.log.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
})

test('the journal on disk arrives epoch by epoch, with a restart in each, and an operation of either reads as synced', async () => {
  const { rig } = await shop(1)
  const directory = await temporaryDirectory()
  const replayed = async (journal: Journal, events: number): Promise<void> => {
    const sender = new JournalSync({
      epochs: epochsOf(journal, signer),
      target: cloud(rig.receiver.url, await tokenOf(journal)),
      cursorOf: ({ chain }) => cursorOf(journal, 'cloud', Date.now, chain.chainId),
      clock: fastClock(20),
      random: () => 0.1,
      log: rig.log,
    })
    await sender.open()
    await expect.poll(() => sender.status()).toMatchObject({ unacked: 0, acked_seq: events })
    await sender.close()
  }
  const tokenOf = async (journal: Journal): Promise<string> =>
    (await rig.enrol(sourceOf(journal, signer).chain.agentId)).token
  const agent = { agentId: '0190aaaa-0000-7000-8000-0000000000aa', chainId: () => randomUUID() }
  const journal = await openJournal(directory, agent)
  await journal.commit('intent', () => ({
    events: [markEvent('op_1', {})],
    result: undefined,
  }))
  await replayed(journal, 2)
  await appendNotes(journal, 300)
  await journal.close()
  const restored = await openJournal(directory, { ...agent, renewal: { reason: 'restore' } as Renewal })
  await restored.commit('intent', () => ({
    events: [markEvent('op_2', {})],
    result: undefined,
  }))
  expect(readSyncBacklog(directory).waiting('cloud')).toBe(302)
  await replayed(restored, 304)
  const when = syncedAt(restored, ['cloud'])
  expect([when('op_1'), when('op_2')]).toEqual([expect.any(String), expect.any(String)])
  expect(readSyncBacklog(directory).waiting('cloud')).toBe(0)
  const stored = await Promise.all(restored.chains.map(({ chainId }) => storedHashes(rig.store, chainId)))
  expect(stored.map((hashes) => hashes.length)).toEqual([302, 2])
  expect(stored[1]?.at(-1)).toBe(Buffer.from(restored.headHash).toString('hex'))
  await restored.close()
})
