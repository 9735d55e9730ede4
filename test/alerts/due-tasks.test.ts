import { expect, test } from 'vitest'
import type { Language } from '../../agent/contract/receipt.ts'
import type { AlertSources } from '../../agent/wiring/alert-facts.ts'
import { alertFacts } from '../../agent/wiring/alert-facts.ts'
import { ManualClock } from '../manual-clock.ts'
import { heavy } from '../tags.ts'
import { Desk, RecordedChannel } from './desk.ts'

const HOUR_MS = 3_600_000
const TASK = {
  ...{ id: 'annual-1', title: 'Check the annual receipt.', due: '2026-11-30', instructions: [] },
  ...{ kind: 'at.annual_receipt_check', device_id: 'card-1', register_id: null, location_id: null },
}

/** The facts of an agent with one task, whose list has it as overdue from `isListed` on. */
function facts(clock: ManualClock, language: Language = 'en') {
  const list = { isLate: false, isConfirmed: false }
  const overdue = {
    ...{ code: 'duty_overdue', severity: 'warning', message: '', remedy: '', key: 'duty_overdue:1', due: TASK.due },
    ...{ since: '2026-12-01T00:00:30.000Z', about: { kind: 'duty', id: TASK.id } },
  }
  const sources = {
    clock,
    journal: { view: { eldestMerchant: () => undefined } },
    standing: () => (list.isLate ? [overdue] : []),
    tasks: () => (list.isConfirmed ? [] : [TASK]),
  }
  return { list, ...alertFacts(sources as unknown as AlertSources, language) }
}

test.each([
  ['en', 'Check the annual receipt.'],
  ['de', 'Jahresbeleg prüfen: card-1'],
  ['it', 'Controllare lo Jahresbeleg: card-1'],
] as const)('in %s a message about a duty has its name and its id', (language, name) => {
  const { warnings, wordsOf } = facts(new ManualClock(Date.parse('2026-11-29T10:00:00Z')), language)
  const [warning] = warnings()
  const words = warning && wordsOf({ ...warning, rule: 'duties' })
  expect(words?.name).toBe(name)
  expect(words?.remedy).toContain('fiskal-edge duty confirm annual-1')
})

test.each([
  ['2026-11-26T22:59:00Z', false],
  // Midnight in the shop.
  ['2026-11-26T23:00:00Z', true],
  ['2026-11-30T22:59:00Z', true],
])('a task that is due on 30 November is reported at %s: %s', (at, isReported) => {
  const clock = new ManualClock(Date.parse(at))
  const warnings = facts(clock).warnings()
  expect(warnings.map(({ code, subject }) => [code, subject])).toEqual(
    isReported ? [['duty_due', { duty: TASK.id }]] : [],
  )
  for (const { sinceMs } of warnings) expect(sinceMs).toBeLessThanOrEqual(clock.now())
})

test(
  'a task is one alert from three days before its date until it is confirmed, also over the midnight of that date',
  heavy(),
  async () => {
    const desk = new Desk(Date.parse('2026-11-26T20:00:00Z'))
    const channel = new RecordedChannel(desk.clock)
    const { list, warnings } = facts(desk.clock)
    desk.start([channel])
    Object.defineProperty(desk, 'warnings', { get: warnings })
    await desk.clock.advance(2 * HOUR_MS)
    expect(channel.told).toEqual([])
    await desk.clock.advance(4 * 24 * HOUR_MS + 2 * HOUR_MS)
    list.isLate = true
    await desk.clock.advance(HOUR_MS)
    expect(channel.told).toEqual([`raised alr_0001 ${TASK.id}`])
    list.isConfirmed = true
    list.isLate = false
    await desk.clock.advance(HOUR_MS)
    expect(channel.told).toEqual([`raised alr_0001 ${TASK.id}`, `resolved alr_0001-resolved ${TASK.id}`])
  },
)
