// @module-tag heavy
import { hash as digest, randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { LastBackup } from '../../agent/backup/last.ts'
import { makeBackup } from '../../agent/backup/make.ts'
import { BackupUpload } from '../../agent/backup/upload.ts'
import type { BlobChannel } from '../../agent/backup/upload-channel.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { lastEvents } from '../../agent/journal/reader.ts'
import { parseManifest } from '../../sync/protocol/blob-manifest.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { backUp, PARTS, PASSPHRASE, restore } from './parts.ts'
import { restingState } from './resting-state.ts'

type Answer = Awaited<ReturnType<BlobChannel['has']>>

/** A store of blobs that asks for the parts of the newest manifest once it has it, like our receiver. */
class BlobKeeper implements BlobChannel {
  readonly kept = new Map<string, Uint8Array>()
  readonly puts: string[] = []
  wanted: string | undefined
  /** Instead of taking a blob. */
  trouble: (count: number) => Answer | undefined = () => undefined
  /** Blobs that it acknowledges and does not store. */
  loses: (sha256: string) => boolean = () => false
  /** Time that one blob takes on the line. */
  onPut: () => Promise<void> = async () => undefined

  async missing(): Promise<Answer> {
    const manifest = this.wanted === undefined ? undefined : this.kept.get(this.wanted)
    if (manifest === undefined) return { kind: 'missing', sha256s: this.wanted === undefined ? [] : [this.wanted] }
    const parts = parseManifest(manifest)?.parts ?? []
    return { kind: 'missing', sha256s: parts.map(({ sha256 }) => sha256).filter((sha256) => !this.kept.has(sha256)) }
  }

  async has(sha256: string): Promise<Answer> {
    return { kind: this.kept.has(sha256) ? 'there' : 'absent' }
  }

  async put(sha256: string, bytes: Uint8Array): Promise<Answer> {
    const trouble = this.trouble(this.puts.length)
    if (trouble !== undefined) return trouble
    if (digest('sha256', bytes, 'hex') !== sha256) throw new Error('a blob is not what its name says')
    this.puts.push(sha256)
    if (!this.loses(sha256)) this.kept.set(sha256, Buffer.from(bytes))
    await this.onPut()
    return { kind: 'there' }
  }

  /** All parts of the newest manifest, joined. */
  file(): Buffer {
    const { parts } = parseManifest(this.kept.get(this.wanted ?? '') ?? Buffer.of()) ?? {}
    return Buffer.concat((parts ?? []).map(({ sha256 }) => this.kept.get(sha256) ?? Buffer.of()))
  }
}

type Stage = {
  state: string
  folder: string
  journal: Journal
  clock: ManualClock
  keeper: BlobKeeper
  quiet: { now: boolean }
  /** Up to which event the target has acknowledged. */
  acked: { seq: number }
  said: string[]
  /** A new agent; the one before has ended. */
  begin: () => Promise<BackupUpload>
  /** A look and all that follows from it, as long as it makes the clock move. */
  pass: (upload: BackupUpload, until: (state: string | undefined) => boolean) => Promise<void>
  back: (name: string) => Promise<LastBackup>
}

async function stage(): Promise<Stage> {
  const { state, signer } = await restingState()
  const journal = await openJournal(state, { signer })
  onTestFinished(() => journal.close())
  await appendNotes(journal, 2500)
  const folder = await temporaryDirectory()
  const clock = new ManualClock()
  const keeper = new BlobKeeper()
  const quiet = { now: true }
  const acked = { seq: Number.POSITIVE_INFINITY }
  const said: string[] = []
  const note = (_fields: object, message: string): void => void said.push(message)
  const log = { info: note, warn: note, error: note }
  let present: BackupUpload | undefined
  const targets = () => [
    { id: 'cloud', channel: keeper, isQuiet: () => quiet.now, has: (seq: number) => seq <= acked.seq },
  ]
  return {
    ...{ state, folder, journal, clock, keeper, quiet, acked, said },
    begin: async () => {
      await present?.stop()
      present = new BackupUpload({ stateDirectory: state, journal, clock, log, targets })
      onTestFinished(() => present?.stop())
      present.start()
      return present
    },
    pass: async (upload, until) => {
      for (let turn = 0; turn < 100_000 && !until(upload.status('cloud')?.state); turn++) {
        await clock.advance(1000)
        // The disk is real, and slow if others use it too.
        await readFile(join(state, 'backup.json'))
      }
      expect(until(upload.status('cloud')?.state), JSON.stringify([upload.status('cloud'), said])).toBe(true)
    },
    back: async (name) => {
      const newBackup = await backUp(state, folder, name)
      keeper.wanted = newBackup.manifest
      return newBackup
    },
  }
}

function isThere(state: string | undefined): boolean {
  return state === 'stored'
}

test('the event names the backup with its place, then the parts go, and last what lists them', async () => {
  const { state, begin, pass, back, keeper, said } = await stage()
  const newBackup = await back('one.backup')
  const upload = await begin()
  await pass(upload, isThere)
  const named = [...lastEvents(state, 1)][0]
  expect(named?.kind).toBe('backup.made')
  const { facts } = JSON.parse(named?.body ?? '{}') as { facts: Record<string, unknown> }
  const blob = { sha256: newBackup.manifest, media_type: 'application/vnd.fiskal-edge.blob-parts+json' }
  expect(facts).toMatchObject({ seq: 2701, epoch: 1, blob })
  expect(keeper.puts.at(-1)).toBe(newBackup.manifest)
  expect(keeper.file().equals(await readFile(newBackup.file))).toBe(true)
  expect(upload.status('cloud')).toMatchObject({
    state: 'stored',
    parts_remaining: 0,
    error: null,
    created_at: newBackup.created_at,
  })
  expect(said).toEqual(['the backup is at the target'])
})

test('the next backup uploads only its new parts; after a restart it is neither named nor sent again', async () => {
  const { state, journal, begin, pass, back, keeper } = await stage()
  await back('one.backup')
  await pass(await begin(), isThere)
  const first = keeper.puts.length
  await appendNotes(journal, 10)
  const newBackup = await back('two.backup')
  const upload = await begin()
  await pass(upload, (now) => isThere(now) && keeper.kept.has(newBackup.manifest ?? ''))
  // Head, secrets, the last events, tables: not the two thousand events before.
  expect(keeper.puts.length - first).toBeLessThan(first)
  expect(new Set(keeper.puts).size).toBe(keeper.puts.length)
  expect(keeper.file().equals(await readFile(newBackup.file))).toBe(true)
  const [sent, seq] = [keeper.puts.length, journal.headSeq]
  await pass(await begin(), isThere)
  expect([keeper.puts.length, journal.headSeq]).toEqual([sent, seq])
  expect([...lastEvents(state, 20)].filter(({ kind }) => kind === 'backup.made')).toHaveLength(2)
})

test('an archive of a TSE is uploaded once, and is after the backup in the source of a restore', async () => {
  const { state, folder, journal, begin, pass, keeper } = await stage()
  const content = randomBytes(9_000_000)
  const archive = { file: 'abababababababab/1-90.tar', bytes: content.length, sha256: digest('sha256', content, 'hex') }
  await mkdir(join(state, 'archives', 'abababababababab'), { recursive: true })
  await writeFile(join(state, 'archives', archive.file), content)
  const set = { archives: [{ ...archive, deleted_at: '2026-03-01T08:00:00.000Z' }], deletion: null }
  await journal.record(() => [{ kind: 'tse.deleted', op: `tse_${'ab'.repeat(32)}`, body: { set } }])
  const daily = async (nowMs: number): Promise<LastBackup> => {
    const parts = { ...PARTS, stateDirectory: state, path: folder, passphrase: PASSPHRASE }
    const newBackup = await makeBackup({ ...parts, archives: 'separate', clock: { now: () => nowMs } })
    keeper.wanted = newBackup.manifest
    return newBackup
  }
  await daily(Date.parse('2026-05-04T08:00:00Z'))
  await pass(await begin(), isThere)
  const bytesOf = (sha256s: string[]): number =>
    sha256s.reduce((sum, sha256) => sum + (keeper.kept.get(sha256)?.length ?? 0), 0)
  const first = keeper.puts.length
  expect(bytesOf(keeper.puts)).toBeGreaterThan(content.length)
  // A request has 30 s: a line of 256 kbit/s brings each part in half of them.
  for (const part of keeper.kept.values()) expect(part.length).toBeLessThanOrEqual(512 << 10)
  await appendNotes(journal, 10)
  const newBackup = await daily(Date.parse('2026-05-05T08:00:00Z'))
  await pass(await begin(), (now) => isThere(now) && keeper.kept.has(newBackup.manifest ?? ''))
  expect(bytesOf(keeper.puts.slice(first))).toBeLessThan(100_000)
  // By hand, all in one file: the same parts again.
  const byHand = await backUp(state, folder, 'hand.backup')
  keeper.wanted = byHand.manifest
  const second = keeper.puts.length
  await pass(await begin(), (now) => isThere(now) && keeper.kept.has(byHand.manifest ?? ''))
  expect(bytesOf(keeper.puts.slice(second))).toBeLessThan(100_000)
  keeper.wanted = newBackup.manifest
  const file = join(await temporaryDirectory(), 'fetched.backup')
  await writeFile(file, keeper.file())
  const other = join(await temporaryDirectory(), 'state')
  expect(await restore(other, file)).toMatchObject({ archives: 1, archives_missing: [] })
  expect((await readFile(join(other, 'archives', archive.file))).equals(content)).toBe(true)
})

test('a manual backup replaces no daily one, and uploads nothing less', async () => {
  const { state, folder, journal, begin, pass, back, keeper } = await stage()
  const parts = { ...PARTS, stateDirectory: state }
  const daily = await makeBackup({ ...parts, path: folder, passphrase: PASSPHRASE, archives: 'separate' })
  keeper.wanted = daily.manifest
  await appendNotes(journal, 10)
  await makeBackup({ ...parts, path: join(folder, 'bare.backup'), passphrase: undefined })
  await pass(await begin(), isThere)
  expect(keeper.file().equals(await readFile(daily.file))).toBe(true)
  const byHand = await back('hand.backup')
  await rm(byHand.file)
  keeper.wanted = daily.manifest
  keeper.kept.clear()
  await pass(await begin(), isThere)
  expect(keeper.file().equals(await readFile(daily.file))).toBe(true)
})

test('an interrupted upload continues with the missing part, also after a restart', async () => {
  const { begin, pass, back, keeper } = await stage()
  const newBackup = await back('one.backup')
  keeper.trouble = (count) => (count >= 2 ? { kind: 'trouble', code: 'ECONNRESET', message: 'gone' } : undefined)
  const upload = await begin()
  await pass(upload, (now) => now === 'failed')
  expect(upload.status('cloud')?.error).toBe('ECONNRESET')
  expect(keeper.puts).toHaveLength(2)
  keeper.trouble = () => undefined
  await pass(await begin(), isThere)
  expect(new Set(keeper.puts).size).toBe(keeper.puts.length)
  expect(keeper.file().equals(await readFile(newBackup.file))).toBe(true)
})

test('a target that lost a part asks for it, and gets it with the next backup', async () => {
  const { journal, begin, pass, back, keeper } = await stage()
  await back('one.backup')
  await pass(await begin(), isThere)
  // One that the next backup has too.
  const [, , old = ''] = keeper.puts
  await appendNotes(journal, 1)
  const newBackup = await back('two.backup')
  for (const sha256 of keeper.puts.slice(0, -1)) keeper.kept.delete(sha256)
  expect(keeper.kept.has(old)).toBe(false)
  await pass(await begin(), (now) => isThere(now) && keeper.kept.has(newBackup.manifest ?? ''))
  expect(keeper.file().equals(await readFile(newBackup.file))).toBe(true)
})

test('the events go first, and blobs take at most half of the line', async () => {
  const { clock, begin, pass, back, keeper, quiet } = await stage()
  await back('one.backup')
  quiet.now = false
  const upload = await begin()
  await pass(upload, (now) => now === 'waiting')
  for (let minute = 0; minute < 30; minute++) await clock.advance(60_000)
  expect(keeper.puts).toEqual([])
  quiet.now = true
  const atMs: number[] = []
  keeper.onPut = () => {
    atMs.push(Number(clock.mono() / 1_000_000n))
    // Four seconds on the line.
    return new Promise((resolve) => void clock.after(4000, resolve))
  }
  await pass(upload, isThere)
  const gaps = atMs.slice(1).map((ms, index) => ms - (atMs[index] ?? 0))
  expect(gaps.length).toBeGreaterThan(3)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8000)
})

