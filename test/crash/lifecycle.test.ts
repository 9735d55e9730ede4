import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { complaintsOf } from './agent-process.ts'
import { AnswerLog } from './answer-log.ts'
import { checkPlace } from './boundary-run.ts'
import type { Armed, Place } from './daemon.ts'
import { administer, ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

const HITS_MAX = 30
const DAY_MS = 86_400_000

const places: Place[] = []
afterEach(() => {
  for (const { folder } of places.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function place(): Place {
  const made = ownPlace()
  places.push(made)
  return made
}

/** One complete life in order; false when it was killed. `work` is done while it serves. */
async function live(config: string, armed: Armed, work: (url: string) => Promise<unknown>): Promise<boolean> {
  const daemon = runArmed(config, armed)
  const url = await daemon.ready
  if (url !== undefined) await work(url)
  daemon.child.kill('SIGTERM')
  const { code, signal, errors } = await daemon.ended
  if (signal !== 'SIGKILL') expect(complaintsOf(errors)).toBe('')
  if (signal !== 'SIGKILL') expect(code).toBe(0)
  return signal !== 'SIGKILL'
}

async function nothing(): Promise<void> {
  return undefined
}

/** A shift in a separate life; its clock may be wrong. */
async function shift({ config, state }: Place, log: AnswerLog, offsetMs = 0): Promise<void> {
  await live(config, { ...UNARMED, offsetMs }, async (url) => {
    const line = httpLine({ url: () => url, key: await platformKey(state), back: nothing })
    const till = new Till('till', { random: seeded(22), log, line, over: () => false })
    const [register = ''] = await openShop(till, 1)
    await workShift(till, register, 3)
  })
}

test('killed at any step of its first start, the next one begins or completes the journal', heavy(), async () => {
  const points = ['migration.before-commit', 'migration.after-commit', 'rebuild.before-commit']
  const armed = { points: [...points, 'journal.before-commit', 'journal.after-commit'], from: 'start' as const }
  let kills = 0
  for (let hit = 1; hit < HITS_MAX; hit++) {
    const { config, state } = place()
    if (await live(config, { ...armed, hit }, nothing)) break
    kills += 1
    expect(await live(config, UNARMED, nothing)).toBe(true)
    expect(await checkPlace(state, new AnswerLog(), true)).toEqual([])
  }
  expect(kills).toBeGreaterThanOrEqual(5)
})

test('killed while the projections are rebuilt, the next start rebuilds them', heavy(), async () => {
  const log = new AnswerLog()
  const there = place()
  await shift(there, log)
  const db = new Database(join(there.state, 'journal.db'))
  db.prepare("UPDATE meta SET value = '0' WHERE name = 'projection_version'").run()
  db.close()
  const armed: Armed = { points: ['rebuild.before-commit'], hit: 1, from: 'start' }
  expect(await live(there.config, armed, nothing)).toBe(false)
  expect(await live(there.config, UNARMED, nothing)).toBe(true)
  expect(await checkPlace(there.state, log, true)).toEqual([])
})

test('killed while it stops, signs its last checkpoint or empties the log, nothing is lost', heavy(), async () => {
  const log = new AnswerLog()
  const there = place()
  await shift(there, log)
  const points = ['journal.checkpoint-signed', 'journal.before-checkpoint', 'journal.after-checkpoint']
  let kills = 0
  for (let hit = 1; hit < HITS_MAX; hit++) {
    if (await live(there.config, { points, hit, from: 'ready' }, nothing)) break
    kills += 1
    expect(await checkPlace(there.state, log, false)).toEqual([])
  }
  expect(kills).toBe(points.length)
})

test('killed at any step of the sealing, the next call finishes it', heavy(), async () => {
  const log = new AnswerLog()
  const there = place()
  await shift(there, log, -40 * DAY_MS)
  // Its file is written by another process: test/journal/seal.test.ts has the kills there.
  const points = ['seal.before-event', 'seal.after-event']
  let kills = 0
  for (let hit = 1; hit < HITS_MAX; hit++) {
    const seal = (): Promise<unknown> => administer(there.state, 'seal').catch(() => undefined)
    if (await live(there.config, { points, hit, from: 'ready' }, seal)) break
    kills += 1
    expect(await checkPlace(there.state, log, false)).toEqual([])
  }
  expect(kills).toBe(points.length)
  expect(await checkPlace(there.state, log, true)).toEqual([])
})

test('neither the daemon nor the technician arms a fault point', () => {
  const textOf = (file: string): string => readFileSync(join(import.meta.dirname, '..', '..', 'agent', file), 'utf8')
  const daemon = textOf('main.ts')
  expect(daemon).toContain('compose(config, environment)')
  expect(daemon).not.toMatch(/\bfault\b|\.\.\./)
  // The technician has a command of that name: only a composed call counts.
  const [call = '', ...others] = textOf('cli/daemon/technician.ts').match(/compose\(config, .*/g) ?? []
  expect([call, others]).toEqual([expect.stringMatching(/^compose\(config, \{.*\}\)$/), []])
  expect(call).not.toMatch(/\bfault\b|\.\.\./)
})
