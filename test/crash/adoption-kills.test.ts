// @module-tag heavy
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { AnswerLog } from './answer-log.ts'
import type { Armed, Place } from './daemon.ts'
import { administer, DEVICE, ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

const STEPS_MAX = 20

async function live(place: Place, armed: Armed, work: (url: string) => Promise<unknown>): Promise<boolean> {
  const daemon = runArmed(place.config, armed)
  await work((await daemon.ready) ?? '')
  daemon.child.kill('SIGTERM')
  return (await daemon.ended).signal !== 'SIGKILL'
}

function adopt(place: Place): Promise<unknown> {
  return administer(place.state, 'deviceAct', DEVICE, 'adopt').catch((error: unknown) => error)
}

function bodiesIn<Body>(state: string, kind: string): Body[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    const rows = db.prepare<[string], { body: string }>('SELECT body FROM event WHERE kind = ? ORDER BY seq').all(kind)
    return rows.map(({ body }) => JSON.parse(body) as Body)
  } finally {
    db.close()
  }
}

/** Counters that the records of adoption name. */
function passedOverIn(state: string): readonly { from: number; to: number }[] {
  return bodiesIn<{ facts: { signature_counters: { from: number; to: number } } }>(state, 'tse.adopted').map(
    ({ facts }) => facts.signature_counters,
  )
}

async function work(place: Place, url: string, acts: number, register: string | undefined): Promise<string> {
  const line = httpLine({ url: () => url, key: await platformKey(place.state), back: async () => undefined })
  const till = new Till(`till${acts}`, { random: seeded(acts), log: new AnswerLog(), line, over: () => false })
  const [id = ''] = register === undefined ? await openShop(till, 1) : [register]
  await workShift(till, id, acts)
  return id
}

/**
 * A shop that sells on while one of its parts is as before, then an adoption that is killed at each step in turn and given
 * again; `check` judges what that came to, while the agent runs. `part`: a file or folder of the state directory.
 */
async function adoptedAtEveryStep(part: string, check: (place: Place) => Promise<void> | void): Promise<void> {
  const place = ownPlace()
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  const [present, older, setBack] = [
    join(place.state, part),
    join(place.folder, 'older'),
    join(place.folder, 'set-back'),
  ]
  const copy = (from: string, to: string): void => {
    rmSync(to, { recursive: true, force: true })
    cpSync(from, to, { recursive: true })
  }
  let register: string | undefined
  const shift = async (url: string, acts: number): Promise<void> => {
    register = await work(place, url, acts, register)
  }
  await live(place, UNARMED, (url) => shift(url, 2))
  copy(present, older)
  await live(place, UNARMED, (url) => shift(url, 3))
  copy(older, present)
  copy(place.state, setBack)

  let kills = 0
  for (let isOver = false; !isOver && kills < STEPS_MAX; ) {
    copy(setBack, place.state)
    const points = ['journal.before-commit', 'journal.after-commit']
    isOver = await live(place, { points, hit: kills + 1, from: 'ready' }, () => adopt(place))
    if (!isOver) kills += 1
    await live(place, UNARMED, async () => {
      await adopt(place)
      await check(place)
    })
  }
  expect(kills).toBeGreaterThanOrEqual(2)
}

test('killed at every step of an adoption of a TSE that was set back: the counters it passes over are on record', async () => {
  await adoptedAtEveryStep('devices', async (place) => {
    const [first, ...again] = passedOverIn(place.state)
    expect(first?.to).toBeGreaterThan(first?.from ?? Number.POSITIVE_INFINITY)
    for (const one of again) expect(one.to).toBe(first?.to)
    const device = await administer(place.state, 'deviceAct', DEVICE, 'status')
    expect(device).toMatchObject({ state: 'ready' })
  })
})

test('killed at every step of an adoption: lost transactions are journalled once, and the record names all of them', async () => {
  await adoptedAtEveryStep('journal.db', ({ state }) => {
    const lost = bodiesIn<{ transaction: { number: number } }>(state, 'transaction.lost')
    const numbers = lost.map(({ transaction }) => transaction.number)
    const named = bodiesIn<{ facts: { transactions: number[] } }>(state, 'tse.adopted')
    expect(numbers.length).toBeGreaterThan(3)
    expect([...new Set(numbers)]).toEqual(numbers)
    expect(named.flatMap(({ facts }) => facts.transactions)).toEqual(numbers)
  })
})
