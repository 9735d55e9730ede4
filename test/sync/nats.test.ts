// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { jetstream } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Receiver } from '../../receiver/open-receiver.ts'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { placeOf, REGISTRATION_HEADER } from '../../sync/protocol/stream-subject.ts'
import { registrationDocument } from '../../sync/source.ts'
import type { Target } from '../../sync/target.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig } from './rig.ts'
import { cloud, done, fastClock, journalHashes, LogRecord, openRig, storedHashes, syncTo } from './rig.ts'
import type { TestNats } from './servers/nats.ts'
import { startNats } from './servers/nats.ts'
import { batchText } from './wire.ts'

const TENANT = 'bakery'
let nats: TestNats
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  nats = await startNats()
  await nats.addStream('FISKAL')
})
afterAll(() => nats.stop())
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function stream(): Target {
  return natsTarget({ id: 'chain', servers: [nats.url], stream: 'FISKAL', shards: 1, tenant: TENANT })
}

function subjectOf({ chain }: MemoryJournal): string {
  return `fiscal.00.${TENANT}.${chain.agentId}.${chain.chainId}`
}

/** A receiver that takes the events of the stream; resolves once it has `events` of the journal. */
async function ingest(durable: string): Promise<{ rig: Rig; receiver: Receiver; log: LogRecord }> {
  const rig = await openRig()
  const log = new LogRecord()
  const clock = fastClock(1)
  const tenantOf = (token: string): string | undefined => (token === TENANT ? rig.tenantId : undefined)
  const streams = [{ servers: [nats.url], stream: 'FISKAL', durable, tenantOf }]
  const receiver = await openReceiver({ store: rig.store, listen: { host: '127.0.0.1', port: 0 }, streams, clock, log })
  closers.push(
    () => rig.close(),
    () => receiver.close(),
  )
  return { rig, receiver, log }
}

test('a journal goes through a stream into a receiver that is new to it, complete and in order', async () => {
  const journal = MemoryJournal.of(950)
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const { rig } = await ingest(`d${randomUUID()}`)
  await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  journal.append(2)
  await sync.until(({ acked_seq: acked }) => acked === 952)
  await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toHaveLength(952)
})

test('a stream that forgot everything is filled again', async () => {
  const journal = MemoryJournal.of(300)
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  await nats.forget('FISKAL')
  journal.append(1)
  await sync.until(({ acked_seq: acked }) => acked === 301)
  expect(sync.log.lines).toContainEqual(expect.objectContaining({ code: 'receiver_rewind' }))
  const { rig } = await ingest(`d${randomUUID()}`)
  await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
})

test('a stream that is created again under a receiver is read by it without a restart', async () => {
  const journal = MemoryJournal.of(20)
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  const { rig } = await ingest(`d${randomUUID()}`)
  const isStored = (events: number): Promise<void> =>
    expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toHaveLength(events)
  await isStored(20)
  await nats.forget('FISKAL')
  journal.append(5)
  await isStored(25)
})

test('a copy that continues in another epoch is reported to the journal that it left, which no stream refuses', async () => {
  const journal = MemoryJournal.of(5)
  const original = syncTo(journal, stream())
  await original.sender.open()
  await original.until(done)
  const clone = journal.clone()
  clone.nextEpoch('restore').append(5)
  const copy = syncTo(clone, stream())
  closers.push(() => copy.sender.close())
  await copy.sender.open()
  await copy.until(({ acked_seq: acked }) => acked === 10)
  journal.append(5)
  await original.until(done)
  await original.sender.close()
  const restarted = syncTo(journal, stream(), { cursor: original.cursor })
  closers.push(() => restarted.sender.close())
  await restarted.sender.open()
  const told = await restarted.until(({ state }) => state === 'stalled')
  expect(told.last_error).toEqual({
    code: 'stale_epoch',
    message: 'The agent is in epoch 2. Proven: the key of this journal signed event 5 of epoch 2 there.',
  })
  // The copy itself continues, and completes the events of the former epoch that the stream loses.
  await nats.forget('FISKAL')
  clone.epochs().at(-1)?.append(1)
  await copy.until(({ acked_seq: acked }) => acked === 11)
})

