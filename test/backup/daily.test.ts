// @module-tag heavy
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DailyBackupOptions } from '../../agent/backup/daily.ts'
import { DailyBackup } from '../../agent/backup/daily.ts'
import { restoresNote } from '../../agent/backup/earlier-restores.ts'
import { lastBackup, rememberBackup } from '../../agent/backup/last.ts'
import { makeBackup } from '../../agent/backup/make.ts'
import { backupName, expendable } from '../../agent/backup/names.ts'
import { secretReader } from '../../agent/config/credentials.ts'
import { escapedPath } from '../../agent/config/unit-name.ts'
import { runTasksBy } from '../../base/child/run.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { PARTS, PASSPHRASE, restore } from './parts.ts'
import { restingState } from './resting-state.ts'
import { keepArchive, tellArchives } from './tse-archives.ts'

// As the agent itself does it.
runTasksBy()

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const AGENT = '83176e3c-242b-88cc-8de0-b52550b2cece'

test('the newest of each of the last days, weeks and months is kept, and nothing of others is touched', () => {
  const start = Date.parse('2026-01-01T03:00:00Z')
  const names = Array.from({ length: 400 }, (_, day) => backupName(AGENT, start + day * DAY))
  const strangers = ['holiday.jpg', backupName('00000000', start), 'fiskal-edge-83176e3c-x.backup']
  const gone = new Set(
    expendable([...strangers, ...names], AGENT, { daily: 7, weekly: 4, monthly: 12 }, start + 400 * DAY),
  )
  const keptDays = names.filter((name) => !gone.has(name)).map((name) => name.slice(21, 29))
  expect(keptDays.slice(-7)).toEqual(
    ['0129', '0130', '0131', '0201', '0202', '0203', '0204'].map((day) => `2027${day}`),
  )
  // 2027-02-04 is a Thursday: the Sundays before, and the last day of each month.
  expect(keptDays).toEqual(expect.arrayContaining(['20270117', '20270124', '20270131', '20260331', '20261231']))
  expect(keptDays).toHaveLength(7 + 2 + 10)
  expect(strangers.filter((name) => gone.has(name))).toEqual([])
  expect(expendable(names, AGENT, { daily: 0, weekly: 0, monthly: 0 }, start + 400 * DAY)).toHaveLength(399)
})

test('backups of a clock that ran ahead take no place of those that are made once it is right', () => {
  const keep = { daily: 2, weekly: 1, monthly: 1 }
  const now = Date.parse('2026-05-04T08:00:00Z')
  const ahead = Array.from({ length: 20 }, (_, day) => backupName(AGENT, now + (365 + day) * DAY))
  const old = Array.from({ length: 3 }, (_, day) => backupName(AGENT, now - (3 - day) * DAY))
  const made = backupName(AGENT, now)
  expect(expendable([...ahead, ...old, made], AGENT, keep, now + 900)).toEqual(old.slice(0, 2))
  // Set back far: existing backups have future times and stay, and so does the one made now.
  const past = Date.parse('1970-01-01T00:00:05Z')
  expect(expendable([...ahead, ...old, made, backupName(AGENT, past)], AGENT, keep, past)).toEqual([])
})

test('a backup is made daily; a stick that is pulled out is reported after two days and used when back', async () => {
  const { state, signer } = await restingState()
  const folder = await temporaryDirectory()
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  const passphraseFile = join(folder, 'passphrase')
  await writeFile(passphraseFile, PASSPHRASE)
  const stick = join(folder, 'stick')
  await mkdir(stick)
  const said: string[] = []
  let serial = 0
  const waiting: (() => void)[] = []
  const note = (_fields: object, message: string): void => {
    said.push(message)
    serial++
    for (const go of waiting.splice(0)) go()
  }
  const options: DailyBackupOptions = {
    ...{ stateDirectory: state, folder: stick, passphraseFile, program: 'test', clock },
    keep: { daily: 2, weekly: 0, monthly: 0 },
    readSecret: async () => PASSPHRASE,
    log: { info: note, warn: note, error: note },
  }
  const daily = new DailyBackup(options)
  /** Moves on, and waits for the attempt that falls into that time. */
  const pass = async (ms: number): Promise<void> => {
    const before = serial
    const told = new Promise<void>((resolve) => waiting.push(resolve))
    await clock.advance(ms)
    if (serial === before) await told
    await clock.advance(0)
  }
  daily.start()
  await pass(11 * MINUTE)
  expect(said).toEqual(['backup made'])
  const [first = ''] = await readdir(stick)
  await writeFile(join(stick, restoresNote(first)), '')
  expect(await restore(join(folder, 'other'), join(stick, first))).toMatchObject({ secrets: true })
  // The rest of a backup after a power cut, a day before; one that is being made by hand; one of another shop.
  const own = first.slice(0, 21)
  const halves = [
    `${own}20260503T080000Z.backup.tmp`,
    'fiskal-edge-00000000-x.tmp',
    `${own}20260506T080000Z.backup.tmp`,
  ]
  for (const [index, half] of halves.entries()) {
    await writeFile(join(stick, half), '')
    const atS = Date.parse(index === 2 ? '2026-05-06T08:00:00Z' : '2026-05-03T08:00:00Z') / 1000
    await utimes(join(stick, half), atS, atS)
  }
  await clock.advance(20 * 60 * MINUTE)
  expect(said).toHaveLength(1)
  await pass(5 * 60 * MINUTE)
  await pass(25 * 60 * MINUTE)
  const tmp = (await readdir(stick)).filter((name) => name.endsWith('.tmp'))
  expect(tmp.sort()).toEqual(halves.slice(1).sort())
  for (const half of tmp) await rm(join(stick, half))
  // Two days are kept.
  expect(await readdir(stick)).toHaveLength(2)
  expect(await readdir(stick)).not.toContain(first)
  expect(daily.trouble()).toBeUndefined()

  await rm(stick, { recursive: true })
  await pass(25 * 60 * MINUTE)
  expect(said.at(-1)).toContain('could not be made')
  expect(daily.trouble()).toBeUndefined()
  for (let hours = 0; hours < 26 && daily.trouble() === undefined; hours++) await pass(60 * MINUTE)
  expect(daily.trouble()).toMatch(/2 days old; .*stick/)
  await mkdir(stick)
  await pass(16 * MINUTE)
  expect(said.at(-1)).toBe('backup made')
  expect([daily.trouble(), await readdir(stick)]).toEqual([undefined, [expect.stringMatching(/T\d{6}Z\.backup$/)]])
  expect(lastBackup(state)).toMatchObject({ events: 201, secrets: true })

  // Logs that a TSE has deleted are backed up before tomorrow.
  await tellArchives(state, signer, [await keepArchive(state, '1-90', 9000)])
  const before = said.length
  await pass(16 * MINUTE)
  expect(said.slice(before)).toEqual(['backup made'])
  expect(await readdir(stick)).toContainEqual(expect.stringMatching(/\.archive$/))
  expect(lastBackup(state)).toMatchObject({ archives: 1, archives_alone: 1 })
  await clock.advance(20 * 60 * MINUTE)
  expect(said.slice(before)).toHaveLength(1)
  await daily.stop()
})

