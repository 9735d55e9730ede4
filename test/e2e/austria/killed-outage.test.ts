// @module-tag heavy
import { expect, test } from 'vitest'
import { deviceStateIn } from '../../device-state.ts'
import { rewriteJournal } from '../../journal/rewritten-journal.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { austrianTill, closingTypes, ONE_CARD, sell } from './shop.ts'

test('an outage whose begin a kill kept from the journal began at its first receipt, not at the next start', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'unplugged@*')
  clock.jump('2026-11-20T10:09:22Z')
  await sell(register, '1.00')
  clock.jump('2026-11-20T11:30:00Z')
  await sell(register, '2.00')
  // As a process leaves it that is killed before it journals the state of the card.
  const down = bench.journal().find((event) => deviceStateIn(event) === 'down')
  await bench.stop()
  await rewriteJournal(bench.config.state, down?.seq ?? 0, (body) => body.replace('"down"', '"degraded"'))
  const tasks = () => (bench.agent.administration.listTasks() as readonly { id: string; due: string }[]) ?? []
  const outages = () => tasks().filter(({ id }) => id.startsWith('outage-'))
  clock.jump('2026-11-22T10:30:00Z')
  await bench.start()
  expect(outages()).toMatchObject([
    { id: 'outage-card-1-2026-11-20', due: '2026-11-27' },
    { id: 'outage-end-card-1-2026-11-20', due: '2026-11-29' },
  ])
  const began = bench.journal().filter((event) => deviceStateIn(event) === 'down')
  const silent = began.map(({ at, body }) => Date.parse(at) - (JSON.parse(body).facts.silent_ms as number))
  expect(silent).toHaveLength(1)
  expect(Math.abs((silent[0] ?? 0) - Date.parse('2026-11-20T10:09:22Z'))).toBeLessThan(60_000)
  // The Sammelbeleg is made: the next start finds nothing to record.
  await bench.until(async () => (await closingTypes(register)).includes('collective'))
  await bench.restart()
  expect(bench.journal().filter((event) => deviceStateIn(event) === 'down')).toHaveLength(1)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
})
