// @module-tag heavy
import { hash, randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { expendableArchiveFiles } from '../../agent/backup/archive-files.ts'
import { examineBackup } from '../../agent/backup/examine.ts'
import { readBackup } from '../../agent/backup/format.ts'
import type { LastBackup } from '../../agent/backup/last.ts'
import { lastBackup } from '../../agent/backup/last.ts'
import { makeBackup } from '../../agent/backup/make.ts'
import { notesIn } from '../../agent/backup/notes.ts'
import { checkBackup } from '../../agent/cli/checks/backup.ts'
import type { Members } from '../../agent/journal/events.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { execFileSync } from '../waits.ts'
import { backUp, PARTS, PASSPHRASE, restore } from './parts.ts'
import { restingState } from './resting-state.ts'
import type { Facts } from './tse-archives.ts'
import { FOLDER, keepArchive, tellArchives } from './tse-archives.ts'

const DAY_MS = 86_400_000

type Shop = {
  state: string
  folder: string
  archive: (name: string, bytes: number) => Promise<Facts>
  tell: (archives: readonly Facts[], more?: Members) => Promise<void>
}

async function shop(): Promise<Shop> {
  const { state, signer } = await restingState()
  const folder = await temporaryDirectory()
  const archive = (name: string, bytes: number): Promise<Facts> => keepArchive(state, name, bytes)
  return { state, folder, archive, tell: (archives, more) => tellArchives(state, signer, archives, more) }
}

function daily(state: string, folder: string, ms: number): Promise<LastBackup> {
  return makeBackup({
    ...{ ...PARTS, stateDirectory: state, path: folder, passphrase: PASSPHRASE },
    ...{ archives: 'separate', clock: { now: () => ms } },
  })
}

function contentOf(state: string, { file }: Facts): Promise<Buffer> {
  return readFile(join(state, 'archives', file))
}

async function besideIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.archive'))
}

/** With one other bit: a byte that is written over may be the same by chance. */
function flipped(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes)
  other.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return other
}

test('logs deleted in a TSE come back from one file on an empty machine', async () => {
  const { state, folder, archive, tell } = await shop()
  const [first, second] = [await archive('1-90', 5_000_000), await archive('91-120', 70_000)]
  await tell([first, second])
  const newBackup = await backUp(state, folder)
  expect(newBackup).toMatchObject({ archives: 2 })
  expect(newBackup).not.toHaveProperty('beside')
  expect(await examineBackup(newBackup.file, LAW_BOOKS)).toMatchObject({ report: { valid: true } })
  const other = join(await temporaryDirectory(), 'state')
  expect(await restore(other, newBackup.file)).toMatchObject({ archives: 2, archives_missing: [] })
  for (const kept of [first, second])
    expect((await contentOf(other, kept)).equals(await contentOf(state, kept))).toBe(true)
  expect((await stat(join(other, 'archives', first.file))).mode & 0o777).toBe(0o600)
})

test('daily backups of a folder share one file of an archive, which is made again if it was changed', async () => {
  const { state, folder, archive, tell } = await shop()
  const keptArchive = await archive('1-90', 5_000_000)
  await tell([keptArchive])
  const start = Date.parse('2026-05-04T08:00:00Z')
  const one = await daily(state, folder, start)
  const [name = ''] = await besideIn(folder)
  const written = await readFile(join(folder, name))
  const two = await daily(state, folder, start + DAY_MS)
  expect(await besideIn(folder)).toEqual([name])
  expect([one.bytes, two.bytes].every((bytes) => bytes < 100_000)).toBe(true)
  expect(two.beside).toEqual([join(folder, name)])
  // Taken to another machine with its folder.
  const stick = await temporaryDirectory()
  await cp(folder, stick, { recursive: true })
  const other = join(await temporaryDirectory(), 'state')
  const file = join(stick, two.file.slice(folder.length + 1))
  expect(await restore(other, file)).toMatchObject({ archives: 1, archives_missing: [] })
  expect((await contentOf(other, keptArchive)).equals(await contentOf(state, keptArchive))).toBe(true)
  // A bad block.
  await writeFile(join(folder, name), flipped(written, 9000))
  const changed = join(await temporaryDirectory(), 'state')
  expect(await examineBackup(one.file, LAW_BOOKS)).toMatchObject({ archives: 1, absent: [keptArchive.file] })
  expect(await restore(changed, one.file)).toMatchObject({ archives: 0, archives_missing: [keptArchive.file] })
  await daily(state, folder, start + 2 * DAY_MS)
  expect(await examineBackup(one.file, LAW_BOOKS)).toMatchObject({ archives: 1, absent: [] })
  expect((await readFile(join(folder, name))).equals(written)).toBe(true)
})

