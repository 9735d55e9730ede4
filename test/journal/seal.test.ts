import { execFile } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import { sealJournal } from '../../agent/journal/seal.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import {
  appendNote,
  appendNotes,
  openJournal,
  signer,
  stoppedClock,
  temporaryDirectory,
  writing,
} from './temporary-journal.ts'

const SEALER = fileURLToPath(new URL('./children/seal.ts', import.meta.url))
const run = promisify(execFile)

function fault() {
  return undefined
}

test('closed months become read-only segments, anchored in the chain, once', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-01-05T08:00:00Z')
  const journal = await openJournal(directory, { clock })
  const seal = () => sealJournal({ directory, journal, write: writing(signer), clock, fault })
  await appendNotes(journal, 300)
  expect(await seal()).toEqual([])
  clock.moveTo('2026-02-01T00:00:00Z')
  await appendNotes(journal, 10)
  clock.moveTo('2026-03-01T00:00:00Z')
  const made = await seal()
  expect(made.map(({ first, last }) => [first, last])).toEqual([
    [1, 301],
    [302, 311],
  ])
  expect(made[0]?.file).toBe(`${journal.chain}-1-301.ndjson`)
  expect(await seal()).toEqual([])
  expect(journal.headSeq).toBe(313)
  const files = await readdir(join(directory, 'segments'))
  expect(files.sort()).toEqual(made.map(({ file }) => file).sort())
  for (const file of files) expect((await stat(join(directory, 'segments', file))).mode & 0o777).toBe(0o440)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, seals: 2 })
  await journal.close()
})

test('a month whose clock jumped ahead and back is sealed in runs, in the order of seq', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-01-31T23:59:00Z')
  const journal = await openJournal(directory, { clock })
  for (const time of ['2038-02-01T00:00:00Z', '2026-01-31T23:59:30Z', '2026-02-01T00:00:00Z']) {
    clock.moveTo(time)
    await appendNote(journal, time)
  }
  const made = await sealJournal({ directory, journal, write: writing(signer), clock, fault })
  expect(made.map(({ first, last }) => [first, last])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, seals: 3 })
  await journal.close()
})

test('a month that ends while its predecessors are sealed is left for another day', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-01-05T08:00:00Z')
  const journal = await openJournal(directory, { clock })
  const midnight = { now: () => Date.parse('2026-02-28T23:59:59Z') }
  clock.moveTo('2026-03-01T00:00:00Z')
  expect(await sealJournal({ directory, journal, write: writing(signer), clock: midnight, fault })).toHaveLength(1)
  expect(journal.headSeq).toBe(2)
  await journal.close()
})

test('a segment that was changed, replaced or removed is found', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-01-05T08:00:00Z')
  const journal = await openJournal(directory, { clock })
  await appendNotes(journal, 3)
  clock.moveTo('2026-02-05T08:00:00Z')
  const [made] = await sealJournal({ directory, journal, write: writing(signer), clock, fault })
  const path = join(directory, 'segments', made?.file ?? '')
  const text = await readFile(path, 'utf8')
  await chmod(path, 0o600)
  await writeFile(path, text.replace('note 1', 'note 9'))
  const finding = { part: 'seal', seq: 5 }
  expect(await verifyJournal(directory)).toMatchObject({ valid: false, findings: [finding] })
  // A look at the end of the journal reads none: they are as long as all of it.
  expect(await verifyJournal(directory, { segments: false })).toMatchObject({ valid: true, seals: 1 })
  await rm(path)
  expect(await verifyJournal(directory, { segments: false })).toMatchObject({ valid: false, findings: [finding] })
  const report = await verifyJournal(directory)
  expect(report).toMatchObject({ valid: false, findings: [{ ...finding, what: `${made?.file} is missing` }] })
  expect(report.firstBadSeq).toBeUndefined()
  await journal.close()
})

const SEALED = { first: 1, last: 2, head: 'AAAA', sha256: '00', file: 'x-1-2.ndjson' }

test.each<[string, unknown]>([
  ['are a text', 'text'],
  ['are null', null],
  ['have no file', { ...SEALED, file: undefined }],
  ['have a number for the file', { ...SEALED, file: 7 }],
  ['name the folder of the segments', { ...SEALED, file: '.' }],
  ['name a file elsewhere', { ...SEALED, file: '../journal.db' }],
  ['have an object for the first event', { ...SEALED, first: { toString: 7 } }],
  ['have a text for the last event', { ...SEALED, last: '2' }],
  ['have a list for the last event', { ...SEALED, last: [2] }],
  ['have null for the head', { ...SEALED, head: null }],
])('a seal whose facts %s is a finding of the verification', async (_which, facts) => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 3)
  await mkdir(join(directory, 'segments'))
  const op = journal.chain
  await journal.record(() => [{ kind: 'journal.sealed', op, body: { facts } } as unknown as NewEvent])
  await appendNotes(journal, 1)
  const report = await verifyJournal(directory)
  expect(report).toMatchObject({ valid: false, seals: 1 })
  expect(new Set(report.findings.map(({ part, seq }) => `${part} ${seq}`))).toEqual(new Set(['seal 5']))
  await journal.close()
})

test('a kill at any step of sealing leaves what the next call finishes', heavy(), async () => {
  const directory = await temporaryDirectory()
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(join(directory, 'agent-key.pem'), pem)
  const own = checkpointSigner(createPrivateKey(pem))
  let killed = 0
  for (let step = 1; ; step++) {
    const clock = stoppedClock(`${2025 + step}-01-05T08:00:00Z`)
    const journal = await openJournal(directory, { clock, signer: own })
    await appendNotes(journal, 2)
    clock.moveTo(`${2025 + step}-02-05T08:00:00Z`)
    await appendNotes(journal, 2)
    await journal.close()
    const present = `${2025 + step}-03-05T08:00:00Z`
    const sealed = run(process.execPath, [SEALER, directory, present, String(step)])
    const end = await sealed.then(({ stdout }) => stdout.trim()).catch(({ signal }) => signal)
    if (end === 'sealed') break
    expect(end).toBe('SIGKILL')
    killed++
    clock.moveTo(present)
    const restarted = await openJournal(directory, { clock, signer: own })
    await sealJournal({ directory, journal: restarted, write: writing(own), clock, fault })
    await restarted.close()
    const report = await verifyJournal(directory, { file: false })
    expect(report).toMatchObject({ valid: true, findings: [] })
    expect(await readdir(join(directory, 'segments'))).toHaveLength(report.seals)
  }
  // Two segments or three, each with five steps of its file and event and two of its commit.
  expect(killed).toBeGreaterThanOrEqual(16)
})
