// @module-tag heavy
import { expect, test } from 'vitest'
import { agentFindings } from '../../../agent/cli/checks/devices.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { completion } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { SteppingMachine, stepSizes } from '../stepping-machine.ts'
import { austrianTill, closingTypes, ONE_CARD, receiptOf, sell, verifiedDep } from './shop.ts'

const HOUR_MS = 3_600_000

test('Austria: receipts have the time of a clock that stepped from the next one on, and none is before an older one', async () => {
  const machine = new SteppingMachine('2026-11-19T20:00:07Z')
  await using bench = await Bench.open({ clock: machine, boot: machine, config: ONE_CARD })
  const shop = await austrianTill(bench)
  const timeOf = async (): Promise<string> => receiptOf(await sell(shop, '5.00')).qr_data.split('_')[4] ?? ''
  expect(await timeOf()).toMatch(/^2026-11-19T21:00/)
  machine.step(24 * HOUR_MS)
  const ahead = await timeOf()
  expect(ahead).toMatch(/^2026-11-20T21:00/)
  machine.step(-HOUR_MS)
  // Up to 70 minutes back the last stamp is repeated.
  expect((await timeOf()) >= ahead).toBe(true)
  machine.step(-HOUR_MS)
  await expect(sell(shop, '5.00')).rejects.toThrow(/clock/)
  expect(stepSizes(bench)).toEqual([86_400, -3600, -3600])
  const { warnings } = (await bench.office.get('/readyz')) as unknown as { warnings: readonly { code: string }[] }
  expect(warnings.map(({ code }) => code)).toContain('clock_implausible')
})

test('a clock that is set back after a Monatsbeleg refuses the sale; signed receipts stay, and the key is free', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  let strikes = false
  const atPoint = (point: string): void => {
    if (strikes && point === 'device.after-sign') clock.jump('2026-12-05T07:00:00Z')
  }
  await using bench = await Bench.open({ config: ONE_CARD, clock, atPoint })
  const register = await austrianTill(bench)
  await sell(register, '1.00')
  const open = await register.till.create(goods('sale', register.id, [['2.00', '0.20']]))
  clock.jump('2026-12-05T09:00:00Z')
  strikes = true
  const paid = completion(open, [pay('cash', '2.00')])
  for (let tries = 0; tries < 2; tries++)
    expect(await register.till.refused(paid)).toMatchObject({
      ...{ code: 'fiscal_device_unavailable', fiscal_effect: 'none', details: { reason: 'clock_went_back' } },
    })
  expect(await closingTypes(register)).toEqual(['start', 'monthly'])
  strikes = false
  clock.jump('2026-12-05T09:00:10Z')
  expect(receiptOf(await register.till.complete(open, [pay('cash', '2.00')])).receipt_number).toBe('4')
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 4, turnoverCents: 300n })
})

test('a clock that was set back refuses the sale, numbers nothing and is an alarm until it is right', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  const open = await register.till.create(goods('sale', register.id, [['1.00', '0.20']]))
  clock.jump('2026-11-20T07:00:00Z')
  const alarms = async () => {
    const { warnings } = await bench.office.get('/readyz')
    return (warnings as readonly { code: string; severity: string }[]).filter(({ severity }) => severity === 'alarm')
  }
  expect(await alarms()).toMatchObject([{ code: 'clock_implausible' }])
  const selling = { selling: 'no', reason: 'clock_behind' }
  expect(await bench.office.get('/v1/overview')).toMatchObject({ ...selling, registers: [selling] })
  // A clock that was ahead once and is right now is the same alarm: the technician has to see the reference of the
  // measurement.
  const [finding] = agentFindings(bench.agent.application.readiness())
  expect(finding?.message).toMatch(/it says 2026-11-20T08:00:00, the last receipt of \S+ is of 2026-11-20T10:00:00/)
  const refused = await register.till.refused(completion(open, [pay('cash', '1.00')]))
  expect(refused).toMatchObject({ code: 'fiscal_device_unavailable', details: { reason: 'clock_went_back' } })
  clock.jump('2026-11-20T09:30:00Z')
  expect(await alarms()).toEqual([])
  expect(receiptOf(await register.till.complete(open, [pay('cash', '1.00')])).receipt_number).toBe('2')
})

test('a register whose clock was a year ahead is decommissioned once it is right, and the alarm ends', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  clock.jump('2027-11-20T09:00:00Z')
  await sell(register, '1.00')
  await bench.agent.administration.fault('card-1', 'unplugged@*')
  await sell(register, '2.00')
  clock.jump('2026-11-20T09:05:00Z')
  const { till, id } = register
  await till.create(event('session_cash_count', id, { counted_closing_amount: '53.00' }))
  await till.create(event('session_close', id, { business_date: '2026-11-20', closing_adjustment_amount: '0.00' }))
  await bench.agent.administration.fault('card-1', 'clear')
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  // The card may still be down for the agent: what is owed follows then.
  await bench.until(async () => (await closingTypes(register)).includes('final'))
  expect(await closingTypes(register)).toEqual(['start', 'annual', 'collective', 'final'])
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 6, turnoverCents: 300n })
  const alarm = expect.objectContaining({ code: 'clock_implausible' })
  const warnings = async () => (await bench.office.get('/readyz'))['warnings']
  expect(await warnings()).toContainEqual(alarm)
  const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
  await bench.agent.administration.confirmTask(String(tasks.find((task) => task.id.startsWith('clock-'))?.id))
  expect(await warnings()).not.toContainEqual(alarm)
})