test('a known message id with other content is answered as a duplicate, and not believed', async () => {
  const journal = MemoryJournal.of(10)
  const target = stream()
  const signal = new AbortController().signal
  closers.push(() => target.close())
  await target.position(journal.chain, signal)
  // Another client used the id of our first batch, elsewhere in the stream.
  const connection = await connect({ servers: nats.url })
  const msgID = `${journal.chain.chainId}:1-10`
  await jetstream(connection).publish(`fiscal.00.${TENANT}.other.other`, 'noise', { msgID })
  await connection.close()
  const hashes = journal.events.map(({ hash }) => hash)
  const batch = { first: 1, last: 10, prev: Buffer.alloc(32), hashes, text: batchText(journal, 1, 10) }
  expect(await target.deliver(journal.chain, batch, signal)).toMatchObject({ kind: 'gap', expectedSeq: 1 })
})

test('a message that does not verify is refused permanently and delays no other chain', async () => {
  const journal = MemoryJournal.of(5)
  const bad = MemoryJournal.of(5)
  const connection = await connect({ servers: nats.url })
  const client = jetstream(connection)
  await client.publish(subjectOf(bad), batchText(journal, 1, 5))
  await client.publish(`fiscal.00.stranger.${bad.chain.agentId}.${bad.chain.chainId}`, batchText(bad, 1, 5))
  await connection.close()
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const { rig, log } = await ingest(`d${randomUUID()}`)
  await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  expect(log.lines).toContainEqual(expect.objectContaining({ code: 'stream_refused' }))
  expect(await rig.store.chain(bad.chain.chainId)).toBeUndefined()
})