test('a backup by hand, as on a stick that is taken home, puts off no daily one', async () => {
  const { state } = await restingState()
  const folder = await temporaryDirectory()
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  await makeBackup({
    ...PARTS,
    stateDirectory: state,
    path: join(folder, 'hand.backup'),
    passphrase: PASSPHRASE,
    clock,
  })
  let heard: () => void = () => undefined
  const told = new Promise<void>((resolve) => {
    heard = resolve
  })
  const daily = new DailyBackup({
    ...{ stateDirectory: state, folder, passphraseFile: undefined, program: 'test', clock },
    keep: { daily: 2, weekly: 0, monthly: 0 },
    readSecret: async () => PASSPHRASE,
    log: { info: heard, warn: heard, error: heard },
  })
  daily.start()
  await clock.advance(11 * MINUTE)
  await told
  await daily.stop()
  expect(await readdir(folder)).toEqual(['hand.backup', expect.stringMatching(/^fiskal-edge-.*\.backup$/)].sort())
})

test('if the last backup has a future time, one that cannot be made is reported at once', async () => {
  const folder = await temporaryDirectory()
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  const file = join(folder, 'old.backup')
  const about = { file, agent: AGENT, events: 1, bytes: 1, sha256: '', secrets: true, moved: false }
  await rememberBackup(folder, { ...about, created_at: '2038-01-19T03:14:08.000Z' })
  let heard: () => void = () => undefined
  const told = new Promise<void>((resolve) => {
    heard = resolve
  })
  const daily = new DailyBackup({
    ...{ stateDirectory: folder, folder: join(folder, 'stick'), passphraseFile: undefined, program: 'test', clock },
    keep: { daily: 2, weekly: 0, monthly: 0 },
    readSecret: async () => PASSPHRASE,
    log: { info: heard, warn: () => heard(), error: heard },
  })
  daily.start()
  expect(daily.trouble()).toBeUndefined()
  await clock.advance(11 * MINUTE)
  await told
  expect(daily.trouble()).toMatch(/2038-01-19.* has not come yet; .*stick/)
  await daily.stop()
})

test('the passphrase that a backup of the service is wrapped with is the one that was handed over last', async () => {
  const { state } = await restingState()
  const [stick, copies] = [await temporaryDirectory(), await temporaryDirectory()]
  const clock = new ManualClock(Date.parse('2026-05-04T08:00:00Z'))
  const passphraseFile = '/etc/fiskal-edge/passphrase'
  const copy = join(copies, escapedPath(passphraseFile))
  let heard: () => void = () => undefined
  const daily = new DailyBackup({
    ...{ stateDirectory: state, folder: stick, passphraseFile, program: 'test', clock },
    keep: { daily: 2, weekly: 0, monthly: 0 },
    readSecret: secretReader({ folder: copies, renew: () => undefined }),
    log: { info: () => heard(), warn: () => heard(), error: () => heard() },
  })
  daily.start()
  for (const [passphrase, afterMs] of [
    ['of today', 11 * MINUTE],
    ['of tomorrow', DAY],
  ] as const) {
    const before = await readdir(stick)
    const told = new Promise<void>((resolve) => {
      heard = resolve
    })
    await writeFile(copy, `${passphrase}\n`)
    await clock.advance(afterMs)
    await told
    const [made = ''] = (await readdir(stick)).filter((name) => !before.includes(name))
    const opened = restore(join(await temporaryDirectory(), 'state'), join(stick, made), { passphrase })
    expect(await opened).toMatchObject({ secrets: true })
  }
  await daily.stop()
})
