// @module-tag heavy
import { expect, test } from 'vitest'
import { checkSessions } from '../../agent/cli/checks/sessions.ts'
import { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import { event } from './goods.ts'

type Warning = { code: string; detail: string }

/** The details on the page; /readyz, which needs no key, has the same warnings without them. */
async function warned(bench: Bench): Promise<string[]> {
  const [open, page] = [await bench.office.get('/readyz'), await bench.office.get('/v1/overview')].map(({ warnings }) =>
    (warnings as Warning[]).filter(({ code }) => code === 'session_open_long'),
  )
  expect(open).toHaveLength(page?.length ?? 0)
  return (page ?? []).map(({ detail }) => detail)
}

/** The same by the doctor, which reads the journal itself. */
async function objected(bench: Bench, clock: CalendarClock): Promise<string[]> {
  return (await checkSessions(bench.config.state, clock.now())).map(({ message }) => message)
}

test('a session that is open for more than 24 hours is a warning on page and /readyz, until it is closed', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ clock })
  const { id, till } = await bench.till()
  clock.jump('2026-11-21T08:59:00Z')
  expect([await warned(bench), await objected(bench, clock)]).toEqual([[], []])
  clock.jump('2026-11-21T09:01:00Z')
  expect(await warned(bench)).toEqual([expect.stringContaining(`Kasse (${id}), since 2026-11-20T09:00:`)])
  expect(await objected(bench, clock)).toEqual([expect.stringContaining('since 2026-11-20T09:00:')])
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  expect(await warned(bench)).toHaveLength(1)
  await till.create(event('session_close', id, { business_date: '2026-11-20' }))
  expect(await warned(bench)).toEqual([])
})

test('a session that was opened by a clock which had lost its time is long a day after the first right time', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ clock })
  const { locationId } = await bench.shop()
  const { id, key } = await bench.register(locationId)
  await bench.restart(async () => clock.jump('1970-01-01T00:00:10Z'))
  const till = bench.client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  expect(await warned(bench)).toEqual([])
  await bench.restart(async () => clock.jump('2026-11-20T10:00:00Z'))
  const again = bench.client({ 'X-Register-Api-Key': key })
  await again.create(event('session_cash_adjustment', id, { cash_amount: '5.00' }))
  expect([await warned(bench), await objected(bench, clock)]).toEqual([[], []])
  clock.jump('2026-11-21T11:00:00Z')
  expect(await warned(bench)).toHaveLength(1)
  expect(await objected(bench, clock)).toHaveLength(1)
})

test('while the clock is suspect a session is as long as the newest right time shows', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ clock })
  await bench.till()
  await bench.restart(async () => clock.jump('1970-01-01T00:00:10Z'))
  expect(await warned(bench)).toEqual([])
  await bench.restart(async () => clock.jump('2026-11-22T09:00:00Z'))
  expect(await warned(bench)).toHaveLength(1)
  await bench.restart(async () => clock.jump('1970-01-01T00:00:10Z'))
  expect(await warned(bench)).toHaveLength(1)
})

test('a session of a clock that ran ahead is long a day after that clock was confirmed as right', async () => {
  const clock = new CalendarClock('2027-11-20T09:00:00Z')
  await using bench = await Bench.open({ clock })
  const { administration } = bench.agent
  await bench.till()
  clock.jump('2026-11-20T09:00:00Z')
  const isOpen = () =>
    (administration.listTasks() as readonly { id: string }[]).find(({ id }) => id.startsWith('clock-'))
  const { id } = await bench.until(isOpen)
  await administration.confirmTask(id)
  expect(await warned(bench)).toEqual([])
  clock.jump('2026-11-21T08:59:00Z')
  expect(await warned(bench)).toEqual([])
  clock.jump('2026-11-21T09:01:00Z')
  expect(await warned(bench)).toEqual([expect.stringContaining('since 2026-11-20T09:00:')])
})