test('a backup that was changed or is unreachable is not sent as the original, and is reported', async () => {
  const { begin, pass, back, keeper } = await stage()
  const newBackup = await back('one.backup')
  const bytes = await readFile(newBackup.file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  await writeFile(newBackup.file, bytes)
  const upload = await begin()
  await pass(upload, (now) => now === 'failed')
  expect(upload.status('cloud')?.error).toBe('backup_unreadable')
  expect(keeper.kept.has(newBackup.manifest ?? '')).toBe(false)
  await truncate(newBackup.file, 10)
  await pass(await begin(), (now) => now === 'failed')
  await back('two.backup')
  await pass(await begin(), isThere)
})

test('a target in trouble is asked more and more seldom, and the backup gets there once it is fixed', async () => {
  const { state, clock, begin, pass, back, keeper } = await stage()
  await back('one.backup')
  let asked = 0
  const missing = keeper.missing.bind(keeper)
  keeper.missing = async () => {
    asked++
    return { kind: 'trouble', code: 'http_500', message: 'no', retryAfterMs: 3_600_000 }
  }
  const upload = await begin()
  await pass(upload, (now) => now === 'failed')
  for (let minute = 0; minute < 12 * 60; minute++) {
    await clock.advance(60_000)
    // A look reads from the real disk.
    for (let turn = 0; turn < 3; turn++) await readFile(join(state, 'backup.parts'))
  }
  expect(asked).toBeGreaterThan(10)
  expect(asked).toBeLessThan(25)
  keeper.missing = missing
  await pass(upload, isThere)
})

test('a target that takes everything and keeps nothing gets each part once, and more and more seldom', async () => {
  for (const keeps of ['nothing', 'the manifest']) {
    const { begin, pass, back, keeper, clock } = await stage()
    const newBackup = await back('one.backup')
    keeper.loses = (sha256) => keeps === 'nothing' || sha256 !== newBackup.manifest
    const upload = await begin()
    await pass(upload, (state) => state === 'failed')
    expect(upload.status('cloud')?.error).toBe('incomplete')
    const most = keeper.puts.length
    expect(most).toBe(new Set(keeper.puts).size)
    for (let hour = 0; hour < 24; hour++) await clock.advance(3_600_000)
    expect(keeper.puts.length).toBeLessThan(35 * most)
    keeper.loses = () => false
    await pass(upload, isThere)
  }
})

test('a backup exists when the event that names it does too: until then no machine is restored from it', async () => {
  const { clock, journal, begin, pass, back, keeper, acked } = await stage()
  await back('one.backup')
  acked.seq = journal.headSeq
  const upload = await begin()
  await pass(upload, (now) => now === 'waiting')
  for (let minute = 0; minute < 30; minute++) await clock.advance(60_000)
  expect(upload.status('cloud')).not.toMatchObject({ state: 'stored' })
  acked.seq = journal.headSeq
  await pass(upload, isThere)
  expect(keeper.puts.length).toBeGreaterThan(3)
})

test('a target that was rolled back to before the event, or lost only blobs, gets the backup again automatically', async () => {
  const { clock, journal, begin, pass, back, keeper, acked } = await stage()
  const newBackup = await back('one.backup')
  const upload = await begin()
  await pass(upload, isThere)
  keeper.kept.clear()
  acked.seq = 5
  await pass(upload, (now) => now !== 'stored')
  acked.seq = journal.headSeq
  await pass(upload, isThere)
  expect(keeper.file().equals(await readFile(newBackup.file))).toBe(true)
  const [lost = ''] = keeper.puts
  keeper.kept.delete(lost)
  for (let turn = 0; turn < 5000 && !keeper.kept.has(lost); turn++) {
    await clock.advance(10_000)
    await readFile(newBackup.file)
  }
  await pass(upload, isThere)
  expect(keeper.file().equals(await readFile(newBackup.file))).toBe(true)
})

test('a target without blobs is asked once for each backup', async () => {
  const { clock, begin, pass, back, keeper } = await stage()
  await back('one.backup')
  let asked = 0
  keeper.missing = async () => {
    asked++
    return { kind: 'unsupported' }
  }
  await pass(await begin(), (now) => now === 'unsupported')
  for (let minute = 0; minute < 60; minute++) await clock.advance(60_000)
  expect(asked).toBe(1)
  expect(keeper.puts).toEqual([])
})