test('a share whose files all pass for another user’s takes archives and all other files', async () => {
  const { state, folder, archive, tell } = await shop()
  await tell([await archive('1-90', 50_000)])
  const library = join(await temporaryDirectory(), 'foreign-files.so')
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(import.meta.dirname, 'foreign-files.c')])
  const child = join(import.meta.dirname, 'children', 'foreign-files.ts')
  const backUpThere = (): LastBackup =>
    JSON.parse(
      execFileSync(process.execPath, [child, state, folder], {
        env: { ...process.env, LD_PRELOAD: library },
      }).toString(),
    )
  expect(backUpThere()).not.toHaveProperty('archives_missing')
  const [beside = ''] = await besideIn(folder)
  const written = await readFile(join(folder, beside))
  await utimes(join(folder, beside), 0, 0)
  expect(backUpThere()).toMatchObject({ beside: [join(folder, beside)] })
  expect((await stat(join(folder, beside))).mtimeMs).toBeGreaterThan(Date.now() - DAY_MS)
  expect((await readFile(join(folder, beside))).equals(written)).toBe(true)
})

test('a missing archive stops no backup, and is reported: by the backup, by doctor, by the restore', async () => {
  const { state, folder, archive, tell } = await shop()
  const [gone, changed, held] = [await archive('1-90', 9000), await archive('91-99', 9000), await archive('9-9', 9000)]
  await tell([gone, changed, { ...held, deleted_at: null }])
  await rm(join(state, 'archives', gone.file))
  // The TSE still has it.
  await rm(join(state, 'archives', held.file))
  await writeFile(join(state, 'archives', changed.file), randomBytes(9000))
  const newBackup = await backUp(state, folder)
  expect(newBackup).toMatchObject({ archives: 0, archives_missing: [gone.file, changed.file] })
  expect(lastBackup(state)).toMatchObject({ archives_missing: [gone.file, changed.file] })
  const backup = { keep: { daily: 1, weekly: 0, monthly: 0 }, upload: true }
  const finding = checkBackup({ state, backup }, lastBackup(state), Date.now())
  expect([finding.state, finding.message]).toEqual(['warning', expect.stringContaining(gone.file)])
  const other = join(await temporaryDirectory(), 'state')
  expect(await restore(other, newBackup.file)).toMatchObject({
    archives: 0,
    archives_missing: [gone.file, changed.file],
  })
})

test('an archive that the next one of its TSE replaces while the backup is written is in it', async () => {
  const { state, folder, archive, tell } = await shop()
  const keptArchive = await archive('1-90', 70_000)
  await tell([{ ...keptArchive, deleted_at: null }])
  const bytes = await contentOf(state, keptArchive)
  const notes = notesIn(state)
  const noteUnfinished: typeof notes.noteUnfinished = async (begun) => {
    await rm(join(state, 'archives', keptArchive.file))
    return notes.noteUnfinished(begun)
  }
  const file = join(folder, 'shop.backup')
  const parts = { ...PARTS, notes: { ...notes, noteUnfinished } }
  const newBackup = await makeBackup({ ...parts, stateDirectory: state, path: file, passphrase: PASSPHRASE })
  expect(newBackup).toMatchObject({ archives: 1 })
  const other = join(await temporaryDirectory(), 'state')
  await restore(other, newBackup.file)
  expect((await contentOf(other, keptArchive)).equals(bytes)).toBe(true)
})

test('a disk that fails the archive file stops no backup of the journal', async () => {
  const { state, folder, archive, tell } = await shop()
  const keptArchive = await archive('1-90', 9000)
  await tell([keptArchive])
  // Nothing can be read there, and nothing removed.
  await mkdir(join(folder, `fiskal-edge-agent-1-${keptArchive.sha256.slice(0, 16)}-${'00'.repeat(8)}.archive`))
  const newBackup = await daily(state, folder, Date.parse('2026-05-04T08:00:00Z'))
  expect(newBackup).toMatchObject({ events: 202, archives: 0, archives_missing: [keptArchive.file] })
})

