// @module-tag heavy
import { generateKeyPairSync } from 'node:crypto'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import type { JournalOptions } from '../../agent/journal/journal-options.ts'
import { ManualClock } from '../manual-clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { appendNote, appendNotes, openJournal, stoppedClock, temporaryDirectory } from './temporary-journal.ts'

const UNSIGNED = { code: 'journal_unsigned' }

function checkpoints(journal: Journal): number[] {
  return journal.read((db) => db.prepare<[], number>('SELECT seq FROM checkpoint ORDER BY seq').pluck().all())
}

/** The kernel closes the open files of a killed process. */
function kill(journal: Journal): void {
  journal.read((db) => db.close())
}

function tamper(directory: string, statements: string): void {
  const db = new Database(journalPath(directory))
  db.exec(statements)
  db.close()
}

/** A journal whose groups are reported, each once. */
async function toldJournal(directory: string, changes: Partial<JournalOptions> = {}) {
  let tell: () => void = () => undefined
  const journal = await openJournal(directory, { ...changes, onCommit: () => tell() })
  const nextGroup = (): Promise<void> =>
    new Promise((resolve) => {
      tell = resolve
    })
  return { journal, nextGroup }
}

async function boots(directory: string, count: number, changes: Partial<JournalOptions> = {}): Promise<void> {
  for (let boot = 0; boot < count; boot++) {
    const journal = await openJournal(directory, changes)
    await appendNotes(journal, 3)
    kill(journal)
  }
}

test('a start signs the head that it finds, before anything follows it', async () => {
  const directory = await temporaryDirectory()
  const killed = await openJournal(directory)
  await appendNotes(killed, 6)
  expect(checkpoints(killed)).toEqual([])
  kill(killed)
  const journal = await openJournal(directory)
  expect(checkpoints(journal)).toEqual([7])
  await appendNote(journal, 'next')
  await journal.close()
  const again = await openJournal(directory)
  expect(checkpoints(again)).toEqual([7, 8])
  await again.close()
})

test('the newest event is signed in the pause after a group, at most every ten seconds, by one row', async () => {
  const directory = await temporaryDirectory()
  const clock = new ManualClock()
  const { journal, nextGroup } = await toldJournal(directory, { clock })
  await appendNote(journal, 'first')
  await clock.advance(9_900)
  expect(checkpoints(journal)).toEqual([])
  let signed = nextGroup()
  await clock.advance(200)
  await signed
  expect(checkpoints(journal)).toEqual([2])
  await appendNote(journal, 'second')
  await clock.advance(9_500)
  expect(checkpoints(journal)).toEqual([2])
  signed = nextGroup()
  await clock.advance(700)
  await signed
  expect(checkpoints(journal)).toEqual([3])
  await clock.advance(60_000)
  expect(checkpoints(journal)).toEqual([3])
  kill(journal)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, checkpoints: 1, codes: [] })
})

test('a journal without a pause signs within a group once a minute, and every thousand events permanently', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-03-02T08:00:00.000Z')
  const journal = await openJournal(directory, { clock })
  await appendNote(journal, 'first')
  clock.moveTo('2026-03-02T08:00:59.000Z')
  await appendNote(journal, 'second')
  expect(checkpoints(journal)).toEqual([])
  clock.moveTo('2026-03-02T08:01:00.000Z')
  await appendNote(journal, 'third')
  expect(checkpoints(journal)).toEqual([4])
  clock.moveTo('2026-03-02T09:00:00.000Z')
  await appendNote(journal, 'an hour later, alone')
  expect(checkpoints(journal)).toEqual([4])
  await appendNotes(journal, 995)
  expect(checkpoints(journal)).toEqual([1000])
  clock.moveTo('2026-03-02T09:01:01.000Z')
  await appendNotes(journal, 10)
  clock.moveTo('2026-03-02T09:03:00.000Z')
  await appendNotes(journal, 10)
  expect(checkpoints(journal)).toEqual([1000, 1020])
  kill(journal)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, codes: [] })
})

test('a kill never leaves an unsigned head: a first run without a checkpoint, many kills, 999 events', async () => {
  const directory = await temporaryDirectory()
  const first = await openJournal(directory)
  await appendNotes(first, 998)
  kill(first)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, checkpoints: 0, codes: [] })
  await boots(directory, 3)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, codes: [] })
})

test.each([
  ['of two boots', async (directory: string) => boots(directory, 2)],
  [
    'of more than 1,000 events',
    async (directory: string) => {
      const journal = await openJournal(directory)
      await appendNotes(journal, 1500)
      kill(journal)
    },
  ],
  [
    'of more than two minutes',
    async (directory: string) => {
      const clock = stoppedClock('2026-03-02T08:00:00.000Z')
      const journal = await openJournal(directory, { clock })
      await appendNotes(journal, 2)
      clock.moveTo('2026-03-02T08:02:01.000Z')
      await appendNotes(journal, 2)
      kill(journal)
    },
  ],
])('a tail %s without a checkpoint is a finding, and the start refuses it', async (_what, write) => {
  const directory = await temporaryDirectory()
  await write(directory)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true })
  tamper(directory, 'DELETE FROM checkpoint')
  const report = await verifyJournal(directory)
  expect(report).toMatchObject({ valid: false, codes: [{ code: 'head_unsigned', level: 'error', seq: 1 }] })
  await expect(openJournal(directory)).rejects.toMatchObject(UNSIGNED)
  await expect(openJournal(directory)).rejects.toMatchObject(UNSIGNED)
})

test('a checkpoint that does not verify, and one of another key, refuse the start', async () => {
  const wrong = await temporaryDirectory()
  await boots(wrong, 2)
  tamper(wrong, 'UPDATE checkpoint SET sig = zeroblob(64)')
  expect(await verifyJournal(wrong)).toMatchObject({ valid: false, codes: [{ code: 'head_unsigned', level: 'error' }] })
  await expect(openJournal(wrong)).rejects.toMatchObject(UNSIGNED)

  const foreign = await temporaryDirectory()
  const own = await openJournal(foreign)
  await appendNotes(own, 3)
  const { headSeq, headHash, chain } = own
  await own.close()
  const stranger = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  const { kid, sig } = stranger.sign(Buffer.from(chain.replaceAll('-', ''), 'hex'), 1, headSeq, headHash)
  const hex = sig.toString('hex')
  tamper(foreign, `UPDATE checkpoint SET kid = '${kid}', sig = x'${hex}'`)
  await expect(openJournal(foreign)).rejects.toMatchObject(UNSIGNED)
})

test('an epoch after a head which its key cannot sign is signed with its first event', async () => {
  const directory = await temporaryDirectory()
  const lost = await openJournal(directory)
  await appendNotes(lost, 3)
  kill(lost)
  const other = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  const renewed = await openJournal(directory, { signer: other, renewal: { reason: 'checkpoint_key_lost' } })
  expect(checkpoints(renewed)).toEqual([5])
  kill(renewed)
  const next = await openJournal(directory, { signer: other })
  await next.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, codes: [], epoch: 2 })
})

test('projections of another version are a finding of the verification; a start makes them again', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 3)
  await journal.close()
  tamper(directory, "UPDATE meta SET value = '0' WHERE name = 'projection_version'")
  expect(await verifyJournal(directory)).toMatchObject({
    valid: false,
    projections: 'not_checked',
    codes: [{ code: 'projections_not_checked', level: 'error', seq: 0 }],
  })
  const started = await openJournal(directory)
  await started.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, projections: 'equal', codes: [] })
})
