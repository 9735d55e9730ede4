// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { event } from '../goods.ts'
import { austrianShop, austrianTill, closingTypes, ONE_CARD, receiptOf, sell, TWO_CARDS, verifiedDep } from './shop.ts'

type Task = { id: string; due: string; instructions: readonly string[] }

function endTaskOf(bench: Bench, { id }: Register): Task | undefined {
  const tasks = bench.agent.administration.listTasks() as readonly Task[]
  return tasks.find((task) => task.id === `finanzonline-register-end-${id}`)
}

/** Closes the session, so that nothing hinders the end. */
async function closeSession({ id, till }: Register): Promise<void> {
  const expected = (await till.get(`/v1/registers/${id}/session`))['expected_closing_amount']
  const date = String((await till.get(`/v1/registers/${id}/session`))['opened_at']).slice(0, 10)
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected }))
  await till.create(event('session_close', id, { business_date: date, closing_adjustment_amount: '0.00' }))
}

async function breakCards(bench: Bench, ...cards: readonly string[]): Promise<void> {
  for (const card of cards) await bench.faultAt(card, 'unplugged@*')
  await bench.until(async () => {
    const devices = await bench.office.list('/v1/devices')
    return devices.filter(({ id }) => cards.includes(String(id))).every(({ state }) => state === 'down')
  })
}

function decommission(bench: Bench, { id }: Register) {
  return bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
}

describe('a register that ends while its card is broken', () => {
  test('ends at once, its task says what is missing, and Sammelbeleg and Schlussbeleg follow when a card signs', async () => {
    const clock = new CalendarClock('2026-10-05T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    await sell(register, '1.00')
    await breakCards(bench, 'card-1')
    await sell(register, '2.00')
    await closeSession(register)
    const ended = await decommission(bench, register)
    expect(ended).toMatchObject({ fiscalization_status: 'decommissioned', decommissionedAt: expect.any(String) })
    expect(await closingTypes(register)).toEqual(['start'])
    const refused = await bench.office.refused({
      path: `/v1/registers/${register.id}/closings`,
      body: { type: 'zero' },
    })
    expect(refused).toMatchObject({ code: 'register_decommissioned' })
    const task = endTaskOf(bench, register)
    expect(task).toMatchObject({ due: '2026-10-12' })
    expect(task?.instructions.join(' ')).toMatch(
      /nicht behebbarer Ausfall.*Beginn: 2026-10-05T1[01].*The Sammelbeleg of the receipts 3 to 3 is missing/,
    )
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3 })
    await bench.faultAt('card-1', 'clear')
    await bench.until(async () => (await closingTypes(register)).length === 3)
    expect(await closingTypes(register)).toEqual(['start', 'collective', 'final'])
    expect(endTaskOf(bench, register)).toMatchObject({ due: '2026-10-12' })
    expect(endTaskOf(bench, register)?.instructions.join(' ')).toMatch(/planmäßige Außerbetriebnahme.*_R1-AT9_/)
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 5, turnoverCents: 300n })
    await bench.restart()
    expect(await closingTypes(register)).toEqual(['start', 'collective', 'final'])
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  })

  test('gets the Monatsbeleg that it owed then, and no later month or year, when the card is back a year later', async () => {
    const clock = new CalendarClock('2026-09-05T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    await sell(register, '1.00')
    await closeSession(register)
    await breakCards(bench, 'card-1')
    clock.jump('2026-10-05T09:00:00Z')
    await decommission(bench, register)
    clock.jump('2027-03-05T09:00:00Z')
    await bench.restart()
    await bench.faultAt('card-1', 'clear')
    await bench.until(async () => (await closingTypes(register)).includes('final'))
    expect(await closingTypes(register)).toEqual(['start', 'monthly', 'final'])
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 4 })
    const tasks = bench.agent.administration.listTasks() as readonly Task[]
    expect(tasks.filter(({ id }) => id.startsWith('yearly-'))).toEqual([])
  })

  test('another register of that card sells on, and a second card makes the end as planned', async () => {
    await using bench = await Bench.open({ config: TWO_CARDS })
    const location = await austrianShop(bench)
    const [ending, other] = [await austrianTill(bench, location), await austrianTill(bench, location)]
    await closeSession(ending)
    await breakCards(bench, 'card-1')
    await decommission(bench, ending)
    expect(await closingTypes(ending)).toEqual(['start', 'final'])
    expect(endTaskOf(bench, ending)?.instructions.join(' ')).toContain('planmäßige Außerbetriebnahme')
    expect(receiptOf(await sell(other, '1.00'))).toMatchObject({ security_device_failed: false })
  })
})
