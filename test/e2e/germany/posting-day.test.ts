// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { event, sell } from '../goods.ts'

const YEAR = { from: '2026-01-01T00:00:00+01:00', to: '2027-01-01T00:00:00+01:00' }
const NEXT_YEAR = { from: YEAR.to, to: '2028-01-01T00:00:00+01:00' }

/** Numbers of the closings of a package that verifies, and its job. */
async function packageOf(bench: Bench, range: Members): Promise<{ numbers: string[]; job: Members }> {
  const { job, bytes } = await bench.exportedJob('dsfinvk', range)
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, bytes)
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
    const [, ...rows] = String((await filesOf(file)).get('cashpointclosing.csv'))
      .trimEnd()
      .split('\r\n')
    return { numbers: rows.map((row) => String(row.split(';')[2])), job }
  })
}

async function numbersIn(bench: Bench, from: string, to: string): Promise<string[]> {
  return (await packageOf(bench, { from, to })).numbers
}

async function refusedIn(bench: Bench, from: string, to: string): Promise<string> {
  return (await bench.office.refused({ path: '/v1/exports', body: { type: 'dsfinvk', from, to } })).code
}

async function open({ id, till }: Register, clock: CalendarClock, at: string): Promise<void> {
  clock.jump(at)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
}

async function close({ id, till }: Register, clock: CalendarClock, at: string, date: string): Promise<void> {
  clock.jump(at)
  const expected = String((await till.get(`/v1/registers/${id}/session`))['expected_closing_amount'])
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected }))
  const taken = { closing_adjustment_amount: `-${expected}` }
  await till.create(event('session_close', id, { business_date: date, ...taken }))
}

/** A session with a sale of 4.50. */
async function shift(register: Register, clock: CalendarClock, opened: string, closed: string, date: string) {
  await open(register, clock, opened)
  await sell(register, '4.50')
  await close(register, clock, closed, date)
}

test('the session of New Year’s Eve belongs to the old year though it is closed after midnight', async () => {
  const clock = new CalendarClock('2026-12-30T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-12-30T08:00:00Z', '2026-12-30T17:00:00Z', '2026-12-30')
  await shift(register, clock, '2026-12-31T16:00:00Z', '2027-01-01T02:00:00Z', '2026-12-31')
  await shift(register, clock, '2027-01-02T08:00:00Z', '2027-01-02T17:00:00Z', '2027-01-02')
  expect(await numbersIn(bench, YEAR.from, YEAR.to)).toEqual(['1', '2'])
  expect(await numbersIn(bench, NEXT_YEAR.from, NEXT_YEAR.to)).toEqual(['3'])
  const annual = await register.till.post(`/v1/registers/${register.id}/closings`, {
    type: 'annual',
    business_date: '2026-12-31',
  })
  expect(annual['z_numbers']).toEqual([1, 2])
  const elsewhere = {
    ...{ register_id: register.id, session_id: expect.stringMatching(/^ses_/), z_number: 2, bons: 4 },
    ...{ opened_at: expect.stringMatching(/^2026-12-31T16:00/), business_date: '2026-12-31', total_amount: '4.50' },
  }
  const { job } = await packageOf(bench, NEXT_YEAR)
  expect(job).toMatchObject({ open_session_excluded: false, left_out: [elsewhere] })
  expect((await packageOf(bench, YEAR)).job['left_out']).toEqual([])
  const day = { type: 'dsfinvk', from: '2027-01-01T00:00:00+01:00', to: '2027-01-02T00:00:00+01:00' }
  expect(await bench.office.refused({ path: '/v1/exports', body: day })).toMatchObject({
    ...{ status: 422, code: 'export_dsfinvk_no_closed_sessions' },
    details: { from: expect.any(String), to: expect.any(String), left_out: [elsewhere] },
    message: `No closing has a business date in the range. Its sales are in closing 2 of register ${register.id} (business date 2026-12-31).`,
  })
  // A technician's command, and the day on which nothing was open.
  await inDirectory(async (directory) => {
    const range = { from: day.from, to: '2027-01-01T23:59:59+01:00' }
    const refused = bench.agent.administration.exportTo('dsfinvk', range, join(directory, 'package.zip'))
    await expect(refused).rejects.toMatchObject({ details: { left_out: [elsewhere] } })
  })
  const idle = { type: 'dsfinvk', from: '2027-01-03T00:00:00+01:00', to: '2027-01-04T00:00:00+01:00' }
  expect(await bench.office.refused({ path: '/v1/exports', body: idle })).toMatchObject({
    ...{ details: { left_out: [] }, message: expect.stringMatching(/^No closing has a business date in the range: /) },
  })
})

