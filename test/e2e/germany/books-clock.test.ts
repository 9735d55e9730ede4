// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readingView } from '../../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../../agent/journal/reader.ts'
import { closedSessions } from '../../../agent/laws/germany/dsfinvk/journal-closings.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closedWith } from '../older-date.ts'
import { verifiedPackage } from './package-rows.ts'

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
  { beforeClose, date = opened.slice(0, 10) }: { beforeClose?: () => void; date?: string } = {},
): Promise<void> {
  clock.jump(opened)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const open = await till.create(goods('sale', id, [['4.50', '0.07']]))
  await till.complete(open, [pay('cash', '4.50')])
  clock.jump(closed)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '4.50' }))
  beforeClose?.()
  await till.create(event('session_close', id, { business_date: date, closing_adjustment_amount: '-4.50' }))
}

test('a closing dated by a clock years ahead belongs to its business date', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2040-01-01T12:00:00Z')
  await shift(register, clock, '2026-03-03T08:00:00Z', '2026-03-03T17:00:00Z')
  await shift(register, clock, '2026-03-04T08:00:00Z', '2026-03-04T17:00:00Z')
  const all = [
    ['1', '2040-01-01T13:00:00+01:00'],
    ['2', '2026-03-03T18:00:00+01:00'],
    ['3', '2026-03-04T18:00:00+01:00'],
  ]
  expect(await closingsIn(bench)).toEqual(all)
  expect(await closingsIn(bench, { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' })).toEqual(all)
  const ahead = { type: 'dsfinvk', from: '2040-01-01T00:00:00Z', to: '2041-01-01T00:00:00Z' }
  expect(await bench.office.post('/v1/exports', ahead, 422)).toMatchObject({
    code: 'export_dsfinvk_no_closed_sessions',
  })
})

test('a clock that had lost its time at a closing prevents no package', async () => {
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
  expect(await closingsIn(bench, day)).toEqual([['1', opened]])
  expect(await closingsIn(bench, { from: '1970-01-01T00:00:00Z', to: '1970-01-02T00:00:00Z' })).toEqual([['2', opened]])
})

test('a closing of an older version with a wrong business date counts by the day on which it was made', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  const numbers = async (range: Members): Promise<(string | undefined)[]> =>
    (await closingsIn(bench, range)).map(([number]) => number)
  const refused = (range: Members): Promise<Members> =>
    bench.office.post('/v1/exports', { type: 'dsfinvk', ...range }, 422)
  const none = { code: 'export_dsfinvk_no_closed_sessions' }
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T17:00:00Z')
  await closedWith(bench, '2062-03-02')
  // Alone in its range, and its column has the date that the till sent.
  const day = { from: '2026-03-02T00:00:00+01:00', to: '2026-03-03T00:00:00+01:00' }
  expect(await numbers(day)).toEqual(['1'])
  const { closings, notes } = await verifiedPackage(bench, day)
  expect(closings.map((row) => row['Z_BUCHUNGSTAG'])).toEqual(['2062-03-02'])
  expect(notes).toMatchObject([['business_date_differs', { register: register.id, z: 1, date: '2062-03-02' }]])
  expect(await refused({ from: '2062-01-01T00:00:00Z', to: '2063-01-01T00:00:00Z' })).toMatchObject(none)
  await shift(register, clock, '2026-03-31T08:00:00Z', '2026-03-31T17:00:00Z')
  await closedWith(bench, '2025-03-31')
  await shift(register, clock, '2026-04-01T08:00:00Z', '2026-04-01T17:00:00Z')
  expect(await numbers({ from: '2026-03-01T00:00:00+01:00', to: '2026-04-01T00:00:00+02:00' })).toEqual(['1', '2'])
  const path = `/v1/registers/${register.id}/closings`
  const report = async (more: Members): Promise<unknown> => (await register.till.post(path, more))['z_numbers']
  expect(await report({ business_date: '2026-03-02' })).toEqual([1])
  expect(await report({ type: 'monthly', business_date: '2026-03-15' })).toEqual([1, 2])
  expect(await report({ type: 'annual', business_date: '2026-03-15' })).toEqual([1, 2, 3])
  for (const date of ['2062-03-02', '2025-03-31'])
    expect(await register.till.refused({ path, body: { business_date: date } })).toMatchObject({ status: 409 })
  await closedWith(bench, '2031-04-01')
  // By default the report is over the last closing.
  expect(await register.till.post(path, {})).toMatchObject({ business_date: '2026-04-01', z_numbers: [3] })
})

test('a closing that a clock dated elsewhere takes its neighbours along: no number is missing in a range', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T17:00:00Z')
  await shift(register, clock, '2026-03-03T08:00:00Z', '2026-03-03T17:00:00Z')
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
})

test('a session that ends around midnight belongs to its business date, and to no other day', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  let midnight: string | undefined
  const atPoint = (point: string): void => {
    if (point !== 'journal.after-commit' || midnight === undefined) return
    clock.jump(midnight)
    midnight = undefined
  }
  await using bench = await Bench.open({ clock, atPoint })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T22:59:59Z', {
    beforeClose: () => {
      midnight = '2026-03-02T23:00:02Z'
    },
  })
  const day = { from: '2026-03-02T00:00:00+01:00', to: '2026-03-03T00:00:00+01:00' }
  const next = { from: day.to, to: '2026-03-04T00:00:00+01:00' }
  expect(await closingsIn(bench, day)).toEqual([['1', '2026-03-03T00:00:02+01:00']])
  const refused = await bench.office.post('/v1/exports', { type: 'dsfinvk', ...next }, 422)
  expect(refused).toMatchObject({ code: 'export_dsfinvk_no_closed_sessions' })
  await shift(register, clock, '2026-03-03T08:00:00Z', '2026-03-03T17:00:00Z')
  expect(await closingsIn(bench, next)).toEqual([['2', '2026-03-03T18:00:00+01:00']])
  expect(await closingsIn(bench, day)).toHaveLength(1)
})

