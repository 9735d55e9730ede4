import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkJournal } from '../../agent/cli/checks/journal.ts'
import { announceVersion } from '../../agent/journal/announced-version.ts'
import { Custody } from '../../agent/journal/custody.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { JournalOptions } from '../../agent/journal/journal-options.ts'
import { SCHEMA } from '../../agent/journal/migrations.ts'
import { firstEvents, openReadOnly } from '../../agent/journal/reader.ts'
import { ManualClock } from '../manual-clock.ts'
import { CALLS, FaultyDisk } from '../simulation/faulty-disk.ts'
import { verifyJournal } from '../verified-journal.ts'
import { appendNote, appendNotes, openJournal, temporaryDirectory } from './temporary-journal.ts'

const LOOK_MS = 1000

type Guarded = {
  directory: string
  journal: Journal
  custody: Custody
  clock: ManualClock
  ended: Promise<Error>
  told: string[]
}

/** A journal with events, whose files are watched. */
async function guarded(
  prepare: (directory: string) => void = () => undefined,
  changes: Partial<JournalOptions> = {},
): Promise<Guarded> {
  const directory = await temporaryDirectory()
  prepare(directory)
  const clock = new ManualClock()
  const told: string[] = []
  const note = (_fields: object, message: string): void => void told.push(message)
  const log = { info: note, warn: note, error: note }
  let onFatal: (error: Error) => void = () => undefined
  const ended = new Promise<Error>((resolve) => {
    onFatal = resolve
  })
  const journal = await openJournal(directory, { onFatal, ...changes })
  const custody = new Custody({ directory, journal, clock, log })
  custody.start()
  await appendNote(journal, 'before')
  return { directory, journal, custody, clock, ended, told }
}

function path({ directory }: Guarded): string {
  return join(directory, 'journal.db')
}

async function eventsOf(directory: string): Promise<number> {
  const report = await verifyJournal(directory)
  expect(report).toMatchObject({ valid: true })
  return report.events
}

test.each([
  ['the journal', ['']],
  ['its log', ['-wal']],
  ['all of it', ['', '-wal', '-shm']],
])(
  'deleted while it is written: %s is put back with all that was answered, and the agent ends',
  async (_name, suffixes) => {
    const shop = await guarded()
    for (const suffix of suffixes) await rm(path(shop) + suffix)
    await appendNote(shop.journal, 'answered after it was deleted')
    await shop.clock.advance(LOOK_MS)
    expect(await shop.ended).toMatchObject({ code: 'journal_removed' })
    await expect(appendNote(shop.journal, 'too late')).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await eventsOf(shop.directory)).toBe(3)
    await shop.custody.stop()
  },
)

test('a commit that a reader kept in the log is saved with it', async () => {
  const shop = await guarded()
  const reader = openReadOnly(shop.directory)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM event').get()
  await appendNote(shop.journal, 'in the log, and held there')
  for (const suffix of ['', '-wal', '-shm']) await rm(path(shop) + suffix)
  await shop.clock.advance(LOOK_MS)
  await shop.ended
  expect(await readdir(shop.directory)).toContain('journal.db-wal')
  reader.close()
  expect(await eventsOf(shop.directory)).toBe(3)
  await shop.custody.stop()
})

test('deleted to make space on a full disk: the events in the log are saved with it', async () => {
  const disk = FaultyDisk.load()
  const shop = await guarded((directory) => disk.watch(directory))
  await rm(path(shop))
  disk.arm({ calls: CALLS.write, write: 'full', at: 1, on: true })
  await shop.clock.advance(LOOK_MS)
  expect(await shop.ended).toMatchObject({ code: 'journal_removed' })
  expect(disk.hits).toBeGreaterThan(0)
  disk.heal()
  expect(await eventsOf(shop.directory)).toBe(2)
  await shop.custody.stop()
})

test('an older copy that replaces it is kept aside and not sold from', async () => {
  const shop = await guarded()
  const older = join(shop.directory, 'older')
  await copyFile(path(shop), older)
  await appendNote(shop.journal, 'newer')
  await rename(older, path(shop))
  await shop.clock.advance(LOOK_MS)
  await shop.ended
  expect(await eventsOf(shop.directory)).toBe(3)
  expect(await readdir(shop.directory)).toContain('journal.db.found-1')
  await shop.custody.stop()
})

test("a journal that another agent took over is not written again, and the other agent's files stay", async () => {
  let isSole = true
  const lost = { isSole: () => isSole }
  const shops = [await guarded(undefined, lost), await guarded(undefined, lost)] as const
  isSole = false
  await expect(appendNote(shops[0].journal, 'too late')).rejects.toMatchObject({ code: 'storage_unavailable' })
  const log = `${path(shops[1])}-wal`
  await copyFile(log, `${log}.tmp`)
  await rename(`${log}.tmp`, log)
  const { ino } = await stat(log)
  await shops[1].clock.advance(LOOK_MS)
  expect((await stat(log)).ino).toBe(ino)
  for (const { ended, custody, journal, directory } of shops) {
    expect(await ended).toMatchObject({ code: 'lock_lost' })
    await custody.stop()
    await journal.close()
    expect(await eventsOf(directory)).toBe(2)
  }
})

