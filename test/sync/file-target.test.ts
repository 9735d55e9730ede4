import { randomUUID } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ed25519Key, sameBytes, ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import { decodeBatch, verifyBatch } from '../../sync/protocol/envelope.ts'
import { fileTarget } from '../../sync/targets/file.ts'
import { describeTarget } from '../contracts/sync-target.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { RunningSync } from './rig.ts'
import { done, fastClock, syncTo } from './rig.ts'

async function stick(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'stick-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function opened(journal: MemoryJournal, path: string, factor = 2000): Promise<RunningSync> {
  const sync = syncTo(journal, fileTarget({ id: 'disk', path }), { clock: fastClock(factor) })
  onTestFinished(() => sync.sender.close())
  await sync.sender.open()
  return sync
}

/** A disk that has all of a journal, and continues to receive it. */
async function filled(events: number, factor?: number) {
  const [path, journal] = [await stick(), MemoryJournal.of(events)]
  const sync = await opened(journal, path, factor)
  await sync.until(done)
  const append = async (more: number): Promise<void> => {
    journal.append(more)
    const { seq } = journal.head()
    await sync.until(({ acked_seq: acked }) => acked === seq)
  }
  return { path, journal, sync, append }
}

describeTarget('a disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'target-'))
  const [path, away] = [join(folder, 'stick'), join(folder, 'away')]
  await mkdir(path)
  return {
    target: () => fileTarget({ id: 'disk', path }),
    held: (journal) => heldOn(path, journal),
    forget: async () => {
      await rm(path, { recursive: true })
      await mkdir(path)
    },
    takeAway: () => rename(path, away),
    putBack: () => rename(away, path),
    destroy: () => rm(folder, { recursive: true }),
  }
})

test('segments on a disk are signed journal exports, one after another, readable and not writable', async () => {
  const path = await stick()
  const journal = MemoryJournal.of(1500)
  const sync = await opened(journal, path)
  await sync.until(done)
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

test.each([
  ['an event', '"outcome"', '"Outcome"'],
  ['the name of its key', '"kid":"', '"kid":"x'],
])('a last segment that is damaged in %s counts for nothing and is written again', async (_, good, bad) => {
  const path = await stick()
  const journal = MemoryJournal.of(20)
  const first = await opened(journal, path)
  await first.until(done)
  await first.sender.close()
  const file = join(path, journal.chain.chainId, '000000000001-000000000020.ndjson')
  const whole = await readFile(file)
  await chmod(file, 0o600)
  await writeFile(file, whole.toString().replace(good, bad))
  const second = await opened(journal, path)
  await second.until(done)
  expect(await readFile(file)).toEqual(whole)
})

test('a segment that is cut while the agent runs is written again with the next one', async () => {
  const { path, journal, append } = await filled(20)
  await append(10)
  const file = join(path, journal.chain.chainId, '000000000021-000000000030.ndjson')
  await chmod(file, 0o600)
  await truncate(file, 400)
  await append(7)
  expect(await heldOn(path, journal)).toBe(37)
})

test('an idle target finds a damaged segment before the last, puts it aside, and gets the missing events', async () => {
  const { path, journal, sync } = await filled(2500, 40_000)
  const file = '000000001001-000000002000.ndjson'
  const directory = join(path, journal.chain.chainId)
  const good = await readFile(join(directory, file))
  await chmod(join(directory, file), 0o600)
  await writeFile(join(directory, file), good.toString().replace('"outcome"', '"Outcome"'))
  await expect.poll(() => readdir(directory)).toEqual(expect.arrayContaining([file, `${file}.damaged`]))
  await sync.until(done)
  expect(await readFile(join(directory, file))).toEqual(good)
  expect(await heldOn(path, journal)).toBe(2500)
  expect(sync.log.lines).toContainEqual(expect.objectContaining({ code: 'receiver_rewind' }))
})

test('events sent again over a damaged segment replace it, even if they are other events', async () => {
  const path = await stick()
  const journal = MemoryJournal.of(20)
  const first = await opened(journal, path)
  await first.until(done)
  await first.sender.close()
  const file = join(path, journal.chain.chainId, '000000000001-000000000020.ndjson')
  await chmod(file, 0o600)
  await truncate(file, 400)
  journal.append(10)
  await (await opened(journal, path)).until(done)
  expect((await readdir(join(path, journal.chain.chainId))).sort()).toEqual([
    '000000000001-000000000020.ndjson.damaged',
    '000000000001-000000000030.ndjson',
  ])
})

test('of two sticks that take turns each has all of it, whenever they are changed', async () => {
  const { path, journal, append } = await filled(300)
  const [yesterday, today] = [await stick(), await stick()]
  await cp(path, yesterday, { recursive: true })
  await append(100)
  await rename(path, join(today, 'taken home'))
  await rename(yesterday, path)
  await append(50)
  expect(await heldOn(path, journal)).toBe(450)
})

test('events that another key has signed are reported, and nothing is created if the chain has no folder yet', async () => {
  const path = await stick()
  const journal = MemoryJournal.of(20)
  const target = fileTarget({ id: 'disk', path })
  const { signal } = new AbortController()
  expect(await target.position(journal.chain, signal)).toMatchObject({ kind: 'position', headSeq: 0 })
  expect(await readdir(path)).toEqual([])
  await (await opened(journal, path)).until(done)
  const { publicKey } = MemoryJournal.of(1).chain
  expect(await target.position({ ...journal.chain, publicKey }, signal)).toMatchObject({
    ...{ headSeq: 0, otherKey: { seq: 20, head: Buffer.from(journal.head().hash) } },
  })
})

test.each([
  ['a newer', 3],
  ['the same', 2],
])(
  'a disk that has %s epoch of the agent from another copy gets nothing of this one, and reports that',
  async (_, epoch) => {
    const path = await stick()
    const agentId = randomUUID()
    const bodyOf = (seq: number): string => (seq === 1 ? JSON.stringify({ facts: { agent_id: agentId } }) : '{}')
    const journalIn = (of: number): MemoryJournal => {
      const journal = new MemoryJournal({ facts: { agentId, epoch: of }, bodyOf })
      journal.append(5)
      return journal
    }
    const other = journalIn(epoch)
    await (await opened(other, path)).until(done)
    const sync = await opened(journalIn(2), path)
    const { state, last_error: told } = await sync.until(({ last_error }) => last_error !== null)
    expect({ state, told }).toMatchObject({
      state: 'stalled',
      told: { code: 'stale_epoch', message: expect.stringContaining(`The agent is in epoch ${epoch}. Not proven`) },
    })
    expect(await readdir(path)).toEqual([other.chain.chainId])
    await (await opened(journalIn(4), path)).until(done)
  },
)

/** Events up to the first segment that does not follow on the one before it. */
async function heldOn(path: string, { chain }: MemoryJournal): Promise<number> {
  const key = ed25519Key(Buffer.from(chain.publicKey, 'base64url'))
  let [held, head] = [0, ZERO_HASH]
  const names = await readdir(join(path, chain.chainId))
  for (const file of names.filter((name) => name.endsWith('.ndjson')).sort()) {
    const batch = decodeBatch(await readFile(join(path, chain.chainId, file)))
    verifyBatch(batch, key)
    if (!sameBytes(batch.prev, head)) break
    held = batch.last
    head = Buffer.from(batch.head)
  }
  return held
}