test("the end of a range is outside of it: a closing then is of the next; a technician's request has its end", async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-03-02T08:00:00Z', '2026-03-02T17:00:00Z')
  const db = openReadOnly(bench.config.state)
  const closed = db.prepare<[], string>("SELECT max(at) FROM event WHERE kind LIKE 'operation.%'").pluck().get() ?? ''
  db.close()
  const behind = rfc3339(Date.parse(closed) + 1)
  expect(await closingsIn(bench, { from: closed, to: behind })).toHaveLength(1)
  const before = await bench.office.post(
    '/v1/exports',
    { type: 'dsfinvk', from: '2026-03-01T00:00:00Z', to: closed },
    422,
  )
  expect(before).toMatchObject({ code: 'export_dsfinvk_no_closed_sessions' })
  await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    const written = await bench.agent.administration.exportTo('dsfinvk', { from: closed, to: closed }, file)
    expect(written).toMatchObject({ closings: 1 })
  })
})

/** The job of a package, and to the minute its closings and the start and end of each bon. */
async function packageOf(bench: Bench): Promise<{ findings: unknown; closed: string[]; bons: string[][] }> {
  const { job, bytes } = await bench.exportedJob('dsfinvk')
  expect(job).toMatchObject({ status: 'completed' })
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, bytes)
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
    const files = await filesOf(file)
    const minutesOf = (name: string, columns: readonly string[]): string[][] => {
      const [head = '', ...rows] = String(files.get(name)).trimEnd().split('\r\n')
      const places = columns.map((column) => head.replaceAll('"', '').split(';').indexOf(column))
      return rows.map((row) => places.map((at) => (row.split(';')[at] ?? '').replaceAll('"', '').slice(0, 16)))
    }
    return {
      findings: job['findings'],
      closed: minutesOf('cashpointclosing.csv', ['Z_ERSTELLUNG']).flat(),
      bons: minutesOf('transactions.csv', ['BON_START', 'BON_ENDE']),
    }
  })
}

test('a clock that had lost its time at the close leaves the earlier bons at their times, and the closing after them', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const { id, till } = await bench.register((await bench.shop()).locationId)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  for (const day of ['2026-06-02T10:00:00Z', '2026-06-03T10:00:00Z']) {
    clock.jump(day)
    await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  }
  clock.jump('1970-01-01T00:00:10Z')
  await till.create(event('session_cash_count', id, { counted_closing_amount: '9.00' }))
  await till.create(event('session_close', id, { business_date: '2026-06-03', closing_adjustment_amount: '-9.00' }))
  clock.jump('2026-06-04T10:00:00Z')
  const { closed, bons, findings } = await packageOf(bench)
  const [first, second] = ['2026-06-02T12:00', '2026-06-03T12:00']
  expect(closed).toEqual([second])
  expect(bons.slice(1, 3)).toEqual([
    [first, first],
    [second, second],
  ])
  // Count and close, which the lost clock had dated, do not leave their closing either.
  const opened = '2026-06-01T10:00'
  expect(bons.slice(3)).toEqual(bons.slice(3).map(() => [opened, opened]))
  expect(findings).toEqual([expect.stringContaining(`${bons.length - 3} bons have a time of a clock that had lost it`)])
})

test('a clock that loses its time within a session puts no bon before its opening, and the job reports it', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const { id, till } = await bench.register((await bench.shop()).locationId)
  const sell = async (): Promise<unknown> =>
    till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  clock.jump('1970-01-01T00:00:10Z')
  await sell()
  clock.jump('2026-06-01T10:00:00Z')
  await sell()
  await till.create(event('session_cash_count', id, { counted_closing_amount: '9.00' }))
  await till.create(event('session_close', id, { business_date: '2026-06-01', closing_adjustment_amount: '-9.00' }))
  const { bons, findings } = await packageOf(bench)
  const opened = '2026-06-01T10:00'
  expect(bons.slice(0, 3)).toEqual([
    [opened, opened],
    [opened, opened],
    ['2026-06-01T12:00', '2026-06-01T12:00'],
  ])
  expect(findings).toEqual([expect.stringContaining('1 bons have a time')])
})

test('a closing under a lost clock is in the range of its moment only, and fails no other', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-06-01T08:00:00Z', '1970-01-01T00:00:10Z')
  clock.jump('2026-06-04T08:00:00Z')
  for (const [from, to] of [
    ['2030-01-01T00:00:00Z', '2031-01-01T00:00:00Z'],
    ['2026-06-03T00:00:00Z', '2026-06-04T00:00:00Z'],
  ]) {
    const refused = await bench.office.post('/v1/exports', { type: 'dsfinvk', from, to }, 422)
    expect(refused).toMatchObject({ code: 'export_dsfinvk_no_closed_sessions' })
  }
  expect(await closingsIn(bench, { from: '2026-06-01T00:00:00Z', to: '2026-06-02T00:00:00Z' })).toHaveLength(1)
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
  const sessions = [...closedSessions({ ...view, operations: asked }, range)]
  db.close()
  expect(sessions).toMatchObject([{ number: 21, leftCents: 0n, createdMs: expect.any(Number) }])
  expect(asked.mock.calls.length).toBeLessThan(8)
})