test('one that is about to be deleted in the TSE counts as deleted', async () => {
  const { state, folder, archive, tell } = await shop()
  const keptArchive = { ...(await archive('1-90', 9000)), deleted_at: null }
  await tell([keptArchive], {
    deletion: { file: keptArchive.file, last_counter: 90, transaction: 40, intended_at: '' },
  })
  await rm(join(state, 'archives', keptArchive.file))
  expect(await backUp(state, folder)).toMatchObject({ archives_missing: [keptArchive.file] })
})

test('existing archives stay when an older state is replaced, and supply those that the backup has not', async () => {
  const { state, folder, archive, tell } = await shop()
  const first = await archive('1-90', 9000)
  await tell([first])
  const older = join(await temporaryDirectory(), 'state')
  await cp(state, older, { recursive: true })
  await rm(join(older, 'archives', first.file))
  const second = await archive('91-99', 9000)
  await tell([first, second])
  await rm(join(state, 'archives', second.file))
  const newBackup = await backUp(state, folder)
  expect(newBackup).toMatchObject({ archives: 1, archives_missing: [second.file] })
  // Brought by hand.
  const by = randomBytes(20)
  await writeFile(join(older, 'archives', FOLDER, '100-101.tar'), by)
  expect(await restore(older, newBackup.file)).toMatchObject({ archives: 1, archives_missing: [second.file] })
  expect((await contentOf(older, first)).equals(await contentOf(state, first))).toBe(true)
  expect((await readFile(join(older, 'archives', FOLDER, '100-101.tar'))).equals(by)).toBe(true)
})

test('a backup that is cut within its archives, or has another byte there, is refused', async () => {
  const { state, folder, archive, tell } = await shop()
  await tell([await archive('1-90', 900_000)])
  const { file } = await backUp(state, folder)
  const content = await readFile(file)
  for (const [what, bytes] of [
    ['cut', content.subarray(0, content.length - 400_000)],
    ['changed', flipped(content, content.length - 9000)],
  ] as const) {
    const damaged = join(folder, what)
    await writeFile(damaged, bytes)
    const other = join(await temporaryDirectory(), 'state')
    await expect(restore(other, damaged), what).rejects.toMatchObject({ code: 'backup_damaged' })
    expect(await readdir(other)).not.toContain('journal.db')
  }
})

test('a file of an archive is removed once no backup of the folder needs it', async () => {
  const folder = await temporaryDirectory()
  const start = Date.parse('2026-05-04T00:00:00Z')
  const agent = '83176e3c-242b-88cc-8de0-b52550b2cece'
  const names = ['aa', 'bb', 'cc'].map((digits) => `fiskal-edge-83176e3c-${digits.repeat(8)}-${'00'.repeat(8)}.archive`)
  for (const [index, name] of names.entries()) {
    await writeFile(join(folder, name), '')
    const atS = start / 1000 + index * 86_400 * 2
    await utimes(join(folder, name), atS, atS)
  }
  onTestFinished(() => rm(folder, { recursive: true }))
  const needed = async (name: string): Promise<number> => (await stat(join(folder, name))).mtimeMs
  const others = ['holiday.jpg', `fiskal-edge-00000000-${'aa'.repeat(8)}-${'00'.repeat(8)}.archive`]
  expect(await expendableArchiveFiles([...names, ...others], agent, start + 3.5 * DAY_MS, needed)).toEqual(
    names.slice(0, 2),
  )
})

test('a file that names more archives than any shop has is not a backup, and is not read further', async () => {
  const file = join(await temporaryDirectory(), 'many.backup')
  const header = { t: 'backup', created_at: '', agent: '', chain: '', epoch: 1, events: 0, secrets: null }
  const named = (index: number) => ({
    t: 'archive',
    file: `0/${index}-1.tar`,
    bytes: 1,
    sha256: `${index}`,
    beside: true,
  })
  const countOf = async (archives: number): Promise<number> => {
    const lines = [header, ...Array.from({ length: archives }, (_, index) => named(index))]
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const done = { t: 'done', lines: lines.length, sha256: hash('sha256', text) }
    await writeFile(file, gzipSync(`${text}${JSON.stringify(done)}\n`, { level: 1 }))
    let count = 0
    for await (const line of readBackup(file)) count += line.t === 'archive' ? 1 : 0
    return count
  }
  expect(await countOf(100_000)).toBe(100_000)
  await expect(countOf(100_001)).rejects.toMatchObject({ code: 'backup_damaged' })
})
