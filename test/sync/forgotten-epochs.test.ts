// @module-tag heavy
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../receiver/store.ts'
import type { Target } from '../../sync/target.ts'
import { fileTarget } from '../../sync/targets/file.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { RunningSync } from './rig.ts'
import { cloud, fastClock, openRig, storedEvents, syncTo } from './rig.ts'
import { startNats } from './servers/nats.ts'

/** A receiver, and the way to it. */
async function receiver(agentId: string): Promise<{ store: Store; target: Target }> {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const { token } = await rig.enrol(agentId)
  return { store: rig.store, target: cloud(rig.receiver.url, token, fastClock(1)) }
}

/** One address, which another target may serve later. */
function movable(first: Target): { target: Target; moveTo: (other: Target) => void } {
  let present = first
  const target: Target = {
    id: first.id,
    limits: first.limits,
    position: (...asked) => present.position(...asked),
    signedHead: (...asked) => present.signedHead(...asked),
    otherChains: (...asked) => present.otherChains(...asked),
    register: (...asked) => present.register(...asked),
    deliver: (...asked) => present.deliver(...asked),
    checkpoint: (...asked) => present.checkpoint(...asked),
    close: () => present.close(),
  }
  return {
    target,
    moveTo: (other) => {
      present = other
    },
  }
}

/** Two epochs of 300 and 5 events, both at the target; sync continues. */
async function replayed(target: Target): Promise<{ sync: RunningSync; epochs: [MemoryJournal, MemoryJournal] }> {
  const journal = new MemoryJournal()
  journal.append(300)
  const next = journal.nextEpoch()
  next.append(5)
  const sync = syncTo(journal, target, { clock: fastClock(2000) })
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(({ acked_seq: acked }) => acked === 305)
  return { sync, epochs: [journal, next] }
}

test('another disk under the same name gets the epochs before the present one, too', async () => {
  const path = await mkdtemp(join(tmpdir(), 'stick-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  const { sync, epochs } = await replayed(fileTarget({ id: 'disk', path }))
  const folders = epochs.map(({ chain }) => join(path, chain.chainId))
  for (const folder of folders) await rm(folder, { recursive: true })
  epochs[1].append(1)
  await sync.until(({ acked_seq: acked }) => acked === 306)
  const files = await Promise.all(folders.map((folder) => readdir(folder)))
  expect(files).toEqual([['000000000001-000000000300.ndjson'], ['000000000001-000000000006.ndjson']])
})

test('so does a stream that was created again', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  await nats.addStream('FISKAL')
  const place = { servers: [nats.url], stream: 'FISKAL', shards: 1, tenant: 'bakery' }
  const { sync, epochs } = await replayed(natsTarget({ id: 'chain', ...place }))
  await nats.forget('FISKAL')
  epochs[1].append(1)
  await sync.until(({ acked_seq: acked }) => acked === 306)
  const asked = natsTarget({ id: 'chain', ...place })
  onTestFinished(() => asked.close())
  const { signal } = new AbortController()
  for (const { chain, events } of epochs)
    expect(await asked.position(chain, signal)).toMatchObject({ kind: 'position', headSeq: events.length })
})

test('a receiver that was rolled back while it was offline gets the epochs before the present one first', async () => {
  const journal = MemoryJournal.of(300)
  const next = journal.nextEpoch()
  next.append(5)
  const { target: former } = await receiver(journal.chain.agentId)
  const { store, target: empty } = await receiver(journal.chain.agentId)
  const { target, moveTo } = movable({
    ...movable(former).target,
    register: async (chain, signal) => {
      if (chain.epoch === 1) return former.register(chain, signal)
      moveTo(empty)
      return { kind: 'unknown', code: 'ECONNRESET', message: 'read ECONNRESET' }
    },
  })
  const { sender, until } = syncTo(journal, target, { clock: fastClock(2000) })
  onTestFinished(() => sender.close())
  await sender.open()
  await until(({ state, acked_seq: acked }) => state === 'current' && acked === 305)
  expect([await storedEvents(store, journal), await storedEvents(store, next)]).toEqual([300, 5])
})

test('an epoch that a receiver has lost and refuses is missing there, whatever it once acknowledged', async () => {
  const journal = MemoryJournal.of(300)
  const next = journal.nextEpoch()
  next.append(5)
  const { target: former } = await receiver(journal.chain.agentId)
  const { target: other } = await receiver(journal.chain.agentId)
  await other.register(next.chain, new AbortController().signal)
  const { target, moveTo } = movable(former)
  const { sender, until } = syncTo(journal, target, { clock: fastClock(2000) })
  onTestFinished(() => sender.close())
  await sender.open()
  await until(({ acked_seq: acked }) => acked === 305)
  moveTo(other)
  await sender.resume()
  const status = await until(({ acked_seq: acked, last_error: error }) => acked === 305 && error !== null)
  expect(status).toMatchObject({ unacked: 300, stranded: 300, last_error: { code: 'stale_epoch' } })
})

test('after a new start with the target offline, events that wait in the present epoch are counted and alarm in time', async () => {
  const journal = MemoryJournal.of(300)
  const next = journal.nextEpoch()
  next.append(5)
  const { target: present } = await receiver(journal.chain.agentId)
  const { target, moveTo } = movable(present)
  const { sender, until } = syncTo(journal, target, { clock: fastClock(2000) })
  onTestFinished(() => sender.close())
  await sender.open()
  await until(({ acked_seq: acked }) => acked === 305)
  const away = async () => ({ kind: 'unknown', code: 'ECONNREFUSED', message: 'x' }) as const
  moveTo({ ...movable(present).target, position: away })
  await sender.resume()
  const status = await until(({ last_error: error }) => error !== null)
  expect(status).toMatchObject({ state: 'offline', unacked: 0, oldest_unacked_seconds: 0 })
  next.append(1)
  expect(await until(({ warning }) => warning === 'sync_delayed')).toMatchObject({ unacked: 1 })
})
