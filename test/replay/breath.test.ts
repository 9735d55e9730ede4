import { expect, test } from 'vitest'
import { ReplayBreath } from '../../agent/replay/breath.ts'
import { ManualClock } from '../manual-clock.ts'

test('sync pauses between its portions while a till sells, and not when none does', async () => {
  const clock = new ManualClock()
  const breath = new ReplayBreath(clock)
  await breath.breathe()
  breath.sold()
  let rested = false
  const resting = breath.breathe().then(() => {
    rested = true
  })
  await clock.advance(2)
  expect(rested).toBe(false)
  await clock.advance(1)
  await resting
  await clock.advance(1000)
  await breath.breathe()
})
