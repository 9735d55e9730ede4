// @module-tag heavy
import { expect, test } from 'vitest'
import { rfc3339 } from '../../../base/clock.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { signed } from '../client.ts'
import { event, sell } from '../goods.ts'
import { verifiedPackage } from './package-rows.ts'

async function count({ id, till }: Register): Promise<string> {
  const expected = String((await till.get(`/v1/registers/${id}/session`))['expected_closing_amount'])
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected }))
  return expected
}

async function close(register: Register, date: string): Promise<void> {
  const expected = await count(register)
  const taken = { closing_adjustment_amount: `-${expected}` }
  await register.till.create(event('session_close', register.id, { business_date: date, ...taken }))
}

/** A package's local time in UTC, in whole seconds. */
function utc(local: string | undefined): string {
  return rfc3339(Date.parse(local ?? '')).slice(0, 19)
}

test.for([
  ['under the running agent', false],
  ['while the agent is stopped', true],
] as const)('a clock that is set back by 40 s %s moves no time of the books', async ([, restarts]) => {
  const clock = new CalendarClock('2026-11-20T22:00:00Z')
  await using bench = await Bench.open({ clock })
  const opened = await bench.till('0.00')
  clock.jump('2026-11-20T22:00:05Z')
  const sold = await sell(opened, '4.50')
  const back = '2026-11-20T21:59:25Z'
  if (restarts) await bench.restart(async () => clock.jump(back))
  else clock.jump(back)
  const register = { ...opened, till: bench.client({ 'X-Register-Api-Key': opened.key }) }
  await close(register, '2026-11-20')
  const { bons, closings, notes, job } = await verifiedPackage(bench)
  expect([notes, job['findings']]).toEqual([[], undefined])
  const sale = bons.find((row) => row['UMS_BRUTTO'] === '4,50')
  expect(utc(sale?.['BON_START'])).toBe(sold.created_at.slice(0, 19))
  expect(utc(sale?.['BON_ENDE'])).toBe(String(sold.completed_at).slice(0, 19))
  expect(signed(sold).end_event.signed_at).toMatch(/^2026-11-20T22:00:0/)
  expect(utc(closings[0]?.['Z_ERSTELLUNG'])).toMatch(/^2026-11-20T22:00:0/)
  // Each bon has its own time, and the journal is in order.
  expect(utc(bons[0]?.['BON_START'])).toMatch(/^2026-11-20T22:00:0[0-4]/)
  const times = (await bench.office.list('/v1/journal')).map((row) => String(row['at']))
  expect(times).toEqual(times.toSorted())
})

test('a time that a clock had lost moves to the opening of its session, and BON_NOTIZ has the time on paper', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.till('0.00')
  clock.jump('1970-01-01T00:00:10Z')
  await sell(register, '4.50')
  clock.jump('2026-06-01T10:00:00Z')
  await sell(register, '3.00')
  await close(register, '2026-06-01')
  const { bons, job } = await verifiedPackage(bench)
  const [, lost, right] = bons
  const opened = '2026-06-01T10:00:0'
  expect([lost?.['BON_START'], lost?.['BON_ENDE']]).toEqual([
    expect.stringContaining(opened),
    expect.stringContaining(opened),
  ])
  expect(lost?.['BON_NOTIZ']).toMatch(
    /^op=op_\w+ Beginn laut Beleg 1970-01-01T01:00:1\d\+01:00, Ende laut Beleg 1970-01-01T01:00:1\d\+01:00$/,
  )
  expect(right).toMatchObject({ BON_ENDE: expect.stringMatching(/^2026-06-01T12:00/) })
  expect(right?.['BON_NOTIZ']).toMatch(/^op=op_\w+$/)
  expect(job['findings']).toEqual([expect.stringMatching(/^1 bons have a time of a clock that had lost it/)])
})

test('a clock that was hours ahead leaves bons outside of their closing and closings out of order: both are notes', async () => {
  const clock = new CalendarClock('2026-11-20T15:00:00Z')
  await using bench = await Bench.open({ clock })
  // Right is 12:00; the session is opened three hours ahead.
  const register = await bench.till('0.00')
  await sell(register, '4.50')
  clock.jump('2026-11-20T12:10:00Z')
  await bench.untilDevice('down')
  const [task] = bench.agent.administration.listTasks() as readonly { id: string }[]
  await bench.agent.administration.confirmTask(String(task?.id))
  await close(register, '2026-11-20')
  const first = await verifiedPackage(bench)
  expect(first.notes).toEqual(
    ['1', '2'].map((bon) => [
      'bon_outside_closing',
      {
        ...{ register: register.id, z: 1, bon },
        ...{ at: expect.stringMatching(/^2026-11-20T15:/), closed: expect.stringMatching(/^2026-11-20T12:1/) },
      },
    ]),
  )
  expect(first.bons[1]?.['BON_ENDE']).toMatch(/^2026-11-20T16:00/)
  // A year ahead for a shift: no later closing yields to it.
  clock.jump('2027-11-20T15:00:00Z')
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await close(register, '2027-11-20')
  clock.jump('2026-11-21T12:00:00Z')
  await bench.until(() => bench.agent.administration.listTasks().length > 0)
  const [again] = bench.agent.administration.listTasks() as readonly { id: string }[]
  await bench.agent.administration.confirmTask(String(again?.id))
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await close(register, '2026-11-21')
  const { notes, closings } = await verifiedPackage(bench)
  expect(notes.map(([code, { z }]) => [code, z])).toEqual([
    ['bon_outside_closing', 1],
    ['bon_outside_closing', 1],
    ['closing_out_of_order', 3],
  ])
  expect(closings.map((row) => row['Z_ERSTELLUNG']?.slice(0, 10))).toEqual(['2026-11-20', '2027-11-20', '2026-11-21'])
})
