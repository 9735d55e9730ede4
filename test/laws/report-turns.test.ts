import { expect, test } from 'vitest'
import { readChains } from '../../agent/journal/chains.ts'
import { readingView } from '../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../agent/journal/reader.ts'
import type { ReportType } from '../../agent/laws/closing-reports.ts'
import { GermanClosingBooks } from '../../agent/laws/germany/closing-books.ts'
import type { JournalReads } from '../../agent/laws/germany/dsfinvk/journal-bons.ts'
import { VatRates } from '../../agent/laws/germany/vat.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { today } from '../today.ts'
import { SETTINGS } from './germany/dsfinvk/journal-package.ts'

const DATE = today()

async function sell({ id, till }: Register): Promise<void> {
  await till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
}

async function open(bench: Bench, locationId: string): Promise<Register> {
  const register = await bench.register(locationId)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  return register
}

async function close(register: Register): Promise<void> {
  await counted(register, '0.00')
  await register.till.create(closing(register, '0.00'))
}

/** Events read and sessions looked at in each turn while a report is made. */
async function turnsOf(state: string, registerId: string, type: ReportType) {
  const db = openReadOnly(state)
  try {
    const turns = [{ events: 0, sessions: 0 }]
    const turn = () => turns.at(-1) ?? { events: 0, sessions: 0 }
    const view = readingView(db)
    const { unhashedPortion, operations } = view
    const counted: JournalReads = {
      ...view,
      unhashedPortion: (after, upTo) => {
        const events = unhashedPortion(after, upTo)
        turn().events += events.length
        return events
      },
      operations: (...args) => {
        turn().sessions++
        return operations(...args)
      },
    }
    const books = new GermanClosingBooks({
      ...{ view: counted, chains: () => readChains(db), directory: state, settings: SETTINGS, tses: () => [] },
      rates: new VatRates([], []),
      recordsDrawerOpenings: false,
      now: () => Date.now(),
      pause: async () => {
        turns.push({ events: 0, sessions: 0 })
      },
    })
    const report = await books.report(registerId, DATE, type)
    return { report, turns }
  } finally {
    db.close()
  }
}

test('others sell during a report of a register that sold little between busy ones', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [quiet, busy] = [await open(bench, locationId), await open(bench, locationId)]
  for (let sales = 0; sales < 10; sales++) await sell(busy)
  await close(quiet)
  const { report, turns } = await turnsOf(bench.config.state, quiet.id, 'daily')
  expect(report?.numbers).toEqual([1])
  expect(turns.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(40)
  expect(Math.max(...turns.map(({ events }) => events))).toBeLessThanOrEqual(16)
})

test('a report of a new register reads nothing that others sold before it', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const busy = await open(bench, locationId)
  for (let sales = 0; sales < 10; sales++) await sell(busy)
  const fresh = await open(bench, locationId)
  await close(fresh)
  const { report, turns } = await turnsOf(bench.config.state, fresh.id, 'daily')
  expect(report?.numbers).toEqual([1])
  expect(turns.reduce((sum, { events }) => sum + events, 0)).toBeLessThan(20)
})

test('others sell while the sessions of a year are looked for', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const register = await open(bench, locationId)
  for (let days = 1; days < 6; days++) {
    await close(register)
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  }
  await close(register)
  const { report, turns } = await turnsOf(bench.config.state, register.id, 'annual')
  expect(report?.numbers).toEqual([1, 2, 3, 4, 5, 6])
  // Each with the one before it.
  expect(Math.max(...turns.map(({ sessions }) => sessions))).toBeLessThanOrEqual(2)
})
