// @module-tag heavy
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { lastEvents } from '../../agent/journal/reader.ts'
import { verifyJournal } from '../verified-journal.ts'
import { spawnSync } from '../waits.ts'
import { temporaryDirectory } from './temporary-journal.ts'

const WRITER = join(import.meta.dirname, 'children', 'killed-writer.ts')

/** A process that opens the journal, appends ten events a group and is killed with its log left behind. */
function killedWriter(directory: string, groups: number): void {
  const { signal, stderr } = spawnSync(process.execPath, [WRITER, directory, String(groups)], { encoding: 'utf8' })
  expect(signal, stderr).toBe('SIGKILL')
}

async function journalOfKilled(groups: number): Promise<string> {
  const directory = await temporaryDirectory()
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeFile(join(directory, 'agent-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  killedWriter(directory, groups)
  return directory
}

// Enough that the log was begun again from its head.
test.each([3, 300])(
  'a verification across a kill and a new start finds sound what is sound (%i groups more)',
  async (groups) => {
    const directory = await journalOfKilled(120)
    let starts = 0
    const report = await verifyJournal(directory, {
      onProgress: () => {
        if (starts++ === 0) killedWriter(directory, groups)
      },
    })
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ valid: true, projections: 'equal' })
    expect(report.lastSeq).toBe(1201)
    const later = await verifyJournal(directory)
    expect([later.valid, later.lastSeq > (120 + groups) * 10]).toEqual([true, true])
  },
)

test.each([3, 300])(
  'the list across a kill and a new start equals the written documents (%i groups more)',
  async (groups) => {
    const directory = await journalOfKilled(120)
    const listed = []
    for (const event of lastEvents(directory, 1000)) {
      if (listed.length === 0) killedWriter(directory, groups)
      listed.push(event)
    }
    const first = listed[0]?.seq ?? 0
    const written = [...lastEvents(directory, 10_000)].filter(({ seq }) => seq >= first)
    expect(listed).toEqual(written.slice(0, 1000))
  },
)

test('a reader that builds the index of the log again hides nothing that was written to it', async () => {
  const directory = await journalOfKilled(3)
  const path = journalPath(directory)
  const reader = new Database(path, { readonly: true })
  const head = () => reader.prepare<[], { seq: number }>('SELECT max(seq) AS seq FROM event').get()?.seq
  expect(head()).toBe(31)
  killedWriter(directory, 3)
  // A kill may leave the index like this, in the middle of its head: the next reader builds it again, from the log. By
  // another process: closing a file drops all locks of the process on it (fcntl_locking(2)).
  const spoil = "fs.writeSync(fs.openSync(process.argv[1], 'r+'), Buffer.alloc(96, 1), 0, 96, 0)"
  expect(spawnSync(process.execPath, ['-e', spoil, `${path}-shm`]).status).toBe(0)
  expect(head()).toBe(61)
  killedWriter(directory, 1)
  reader.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, lastSeq: 71 })
})
