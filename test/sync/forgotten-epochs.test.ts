import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Target } from '../../sync/target.ts'
import { fileTarget } from '../../sync/targets/file.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Replay } from './rig.ts'
import { fastClock, replayTo } from './rig.ts'
import { startNats } from './servers/nats.ts'

/** Two epochs of 300 and 5 events, both at the target; the replay goes on. */
async function replayed(target: Target): Promise<{ replay: Replay; epochs: [MemoryJournal, MemoryJournal] }> {
  const journal = new MemoryJournal()
  journal.append(300)
  const next = journal.nextEpoch()
  next.append(5)
  const replay = replayTo(journal, target, { clock: fastClock(2000) })
  onTestFinished(() => replay.replayer.close())
  await replay.replayer.open()
  await replay.until(({ acked_seq: acked }) => acked === 305)
  return { replay, epochs: [journal, next] }
}

test('another disk under the same name gets the epochs before the present one, too', async () => {
  const path = await mkdtemp(join(tmpdir(), 'stick-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  const { replay, epochs } = await replayed(fileTarget({ id: 'disk', path }))
  const folders = epochs.map(({ chain }) => join(path, chain.chainId))
  for (const folder of folders) await rm(folder, { recursive: true })
  epochs[1].append(1)
  await replay.until(({ acked_seq: acked }) => acked === 306)
  const files = await Promise.all(folders.map((folder) => readdir(folder)))
  expect(files).toEqual([['000000000001-000000000300.ndjson'], ['000000000001-000000000006.ndjson']])
})

test('so does a stream that was made anew', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  await nats.addStream('FISKAL')
  const place = { servers: [nats.url], stream: 'FISKAL', shards: 1, tenant: 'bakery' }
  const { replay, epochs } = await replayed(natsTarget({ id: 'chain', ...place }))
  await nats.forget('FISKAL')
  epochs[1].append(1)
  await replay.until(({ acked_seq: acked }) => acked === 306)
  const asked = natsTarget({ id: 'chain', ...place })
  onTestFinished(() => asked.close())
  const { signal } = new AbortController()
  for (const { chain, events } of epochs)
    expect(await asked.position(chain, signal)).toMatchObject({ kind: 'position', headSeq: events.length })
})
