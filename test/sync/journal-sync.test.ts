import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { decodeBatch } from '../../sync/protocol/envelope.ts'
import { verifyExport } from '../../verify/journal/export.ts'
import { heavy } from '../tags.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig } from './rig.ts'
import { cloud, done, journalHashes, openRig, storedHashes, syncTo } from './rig.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function rigOf(): Promise<Rig> {
  const rig = await openRig()
  closers.push(() => rig.close())
  return rig
}

test('a journal of days arrives complete, in order, hash for hash, and later sales follow', async () => {
  const rig = await rigOf()
  const journal = new MemoryJournal()
  journal.append(1234)
  const { token } = await rig.enrol(journal.chain.agentId)
  const sync = syncTo(journal, cloud(rig.receiver.url, token))
  await sync.sender.open()
  closers.push(() => sync.sender.close())
  await sync.until(done)
  journal.append(3)
  await sync.until(({ acked_seq: acked }) => acked === 1237)
  expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_error: null, warning: null })
})

test(
  'an event of a thousand equal lines, which shrinks to less than a hundredth, is not a bomb to the receiver',
  heavy(),
  async () => {
    const rig = await rigOf()
    const journal = new MemoryJournal({ bodyOf: () => JSON.stringify({ text: 'Pfand 0,25 '.repeat(70_000) }) })
    journal.append(3)
    const { token } = await rig.enrol(journal.chain.agentId)
    const sync = syncTo(journal, cloud(rig.receiver.url, token))
    await sync.sender.open()
    closers.push(() => sync.sender.close())
    await sync.until((status) => done(status) || status.state === 'stalled')
    expect(sync.sender.status()).toMatchObject({ state: 'current', unacked: 0, last_error: null })
    expect(await storedHashes(rig.store, journal.chain.chainId)).toEqual(journalHashes(journal))
  },
)

test('the export of the receiver verifies and ends at the head of the journal', async () => {
  const rig = await rigOf()
  const journal = new MemoryJournal()
  journal.append(450)
  const { token } = await rig.enrol(journal.chain.agentId)
  const sync = syncTo(journal, cloud(rig.receiver.url, token))
  await sync.sender.open()
  closers.push(() => sync.sender.close())
  await sync.until(done)
  const answer = await fetch(`${rig.receiver.url}/v1/chains/${journal.chain.chainId}/journal`, {
    headers: { authorization: `Bearer ${rig.office}` },
  })
  const text = Buffer.from(await answer.arrayBuffer())
  expect(await verifyExport(Readable.from([text]), journal.chain.publicKey)).toMatchObject({
    valid: true,
    firstSeq: 1,
    lastSeq: 450,
    head: Buffer.from(journal.head().hash).toString('base64url'),
    findings: [],
  })
  const batch = decodeBatch(text)
  expect(batch.head).toEqual(journal.head().hash)
  expect(batch.checkpoint).toEqual(journal.checkpoint(450, journal.head().hash))
})
