import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readingView } from '../../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../../agent/journal/reader.ts'
import { verifyDsfinvk } from '../../../agent/regimes/kassensichv/dsfinvk/check/verify.ts'
import { closedSessions } from '../../../agent/regimes/kassensichv/dsfinvk/journal-closings.ts'
import { filesOf, inDirectory } from '../../regimes/dsfinvk/package.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

/** Number and time of each closing of a package that verifies. */
function closingsIn(bench: Bench, range: Members = {}): Promise<(string | undefined)[][]> {
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk', range))
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
    const [, ...rows] = String((await filesOf(file)).get('cashpointclosing.csv'))
      .trimEnd()
      .split('\r\n')
    return rows.map((row) => row.split(';')).map(([, created, number]) => [number, created?.replaceAll('"', '')])
  })
}

/** A session with one sale, begun at one time and closed at another. */
async function shift(
  { id, till }: Register,
  clock: CalendarClock,
  opened: string,
  closed: string,
  beforeClose?: () => void,
): Promise<void> {
  clock.jump(opened)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const open = await till.create(goods('sale', id, [['4.50', '0.07']]))
  await till.complete(open, [pay('cash', '4.50')])
  clock.jump(closed)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '4.50' }))
  beforeClose?.()
  await till.create(
    event('session_close', id, { business_date: opened.slice(0, 10), closing_adjustment_amount: '-4.50' }),
  )
}

test('a clock that was years ahead at one closing dates that one alone: the next ones are found under their days', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2040-01-01T12:00:00Z')
  await shift(register, clock, '2026-03-03T08:00:00Z', '2026-03-03T17:00:00Z')
  await shift(register, clock, '2026-03-04T08:00:00Z', '2026-03-04T17:00:00Z')
  const second = ['2', '2026-03-03T18:00:00+01:00']
  const third = ['3', '2026-03-04T18:00:00+01:00']
  expect(await closingsIn(bench)).toEqual([['1', '2040-01-01T13:00:00+01:00'], second, third])
  const march = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' }
  expect(await closingsIn(bench, march)).toEqual([second, third])
})

test('a clock that had lost its time at a closing keeps no package from being made', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '1970-01-01T00:00:10Z')
  await shift(register, clock, '1970-01-01T00:01:00Z', '1970-01-01T08:00:00Z')
  await shift(register, clock, '2026-03-04T08:00:00Z', '2026-03-04T17:00:00Z')
  const opened = '2026-03-02T09:00:00+01:00'
  expect(await closingsIn(bench)).toEqual([
    ['1', opened],
    ['2', opened],
    ['3', '2026-03-04T18:00:00+01:00'],
  ])
  const day = { from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' }
  expect(await closingsIn(bench, day)).toHaveLength(2)
})

test('a closing between others that a wrong clock dated elsewhere goes with them: no number is missing in a range', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T17:00:00Z')
  await shift(register, clock, '2026-03-03T08:00:00Z', '2031-03-03T17:00:00Z')
  await shift(register, clock, '2026-03-04T08:00:00Z', '2026-03-04T17:00:00Z')
  // Two hours ahead, and set right before the next one.
  await shift(register, clock, '2026-03-05T08:00:00Z', '2026-03-05T14:00:00Z')
  await shift(register, clock, '2026-03-05T12:00:00Z', '2026-03-05T13:00:00Z')
  await shift(register, clock, '2026-03-06T08:00:00Z', '2026-03-06T17:00:00Z')
  const numbers = async (range: Members): Promise<(string | undefined)[]> =>
    (await closingsIn(bench, range)).map(([number]) => number)
  expect(await numbers({ from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' })).toEqual([
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
  ])
  expect(await numbers({ from: '2026-03-05T00:00:00Z', to: '2026-03-05T13:30:00Z' })).toEqual(['5'])
  expect(await numbers({ from: '2026-03-05T13:30:00Z', to: '2026-04-01T00:00:00Z' })).toEqual(['4', '5', '6'])
  expect(await numbers({ from: '2031-01-01T00:00:00Z', to: '2032-01-01T00:00:00Z' })).toEqual(['2'])
})

test('a session that ends while midnight passes is a closing of the day that its last bon ended on, and of no other', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  let midnight: string | undefined
  const atPoint = (point: string): void => {
    if (point !== 'journal.after-commit' || midnight === undefined) return
    clock.jump(midnight)
    midnight = undefined
  }
  await using bench = await Bench.open({ clock, atPoint })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T22:59:59Z', () => {
    midnight = '2026-03-02T23:00:02Z'
  })
  const day = { from: '2026-03-02T00:00:00+01:00', to: '2026-03-03T00:00:00+01:00' }
  const next = { from: day.to, to: '2026-03-04T00:00:00+01:00' }
  expect(await closingsIn(bench, next)).toEqual([['1', '2026-03-03T00:00:02+01:00']])
  const refused = await bench.office.post('/v1/exports', { type: 'dsfinvk', ...day }, 422)
  expect(refused).toMatchObject({ code: 'export_dsfinvk_no_closed_sessions' })
  await shift(register, clock, '2026-03-03T08:00:00Z', '2026-03-03T17:00:00Z')
  expect(await closingsIn(bench, next)).toHaveLength(2)
})

test('both moments of a range belong to it, as to that of every export', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T17:00:00Z')
  const db = openReadOnly(bench.config.state)
  const closed = db.prepare<[], string>("SELECT max(at) FROM event WHERE kind LIKE 'operation.%'").pluck().get() ?? ''
  db.close()
  expect(await closingsIn(bench, { from: closed, to: closed })).toHaveLength(1)
})

test('a package of a month looks closely at no session of the years before', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  for (let day = 1; day <= 20; day++) {
    const date = `2026-03-${String(day).padStart(2, '0')}`
    await shift(register, clock, `${date}T08:00:00Z`, `${date}T17:00:00Z`)
  }
  await shift(register, clock, '2036-02-29T08:00:00Z', '2036-02-29T22:30:00Z')
  await shift(register, clock, '2036-03-03T08:00:00Z', '2036-03-03T17:00:00Z')
  const db = openReadOnly(bench.config.state)
  const view = readingView(db)
  const asked = vi.fn(view.operations)
  const range = { fromMs: Date.parse('2036-02-01T00:00:00Z'), toMs: Date.parse('2036-03-01T00:00:00Z') }
  const found = [...closedSessions({ ...view, operations: asked }, range)]
  db.close()
  expect(found).toMatchObject([{ number: 21, leftCents: 0n, createdMs: expect.any(Number) }])
  expect(asked.mock.calls.length).toBeLessThan(8)
})