test('a closed session in the middle of a range is left out of none: its neighbours take it along', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-06-01T08:00:00Z', '2026-06-01T17:00:00Z', '2026-06-01')
  await shift(register, clock, '2026-06-02T08:00:00Z', '2026-06-02T17:00:00Z', '2026-06-03')
  await shift(register, clock, '2026-06-02T18:00:00Z', '2026-06-02T20:00:00Z', '2026-06-02')
  const { numbers, job } = await packageOf(bench, {
    from: '2026-06-01T00:00:00+02:00',
    to: '2026-06-03T00:00:00+02:00',
  })
  expect([numbers, job['left_out']]).toEqual([['1', '2', '3'], []])
  const second = await packageOf(bench, { from: '2026-06-02T00:00:00+02:00', to: '2026-06-03T00:00:00+02:00' })
  expect([second.numbers, second.job['left_out']]).toMatchObject([
    ['3'],
    [{ z_number: 2, business_date: '2026-06-03', total_amount: '4.50' }],
  ])
})

test('within a day a closing of another posting day counts at the nearest edge of that day', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  // Posted on June 1 and made after it; posted on June 4 and made before it; made on its own day.
  await shift(register, clock, '2026-06-01T16:00:00Z', '2026-06-02T01:00:00Z', '2026-06-01')
  await shift(register, clock, '2026-06-03T08:00:00Z', '2026-06-03T17:00:00Z', '2026-06-04')
  await shift(register, clock, '2026-06-05T08:00:00Z', '2026-06-05T17:00:00Z', '2026-06-05')
  const none = 'export_dsfinvk_no_closed_sessions'
  expect(await numbersIn(bench, '2026-06-01T23:59:59.999+02:00', '2026-06-02T00:00:00+02:00')).toEqual(['1'])
  expect(await refusedIn(bench, '2026-06-01T00:00:00+02:00', '2026-06-01T23:59:00+02:00')).toBe(none)
  expect(await refusedIn(bench, '2026-06-02T00:00:00+02:00', '2026-06-03T23:00:00+02:00')).toBe(none)
  expect(await numbersIn(bench, '2026-06-04T00:00:00+02:00', '2026-06-04T00:00:01+02:00')).toEqual(['2'])
  expect(await refusedIn(bench, '2026-06-04T00:00:01+02:00', '2026-06-05T18:00:00+02:00')).toBe(none)
  expect(await numbersIn(bench, '2026-06-05T19:00:00+02:00', '2026-06-05T20:00:00+02:00')).toEqual(['3'])
})

test('an end within the last second of a day takes the whole day', async () => {
  const clock = new CalendarClock('2026-12-31T16:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, '2026-12-31T16:00:00Z', '2027-01-01T02:00:00Z', '2026-12-31')
  for (const to of ['2026-12-31T23:59:59+01:00', '2026-12-31T23:59:59.999+01:00', '2026-12-31T22:59:59Z'])
    expect(await numbersIn(bench, YEAR.from, to)).toEqual(['1'])
  expect(await refusedIn(bench, YEAR.from, '2026-12-31T23:59:58+01:00')).toBe('export_dsfinvk_no_closed_sessions')
})

test('an export names each session that was opened before its end and is not closed', async () => {
  const clock = new CalendarClock('2026-12-30T07:00:00Z')
  await using bench = await Bench.open({ clock })
  const { locationId } = await bench.shop()
  const [first, second, third] = [
    await bench.register(locationId),
    await bench.register(locationId),
    await bench.register(locationId),
  ]
  await shift(first, clock, '2026-12-30T08:00:00Z', '2026-12-30T17:00:00Z', '2026-12-30')
  await open(second, clock, '2026-12-31T16:00:00Z')
  const sold = await sell(second, '4.50')
  await sell(second, '3.00')
  const back = await second.till.create({ ...event('void', second.id, { related_operation_id: sold.id }) })
  expect(back.status).toBe('completed')
  await second.till.create(event('session_cash_adjustment', second.id, { cash_amount: '20.00' }))
  await open(third, clock, '2027-01-02T08:00:00Z')
  await sell(third, '9.00')
  const { numbers, job } = await packageOf(bench, YEAR)
  expect(numbers).toEqual(['1'])
  const { session_id: session } = sold
  expect(job).toMatchObject({ status: 'completed', open_session_excluded: true })
  expect(job['left_out']).toEqual([
    {
      register_id: second.id,
      session_id: session,
      opened_at: expect.stringMatching(/^2026-12-31T16:00:00/),
      bons: 5,
      total_amount: '3.00',
    },
  ])
  const whole = await packageOf(bench, {})
  expect((whole.job['left_out'] as Members[]).map((row) => [row['register_id'], row['bons']])).toEqual(
    [
      [second.id, 5],
      [third.id, 2],
    ].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  )
  const before = await packageOf(bench, { from: YEAR.from, to: '2026-12-31T16:00:00+01:00' })
  expect(before.job).toMatchObject({ open_session_excluded: false, left_out: [] })
})