test('a folder that was moved keeps its journal, and none is made at its old path', async () => {
  const shop = await guarded()
  const elsewhere = await temporaryDirectory()
  await rename(shop.directory, join(elsewhere, 'state'))
  await shop.clock.advance(LOOK_MS)
  expect((await shop.ended).message).toContain('look for it there')
  expect(await eventsOf(join(elsewhere, 'state'))).toBe(2)
  expect(existsSync(shop.directory)).toBe(false)
  await shop.custody.stop()
})

test('an orderly stop looks again', async () => {
  const shop = await guarded()
  await rm(path(shop))
  await shop.custody.stop()
  await shop.journal.close()
  await shop.ended
  expect(await eventsOf(shop.directory)).toBe(2)
})

test('while it cannot be put back the process stays up, reports that, and tries again', async () => {
  const shop = await guarded()
  const obstacle = `${path(shop)}.saved`
  await mkdir(obstacle)
  await rm(path(shop))
  await shop.clock.advance(LOOK_MS)
  await expect.poll(() => shop.told.join()).toContain('do not end the agent')
  await shop.journal.probeCommit()
  await rmdir(obstacle)
  await shop.clock.advance(60_000)
  await shop.ended
  expect(await eventsOf(shop.directory)).toBe(2)
  await shop.custody.stop()
})

test('a missing journal is not created again at the next start', async () => {
  const directory = await temporaryDirectory()
  await (await openJournal(directory)).close()
  await rm(join(directory, 'journal.db'))
  await expect(openJournal(directory)).rejects.toMatchObject({
    code: 'journal_lost',
    message: expect.stringMatching(/fiskal-edge restore FILE.*move .* away/),
  })
  expect(await readdir(directory)).not.toContain('journal.db')
})

test('nor is one of which nothing but the name is left: what its log holds stays', async () => {
  const directory = await temporaryDirectory()
  await (await openJournal(directory)).close()
  await writeFile(join(directory, 'journal.db'), '')
  await writeFile(join(directory, 'journal.db-wal'), 'its log')
  await expect(openJournal(directory)).rejects.toMatchObject({
    code: 'journal_lost',
    message: expect.stringContaining('journal.db is empty'),
  })
  expect(await readFile(join(directory, 'journal.db-wal'), 'utf8')).toBe('its log')
})

test('nor is a young one without its log, which alone holds its events: a copy of the file, a log that was deleted', async () => {
  const [directory, copy] = [await temporaryDirectory(), await temporaryDirectory()]
  const journal = await openJournal(directory)
  for (const name of ['journal.db', 'journal.version']) await copyFile(join(directory, name), join(copy, name))
  await expect(openJournal(copy)).rejects.toMatchObject({
    code: 'journal_lost',
    message: expect.stringContaining('has lost its log (journal.db-wal)'),
  })
  expect(await checkJournal(copy, Date.now())).toMatchObject([{}, { state: 'failure' }])
  await copyFile(join(directory, 'journal.db-wal'), join(copy, 'journal.db-wal'))
  const whole = await openJournal(copy)
  expect([whole.headSeq, whole.chain]).toEqual([journal.headSeq, journal.chain])
  await whole.close()
  await journal.close()
})

/** A state that `device init` made, and its first start, killed: the file, its log and the index of the log. */
async function killedFirstStart(): Promise<string> {
  const directory = await temporaryDirectory()
  await (await openJournal(directory)).close()
  const journal = await openJournal(directory)
  journal.becameReady()
  await appendNotes(journal, 3)
  const copy = await temporaryDirectory()
  for (const name of await readdir(directory)) await copyFile(join(directory, name), join(copy, name))
  await journal.close()
  return copy
}

test.each([
  ['with its index', []],
  ['and its index', ['journal.db-shm']],
])('nor is a journal that lost its log %s at the first start after device init', async (_, more) => {
  const whole = await openJournal(await killedFirstStart())
  expect(whole.headSeq).toBe(5)
  await whole.close()
  const directory = await killedFirstStart()
  for (const name of ['journal.db-wal', ...more]) await rm(join(directory, name))
  const lost = { code: 'journal_lost', message: expect.stringContaining('has lost its log (journal.db-wal)') }
  await expect(openJournal(directory)).rejects.toMatchObject(lost)
})

test('a journal that lost its log alone is not read as an older one, and the doctor names the loss', async () => {
  const directory = await killedFirstStart()
  await rm(join(directory, 'journal.db-wal'))
  expect(() => firstEvents(directory, 1)).toThrow('has lost its log')
  expect(await checkJournal(directory, Date.now())).toMatchObject([{}, { state: 'failure' }])
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_lost' })
})

test('a start that ended without an event lost nothing, nor did one that was killed before its first event', async () => {
  const directory = await temporaryDirectory()
  await (await openJournal(directory)).close()
  const idle = await openJournal(directory)
  idle.becameReady()
  await idle.close()
  const journal = await openJournal(directory)
  // The version is announced before the event that names it.
  announceVersion(directory, { schema: SCHEMA, minSafeVersion: '0.1.0', writtenBy: '0.1.0' })
  const copy = await temporaryDirectory()
  for (const name of await readdir(directory)) await copyFile(join(directory, name), join(copy, name))
  await journal.close()
  await (await openJournal(copy)).close()
})
