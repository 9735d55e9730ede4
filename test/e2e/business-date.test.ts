// @module-tag heavy
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import type { Members } from './client.ts'
import { event } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { closedWith } from './older-date.ts'

const LAWS: readonly [string, Members, (bench: Bench) => Promise<Register>][] = [
  ['Germany', {}, (bench) => bench.till('0.00')],
  ['Austria', ONE_CARD, (bench) => austrianTill(bench)],
  ['Italy', ONE_PRINTER, (bench) => italianTill(bench, '0.00')],
]

async function counted({ id, till }: Register): Promise<void> {
  const expected = (await till.get(`/v1/registers/${id}/session`))['expected_closing_amount']
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected }))
}

function close({ id }: Register, date: string): Members {
  return event('session_close', id, { business_date: date })
}

test.for(LAWS)(
  '%s: a business date is from the day before the opening to the day after the close',
  async ([, config, tillOf]) => {
    const clock = new CalendarClock('2026-11-20T10:00:00Z')
    await using bench = await Bench.open({ clock, config })
    const register = await tillOf(bench)
    clock.jump('2026-11-21T22:59:00Z')
    await counted(register)
    for (const date of ['2062-11-21', '2031-11-20', '2026-11-18', '2026-11-23', '2026-01-01'])
      expect(await register.till.refused({ path: '/v1/operations', body: close(register, date) })).toMatchObject({
        ...{ status: 422, code: 'business_date_implausible', fiscal_effect: 'none' },
        details: { business_date: date, first: '2026-11-19', last: '2026-11-22' },
        message: expect.stringMatching(
          `^The business date ${date} is not between 2026-11-19 and 2026-11-22: the session was opened at 2026-11-20T10:00:\\S+, and the time of the agent is 2026-11-21T22:59:`,
        ),
      })
    // By the zone of the law: in the shop the next day has begun.
    clock.jump('2026-11-21T23:00:01Z')
    expect(
      (await register.till.refused({ path: '/v1/operations', body: close(register, '2026-11-24') })).details,
    ).toEqual({ business_date: '2026-11-24', first: '2026-11-19', last: '2026-11-23' })
    expect((await register.till.create(close(register, '2026-11-23'))).status).toBe('completed')
  },
)

test.for(['2026-11-19', '2026-11-20', '2026-11-21'])('a shift of 20 November may be posted on %s', async (date) => {
  const clock = new CalendarClock('2026-11-20T10:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.till('0.00')
  await counted(register)
  expect(await register.till.create(close(register, date))).toMatchObject({ business_date: date })
})

test.for([
  ['set back at the close', '2026-11-20T10:00:00Z', '2026-10-02T10:00:00Z'],
  ['lost at the close', '2026-11-20T10:00:00Z', '1970-01-01T00:00:10Z'],
  ['lost at the opening', '1970-01-01T00:00:10Z', '2026-11-20T10:00:00Z'],
] as const)('a shift can be closed with a clock that is %s', async ([, opened, closed]) => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  clock.jump(opened)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  clock.jump(closed)
  await counted(register)
  const done = await register.till.create(close(register, '2026-11-12'))
  expect(done).toMatchObject({ status: 'completed', business_date: '2026-11-12' })
})

test('a shift that a clock opened days ahead can be posted on the day of its close once the clock is confirmed', async () => {
  const clock = new CalendarClock('2026-11-25T10:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.till('0.00')
  clock.jump('2026-11-20T10:00:00Z')
  const [task] = bench.agent.administration.listTasks() as readonly { id: string }[]
  await bench.agent.administration.confirmTask(String(task?.id))
  await counted(register)
  expect((await register.till.create(close(register, '2026-11-20'))).status).toBe('completed')
})

test.for([
  ['Austria', ONE_CARD, (bench: Bench) => austrianTill(bench), ['monthly', 'annual', 'zero']],
  ['Italy', ONE_PRINTER, (bench: Bench) => italianTill(bench), ['daily']],
] as const)('%s: a closing that is a receipt has no other date than today', async ([, config, tillOf, types]) => {
  // In the shop the next day has begun.
  const clock = new CalendarClock('2026-11-20T23:30:00Z')
  await using bench = await Bench.open({ clock, config })
  const { id, till } = await tillOf(bench)
  const path = `/v1/registers/${id}/closings`
  for (const type of types) {
    for (const date of ['2026-11-20', '2026-11-22', '2031-11-21'])
      expect(await till.refused({ path, body: { type, business_date: date } })).toMatchObject({
        ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' },
        details: { pointer: '/business_date', business_date: date, today: '2026-11-21' },
      })
  }
  const type = types[0]
  expect(await till.post(path, { type, business_date: '2026-11-21' })).toMatchObject({ business_date: '2026-11-21' })
})

test('Austria: the report of a session with the wrong date of an older version is of the day of its close', async () => {
  const clock = new CalendarClock('2026-11-20T10:00:00Z')
  await using bench = await Bench.open({ clock, config: ONE_CARD })
  const register = await austrianTill(bench)
  await counted(register)
  await register.till.create(close(register, '2026-11-20'))
  await closedWith(bench, '2062-11-20')
  const path = `/v1/registers/${register.id}/closings`
  expect(await register.till.post(path, { type: 'shift' })).toMatchObject({ business_date: '2026-11-20' })
})
