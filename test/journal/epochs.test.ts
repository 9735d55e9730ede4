import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { uuidBytes } from '../../agent/journal/chain.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { sourceOf, syncedAt } from '../../agent/journal/cursors.ts'
import type { Renewal } from '../../agent/journal/event-facts.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { sealJournal } from '../../agent/journal/seal.ts'
import { verifyChains } from '../../agent/journal/verify/chains.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { verifyJournal } from '../verified-journal.ts'
import { markEvent } from './some-event.ts'
import {
  appendNote,
  appendNotes,
  openJournal,
  signer,
  stoppedClock,
  temporaryDirectory,
  writing,
} from './temporary-journal.ts'

const otherSigner = checkpointSigner(generateKeyPairSync('ed25519').privateKey)

test('a new epoch is a separate chain that names the end of the one before it, and the journal counts on', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 30)
  const first = { chain: journal.chain, head: Buffer.from(journal.headHash).toString('base64url') }
  await journal.beginEpoch({ reason: 'operator' })
  expect(await appendNote(journal, 'after')).toBe(33)
  const { chain, hashAt, head, read } = sourceOf(journal, signer)
  expect(chain).toMatchObject({ agentId: 'agent-1', epoch: 2, publicKey: signer.publicKey })
  expect(chain.genesis).toMatchObject({
    previous_chain_id: first.chain,
    last_known_seq: 31,
    last_known_head: first.head,
    reason: 'operator',
  })
  expect(chain.chainId).not.toBe(first.chain)
  expect(head().seq).toBe(2)
  expect(hashAt(0)).toBeUndefined()
  expect(read(0, 10, 1_000_000).map(({ seq, kind }) => [seq, kind])).toEqual([
    [1, 'journal.opened'],
    [2, 'device.serviced'],
  ])
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, chain: chain.chainId, epoch: 2, events: 33 })
  await journal.close()
  const again = await openJournal(directory)
  expect([again.chain, again.headSeq]).toEqual([chain.chainId, 33])
  await appendNote(again, 'and on')
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, events: 34 })
  await again.close()
})

test.each([
  ['another head at an event that both have', 5, 'other', 'own', []],
  ['a head beyond the end', 40, 'other', 'own', []],
  ['no head', 0, 'other', 'none', ['epoch_unproven']],
  ['the head that the journal has', 11, 'same', 'own', ['epoch_unproven']],
  ['a head that another key has signed', 40, 'other', 'foreign', ['epoch_unproven']],
] as const)(
  "an epoch that began because of a target's events is judged by its proof: %s",
  async (_what, seq, which, by, codes) => {
    const directory = await temporaryDirectory()
    const journal = await openJournal(directory)
    await appendNotes(journal, 10)
    const head = which === 'same' ? Buffer.from(journal.headHash) : Buffer.alloc(32, 7)
    const { kid, sig } = (by === 'foreign' ? otherSigner : signer).sign(uuidBytes(journal.chain), 1, seq, head)
    const cp = { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
    const proof = { target: 'cloud', seq, head: head.toString('base64url'), cp }
    await journal.beginEpoch({ reason: 'fork', target: 'cloud', ...(by !== 'none' && { proof }) } as Renewal)
    await journal.close()
    const report = await verifyJournal(directory)
    expect([report.valid, report.codes.map(({ code }) => code)]).toEqual([codes.length === 0, codes])
  },
)

test('an epoch that a person began after an unsigned head is a note whatever its facts are', async () => {
  for (const signed_to of [null, 'text', { toString: 7 }]) {
    const directory = await temporaryDirectory()
    const journal = await openJournal(directory)
    await appendNotes(journal, 3)
    await journal.beginEpoch({ reason: 'unsigned_head', signed_to } as unknown as Renewal)
    await journal.close()
    const { valid, notes } = await verifyJournal(directory)
    expect([valid, notes.map(({ seq, code }) => `${code} ${seq}`)]).toEqual([true, ['head_unsigned 1']])
  }
})

test('a taken epoch is passed over', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.beginEpoch({ reason: 'rollback' } as Renewal, 7)
  expect(sourceOf(journal, signer).chain.epoch).toBe(8)
  await journal.close()
})

