// @module-tag heavy
import type { AddressInfo, Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { once } from '../waits.ts'
import { MemoryJournal } from './memory-journal.ts'
import { done, fastClock, journalHashes, LogRecord, openRig, storedHashes, syncTo } from './rig.ts'
import { Authority } from './servers/certificates.ts'
import { startNats } from './servers/nats.ts'
import { batchText } from './wire.ts'

const TENANT = 'bakery'
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('a receiver whose stream cannot be taken says at its start which one, and what to check', async () => {
  const own = await startNats()
  const open = async (streamName: string): Promise<unknown> => {
    const rig = await openRig()
    closers.push(() => rig.close())
    const streams = [{ servers: [own.url], stream: streamName, durable: 'd', tenantOf: () => undefined }]
    const more = { streams, clock: fastClock(1), log: new LogRecord() }
    return openReceiver({ store: rig.store, listen: { host: '127.0.0.1', port: 0 }, ...more })
  }
  const unusable = (said: string) => ({
    code: 'stream_unavailable',
    message: expect.stringMatching(new RegExp(`${own.url}.*${said}.*Check`)),
  })
  await expect(open('NOWHERE')).rejects.toMatchObject(unusable('stream not found'))
  await own.stop()
})

test('a stream that ages its messages is not a target, and neither is an unencrypted server elsewhere', async () => {
  const journal = MemoryJournal.of(1)
  const own = await startNats()
  closers.push(() => own.stop())
  await own.addStream('AGING', { max_age: 1e15 })
  const target = natsTarget({ id: 'chain', servers: [own.url], stream: 'AGING', shards: 1, tenant: TENANT })
  closers.push(() => target.close())
  expect(await target.position(journal.chain, new AbortController().signal)).toMatchObject({ code: 'stream_unsafe' })
  expect(() => natsTarget({ id: 'x', servers: ['nats://cloud.example'], stream: 'S', shards: 1, tenant: 't' })).toThrow(
    'tls://',
  )
})

/** Hands connections on to a server, and counts those that are open; after `hold` the next one waits until it is let through. */
async function counted(url: string): Promise<{ url: string; open: () => number; hold: () => () => void }> {
  const sockets = new Set<Socket>()
  let held = Promise.resolve()
  const handOn = (socket: Socket): void => {
    const upstream = createConnection(Number(new URL(url).port), '127.0.0.1')
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const)
      one
        .on('error', () => other.destroy())
        .once('close', () => other.destroy())
        .pipe(other)
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void held.then(() => handOn(socket))
    held = Promise.resolve()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const hold = (): (() => void) => {
    let letThrough: () => void = () => undefined
    held = new Promise((resolve) => {
      letThrough = resolve
    })
    return letThrough
  }
  return { url: `nats://127.0.0.1:${port}`, open: () => sockets.size, hold }
}

test('a server that has no streams is left again: no attempt leaves its connection open', async () => {
  const own = await startNats({ jetStream: 'without' })
  closers.push(() => own.stop())
  const { url, open } = await counted(own.url)
  const place = { stream: 'FISKAL', shards: 1, tenant: TENANT }
  const target = natsTarget({ id: 'chain', servers: [url], ...place })
  const { chain } = MemoryJournal.of(1)
  for (let attempt = 0; attempt < 3; attempt++)
    expect(await target.position(chain, new AbortController().signal)).toMatchObject({ kind: 'unknown' })
  await expect.poll(open).toBe(0)
  const rig = await openRig()
  closers.push(() => rig.close())
  const streams = [{ servers: [url], stream: 'FISKAL', durable: 'd', tenantOf: () => rig.tenantId }]
  const parts = { store: rig.store, listen: { host: '127.0.0.1', port: 0 }, clock: fastClock(1), log: new LogRecord() }
  await expect(openReceiver({ ...parts, streams })).rejects.toThrow()
  await expect.poll(open).toBe(0)
})

test('a sync that is resumed while it connects keeps the connection of the new attempt, and no other', async () => {
  const own = await startNats()
  closers.push(() => own.stop())
  await own.addStream('FISKAL')
  const { url, open, hold } = await counted(own.url)
  const target = natsTarget({ id: 'chain', servers: [url], stream: 'FISKAL', shards: 1, tenant: TENANT })
  closers.push(() => target.close())
  const journal = MemoryJournal.of(1)
  const { chain } = journal
  const [stopped, { signal }] = [new AbortController(), new AbortController()]
  const letThrough = hold()
  const first = target.position(chain, stopped.signal)
  await expect.poll(open).toBe(1)
  stopped.abort()
  expect(await first).toMatchObject({ code: 'stopped' })
  expect(await target.position(chain, signal)).toMatchObject({ kind: 'position' })
  expect(open()).toBe(2)
  letThrough()
  await expect.poll(open).toBe(1)
  const hashes = journal.events.map(({ hash }) => hash)
  const batch = { first: 1, last: 1, prev: Buffer.alloc(32), hashes, text: batchText(journal, 1, 1) }
  expect(await target.deliver(chain, batch, signal)).toMatchObject({ kind: 'acked', ackedSeq: 1 })
  await target.close()
  await expect.poll(open).toBe(0)
})

test('a stream with TLS is reached with an own CA and a client certificate, and not without', async () => {
  const authority = new Authority()
  closers.push(async () => authority.remove())
  const { ca, caFile } = authority
  const own = await startNats({ tls: { ...authority.issue('IP:127.0.0.1,DNS:localhost'), caFile } })
  closers.push(() => own.stop())
  await own.addStream('FISKAL')
  const journal = MemoryJournal.of(20)
  const outcome = async (tls: { ca?: string; cert?: string; key?: string }): Promise<string> => {
    const place = { servers: [own.url], stream: 'FISKAL', shards: 1, tenant: TENANT }
    const sync = syncTo(journal, natsTarget({ id: 'chain', ...place, tls: async () => tls }))
    await sync.sender.open()
    const status = await sync.until((present) => done(present) || present.last_error !== null)
    await sync.sender.close()
    return status.last_error?.code ?? 'acknowledged'
  }
  expect(await outcome({})).not.toBe('acknowledged')
  expect(await outcome({ ca })).not.toBe('acknowledged')
  const { cert, key } = authority.issue('DNS:shop')
  expect(await outcome({ ca, cert, key })).toBe('acknowledged')
  // A receiver takes it from there.
  const rig = await openRig()
  closers.push(() => rig.close())
  const shop = { servers: [own.url], stream: 'FISKAL', durable: 'd', tenantOf: () => rig.tenantId }
  const receiver = await openReceiver({
    store: rig.store,
    listen: { host: '127.0.0.1', port: 0 },
    streams: [{ ...shop, tls: async () => ({ ca, cert, key }) }],
    clock: fastClock(1),
    log: new LogRecord(),
  })
  closers.push(() => receiver.close())
  await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
})
