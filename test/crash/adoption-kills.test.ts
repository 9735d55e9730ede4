import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { AnswerLog } from './answer-log.ts'
import type { Armed, Place } from './daemon.ts'
import { administer, DEVICE, ownPlace, platformKey, runArmed } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { openShop, Till, workShift } from './till.ts'

const NOTHING: Armed = { points: [], hit: 1, from: 'ready' }
const stepsMax = 20

async function live(place: Place, armed: Armed, work: (url: string) => Promise<unknown>): Promise<boolean> {
  const daemon = runArmed(place.config, armed)
  await work((await daemon.ready) ?? '')
  daemon.child.kill('SIGTERM')
  return (await daemon.ended).signal !== 'SIGKILL'
}

const adopt = (place: Place): Promise<unknown> =>
  administer(place.state, 'deviceAct', { deviceId: DEVICE, act: 'adopt' }).catch((error: unknown) => error)

/** The transactions that are journalled as lost, and those that the records of adoption name. */
function adoptedIn(state: string): { lost: number[]; named: number[] } {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    const bodies = (kind: string) =>
      db
        .prepare<[string], { body: string }>('SELECT body FROM event WHERE kind = ? ORDER BY seq')
        .all(kind)
        .map(({ body }) => JSON.parse(body) as { transaction: { number: number }; note: { transactions: number[] } })
    return {
      lost: bodies('transaction.lost').map(({ transaction }) => transaction.number),
      named: bodies('device.adopted').flatMap(({ note }) => note.transactions),
    }
  } finally {
    db.close()
  }
}

/** Counters that the records of adoption name. */
function passedOverIn(state: string): readonly { from: number; to: number }[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    return db
      .prepare<[], { body: string }>("SELECT body FROM event WHERE kind = 'device.adopted' ORDER BY seq")
      .all()
      .map(({ body }) => (JSON.parse(body) as { note: { signature_counters: { from: number; to: number } } }).note)
      .map(({ signature_counters }) => signature_counters)
  } finally {
    db.close()
  }
}

async function work(place: Place, url: string, acts: number, register: string | undefined): Promise<string> {
  const line = httpLine({ url: () => url, key: await platformKey(place.state), back: async () => undefined })
  const till = new Till(`till${acts}`, { random: seeded(acts), log: new AnswerLog(), line, over: () => false })
  const [id = ''] = register === undefined ? await openShop(till, 1) : [register]
  await workShift(till, id, acts)
  return id
}

test('killed at every step of an adoption of a TSE that was set back: the counters it passes over are on record', async () => {
  const place = ownPlace()
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  const [devices, older] = [join(place.state, 'devices'), join(place.folder, 'older')]
  let register: string | undefined
  const shift = async (url: string, acts: number): Promise<void> => {
    register = await work(place, url, acts, register)
  }
  await live(place, NOTHING, (url) => shift(url, 2))
  cpSync(devices, older, { recursive: true })
  await live(place, NOTHING, (url) => shift(url, 3))
  rmSync(devices, { recursive: true })
  cpSync(older, devices, { recursive: true })
  const setBack = join(place.folder, 'set-back')
  cpSync(place.state, setBack, { recursive: true })

  let kills = 0
  for (let isOver = false; !isOver && kills < stepsMax; ) {
    rmSync(place.state, { recursive: true })
    cpSync(setBack, place.state, { recursive: true })
    const points = ['journal.before-commit', 'journal.after-commit']
    isOver = await live(place, { points, hit: kills + 1, from: 'ready' }, () => adopt(place))
    if (!isOver) kills += 1
    await live(place, NOTHING, () => adopt(place))
    const [first, ...again] = passedOverIn(place.state)
    expect(first?.to).toBeGreaterThan(first?.from ?? Number.POSITIVE_INFINITY)
    for (const one of again) expect(one.to).toBe(first?.to)
    await live(place, NOTHING, async () => {
      const device = await administer(place.state, 'deviceAct', { deviceId: DEVICE, act: 'status' })
      expect(device).toMatchObject({ state: 'ready' })
    })
  }
  expect(kills).toBeGreaterThanOrEqual(2)
}, 120_000)

test('killed at every step of an adoption: what was lost is journalled once, and the record names all of it', async () => {
  const place = ownPlace()
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  const [journal, older] = [join(place.state, 'journal.db'), join(place.folder, 'older.db')]
  let register: string | undefined
  const shift = async (url: string, acts: number): Promise<void> => {
    register = await work(place, url, acts, register)
  }
  await live(place, NOTHING, (url) => shift(url, 2))
  copyFileSync(journal, older)
  await live(place, NOTHING, (url) => shift(url, 3))
  copyFileSync(older, journal)
  const setBack = join(place.folder, 'set-back')
  cpSync(place.state, setBack, { recursive: true })

  let kills = 0
  for (let isOver = false; !isOver && kills < stepsMax; ) {
    rmSync(place.state, { recursive: true })
    cpSync(setBack, place.state, { recursive: true })
    const points = ['journal.before-commit', 'journal.after-commit']
    isOver = await live(place, { points, hit: kills + 1, from: 'ready' }, () => adopt(place))
    if (!isOver) kills += 1
    await live(place, NOTHING, () => adopt(place))
    const { lost, named } = adoptedIn(place.state)
    expect(lost.length).toBeGreaterThan(3)
    expect([...new Set(lost)]).toEqual(lost)
    expect(named).toEqual(lost)
  }
  expect(kills).toBeGreaterThanOrEqual(2)
}, 120_000)
