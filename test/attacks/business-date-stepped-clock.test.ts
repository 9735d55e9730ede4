// @module-tag heavy
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import { event, sell } from '../e2e/goods.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'

// A close takes any business date while the clock is wrong, so that a shift can always be closed. The insider sets the clock
// back, posts a day in another year, and sets it right.

async function shift({ id, till }: Register, clock: CalendarClock, [opened, closed]: [string, string], date: string) {
  clock.jump(opened)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  await sell({ id, till } as Register, '480.00')
  clock.jump(closed)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '480.00' }))
  await till.create(event('session_close', id, { business_date: date, closing_adjustment_amount: '-480.00' }))
}

/** A sound day, the second one with that date under a clock that was set back, and a third sound day. */
async function threeDays(
  bench: Bench,
  clock: CalendarClock,
  second: [string, string],
  date: string,
): Promise<Register> {
  const register = await bench.register((await bench.shop()).locationId)
  await shift(register, clock, ['2027-03-01T08:00:00Z', '2027-03-01T17:00:00Z'], '2027-03-01')
  clock.jump('2027-03-02T08:00:00Z')
  await shift(register, clock, second, date)
  await shift(register, clock, ['2027-03-03T08:00:00Z', '2027-03-03T17:00:00Z'], '2027-03-03')
  return register
}

const BACK: [string, string] = ['2026-12-30T09:00:00Z', '2026-12-30T17:00:00Z']
const AT_CLOSE: [string, string] = ['2027-03-02T08:00:00Z', '2026-12-30T17:00:00Z']

test.each([
  ['for the whole session', BACK],
  ['for its close', AT_CLOSE],
])('a day posted in another year by a clock set back %s is named with its sum', async (_, times) => {
  const clock = new CalendarClock('2027-03-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await threeDays(bench, clock, times, '2026-12-30')
  const { codes } = await verifyJournal(bench.config.state)
  const facts = { register: register.id, z: 2, date: '2026-12-30', sum: '480.00' }
  expect(codes.filter(({ code }) => code.startsWith('business_date'))).toMatchObject([
    { code: 'business_date_unproven', level: 'note', facts },
    { code: 'business_date_differs', level: 'note', facts },
  ])
  const days = { from: '2027-03-01T00:00:00+01:00', to: '2027-03-03T00:00:00+01:00' }
  const { job } = await bench.exportedJob('dsfinvk', days)
  expect(job['left_out']).toMatchObject([
    { register_id: register.id, z_number: 2, business_date: '2026-12-30', total_amount: '480.00' },
  ])
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    const found = parts.flatMap(({ findings }) => findings)
    expect(found).toContainEqual(
      expect.stringMatching(
        /Geschäftstag 2026-12-30\. Die Uhr ging damals falsch, .* mit 480,00 EUR\. \(business_date_differs\)$/,
      ),
    )
    const unproven = (parts.find(({ name }) => name === 'Journal') as { uncovered?: string[] } | undefined)?.uncovered
    expect(unproven).toEqual([expect.stringMatching(/Geschäftstag 2026-12-30 von Z-Nr\. 2 über 480,00 EUR/)])
  })
})

test.each<[string, [string, string], string]>([
  ['set back over night', BACK, '2027-03-02'],
  ['that lost its time', ['1970-01-01T00:00:10Z', '1970-01-01T08:00:00Z'], '2027-03-02'],
])('an honest day under a clock %s is not said to differ', async (_, times, date) => {
  const clock = new CalendarClock('2027-03-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  await threeDays(bench, clock, times, date)
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes.map(({ code }) => code).filter((code) => code.startsWith('business_date'))).toEqual([
    'business_date_unproven',
  ])
})
