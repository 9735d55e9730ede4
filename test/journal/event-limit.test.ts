import { expect, test } from 'vitest'
import { tooLargeEvent } from '../../agent/journal/event-limit.ts'
import type { Marks } from '../../agent/journal/events.ts'
import { markEvent } from './some-event.ts'

/** Fits into an event, and leaves no room for a void. */
const ALMOST_FULL = 'x'.repeat((1 << 20) - 70_000)
const TOO_LONG = 'x'.repeat(1 << 20)

function refused(priority: 'outcome' | 'finish' | 'intent', body: Marks): boolean {
  return tooLargeEvent(priority, [markEvent('op_1', body)], [JSON.stringify(body)]) !== undefined
}

test.each<[string, Marks]>([
  ['a creation', { index: { kind: 'sale' }, set: { line_items: [ALMOST_FULL] } }],
  ['a change of an open operation', { set: { line_items: [ALMOST_FULL] } }],
  ['a plan', { plan: { goal: 'completed', status: 200, set: { line_items: [ALMOST_FULL] } } }],
])('goods leave room for their void, also in %s', (_name, body) => {
  expect(refused('intent', body)).toBe(true)
  expect(refused('finish', body)).toBe(true)
  expect(refused('outcome', body)).toBe(false)
})

test('the lines of a void, and texts without goods, may fill an event', () => {
  const reversal: Marks = { index: { kind: 'void' }, set: { line_items: [ALMOST_FULL] } }
  expect(refused('intent', reversal)).toBe(false)
  expect(refused('intent', { set: { note: ALMOST_FULL } })).toBe(false)
  expect(refused('intent', { set: { note: TOO_LONG } })).toBe(true)
})

test('what a device did, and the end of an open operation without goods, are recorded whatever their size', () => {
  expect(refused('outcome', { set: { note: TOO_LONG } })).toBe(false)
  expect(refused('finish', { set: { note: TOO_LONG } })).toBe(false)
})
