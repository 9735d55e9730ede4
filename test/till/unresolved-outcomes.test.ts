import { expect, test } from 'vitest'
import type { View } from '../../agent/journal/projections/view.ts'
import { UnresolvedOutcomes } from '../../agent/till/recording/unresolved-outcomes.ts'
import { unresolvedTasks } from '../../agent/till/technician/unresolved-tasks.ts'
import { unresolvedWarnings } from '../../agent/wiring/journal-warnings.ts'
import { ManualClock } from '../manual-clock.ts'

const DAY_MS = 86_400_000
const REFUSED = { kind: 'unknown', code: 'refused', message: 'the device answers an undocumented error, 0f01' } as const

/** A journal in which that intent of a finish is open. */
function opened(clock = new ManualClock()) {
  const open = [{ seq: 7, op: 'op_1', device: 'tse-1' }]
  const event = { at: new Date(clock.now()).toISOString() }
  const act = { device: 'tse-1', name: 'finish', client: 'till-1' }
  const view = { openIntents: () => open, event: () => event, bodyAt: () => ({ act }) } as unknown as View
  return { clock, open, outcomes: new UnresolvedOutcomes({ journal: { view }, clock }) }
}

test('after a minute the device is named with its own message, until the act is reconciled', async () => {
  const { clock, open, outcomes } = opened()
  outcomes.note(7, { ...REFUSED, deviceCode: '0f01' })
  await clock.advance(59_000)
  expect(outcomes.all()).toEqual([])
  await clock.advance(6_000)
  expect(outcomes.of('tse-1')).toMatchObject([{ intent: 7, op: 'op_1', act: 'finish', words: REFUSED.message }])
  expect(outcomes.of('tse-2')).toEqual([])
  await clock.advance(DAY_MS)
  expect(outcomes.all()).toHaveLength(1)
  open.pop()
  expect(outcomes.all()).toEqual([])
})

test('acts that a start finds open count from their intent, also if the device was not asked yet', async () => {
  const { clock, outcomes } = opened()
  await clock.advance(61_000)
  expect(outcomes.all()).toMatchObject([{ words: undefined, code: undefined }])
  expect(unresolvedWarnings(outcomes.all())).toMatchObject([
    {
      code: 'device_outcome_unresolved',
      message: expect.stringContaining('finish of op_1 since 2026-08-01T10:00:00.000Z'),
    },
  ])
})

test('a clock that is set back hides nothing', async () => {
  const { clock, outcomes } = opened()
  outcomes.note(7, REFUSED)
  clock.jump(-DAY_MS)
  await clock.advance(61_000)
  expect(outcomes.all()).toHaveLength(1)
})

test('the code of the device is next to its words, and both have 256 bytes at most', async () => {
  const { clock, outcomes } = opened()
  outcomes.note(7, { kind: 'unknown', code: 'refused', message: 'the log could not be read back', deviceCode: '8004' })
  await clock.advance(61_000)
  expect(outcomes.all()).toMatchObject([{ words: 'the log could not be read back (8004)' }])
  outcomes.note(7, { ...REFUSED, message: 'ü'.repeat(500) })
  expect(outcomes.all()[0]?.words).toBe('ü'.repeat(128))
})

test('after a day it is a task, which names the operation and the words', async () => {
  const { clock, outcomes } = opened()
  outcomes.note(7, REFUSED)
  await clock.advance(DAY_MS - 1000)
  expect(unresolvedTasks(outcomes.all(), clock.now())).toEqual([])
  await clock.advance(1000)
  const [task] = unresolvedTasks(outcomes.all(), clock.now())
  expect(task).toMatchObject({ id: 'outcome-7', device_id: 'tse-1', due: '2026-08-02' })
  expect(task?.title).toContain('op_1')
  expect(task?.instructions.join(' ')).toContain(REFUSED.message)
})
