import { expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../sync/receiver/open-receiver.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { MemoryJournal } from './memory-journal.ts'
import { done, fastClock, journalHashes, LogRecord, openRig, replayTo, storedHashes } from './rig.ts'
import { freePort, startNats } from './servers/nats.ts'

test('a receiver whose stream server is away at its start hears its shops, and takes the stream when it is there', async () => {
  const port = await freePort()
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const log = new LogRecord()
  const url = `nats://127.0.0.1:${port}`
  const streams = [{ servers: [url], stream: 'FISKAL', durable: 'd', tenantOf: () => rig.tenantId }]
  const parts = { store: rig.store, listen: { host: '127.0.0.1', port: 0 }, clock: fastClock(20), log }
  const early = await openReceiver({ ...parts, streams })
  await early.close()
  const receiver = await openReceiver({ ...parts, streams })
  onTestFinished(() => receiver.close())
  expect((await fetch(receiver.url)).status).toBe(401)
  expect(log.lines).toContainEqual({ level: 'warn', code: 'ingest-away', message: 'a stream is waited for' })
  const own = await startNats({ port })
  onTestFinished(() => own.stop())
  await own.addStream('FISKAL')
  const journal = new MemoryJournal()
  journal.append(5)
  const target = natsTarget({ id: 'chain', servers: [url], stream: 'FISKAL', shards: 1, tenant: 'shop' })
  onTestFinished(() => target.close())
  const replay = replayTo(journal, target)
  onTestFinished(() => replay.replayer.close())
  await replay.replayer.open()
  await replay.until(done)
  await expect
    .poll(() => storedHashes(rig.store, journal.chain.chainId), { timeout: 20_000 })
    .toEqual(journalHashes(journal))
})