test('an export over two epochs verifies, and neither chain can be left out, put in or cut', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 5)
  await journal.beginEpoch({ reason: 'restore' } as Renewal)
  await appendNotes(journal, 5)
  const file = join(directory, 'export.ndjson')
  await exportJournal({ directory, file, range: { first: 1, last: 12 }, signer })
  const lines = (await readFile(file, 'utf8')).split(/(?<=\n)/)
  const verdict = async (parts: readonly string[]) =>
    await verifyChains(Readable.from([Buffer.from(parts.join(''))]), { laws: LAW_BOOKS })
  expect(await verdict(lines)).toMatchObject({ valid: true, epoch: 2, events: 12, findings: [] })
  const [one, two] = [lines.slice(0, 8), lines.slice(8)]
  expect(await verdict(one)).toMatchObject({ valid: true, epoch: 1, events: 6 })
  expect(await verdict([...two, ...one])).toMatchObject({ valid: false, findings: [{ rule: 'surplus' }] })
  expect(await verdict([...one, ...one])).toMatchObject({ valid: false, findings: [{ rule: 'surplus' }] })
  await journal.close()
  const stranger = await openJournal(await temporaryDirectory())
  await stranger.beginEpoch({})
  const foreign = join(directory, 'foreign.ndjson')
  await stranger.close()
  await exportJournal({ directory, file: foreign, range: { first: 7, last: 12 }, signer })
  expect(await verdict([...one, ...(await readFile(foreign, 'utf8')).split(/(?<=\n)/)])).toMatchObject({ valid: true })
})

test('a restored journal continues under another key, and only as a new epoch', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 3)
  await journal.close()
  await expect(openJournal(directory, { signer: otherSigner })).rejects.toMatchObject({ code: 'journal_key_wrong' })
  const renewed = await openJournal(directory, { signer: otherSigner, renewal: { reason: 'restore' } as Renewal })
  expect(sourceOf(renewed, otherSigner).chain).toMatchObject({ epoch: 2, publicKey: otherSigner.publicKey })
  await renewed.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, events: 5, checkpoints: 2 })
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_key_wrong' })
})

test('a chain that was moved to another place is found', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 3)
  await journal.beginEpoch({ reason: 'rollback' } as Renewal)
  await journal.close()
  const db = new Database(journalPath(directory))
  db.exec('DELETE FROM chain_start WHERE seq = 5')
  db.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: false, firstBadSeq: 5 })
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged' })
})

test('the months of an ended chain are sealed too, by the present key', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-03-10T12:00:00Z')
  const journal = await openJournal(directory, { clock })
  await appendNotes(journal, 3)
  await journal.close()
  const renewed = await openJournal(directory, {
    clock,
    signer: otherSigner,
    renewal: { reason: 'restore' } as Renewal,
  })
  await appendNotes(renewed, 3)
  clock.moveTo('2026-04-02T12:00:00Z')
  const seals = await sealJournal({
    directory,
    journal: renewed,
    write: writing(otherSigner),
    clock,
    fault: () => undefined,
  })
  expect(seals.map(({ first, last }) => [first, last])).toEqual([
    [1, 4],
    [1, 4],
  ])
  expect(
    await sealJournal({ directory, journal: renewed, write: writing(otherSigner), clock, fault: () => undefined }),
  ).toEqual([])
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, seals: 2 })
  await renewed.close()
})

test('an operation of an ended chain is synced when that chain was', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const note = (op: string) => journal.commit('intent', () => ({ events: [markEvent(op, {})], result: undefined }))
  await note('op_1')
  await note('op_2')
  const old = journal.chain
  await journal.beginEpoch({ reason: 'rollback' } as Renewal)
  await note('op_3')
  await journal.write((db) => {
    db.prepare('INSERT INTO sync_acknowledgement VALUES (?, ?, ?, ?)').run('cloud', old, 2, 'early')
    db.prepare('INSERT INTO sync_acknowledgement VALUES (?, ?, ?, ?)').run('cloud', journal.chain, 2, 'late')
  })
  const at = syncedAt(journal, ['cloud'])
  expect([at('op_1'), at('op_2'), at('op_3')]).toEqual(['early', undefined, 'late'])
  await journal.close()
})
