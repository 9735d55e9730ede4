// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import type { Store } from '../../receiver/store.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { MemoryJournal } from './memory-journal.ts'
import { fastClock, journalHashes, LogRecord, openRig, storedHashes, syncTo } from './rig.ts'
import type { TestNats } from './servers/nats.ts'
import { startNats } from './servers/nats.ts'
import { batchText } from './wire.ts'

const PLACE = { stream: 'FISKAL', shards: 1, tenant: 'bakery' }
/** More messages than a receiver takes at once. */
const MANY = 1100
let nats: TestNats
beforeAll(async () => {
  nats = await startNats()
})
afterAll(() => nats.stop())

/** Sends the missing part of the journal, all its epochs. */
async function replayed(journal: MemoryJournal, events: number): Promise<void> {
  const sync = syncTo(journal, natsTarget({ id: 'chain', servers: [nats.url], ...PLACE }))
  await sync.sender.open()
  await sync.until(({ acked_seq: acked, unacked }) => acked === events && unacked === 0)
  await sync.sender.close()
}

/** A journal in the stream, with a message for each event. */
async function backlog(): Promise<MemoryJournal> {
  const journal = new MemoryJournal()
  journal.append(1)
  await replayed(journal, 1)
  journal.append(MANY)
  const connection = await connect({ servers: nats.url })
  const { agentId, chainId } = journal.chain
  for (let seq = 2; seq <= MANY + 1; seq++)
    connection.publish(`fiscal.00.bakery.${agentId}.${chainId}`, batchText(journal, seq, seq))
  await connection.flush()
  await connection.close()
  return journal
}

/** A consumer to which all messages were delivered, as that of a receiver which took them and was rolled back since. */
async function consumed(durable: string): Promise<void> {
  const connection = await connect({ servers: nats.url })
  const manager = await jetstreamManager(connection)
  await manager.consumers.add('FISKAL', {
    ...{ durable_name: durable, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All },
    ...{ max_ack_pending: 32, ack_wait: 30_000 * 1_000_000 },
  })
  const consumer = await jetstream(connection).consumers.get('FISKAL', durable)
  const messages = async (): Promise<number> => (await manager.streams.info('FISKAL')).state.messages
  await expect.poll(messages).toBe(MANY + 1)
  for (let remaining = MANY + 1; remaining > 0; ) {
    for await (const message of await consumer.fetch({ max_messages: Math.min(32, remaining), expires: 5000 })) {
      remaining--
      await message.ackAck()
    }
  }
  await connection.close()
}

async function receive(durable: string): Promise<{ store: Store; log: LogRecord }> {
  const rig = await openRig()
  const log = new LogRecord()
  const streams = [{ servers: [nats.url], stream: 'FISKAL', durable, tenantOf: () => rig.tenantId }]
  const listen = { host: '127.0.0.1', port: 0 }
  const receiver = await openReceiver({ store: rig.store, listen, streams, clock: fastClock(1), log })
  onTestFinished(async () => {
    await receiver.close()
    await rig.close()
  })
  return { store: rig.store, log }
}

test('a receiver takes a backlog of any length from the stream again, and reports none of it as missing', async () => {
  await nats.forget('FISKAL').catch(() => nats.addStream('FISKAL'))
  const journal = await backlog()
  const durable = `d${randomUUID()}`
  await consumed(durable)
  journal.append(1)
  await replayed(journal, MANY + 2)
  const { store, log } = await receive(durable)
  await expect.poll(() => storedHashes(store, journal.chain.chainId)).toEqual(journalHashes(journal))
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a receiver takes the backlog of an ended epoch, too, before the next epoch closes it', async () => {
  await nats.forget('FISKAL').catch(() => nats.addStream('FISKAL'))
  const journal = await backlog()
  const durable = `d${randomUUID()}`
  await consumed(durable)
  const next = journal.nextEpoch()
  next.append(1)
  await replayed(journal, MANY + 2)
  const { store, log } = await receive(durable)
  for (const epoch of [journal, next])
    await expect.poll(() => storedHashes(store, epoch.chain.chainId)).toEqual(journalHashes(epoch))
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
})
