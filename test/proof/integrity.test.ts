// @module-tag heavy
import { writeFileSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { sealJournal } from '../../agent/journal/seal.ts'
import { verifyInChild } from '../../agent/proof/in-child.ts'
import { Integrity } from '../../agent/proof/integrity.ts'
import { runTasksBy } from '../../base/child/run.ts'
import {
  appendNotes,
  openJournal,
  signer,
  stoppedClock,
  temporaryDirectory,
  writing,
} from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'

// As the agent itself does it.
runTasksBy()

/** The state directory of a journal whose first month is sealed and whose copy of it is missing. */
async function withoutSealedFile(): Promise<string> {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-01-05T08:00:00Z')
  const journal = await openJournal(directory, { clock })
  await appendNotes(journal, 30)
  clock.moveTo('2026-02-01T00:00:00Z')
  await sealJournal({ directory, journal, write: writing(signer), clock, fault: () => undefined })
  await journal.close()
  await rm(join(directory, 'segments'), { recursive: true })
  return directory
}

/**
 * The result of a background look: the logged codes, and why no new work is taken. `between`: the change to the journal
 * before it is read again.
 */
async function looked(
  stateDirectory: string,
  between = (): void => undefined,
): Promise<{ codes: unknown[]; refusal: string | undefined }> {
  const clock = new ManualClock()
  const codes: unknown[] = []
  let done = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    done = resolve
  })
  const note = ({ code }: { code?: unknown }): void => {
    codes.push(code ?? 'verifies')
    done()
  }
  const integrity = new Integrity({ stateDirectory, clock, log: { info: note, warn: between, error: note } })
  integrity.start()
  await clock.advance(60_000)
  await ended
  integrity.stop()
  return { codes, refusal: integrity.refusal()?.code }
}

test('a missing sealed file is reported, and no till is stopped for it: the journal itself verifies', async () => {
  const directory = await withoutSealedFile()
  let readAgain = false
  const again = (): void => {
    readAgain = true
  }
  expect(await looked(directory, again)).toEqual({ codes: ['copies_damaged'], refusal: undefined })
  expect(readAgain).toBe(false)
  const db = new Database(journalPath(directory))
  db.exec(`DROP TRIGGER event_append_only_update; UPDATE event SET body = '{}' WHERE seq = 9`)
  db.close()
  expect(await looked(directory)).toEqual({ codes: ['journal_damaged'], refusal: 'storage_unavailable' })
})

test('one wrong read of the disk closes no shop: a journal is damaged when a second reading confirms it', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 30)
  await journal.close()
  const file = journalPath(directory)
  const whole = await readFile(file)
  const spoiled = Buffer.from(whole)
  const body = spoiled.indexOf('"facts')
  expect(body).toBeGreaterThan(4096)
  spoiled[body + 1] = (spoiled[body + 1] ?? 0) ^ 1
  writeFileSync(file, spoiled)
  expect(await looked(directory, () => writeFileSync(file, whole))).toEqual({ codes: ['verifies'], refusal: undefined })
  writeFileSync(file, spoiled)
  expect(await looked(directory)).toEqual({ codes: ['journal_damaged'], refusal: 'storage_unavailable' })
})

test('findings that cannot be stored hide no damage: the verification reports it, and the shop is still stopped', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 30)
  await journal.close()
  // A folder at its path: no user can write a file there.
  await mkdir(join(directory, 'proof.json', 'in the way'), { recursive: true })
  const { signal } = new AbortController()
  expect(await verifyInChild(directory, signal)).toMatchObject({
    valid: true,
    failure: expect.stringContaining('EISDIR'),
  })
  const db = new Database(journalPath(directory))
  db.exec(`DROP TRIGGER event_append_only_update; UPDATE event SET body = '{}' WHERE seq = 9`)
  db.close()
  expect(await verifyInChild(directory, signal)).toMatchObject({ valid: false, firstBadSeq: 9 })
})
