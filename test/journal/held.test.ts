// @module-tag heavy
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Journal } from '../../agent/journal/journal.ts'
import { JOURNAL_FILE, journalPath } from '../../agent/journal/journal-file.ts'
import type { JournalOptions } from '../../agent/journal/journal-options.ts'
import { ManualClock } from '../manual-clock.ts'
import { execFileSync, once } from '../waits.ts'
import { otherProgram, writingProgram } from './other-program.ts'
import { markEvent } from './some-event.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

const RETRY_MS = 25
const INTENT_LIMIT_MS = 3000

async function openHeld(changes: Partial<JournalOptions> = {}) {
  const directory = await temporaryDirectory()
  const clock = new ManualClock()
  const journal = await openJournal(directory, { clock, ...changes })
  await appendNote(journal, 'before')
  const program = await writingProgram(directory)
  return { directory, clock, journal, program }
}

function outcome(journal: Journal): Promise<number> {
  return journal.commit('outcome', (_view, seq) => ({ events: [markEvent('', {})], result: seq }))
}

/** The present state of a promise. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([promise.catch((error: unknown) => error), new Promise((at) => setImmediate(at, 'waits'))])
}

test('an intent waits for a held journal for 3 s at most and is refused with the process that holds it', async () => {
  const { clock, journal, program } = await openHeld()
  const intent = appendNote(journal, 'in between')
  intent.catch(() => undefined)
  await clock.advance(INTENT_LIMIT_MS - RETRY_MS)
  expect(await stateOf(intent)).toBe('waits')
  await clock.advance(2 * RETRY_MS)
  expect(await stateOf(intent)).toMatchObject({
    code: 'storage_unavailable',
    details: { reason: 'journal_held', pid: program.pid },
    fiscalEffect: 'none',
    retryable: true,
    message: expect.stringContaining(`process ${program.pid}`),
  })
  await program.says('ROLLBACK')
  await clock.advance(RETRY_MS)
  expect(await appendNote(journal, 'again')).toBe(3)
  await journal.close()
})

test('a shorter limit of the configuration holds for intents', async () => {
  const { clock, journal, program } = await openHeld({ heldLimitMs: 100 })
  const intent = appendNote(journal, 'in between')
  intent.catch(() => undefined)
  await clock.advance(100 + 2 * RETRY_MS)
  expect(await stateOf(intent)).toMatchObject({ details: { reason: 'journal_held' } })
  await program.says('ROLLBACK')
  await clock.advance(RETRY_MS)
  await journal.close()
})

test('an outcome waits as long as the journal is held and is then written once', async () => {
  const { clock, journal, program } = await openHeld()
  const written = outcome(journal)
  await clock.advance(600_000)
  expect(await stateOf(written)).toBe('waits')
  expect(journal.lock.holders).toEqual([{ pid: program.pid, use: 'write' }])
  await program.says('ROLLBACK')
  await clock.advance(RETRY_MS)
  expect(await written).toBe(3)
  expect(journal.lock.holders).toBeUndefined()
  expect(journal.headSeq).toBe(3)
  await journal.close()
})

test('a journal that is held for a moment is not reported', async () => {
  const { clock, journal, program } = await openHeld()
  const written = outcome(journal)
  await clock.advance(500)
  expect(journal.lock.holders).toBeUndefined()
  await program.says('COMMIT')
  await clock.advance(RETRY_MS)
  await written
  expect(journal.lock.holders).toBeUndefined()
  await journal.close()
})

test('a list of a held journal is refused, and the agent reads on once it is free', async () => {
  const { clock, journal, program } = await openHeld()
  expect(() => journal.view.operationRow('op_1')).toThrow(
    expect.objectContaining({ code: 'storage_unavailable', details: { reason: 'journal_held', pid: program.pid } }),
  )
  expect(journal.view.eventsOf('')).toEqual([])
  await program.says('ROLLBACK')
  await clock.advance(RETRY_MS)
  expect(journal.view.operationRow('op_1')).toBeUndefined()
  await journal.close()
})

test('a held journal vouches for itself while the event loop runs', async () => {
  const { clock, journal, program } = await openHeld()
  const first = journal.probeCommit()
  await clock.advance(RETRY_MS)
  expect(await stateOf(first)).toBeUndefined()
  for (let beat = 0; beat < 5; beat++) {
    await clock.advance(10_000)
    expect(await stateOf(journal.probeCommit())).toBeUndefined()
  }
  await program.says('ROLLBACK')
  await clock.advance(RETRY_MS)
  await journal.close()
})

test('a held journal that is closed leaves what it cannot write, and the next start continues', async () => {
  const { directory, clock, journal, program } = await openHeld()
  const late = outcome(journal)
  late.catch(() => undefined)
  const closed = journal.close()
  await clock.advance(10_000)
  await closed
  expect(await stateOf(late)).toMatchObject({ code: 'reconciling', fiscalEffect: 'unknown' })
  await program.says('ROLLBACK')
  const next = await openJournal(directory)
  expect(next.headSeq).toBe(2)
  await next.close()
})

test('a group that was due when the journal was closed is not begun', async () => {
  const directory = await temporaryDirectory()
  const before = await openJournal(directory)
  await before.close()
  const program = await writingProgram(directory)
  const clock = new ManualClock()
  const due: (() => void)[] = []
  const fatal: Error[] = []
  const journal = await openJournal(directory, {
    clock,
    defer: (run) => due.push(run),
    onFatal: (error) => fatal.push(error),
  })
  await program.says('ROLLBACK')
  const written = appendNote(journal, 'written by the retry of the start')
  await clock.advance(RETRY_MS)
  expect([await written, due.length]).toEqual([2, 1])
  await journal.close()
  for (const run of due) run()
  expect(fatal).toEqual([])
})

test('upkeep of a held journal is left until it is free', async () => {
  const { directory, clock, journal, program } = await openHeld()
  await program.says('ROLLBACK')
  for (let group = 0; group < 100; group++) await appendNote(journal, `note ${group}`)
  await program.says('BEGIN IMMEDIATE')
  await clock.advance(100)
  expect(journal.probeCommit()).toBeInstanceOf(Promise)
  await program.says('ROLLBACK')
  await clock.advance(RETRY_MS)
  expect(await appendNote(journal, 'later')).toBe(103)
  await journal.close()
  expect(statSync(journalPath(directory)).size).toBeGreaterThan(0)
})

test('a journal that is removed while it is held is saved at once', async () => {
  const { journal, program } = await openHeld({ onFatal: () => undefined })
  let saved = false
  await journal.standDown(new Error('taken away'), async () => {
    saved = true
  })
  // No time has passed on its clock, and the other program still holds it.
  expect(saved).toBe(true)
  await program.kill()
})

test('rows that another program wrote under its own lock stay, and the agent continues after them', async () => {
  const { directory, clock, journal, program } = await openHeld()
  const written = outcome(journal)
  await clock.advance(1000)
  await program.says("INSERT INTO meta VALUES ('left', 'there')", 'COMMIT')
  await clock.advance(RETRY_MS)
  await written
  await journal.close()
  const db = new Database(journalPath(directory), { readonly: true })
  expect(db.prepare("SELECT value FROM meta WHERE name = 'left'").pluck().get()).toBe('there')
  db.close()
})

test('a read while another process recovers the log is refused, is not damage, and works afterwards', async () => {
  const [directory, tools] = [await temporaryDirectory(), await temporaryDirectory()]
  const said: string[] = []
  const journal = await openJournal(directory, { onUnreadable: ({ message }) => said.push(message) })
  await appendNote(journal, 'before')
  const program = join(tools, 'recovering-process')
  execFileSync('cc', ['-o', program, join(import.meta.dirname, 'recovering-process.c')])
  const recovering = spawn(program, [join(directory, `${JOURNAL_FILE}-shm`)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(recovering, 'close')
  await once(recovering.stdout, 'data')
  const held = { code: 'storage_unavailable', details: { reason: 'journal_held' }, fiscalEffect: 'unknown' }
  expect(() => journal.view.event(1)).toThrow(expect.objectContaining(held))
  const waiting = outcome(journal)
  expect(await stateOf(waiting)).toBe('waits')
  recovering.stdin.end()
  await ended
  expect(await waiting).toBe(3)
  expect([journal.view.event(1)?.kind, said]).toEqual(['journal.opened', []])
  await journal.close()
})

test('a reader does not delay a commit', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const program = otherProgram(directory)
  await program.says('BEGIN', 'SELECT max(seq) FROM event')
  expect(await appendNote(journal, 'beside')).toBe(2)
  await program.kill()
  await journal.close()
})
