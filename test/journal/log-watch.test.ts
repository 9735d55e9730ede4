import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Journal } from '../../agent/journal/journal.ts'
import { JOURNAL_FILE } from '../../agent/journal/journal-file.ts'
import { LogWatch } from '../../agent/journal/log-watch.ts'
import { runTasksBy } from '../../base/child/run.ts'
import { openLog } from '../../base/log.ts'
import { ManualClock } from '../manual-clock.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { otherProgram } from './other-program.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

// A checkpoint beside this process.
runTasksBy()
const LOOK_MS = 5_000
const MINUTE_MS = 60_000

async function watched() {
  const directory = await temporaryDirectory()
  const clock = new ManualClock()
  const lines: string[] = []
  const log = openLog('info', { write: (line) => lines.push(line) })
  const journal = await openJournal(directory)
  const watch = new LogWatch({ directory, journal, clock, log })
  watch.start()
  const sizeOf = (name: string) => statSync(join(directory, name)).size
  return {
    ...{ directory, clock, journal, watch, said: () => lines.join('') },
    logBytes: () => sizeOf(`${JOURNAL_FILE}-wal`),
    databaseBytes: () => sizeOf(JOURNAL_FILE),
  }
}

/** Appends events of so many bytes. */
async function grow(journal: Journal, bytes: number): Promise<void> {
  const text = 'x'.repeat(60_000)
  for (let appended = 0; appended < bytes; appended += 20 * text.length)
    await Promise.all(Array.from({ length: 20 }, (_, index) => appendNote(journal, `${index} ${text}`)))
}

/** Looks until the child has done its work. */
async function lookUntil(clock: ManualClock, isDone: () => boolean): Promise<void> {
  for (let looks = 0; looks < 2000 && !isDone(); looks++) {
    await clock.advance(LOOK_MS)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(isDone()).toBe(true)
}

test('after a long reader has ended a separate process checkpoints the log, and no commit does', heavy(), async () => {
  const { directory, clock, journal, watch, logBytes, databaseBytes } = await watched()
  const reader = otherProgram(directory)
  await reader.says('BEGIN', 'SELECT max(seq) FROM event')
  await grow(journal, 20_000_000)
  await clock.advance(LOOK_MS)
  await reader.kill()
  const before = databaseBytes()
  for (let commits = 0; commits < 200; commits++) await appendNote(journal, 'sold')
  expect(databaseBytes()).toBe(before)
  await lookUntil(clock, () => logBytes() === 0)
  expect(databaseBytes()).toBeGreaterThan(before + 10_000_000)
  await clock.advance(LOOK_MS)
  const small = databaseBytes()
  await grow(journal, 9_000_000)
  expect(databaseBytes()).toBeGreaterThan(small)
  await watch.stop()
  await journal.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, projections: 'equal' })
})

test(
  'a program that reads for more than a minute while the log grows above 64 MB is reported with its process',
  heavy(),
  async () => {
    const { directory, clock, journal, watch, logBytes } = await watched()
    const reader = otherProgram(directory)
    await reader.says('BEGIN', 'SELECT max(seq) FROM event')
    await grow(journal, 65_000_000)
    await clock.advance(LOOK_MS)
    expect(watch.longReader).toBeUndefined()
    await clock.advance(MINUTE_MS)
    expect(watch.longReader).toMatchObject({ pids: [reader.pid] })
    await reader.says('COMMIT')
    await lookUntil(clock, () => logBytes() === 0)
    await clock.advance(LOOK_MS)
    expect(watch.longReader).toBeUndefined()
    await watch.stop()
    await journal.close()
    await reader.kill()
  },
)

test('a log that stays small is left to the agent itself', async () => {
  const { clock, journal, watch, said } = await watched()
  await appendNote(journal, 'sold')
  await clock.advance(MINUTE_MS)
  expect([watch.longReader, said()]).toEqual([undefined, ''])
  await watch.stop()
  await journal.close()
})