test('a chain is registered on the subject of its agent and id only', async () => {
  const [chosen, mine] = [MemoryJournal.of(5), MemoryJournal.of(5)]
  const fields = headers()
  fields.set(REGISTRATION_HEADER, Buffer.from(JSON.stringify(registrationDocument(chosen.chain))).toString('base64url'))
  const subjects = [
    `fiscal.00.${TENANT}.${mine.chain.agentId}.${chosen.chain.chainId}`,
    `fiscal.00.${TENANT}.${chosen.chain.agentId}.${mine.chain.chainId}`,
  ]
  const connection = await connect({ servers: nats.url })
  for (const subject of subjects)
    await jetstream(connection).publish(subject, batchText(chosen, 1, 5), { headers: fields })
  await connection.close()
  const sync = syncTo(mine, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const { rig } = await ingest(`d${randomUUID()}`)
  await expect.poll(() => storedHashes(rig.store, mine.chain.chainId)).toEqual(journalHashes(mine))
  expect(await rig.store.chain(chosen.chain.chainId)).toBeUndefined()
})

test('a stream with a hole reports which shop must send the missing events over https, and then all is taken', async () => {
  const journal = MemoryJournal.of(5)
  const sync = syncTo(journal, stream())
  await sync.sender.open()
  await sync.until(done)
  await sync.sender.close()
  const { rig, log } = await ingest(`d${randomUUID()}`)
  const isStored = (events: number): Promise<void> =>
    expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toHaveLength(events)
  await isStored(5)
  const told = vi.spyOn(log, 'error')
  // A server has lost 6 to 10.
  journal.append(10)
  const connection = await connect({ servers: nats.url })
  await jetstream(connection).publish(subjectOf(journal), batchText(journal, 11, 15))
  const lacking = {
    code: 'stream_refused',
    subject: subjectOf(journal),
    error: expect.stringMatching(/event 6 .*https/),
  }
  await expect.poll(() => told.mock.calls).toContainEqual([expect.objectContaining(lacking), 'a message is not taken'])
  const { token } = await rig.enrol(journal.chain.agentId)
  const resumed = syncTo(journal, cloud(rig.receiver.url, token))
  closers.push(() => resumed.sender.close())
  await resumed.sender.open()
  await resumed.until(done)
  journal.append(2)
  await jetstream(connection).publish(subjectOf(journal), batchText(journal, 16, 17))
  await connection.close()
  await isStored(17)
})

test('a receiver that is rolled back takes the lost events from the stream again, without the shop', async () => {
  const journal = MemoryJournal.of(900)
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const durable = `d${randomUUID()}`
  const first = await ingest(durable)
  const complete = async (rig: Rig): Promise<void> => {
    await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  }
  await complete(first.rig)
  await first.receiver.close()
  // Its backup is from before the first event; the stream has an acknowledgement for all of it.
  const second = await ingest(durable)
  journal.append(5)
  await complete(second.rig)
  expect(second.log.lines).toContainEqual(expect.objectContaining({ code: 'stream_catch_up' }))
})

test('a database that is rolled back under a running receiver to before a chain existed is filled again', async () => {
  const journal = MemoryJournal.of(300)
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const [rig, setBack] = [await openRig(), await openRig()]
  closers.push(rig.close, setBack.close)
  let current = rig.store
  const store = new Proxy(rig.store, {
    get: (_, name) => {
      const member: unknown = Reflect.get(current, name)
      return typeof member === 'function' ? member.bind(current) : member
    },
  })
  const streams = [{ servers: [nats.url], stream: 'FISKAL', durable: `d${randomUUID()}`, tenantOf: () => rig.tenantId }]
  const [clock, log] = [fastClock(1), new LogRecord()]
  const receiver = await openReceiver({ store, listen: { host: '127.0.0.1', port: 0 }, streams, clock, log })
  closers.push(() => receiver.close())
  const complete = (): Promise<void> =>
    expect.poll(() => storedHashes(current, journal.chain.chainId)).toEqual(journalHashes(journal))
  await complete()
  current = setBack.store
  journal.append(1)
  await complete()
  expect(log.lines).toContainEqual(expect.objectContaining({ code: 'stream_catch_up' }))
})

test('a receiver takes the missing events of an ended epoch from the stream before the next one closes it', async () => {
  const journal = MemoryJournal.of(450)
  const sync = syncTo(journal, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const next = journal.nextEpoch()
  next.append(5)
  await sync.until(({ acked_seq: acked }) => acked === 455)
  const durable = `d${randomUUID()}`
  const complete = async (rig: Rig): Promise<void> => {
    for (const epoch of [journal, next]) {
      await expect.poll(() => storedHashes(rig.store, epoch.chain.chainId)).toEqual(journalHashes(epoch))
    }
  }
  const first = await ingest(durable)
  await complete(first.rig)
  await first.receiver.close()
  // Rolled back to before either epoch; the stream will never deliver the first one again.
  const second = await ingest(durable)
  next.append(1)
  await complete(second.rig)
  expect(second.log.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('an ended epoch is completed from another stream than that of the next one', async () => {
  const sharded = await startNats()
  closers.push(() => sharded.stop())
  const names = ['EDGE_00', 'EDGE_01']
  for (const name of names) await sharded.addStream(name, { subjects: [`fiscal.${name.slice(-2)}.>`] })
  const place = { stream: 'EDGE', shards: 2, tenant: TENANT }
  const shardOf = ({ chain }: MemoryJournal): string => placeOf(place, chain.agentId, chain.chainId).stream
  let journal = MemoryJournal.of(250)
  while (shardOf(journal) !== 'EDGE_01') journal = MemoryJournal.of(250)
  let next = journal.nextEpoch()
  while (shardOf(next) !== 'EDGE_00') next = journal.nextEpoch()
  next.append(5)
  const sync = syncTo(journal, natsTarget({ id: 'chain', servers: [sharded.url], ...place }))
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(({ acked_seq: acked }) => acked === 255)
  const rig = await openRig()
  closers.push(() => rig.close())
  // The stream of the next epoch is read first.
  const tenantOf = (): string => rig.tenantId
  const streams = names.map((stream) => ({ servers: [sharded.url], stream, durable: 'd', tenantOf }))
  const [clock, log] = [fastClock(1), new LogRecord()]
  const receiver = await openReceiver({ store: rig.store, listen: { host: '127.0.0.1', port: 0 }, streams, clock, log })
  closers.push(() => receiver.close())
  for (const epoch of [journal, next]) {
    await expect.poll(() => storedHashes(rig.store, epoch.chain.chainId)).toEqual(journalHashes(epoch))
  }
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a chain whose history does not verify blocks no other, and no other blocks it', async () => {
  const [bad, good] = [MemoryJournal.of(2), MemoryJournal.of(2)]
  const connection = await connect({ servers: nats.url })
  const client = jetstream(connection)
  await client.publish(subjectOf(bad), batchText(good, 1, 2))
  bad.append(60)
  for (let seq = 3; seq <= 62; seq++) await client.publish(subjectOf(bad), batchText(bad, seq, seq))
  await connection.close()
  const sync = syncTo(good, stream())
  closers.push(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const { rig } = await ingest(`d${randomUUID()}`)
  await expect.poll(() => storedHashes(rig.store, good.chain.chainId)).toEqual(journalHashes(good))
})
