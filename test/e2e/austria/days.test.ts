import { expect, test } from 'vitest'
import { taskFindings } from '../../../agent/cli/checks/tasks.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { austrianTill, ONE_CARD, sell } from './shop.ts'

type Listed = { id: string; due: string }

/** The days of a device's warnings of that code, as the page shows them. */
async function warned(bench: Bench, code: string): Promise<unknown[]> {
  const [card] = await bench.office.list('/v1/devices')
  const warnings = (card?.['warnings'] ?? []) as readonly Members[]
  return warnings.filter((one) => one['code'] === code).map((one) => one['due'])
}

function listed(bench: Bench, id: RegExp): string[] {
  const tasks = bench.agent.administration.listTasks() as readonly Listed[]
  return tasks.filter((task) => id.test(task.id)).map(({ due }) => due)
}

test('the last day to report an outage is the same in the list of tasks and at the device', async () => {
  const clock = new CalendarClock('2026-10-18T22:29:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  // In Austria the 19th has begun, and the week after it ends after the end of summer time.
  clock.jump('2026-10-18T22:30:00Z')
  await bench.faultAt('card-1', 'unplugged@*')
  await sell(register, '1.00')
  clock.jump('2026-10-20T23:00:00Z')
  expect(listed(bench, /^outage-/)).toEqual(['2026-10-26'])
  expect(await warned(bench, 'card_outage_report_due')).toEqual(['2026-10-26'])
})

test('the day on which a certificate ends is the same in the list of tasks and at the device', async () => {
  const clock = new CalendarClock('2026-11-01T23:30:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  await austrianTill(bench)
  clock.jump('2034-10-20T09:00:00Z')
  expect(listed(bench, /^certificate-/)).toEqual(['2034-11-02'])
  expect(await warned(bench, 'device_certificate_expiring')).toEqual(['2034-11-02'])
})

test('a task is past its day for the doctor from midnight by the clocks of the shop, as on the page', async () => {
  const clock = new CalendarClock('2026-07-01T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  await austrianTill(bench)
  const { administration } = bench.agent
  const technician = { listDuties: () => administration.listDuties(), installation: async () => ({}) }
  const late = async (at: string) =>
    (await taskFindings(technician, Date.parse(at))).filter(({ message }) => /was due 2026-07-08/.test(message)).length
  expect(await late('2026-07-08T21:59:59Z')).toBe(0)
  expect(await late('2026-07-08T22:00:00Z')).toBe(2)
})
