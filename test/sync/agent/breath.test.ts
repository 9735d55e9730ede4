import { expect, test } from 'vitest'
import { TillPriority } from '../../../agent/sync/till-priority.ts'
import { ManualClock } from '../../manual-clock.ts'

test('sync pauses between its portions while a till sells, and not when none does', async () => {
  const clock = new ManualClock()
  const breath = new TillPriority(clock)
  await breath.yieldToTills()
  breath.sold()
  let rested = false
  const resting = breath.yieldToTills().then(() => {
    rested = true
  })
  await clock.advance(2)
  expect(rested).toBe(false)
  await clock.advance(1)
  await resting
  await clock.advance(1000)
  await breath.yieldToTills()
})
