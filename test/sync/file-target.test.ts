import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ed25519Key } from '../../sync/chain-hash.ts'
import { decodeBatch, verifyBatch } from '../../sync/envelope.ts'
import { fileTarget } from '../../sync/targets/file.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Replay } from './rig.ts'
import { done, fastClock, replayTo } from './rig.ts'

async function stick(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'stick-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function opened(journal: MemoryJournal, path: string): Promise<Replay> {
  const replay = replayTo(journal, fileTarget({ id: 'disk', path }), { clock: fastClock(2000) })
  onTestFinished(() => replay.replayer.close())
  await replay.replayer.open()
  return replay
}

function journalOf(events: number): MemoryJournal {
  const journal = new MemoryJournal()
  journal.append(events)
  return journal
}

test('segments on a disk are signed journal exports, one after another, readable and not writable', async () => {
  const path = await stick()
  const journal = journalOf(1500)
  const replay = await opened(journal, path)
  await replay.until(done)
  const directory = join(path, journal.chain.chainId)
  const files = (await readdir(directory)).sort()
  expect(files).toEqual(['000000000001-000000001000.ndjson', '000000001001-000000001500.ndjson'])
  let prev: Uint8Array = Buffer.alloc(32)
  for (const file of files) {
    const batch = decodeBatch(await readFile(join(directory, file)))
    verifyBatch(batch, ed25519Key(Buffer.from(journal.chain.publicKey, 'base64url')))
    expect(batch.prev).toEqual(prev)
    expect(batch.checkpoint).toBeDefined()
    prev = batch.head
  }
  expect(prev).toEqual(journal.head().hash)
})

test('a disk that is pulled out is an offline target; another, empty one is filled from the first event', async () => {
  const path = await stick()
  const journal = journalOf(30)
  const replay = await opened(journal, path)
  await replay.until(done)
  await rename(path, `${path}-away`)
  onTestFinished(() => rm(`${path}-away`, { recursive: true, force: true }))
  journal.append(5)
  const away = await replay.until(({ last_error: error }) => error !== null)
  expect(away).toMatchObject({ state: 'offline', last_error: { code: 'ENOENT' }, unacked: 5 })
  const { mkdir } = await import('node:fs/promises')
  await mkdir(path)
  await replay.until(({ acked_seq: acked }) => acked === 35)
  expect(await readdir(join(path, journal.chain.chainId))).toEqual(['000000000001-000000000035.ndjson'])
})

test('a last segment that is damaged counts for nothing and is written again', async () => {
  const path = await stick()
  const journal = journalOf(20)
  const first = await opened(journal, path)
  await first.until(done)
  await first.replayer.close()
  const file = join(path, journal.chain.chainId, '000000000001-000000000020.ndjson')
  const good = await readFile(file)
  await chmod(file, 0o600)
  await writeFile(file, good.toString().replace('"outcome"', '"Outcome"'))
  const second = await opened(journal, path)
  await second.until(done)
  expect(await readFile(file)).toEqual(good)
})

test('W-10: another journal of the same chain on the disk is a fork', async () => {
  const path = await stick()
  const journal = journalOf(20)
  const clone = journal.clone((seq) => `{"clone":${seq}}`)
  journal.append(5)
  clone.append(5)
  const first = await opened(journal, path)
  await first.until(done)
  const second = await opened(clone, path)
  expect((await second.until(({ state }) => state === 'forked')).last_error?.code).toBe('fork')
})
