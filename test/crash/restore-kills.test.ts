// @module-tag heavy
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { backUp, restore } from '../backup/parts.ts'
import { smoke } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { AnswerLog } from './answer-log.ts'
import type { Armed, Place } from './daemon.ts'
import { ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

const STEPS_MAX = 30

type Row = { kind: string; body: string }

async function live(place: Place, armed: Armed, work: (url: string) => Promise<unknown>): Promise<boolean> {
  const daemon = runArmed(place.config, armed)
  const url = await daemon.ready
  if (url !== undefined) await work(url)
  daemon.child.kill('SIGTERM')
  return (await daemon.ended).signal !== 'SIGKILL'
}

async function work(place: Place, url: string, acts: number, register: string | undefined): Promise<string> {
  const line = httpLine({ url: () => url, key: await platformKey(place.state), back: async () => undefined })
  const till = new Till(`till${acts}`, { random: seeded(acts), log: new AnswerLog(), line, over: () => false })
  const [id = ''] = register === undefined ? await openShop(till, 1) : [register]
  await workShift(till, id, acts)
  return id
}

function eventsOf(state: string): Row[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    return db.prepare<[], Row>('SELECT kind, body FROM event ORDER BY seq').all()
  } finally {
    db.close()
  }
}

/** Facts that each number of transactions and receipts is journalled once, whatever was killed. */
function takenOver(state: string): { lost: number[]; receipts: number[]; ends: number } {
  const events = eventsOf(state).map(({ kind, body }) => ({ kind, body: JSON.parse(body) }))
  const adopted = events.filter(({ kind }) => kind === 'tse.adopted').map(({ body }) => body.facts.transactions)
  return {
    lost: events.filter(({ kind }) => kind === 'transaction.lost').map(({ body }) => body.transaction.number),
    receipts: events.flatMap(({ body }) => (body.receipt === undefined ? [] : [body.receipt.number])),
    ends: adopted.filter(({ length }: { length: number }) => length === 0).length,
  }
}

test(
  'killed at every step of the first start after a restore: each lost receipt is taken over once, with its number',
  smoke(),
  async () => {
    const place = ownPlace()
    onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
    const copy = (from: string, to: string): void => {
      rmSync(to, { recursive: true, force: true })
      cpSync(from, to, { recursive: true })
    }
    const [devices, kept, fresh] = [
      join(place.state, 'devices'),
      join(place.folder, 'kept'),
      join(place.folder, 'fresh'),
    ]
    let register: string | undefined
    await live(place, UNARMED, async (url) => {
      register = await work(place, url, 2, register)
    })
    const { file } = await backUp(place.state, place.folder)
    await live(place, UNARMED, (url) => work(place, url, 3, register))
    const before = takenOver(place.state)
    copy(devices, kept)
    rmSync(place.state, { recursive: true })
    await restore(place.state, file)
    // The TSE is a device: it was not set back with the disk.
    copy(kept, devices)
    copy(place.state, fresh)

    let kills = 0
    for (let isOver = false; !isOver && kills < STEPS_MAX; ) {
      copy(fresh, place.state)
      const points = ['journal.before-commit', 'journal.after-commit']
      isOver = await live(place, { points, hit: kills + 1, from: 'start' }, async () => undefined)
      if (!isOver) kills += 1
      await live(place, UNARMED, async () => undefined)
      const { lost, receipts, ends } = takenOver(place.state)
      expect(lost.length).toBeGreaterThan(3)
      expect([...new Set(lost)]).toEqual(lost)
      expect(receipts).toEqual(receipts.map((_, at) => at + 1))
      expect(receipts.length).toBe(before.receipts.length)
      expect(ends).toBe(1)
      expect(await verifyJournal(place.state)).toMatchObject({ valid: true, projections: 'equal' })
    }
    expect(kills).toBeGreaterThanOrEqual(4)
  },
)
