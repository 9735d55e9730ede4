import { createHash, generateKeyPairSync } from 'node:crypto'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { FiskalError } from '../../agent/errors.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { JournalDamagedError } from '../../agent/journal/damage.ts'
import type { EventBody } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { MIGRATIONS } from '../../agent/journal/migrations.ts'
import { ProjectionConflict } from '../../agent/journal/projections/conflict.ts'
import { PROJECTION_TABLES } from '../../agent/journal/projections/tables.ts'
import { rfc3339, systemClock } from '../../base/clock.ts'
import { insiderAt } from '../edited-states.ts'
import { markEvent, textEvent } from './some-event.ts'
import { appendNote, appendNotes, inOneTurn, openJournal, temporaryDirectory } from './temporary-journal.ts'

function sha256(text: string) {
  return createHash('sha256').update(text).digest('hex')
}

test('the running connection syncs each commit, keeps to a small cache, and needs no room in /var/tmp', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const pragma = (name: string) => journal.read((db) => db.pragma(name, { simple: true }))
  expect(pragma('synchronous')).toBe(2)
  expect(pragma('journal_mode')).toBe('wal')
  expect(pragma('wal_autocheckpoint')).toBe(1000)
  expect(pragma('cache_size')).toBe(-2000)
  expect(pragma('temp_store')).toBe(2)
  await journal.close()
})

test('events cannot be changed, removed, replaced or skipped, not even by SQL', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNote(journal, 'one')
  await journal.close()
  const db = new Database(journalPath(directory))
  const row = `'k', '', 'a', 'b', 'm', '{}', zeroblob(32)`
  expect(() => db.exec("UPDATE event SET body = '{}' WHERE seq = 2")).toThrow('append-only')
  expect(() => db.exec('DELETE FROM event WHERE seq = 2')).toThrow('append-only')
  expect(() => db.exec(`INSERT OR REPLACE INTO event VALUES (2, ${row})`)).toThrow('head + 1')
  expect(() => db.exec(`INSERT INTO event VALUES (4, ${row})`)).toThrow('head + 1')
  expect(() => db.exec(`INSERT INTO event VALUES (0, ${row})`)).toThrow('head + 1')
  db.close()
})

test('a missing event is found at start, with its seq', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 5)
  await journal.close()
  insiderAt(directory).removeEvent(4)
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged', seq: 4 })
})

test('events cut off the end are found at start by the checkpoint that was signed after them', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 5)
  await journal.close()
  insiderAt(directory).cut(4)
  const opened = openJournal(directory)
  await expect(opened).rejects.toBeInstanceOf(JournalDamagedError)
  await expect(opened).rejects.toMatchObject({ seq: 4 })
})

test('the text of a migration never changes once it was shipped', () => {
  expect(MIGRATIONS.map(({ up }) => sha256(up))).toEqual([
    'c312071a1d71897c49ee6c2aa2a5c17bfe68ff9082e86d4c5e57fbd1f3d1d75b',
  ])
})

test('a change of the projection tables changes their version too', () => {
  const toDo = 'raise PROJECTION_VERSION in migrations.ts, then put the new hash here'
  expect(sha256(Object.values(PROJECTION_TABLES).join('')), toDo).toBe(
    '004acaecf5e67ad6ca3b62f2b5a2667ba6285bf87df8c61ffe70d5ef0b045425',
  )
})

test('appends of one turn share one transaction, outcomes before intents, at most 64 at a time', async () => {
  let commits = 0
  const journal = await openJournal(await temporaryDirectory(), {
    clock: inOneTurn,
    fault: (point) => {
      if (point === 'journal.after-commit') commits++
    },
  })
  commits = 0
  const order: string[] = []
  const append = (priority: 'intent' | 'outcome') =>
    journal.commit(priority, () => {
      order.push(priority)
      return { events: [markEvent('', {})], result: undefined }
    })
  const heads: number[] = []
  journal.onAppend((seq) => heads.push(seq))
  await Promise.all([
    ...Array.from({ length: 40 }, () => append('intent')),
    ...Array.from({ length: 20 }, () => append('outcome')),
  ])
  expect(order).toEqual([...Array(20).fill('outcome'), ...Array(40).fill('intent')])
  expect(commits).toBe(1)
  expect(heads).toEqual([61])
  await Promise.all(Array.from({ length: 130 }, () => append('intent')))
  expect(commits).toBe(4)
  await journal.close()
})

