// @module-tag heavy
import { expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import type { StreamIngestOptions } from '../../receiver/stream-ingest.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { freePort } from '../free-port.ts'
import { MemoryJournal } from './memory-journal.ts'
import { done, fastClock, journalHashes, LogRecord, openRig, storedHashes, syncTo } from './rig.ts'
import { Authority } from './servers/certificates.ts'
import { startNats } from './servers/nats.ts'

type Secrets = Pick<StreamIngestOptions, 'tls'>

/** Opens a receiver of that stream. `takes`: a journal that is brought to the stream comes into its store. */
async function receiverOf(url: string, secrets: Secrets = {}) {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const log = new LogRecord()
  const streams = [{ servers: [url], stream: 'FISKAL', durable: 'd', tenantOf: () => rig.tenantId, ...secrets }]
  const parts = { store: rig.store, listen: { host: '127.0.0.1', port: 0 }, clock: fastClock(20), log }
  const open = () => openReceiver({ ...parts, streams })
  const takes = async (): Promise<void> => {
    const journal = new MemoryJournal()
    journal.append(5)
    const place = { servers: [url], stream: 'FISKAL', shards: 1, tenant: 'shop', ...secrets }
    const target = natsTarget({ id: 'chain', ...place })
    onTestFinished(() => target.close())
    const sync = syncTo(journal, target)
    onTestFinished(() => sync.sender.close())
    await sync.sender.open()
    await sync.until(done)
    await expect.poll(() => storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  }
  const count = (code: string): number => log.lines.filter((line) => line.code === code).length
  return { open, takes, count, log }
}

test('a receiver whose stream server is down at its start serves its shops, and takes the stream when it is up', async () => {
  const port = await freePort()
  const { open, takes, log } = await receiverOf(`nats://127.0.0.1:${port}`)
  const early = await open()
  await early.close()
  const receiver = await open()
  onTestFinished(() => receiver.close())
  expect((await fetch(receiver.url)).status).toBe(401)
  expect(log.lines).toContainEqual({ level: 'warn', code: 'stream_unreachable', message: 'waiting for a stream' })
  const own = await startNats({ port })
  onTestFinished(() => own.stop())
  await own.addStream('FISKAL')
  await takes()
})

test('a receiver that its stream server refuses for a while takes the stream again once it is accepted', async () => {
  const port = await freePort()
  const { open, takes, count } = await receiverOf(`nats://127.0.0.1:${port}`)
  const before = await startNats({ port })
  await before.addStream('FISKAL')
  const receiver = await open()
  onTestFinished(() => receiver.close())
  await takes()
  await before.stop()
  const refusing = await startNats({ port, settings: 'authorization { user: "u", password: "p" }' })
  await expect.poll(() => count('stream_unreachable')).toBeGreaterThan(3)
  await refusing.stop()
  const again = await startNats({ port })
  onTestFinished(() => again.stop())
  await again.addStream('FISKAL')
  await takes()
})

test('a receiver whose stream server changed its authority takes the stream once its own file has that one', async () => {
  const port = await freePort()
  const issued = () => {
    const authority = new Authority()
    onTestFinished(() => authority.remove())
    const { caFile, ca } = authority
    const { certFile, keyFile, cert, key } = authority.issue('IP:127.0.0.1,DNS:localhost')
    return { server: { certFile, keyFile, caFile }, shown: { ca, cert, key } }
  }
  const [former, next] = [issued(), issued()]
  let shown = former.shown
  const { open, takes, count } = await receiverOf(`tls://127.0.0.1:${port}`, { tls: async () => shown })
  const before = await startNats({ port, tls: former.server })
  await before.addStream('FISKAL')
  const receiver = await open()
  onTestFinished(() => receiver.close())
  await before.stop()
  const again = await startNats({ port, tls: next.server })
  onTestFinished(() => again.stop())
  await again.addStream('FISKAL')
  await expect.poll(() => count('stream_unreachable')).toBeGreaterThan(0)
  shown = next.shown
  await takes()
})
