// @module-tag heavy
import { expect, onTestFinished, test } from 'vitest'
import type { Chains } from '../../../../agent/journal/chains.ts'
import { readChains } from '../../../../agent/journal/chains.ts'
import type { UnhashedEvent } from '../../../../agent/journal/events.ts'
import type { View } from '../../../../agent/journal/projections/view.ts'
import { readingView } from '../../../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../../../agent/journal/reader.ts'
import { HashedEvents } from '../../../../agent/laws/germany/dsfinvk/hashed-events.ts'
import { journalSource } from '../../../../agent/laws/germany/dsfinvk/journal-source.ts'
import type { Register } from '../../../e2e/bench.ts'
import { Bench } from '../../../e2e/bench.ts'
import { event, goods, pay } from '../../../e2e/goods.ts'
import { closing, counted } from '../../../e2e/shift.ts'
import { EVERYTHING, SETTINGS } from './journal-package.ts'

async function open(bench: Bench, locationId: string): Promise<Register> {
  const register = await bench.register(locationId)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  return register
}

async function sell({ id, till }: Register): Promise<void> {
  await till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
}

async function close(register: Register): Promise<void> {
  await counted(register, '3.00')
  await register.till.create(closing(register, '3.00'))
}

type Change = (events: UnhashedEvent[]) => UnhashedEvent[]

/** Reads all closings from events that `change` has edited. Returns how often each event was read, and compared. */
function readings(view: View, chains: Chains, change: Change = (events) => events) {
  const read = new Map<number, number>()
  const unhashedPortion = (...range: [number, number]): UnhashedEvent[] => {
    const portion = change(view.unhashedPortion(...range))
    for (const { seq } of portion) read.set(seq, (read.get(seq) ?? 0) + 1)
    return portion
  }
  let compared = 0
  const stored = (seq: number) => {
    compared++
    return view.event(seq)
  }
  const settings = { ...SETTINGS, hashes: new HashedEvents(stored, chains), tse: () => undefined }
  let bons = 0
  for (const one of journalSource({ ...view, unhashedPortion }, EVERYTHING, settings).closings())
    bons += [...one.bons()].length
  return { bons, read, compared }
}

/** The journal of two registers that sell in turns. */
async function sharedDay(bench: Bench): Promise<[View, Chains]> {
  const { locationId } = await bench.shop()
  const registers = [await open(bench, locationId), await open(bench, locationId)] as const
  for (const register of registers) await sell(register)
  for (const register of registers) await close(register)
  const db = openReadOnly(bench.config.state)
  onTestFinished(() => void db.close())
  return [readingView(db), readChains(db)]
}

test('a package of registers that sell at the same time names each event that was changed or removed', async () => {
  await using bench = await Bench.open()
  const [view, chains] = await sharedDay(bench)
  const { bons, read } = readings(view, chains)
  expect(bons).toBe(8)
  const seqs = [...read.keys()]
  for (const seq of seqs) {
    const changed: Change = (events) => events.map((one) => (one.seq === seq ? { ...one, mono: `${one.mono}1` } : one))
    expect(() => readings(view, chains, changed), `event ${seq}`).toThrow(`event ${seq} of the journal`)
  }
  for (const seq of seqs.slice(0, -1)) {
    const removed: Change = (events) => events.filter((one) => one.seq !== seq)
    expect(() => readings(view, chains, removed), `without ${seq}`).toThrow(`event ${seq + 1} of the journal`)
  }
})

test('a package compares an event with its hash once, however many registers read it', async () => {
  await using bench = await Bench.open()
  const { read, compared } = readings(...(await sharedDay(bench)))
  const times = [...read.values()]
  expect(Math.max(...times)).toBe(2)
  expect(compared).toBeLessThan(times.length / 4)
})