test('a group takes no longer to decide than a turn of the event loop may last, or than its sync takes', async () => {
  let elapsedNs = 0n
  let fsyncNs = 10_000n
  const groups: number[] = []
  const journal = await openJournal(await temporaryDirectory(), {
    clock: { ...systemClock, mono: () => elapsedNs },
    fault: (point) => {
      if (point === 'journal.after-commit') elapsedNs += fsyncNs
    },
    onCommit: (_seconds, commands) => groups.push(commands),
  })
  const append = () =>
    journal.commit('intent', () => {
      elapsedNs += 750_000n
      return { events: [markEvent('', {})], result: undefined }
    })
  const appendTen = async (): Promise<number[]> => {
    groups.length = 0
    await Promise.all(Array.from({ length: 10 }, append))
    return groups
  }
  expect(await appendTen()).toEqual([3, 3, 3, 1])
  fsyncNs = 3_500_000n
  expect(await appendTen()).toEqual([3, 5, 2])
  await journal.close()
})

test('a refusal of decide appends nothing, and its neighbours in the group are stored', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const refused = journal.commit('intent', () => {
    throw new RangeError('no')
  })
  const unwritable = journal.commit('intent', () => ({
    events: [markEvent('', { set: { value: Number.NaN } })],
    result: undefined,
  }))
  const stands = appendNote(journal, 'stands')
  await expect(refused).rejects.toThrow('no')
  await expect(unwritable).rejects.toThrow('not a JSON number')
  expect(await stands).toBe(2)
  expect(journal.headSeq).toBe(2)
  await journal.close()
})

test('an event that the projections cannot hold refuses its own request alone', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory, { clock: inOneTurn })
  const claim = { id: Buffer.alloc(32, 1).toString('base64url'), print: Buffer.alloc(32, 2).toString('base64url') }
  const first = appendNote(journal, 'first', { claim })
  const twice = journal.commit('intent', () => ({
    events: [textEvent('goes with the next'), markEvent('', { claim })],
    result: undefined,
  }))
  const alone = appendNote(journal, 'alone', { claim })
  const session = { id: 'ses_1', register: 'reg_1', cash: 100 }
  const unfit: EventBody[] = [
    { session },
    { receipt: { register: 'reg_1', number: 1 } },
    { index: { kind: 'sale', merchant: 'm_1' } },
    { transaction: { device: 'tse-1', number: 1.5, state: 'open' } },
    // That answer could not be replayed.
    { answer: { status: 201 } },
  ]
  const others = unfit.map((body) => appendNote(journal, 'of nothing', body))
  const after = appendNote(journal, 'after')
  await Promise.all([
    expect(first).resolves.toBe(2),
    expect(alone).rejects.toThrow('the key is claimed'),
    ...others.map((other) => expect(other).rejects.toBeInstanceOf(ProjectionConflict)),
    expect(twice).rejects.toThrow('the key is claimed'),
    expect(after).resolves.toBe(3),
  ])
  await journal.close()
  const again = await openJournal(directory)
  expect(again.headSeq).toBe(3)
  await again.close()
})

test('on a full disk new work is refused and outcomes are written', async () => {
  let refusal: FiskalError | undefined
  const journal = await openJournal(await temporaryDirectory(), { refusal: () => refusal })
  refusal = new FiskalError('storage_unavailable', 'The disk is almost full.')
  await expect(appendNote(journal, 'intent')).rejects.toMatchObject({
    code: 'storage_unavailable',
    fiscalEffect: 'none',
  })
  const outcome = { events: [markEvent('', {})], result: 'written' }
  expect(await journal.commit('outcome', () => outcome)).toBe('written')
  refusal = undefined
  expect(await appendNote(journal, 'back')).toBe(3)
  await journal.close()
})

test('a closed journal refuses, and its head is signed', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 1100)
  await appendNotes(journal, 10)
  const last = appendNote(journal, 'last')
  const closed = journal.close()
  expect(await last).toBe(1112)
  await closed
  await expect(appendNote(journal, 'late')).rejects.toMatchObject({ code: 'shutting_down' })
  expect(() => journal.read(() => 0)).toThrow(expect.objectContaining({ code: 'shutting_down' }))
  expect(() => journal.view.keys()).toThrow(expect.objectContaining({ code: 'shutting_down' }))
  const db = new Database(journalPath(directory), { readonly: true })
  expect(db.prepare('SELECT seq FROM checkpoint').pluck().all()).toEqual([1101, 1112])
  db.close()
})

