import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Target } from '../../sync/target.ts'
import { fileTarget } from '../../sync/targets/file.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { RunningSync } from './rig.ts'
import { done, fastClock, openRig, syncTo } from './rig.ts'
import { startNats } from './servers/nats.ts'

async function begunTo(journal: MemoryJournal, target: Target): Promise<RunningSync> {
  const sync = syncTo(journal, target)
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  return sync
}

test('a disk keeps a folder for each epoch', async () => {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const journal = new MemoryJournal()
  journal.append(3)
  const sync = syncTo(journal, fileTarget({ id: 'disk', path: rig.directory }), { clock: fastClock(2000) })
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  await sync.until(done)
  const next = journal.nextEpoch()
  next.append(2)
  await sync.until(({ acked_seq: acked }) => acked === 5)
  for (const [epoch, file] of [
    [journal, '000000000001-000000000003.ndjson'],
    [next, '000000000001-000000000002.ndjson'],
  ] as const) {
    expect(await readdir(join(rig.directory, epoch.chain.chainId))).toEqual([file])
  }
})

test('a stream keeps a subject for each epoch', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  await nats.addStream('FISKAL')
  const journal = new MemoryJournal()
  journal.append(300)
  const place = { servers: [nats.url], stream: 'FISKAL', shards: 1, tenant: 'bakery' }
  const sync = await begunTo(journal, natsTarget({ id: 'chain', ...place }))
  const next = journal.nextEpoch()
  next.append(5)
  await sync.until(({ acked_seq: acked }) => acked === 305)
  const again = await begunTo(next, natsTarget({ id: 'chain', ...place }))
  await again.until(done)
})
