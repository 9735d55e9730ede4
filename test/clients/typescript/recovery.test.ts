// @module-tag heavy
import { expect, test } from 'vitest'
import { cash, line } from '../../../clients/typescript/src/goods.ts'
import { memoryStore } from '../../../clients/typescript/src/store.ts'
import type { Till } from '../../../clients/typescript/src/till.ts'
import type { Register } from '../../e2e/bench.ts'
import { Bench } from '../../e2e/bench.ts'
import { pointed, stoppedAt } from './crash-points.ts'
import { faultyFetch, openTill } from './fault-line.ts'

const BUNS = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })
const CAKE = line({ sku_identifier: 'cake', title: 'Käsekuchen', quantity: 1, unit_price: '2.50', rate: '0.07' })
const PAID = [cash('4.50')]
const POINTS_MAX = 60

type Act = (till: Till) => Promise<unknown>

/** The basket of the act has an end, whatever the till's cashier sees after the crash. */
async function finish(till: Till): Promise<void> {
  for (const { entry, outcome } of till.recovered) {
    if (outcome.outcome !== 'done' || outcome.value.status !== 'open') continue
    const { payments } = entry
    const ended = payments
      ? await till.complete(outcome.value, { payments: [...payments] })
      : await till.void(outcome.value)
    expect(ended).toMatchObject({ outcome: 'done' })
  }
}

/** Kills a till at each point of an act in turn. Returns the points, and the status of the baskets that each left. */
async function killedAtEachPoint(bench: Bench, register: Register, act: Act): Promise<Map<string, readonly string[]>> {
  const seen = new Map<string, readonly string[]>()
  for (let number = 1; number < POINTS_MAX; number++) {
    const store = memoryStore(() => undefined)
    const before = new Set(await idsAt(bench))
    let isArmed = false
    const { at, stopped } = stoppedAt(number)
    const parts = pointed(store, faultyFetch(), (point) => (isArmed ? at(point) : undefined))
    const killed = await openTill(bench, register, parts)
    isArmed = true
    const end = await Promise.race([stopped, act(killed).then(() => undefined)])
    const till = await openTill(bench, register, { store })
    await finish(till)
    expect(till.pending(), end).toEqual([])
    expect(await till.orphans(), end).toEqual({ outcome: 'done', value: [] })
    const made = (await bench.office.list('/v1/operations?type=sale&limit=200')).filter(
      ({ id }) => !before.has(String(id)),
    )
    if (end === undefined) return seen
    seen.set(
      `${number} ${end}`,
      made.map(({ status }) => String(status)),
    )
  }
  throw new Error(`more than ${POINTS_MAX} points`)
}

async function idsAt(bench: Bench): Promise<string[]> {
  return (await bench.office.list('/v1/operations?type=sale&limit=200')).map(({ id }) => String(id))
}

test('a till that is killed at any step of a sale has sold it once, or never sent it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const ends = await killedAtEachPoint(bench, register, (till) => till.sell({ lines: [BUNS], payments: PAID }))
  expect([...ends.keys()].map((point) => point.replace(/op_\w+/, 'ID'))).toEqual([
    '1 before put create',
    '2 after put create',
    '3 before POST /v1/operations',
    '4 after POST /v1/operations',
    '5 before put complete',
    '6 after put complete',
    '7 before POST /v1/operations/ID/complete',
    '8 after POST /v1/operations/ID/complete',
    '9 before remove',
    '10 after remove',
  ])
  const [first, ...others] = ends.values()
  expect(first).toEqual([])
  for (const statuses of others) expect(statuses).toEqual(['completed'])
})

test('a till that is killed at any step of a basket that is amended, then completed or voided, ends it once', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const begun: Act = async (till) => {
    const open = await till.begin({ lines: [CAKE] })
    if (open.outcome !== 'done') throw new Error(open.outcome)
    const amended = await till.amend(open.value, { lines: [BUNS] })
    if (amended.outcome !== 'done') throw new Error(amended.outcome)
    return amended.value
  }
  const completed: Act = async (till) => till.complete((await begun(till)) as never, { payments: PAID })
  for (const statuses of [...(await killedAtEachPoint(bench, register, completed)).values()].slice(1))
    expect([['completed'], ['voided']]).toContainEqual(statuses)
  const voided: Act = async (till) => till.void((await begun(till)) as never)
  for (const statuses of [...(await killedAtEachPoint(bench, register, voided)).values()].slice(1))
    expect(statuses).toEqual(['voided'])
})

test('the screen after a crash has the basket, its payments and the note of the till', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const store = memoryStore(() => undefined)
  const { at, stopped } = stoppedAt(5)
  let isArmed = false
  const killed = await openTill(
    bench,
    register,
    pointed(store, faultyFetch(), (point) => (isArmed ? at(point) : undefined)),
  )
  isArmed = true
  void killed.sell({ lines: [BUNS], payments: PAID }, { note: 'Bon 17' })
  expect(await stopped).toBe('before put complete')
  const till = await openTill(bench, register, { store })
  expect(till.recovered).toMatchObject([
    {
      entry: { step: 'create', payments: PAID, note: 'Bon 17' },
      outcome: { outcome: 'done', value: { status: 'open', total_amount: '4.50' } },
    },
  ])
  await finish(till)
})
