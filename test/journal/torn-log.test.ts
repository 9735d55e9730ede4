// @module-tag heavy
import { spawn } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { endOfLog } from '../../agent/journal/disk/wal-scan.ts'
import { JOURNAL_FILE, journalPath } from '../../agent/journal/journal-file.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

const WRITER = fileURLToPath(new URL('./children/killed-writer.ts', import.meta.url))

type Commit = { seq: number; end: number }

/** A database and its write-ahead log after a power cut, with the end of each acknowledged commit in it. */
async function powerCut(root: string, lastBytes = 1200): Promise<{ database: string; log: string; commits: Commit[] }> {
  const directory = join(root, 'live')
  await mkdir(directory)
  const journal = await openJournal(directory)
  const log = join(directory, `${JOURNAL_FILE}-wal`)
  const commits: Commit[] = []
  for (let index = 0; index < 8; index++) {
    const seq = await appendNote(journal, `note ${index} ${'x'.repeat(index < 7 ? 1200 : lastBytes)}`)
    commits.push({ seq, end: (await stat(log)).size })
  }
  const copies = { database: join(root, 'copy.db'), log: join(root, 'copy.db-wal') }
  await copyFile(journalPath(directory), copies.database)
  await copyFile(log, copies.log)
  await journal.close()
  return { ...copies, commits }
}

async function restored(root: string, name: string, cut: { database: string; log: string }): Promise<string> {
  const directory = join(root, name)
  await mkdir(directory)
  await copyFile(cut.database, journalPath(directory))
  await copyFile(cut.log, join(directory, `${JOURNAL_FILE}-wal`))
  return directory
}

test('a log cut at any sector recovers to a prefix, never before the acknowledged events', async () => {
  const root = await temporaryDirectory()
  const cut = await powerCut(root)
  const { commits } = cut
  const last = commits.at(-1)?.end ?? 0
  let heads = 0
  for (let end = commits.at(-4)?.end ?? 0; end <= last; end += 512) {
    const directory = await restored(root, `cut-${end}`, cut)
    await truncate(join(directory, `${JOURNAL_FILE}-wal`), end)
    const acknowledged = commits.filter((commit) => commit.end <= end).at(-1)?.seq ?? 0
    const journal = await openJournal(directory)
    expect(journal.headSeq).toBe(acknowledged)
    expect(await appendNote(journal, 'after')).toBe(acknowledged + 1)
    await journal.close()
    heads++
  }
  expect(heads).toBeGreaterThan(30)
})

test('a byte flipped in acknowledged commits is damage, not a shorter journal; in the last one it is the torn end', async () => {
  const root = await temporaryDirectory()
  const cut = await powerCut(root)
  const { commits } = cut
  const log = await readFile(cut.log)
  const verdicts: [string, number][] = []
  for (const [index, { end }] of commits.entries()) {
    for (const back of [4120, 4096 + 12, 700, 1]) {
      const directory = await restored(root, `flip-${end}-${back}`, cut)
      const flipped = Buffer.from(log)
      flipped[end - back] = (log[end - back] ?? 0) ^ 0x10
      await writeFile(join(directory, `${JOURNAL_FILE}-wal`), flipped)
      const verdict = await openJournal(directory).then(
        async (journal) => {
          const { headSeq } = journal
          await journal.close()
          return ['opened', headSeq] as [string, number]
        },
        ({ code, seq }) => [code, seq] as [string, number],
      )
      if (index < commits.length - 2)
        expect([back, ...verdict]).toEqual([back, 'journal_log_damaged', commits[index]?.seq])
      else verdicts.push(verdict)
      // Asked again it says the same: the trace was not wiped by looking.
      if (verdict[0] === 'journal_log_damaged')
        await expect(openJournal(directory)).rejects.toMatchObject({ seq: verdict[1] })
    }
  }
  expect(verdicts.slice(-4).every(([what, seq]) => what === 'opened' && seq === commits.at(-2)?.seq)).toBe(true)
  expect(await verifyJournal(join(root, 'live'))).toMatchObject({ valid: true })
})