test('a journal is not continued with another signing key than its first event announced', async () => {
  const directory = await temporaryDirectory()
  await (await openJournal(directory)).close()
  const stranger = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  await expect(openJournal(directory, { signer: stranger })).rejects.toMatchObject({ code: 'journal_key_wrong' })
})

test('a clock that was set back marks the times, while the journal was closed and while it is open', async () => {
  const directory = await temporaryDirectory()
  let nowMs = Date.parse('2026-11-20T20:00:00Z')
  const clock = { ...systemClock, now: () => nowMs }
  const first = await openJournal(directory, { clock })
  const seq = await appendNote(first, 'sold')
  expect(first.clockWatch).toMatchObject({ newestMs: nowMs, vouchedAt: 0 })
  await first.close()
  const soldMs = nowMs
  nowMs -= 3_600_000
  const second = await openJournal(directory, { clock })
  expect(rfc3339(second.clockWatch.newestMs ?? 0)).toBe(rfc3339(soldMs))
  expect(second.view.bodyAt(await appendNote(second, 'sold an hour before'))).toMatchObject({ clock: 'suspect' })
  nowMs = soldMs + 1000
  const last = await appendNote(second, 'sold then')
  for (const right of [seq, last]) expect(second.view.bodyAt(right)).not.toHaveProperty('clock')
  nowMs -= 60_001
  expect(second.view.bodyAt(await appendNote(second, 'a minute back'))).toMatchObject({ clock: 'suspect' })
  nowMs += 1
  expect(second.view.bodyAt(await appendNote(second, 'within a minute'))).not.toHaveProperty('clock')
  await second.close()
})

test('a start within a minute of the last one does not carry the times further back each time', async () => {
  const directory = await temporaryDirectory()
  let nowMs = Date.parse('2026-11-20T20:00:00Z')
  const clock = { ...systemClock, now: () => nowMs }
  const marks: (string | undefined)[] = []
  for (let starts = 0; starts < 3; starts++) {
    const journal = await openJournal(directory, { clock })
    marks.push(journal.view.bodyAt(await appendNote(journal, 'sold')).clock)
    await journal.close()
    nowMs -= 50_000
  }
  expect(marks).toEqual([undefined, undefined, 'suspect'])
})

test('after a vouching the earlier times set no limit, after a restart too; 1970 is never vouched for', async () => {
  const directory = await temporaryDirectory()
  let nowMs = Date.parse('2027-11-20T20:00:00Z')
  const clock = { ...systemClock, now: () => nowMs }
  const first = await openJournal(directory, { clock })
  await appendNote(first, 'sold a year ahead')
  const facts = { from: '2027-11-20T20:00:00.000Z', to: '2026-11-20T20:00:00.000Z', by: 'ntp' }
  const vouch = (journal: Journal, op: string, kind: 'clock.confirmed' | 'duty.confirmed'): Promise<number> =>
    journal.commit('outcome', (_view, seq) => ({
      events: [{ kind, op, body: { clock: 'right', facts } }],
      result: seq,
    }))
  nowMs = Date.parse('1970-01-01T00:00:10Z')
  const refused = await vouch(first, 'clock', 'clock.confirmed')
  expect(first.view.bodyAt(refused)).toEqual({ clock: 'suspect', facts })
  nowMs = Date.parse('2026-11-20T20:00:00Z')
  expect(first.view.bodyAt(await appendNote(first, 'right'))).toMatchObject({ clock: 'suspect' })
  const vouched = await vouch(first, 'clock', 'clock.confirmed')
  expect(first.clockWatch).toMatchObject({ newestMs: nowMs, vouchedAt: vouched })
  await first.close()
  const second = await openJournal(directory, { clock })
  expect(second.clockWatch).toMatchObject({ newestMs: nowMs, vouchedAt: vouched })
  const confirmed = await vouch(second, 'confirmation_clock-20271120', 'duty.confirmed')
  await second.close()
  const third = await openJournal(directory, { clock })
  expect(third.clockWatch.vouchedAt).toBe(confirmed)
  await third.close()
})
