// @module-tag heavy
import { generateKeyPairSync } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { Renewal } from '../../agent/journal/event-facts.ts'
import { JOURNAL_FILE, journalPath } from '../../agent/journal/journal-file.ts'
import { lastEvents } from '../../agent/journal/reader.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { verifyJournal } from '../verified-journal.ts'
import { spawnSync } from '../waits.ts'
import { otherProgram, writingProgram } from './other-program.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

const WRITER = join(import.meta.dirname, 'children', 'killed-writer.ts')

/** A journal whose agent is killed each time it is called; the log remains. */
async function killedJournal() {
  const directory = await temporaryDirectory()
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(directory, 'agent-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const kill = (groups: number): void => {
    const { signal, stderr } = spawnSync(process.execPath, [WRITER, directory, String(groups)], { encoding: 'utf8' })
    expect(signal, stderr).toBe('SIGKILL')
  }
  kill(3)
  return { directory, kill, signer: checkpointSigner(privateKey) }
}

function EXPECTED_HELD(pid: number) {
  return expect.objectContaining({ code: 'journal_held', message: expect.stringContaining(`process ${pid}`) })
}

test('a start after a kill loses nothing that another program writes before and after it', async () => {
  const { directory, kill, signer } = await killedJournal()
  const program = otherProgram(directory)
  expect(await program.says("INSERT INTO meta VALUES ('one', '1')")).toEqual(['done'])
  kill(1)
  expect(await program.says("INSERT INTO meta VALUES ('two', '2')")).toEqual(['done'])
  kill(1)
  expect(await program.says("INSERT INTO meta VALUES ('three', '3')", 'SELECT max(seq) AS seq FROM event')).toEqual([
    'done',
    '{"seq":51}',
  ])
  const journal = await openJournal(directory, { signer })
  await appendNote(journal, 'behind it')
  expect(await program.says("SELECT count(*) AS n FROM meta WHERE name IN ('one', 'two', 'three')")).toEqual([
    '{"n":3}',
  ])
  await journal.close()
  await program.kill()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, lastSeq: 52 })
})

test('a reader that outlives a killed agent reads what the next one writes', async () => {
  const { directory, kill } = await killedJournal()
  const program = otherProgram(directory)
  const head = 'SELECT max(seq) AS seq FROM event'
  expect(await program.says('BEGIN', head)).toEqual(['done', '{"seq":31}'])
  kill(300)
  expect(await program.says(head, 'COMMIT', head)).toEqual(['{"seq":31}', 'done', '{"seq":3031}'])
  kill(1)
  expect(await program.says(head)).toEqual(['{"seq":3041}'])
  await program.kill()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, lastSeq: 3041 })
})

test('a start that has a log to recover waits for the write lock and names its holder', async () => {
  const { directory, signer } = await killedJournal()
  const program = await writingProgram(directory)
  const size = () => statSync(join(directory, `${JOURNAL_FILE}-wal`)).size
  const before = size()
  await expect(openJournal(directory, { signer })).rejects.toEqual(EXPECTED_HELD(program.pid))
  await program.says("INSERT INTO meta VALUES ('left', 'there')", 'COMMIT')
  expect(size()).toBeGreaterThanOrEqual(before)
  const journal = await openJournal(directory, { signer })
  expect(journal.headSeq).toBe(31)
  expect(journal.read((db) => db.prepare("SELECT value FROM meta WHERE name = 'left'").pluck().get())).toBe('there')
  await journal.close()
})

test('a start that has nothing to write serves while another program holds the lock', async () => {
  const directory = await temporaryDirectory()
  const first = await openJournal(directory)
  await appendNote(first, 'before')
  await first.close()
  const program = await writingProgram(directory)
  const journal = await openJournal(directory)
  expect(journal.headSeq).toBe(2)
  expect(journal.lock.holders).toEqual([{ pid: program.pid, use: 'write' }])
  const written = appendNote(journal, 'later')
  await program.says('ROLLBACK')
  expect(await written).toBe(3)
  expect(journal.lock.holders).toBeUndefined()
  await journal.close()
})

test('a start that begins an epoch, or a shop, waits for the lock', async () => {
  const directory = await temporaryDirectory()
  const program = otherProgram(directory)
  await program.says('PRAGMA journal_mode = WAL', 'BEGIN IMMEDIATE')
  await expect(openJournal(directory)).rejects.toEqual(EXPECTED_HELD(program.pid))
  await program.says('ROLLBACK')
  await (await openJournal(directory)).close()
  await program.says('BEGIN IMMEDIATE')
  const renewal = { reason: 'restore' } as Renewal
  await expect(openJournal(directory, { renewal })).rejects.toEqual(EXPECTED_HELD(program.pid))
  await expect(rebuildProjections(directory)).rejects.toEqual(EXPECTED_HELD(program.pid))
  await program.says('ROLLBACK')
  await (await openJournal(directory, { renewal })).close()
})

test('a start waits for a program that has the journal for itself (locking_mode=EXCLUSIVE)', async () => {
  const { directory, signer } = await killedJournal()
  const program = otherProgram(directory)
  await program.says('PRAGMA locking_mode = EXCLUSIVE', "INSERT INTO meta VALUES ('left', 'there')")
  await expect(openJournal(directory, { signer })).rejects.toEqual(EXPECTED_HELD(program.pid))
  await program.kill()
  const journal = await openJournal(directory, { signer })
  expect(journal.read((db) => db.prepare("SELECT value FROM meta WHERE name = 'left'").pluck().get())).toBe('there')
  await journal.close()
  expect([...lastEvents(directory, 100)]).toHaveLength(31)
})

test('the frames of a torn transaction are cut off after the last commit', async () => {
  const { directory, signer } = await killedJournal()
  const log = join(directory, `${JOURNAL_FILE}-wal`)
  const { size } = statSync(log)
  const program = otherProgram(directory)
  // More than its cache holds: pages of an open transaction go into the log.
  await program.says('PRAGMA cache_size = 10', 'BEGIN IMMEDIATE')
  await program.says(
    "INSERT INTO meta WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT 'n' || i, hex(randomblob(400)) FROM n",
  )
  const torn = statSync(log).size
  expect(torn).toBeGreaterThan(2 * size)
  await program.kill()
  const journal = await openJournal(directory, { signer })
  // The start signs the head that it finds.
  expect(statSync(log).size).toBeLessThan((size + torn) / 2)
  await journal.close()
  const db = new Database(journalPath(directory), { readonly: true })
  expect(db.prepare("SELECT count(*) FROM meta WHERE name LIKE 'n%'").pluck().get()).toBe(0)
  db.close()
})