test('a rebuild of the projections does not take the events after a flipped byte as never written', async () => {
  const root = await temporaryDirectory()
  const cut = await powerCut(root)
  const directory = await restored(root, 'flipped', cut)
  const log = join(directory, `${JOURNAL_FILE}-wal`)
  const flipped = await readFile(log)
  const end = cut.commits[2]?.end ?? 0
  flipped[end - 700] = (flipped[end - 700] ?? 0) ^ 0x10
  await writeFile(log, flipped)
  const damage = { code: 'journal_log_damaged', seq: cut.commits[2]?.seq }
  await expect(rebuildProjections(directory)).rejects.toMatchObject(damage)
  await expect(openJournal(directory)).rejects.toMatchObject(damage)
  expect(await readFile(log)).toEqual(flipped)
})

test.each([
  ['its magic number', 2],
  ['its page size', 10],
  ['its salts', 17],
  ['its checksum', 30],
])(
  'a log whose header has a flipped bit in %s is damage to reader and writer; without frames it is not',
  async (_member, at) => {
    const root = await temporaryDirectory()
    const cut = await powerCut(root)
    const log = await readFile(cut.log)
    log[at] = (log[at] ?? 0) ^ 0x10
    const directory = await restored(root, 'header', cut)
    const path = join(directory, `${JOURNAL_FILE}-wal`)
    await writeFile(path, log)
    const damage = { code: 'journal_log_damaged', seq: 1 }
    expect(await verifyJournal(directory)).toMatchObject({
      valid: false,
      firstBadSeq: 1,
      codes: [{ ...damage, level: 'error' }],
    })
    await expect(openJournal(directory)).rejects.toMatchObject(damage)
    expect(await readFile(path)).toEqual(log)
    await truncate(path, 32 + 24 + 100)
    expect(endOfLog(journalPath(directory))).toBe(32 + 24 + 100)
  },
)

test('the log of a second power cut is judged without the frames that the first one tore', async () => {
  const root = await temporaryDirectory()
  const cut = await powerCut(root, 60_000)
  const directory = await restored(root, 'twice', cut)
  const log = join(directory, `${JOURNAL_FILE}-wal`)
  const [before = 0, end = 0] = cut.commits.slice(-2).map((commit) => commit.end)
  const torn = await readFile(log)
  torn[before + 1000] = (torn[before + 1000] ?? 0) ^ 0x10
  expect(end - before).toBeGreaterThan(2 * (24 + 8192))
  await writeFile(log, torn)
  const journal = await openJournal(directory)
  const acknowledged = journal.headSeq
  const opened = endOfLog(journalPath(directory)) ?? 0
  await appendNote(journal, 'short')
  const twice = await readFile(log)
  const again = await restored(root, 'again', cut)
  twice[opened + 1000] = (twice[opened + 1000] ?? 0) ^ 0x10
  await writeFile(join(again, `${JOURNAL_FILE}-wal`), twice)
  await journal.close()
  const recovered = await openJournal(again)
  expect(recovered.headSeq).toBe(acknowledged)
  await recovered.close()
})

test('a scan during a write does not take a half-written frame for damage', async () => {
  const directory = await temporaryDirectory()
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })
  await writeFile(join(directory, 'agent-key.pem'), pem)
  const writer = spawn(process.execPath, [WRITER, directory, '2500'], { stdio: 'inherit' })
  const ended = once(writer, 'close')
  let scans = 0
  for (; writer.signalCode === null && writer.exitCode === null; scans++) {
    expect(endOfLog(journalPath(directory))).toBeGreaterThanOrEqual(0)
    await turn()
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(scans).toBeGreaterThan(10)
  const journal = await openJournal(directory, { signer: checkpointSigner(createPrivateKey(pem)) })
  // With a state record after each 4,096 events.
  expect(journal.headSeq).toBe(25_007)
  await journal.close()
})
