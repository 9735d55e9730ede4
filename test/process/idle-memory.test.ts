import { expect, test } from 'vitest'
import { IdleMemory } from '../../agent/process/idle-memory.ts'
import { ManualClock } from '../manual-clock.ts'

test('memory is given back once when the tills pause after a rush, not in the middle of it and not after a few sales', async () => {
  const clock = new ManualClock()
  let head = 10
  let released = 0
  const idle = new IdleMemory({
    clock,
    headSeq: () => head,
    heldBytes: () => 0,
    release: () => {
      released++
    },
  })
  const append = (events: number): void => {
    head += events
    idle.noteWork()
  }
  append(100)
  await clock.advance(60_000)
  expect(released).toBe(0)
  for (let customers = 0; customers < 10; customers++) {
    append(1000)
    await clock.advance(3000)
  }
  expect(released).toBe(0)
  await clock.advance(2000)
  expect(released).toBe(1)
  append(1999)
  await clock.advance(60_000)
  expect(released).toBe(1)
  append(1)
  idle.stop()
  await clock.advance(60_000)
  expect(released).toBe(1)
})

test('memory of lists and exports is given back, too, once, and while no till sells', async () => {
  const clock = new ManualClock()
  let [head, held, released] = [10, 30, 0]
  const idle = new IdleMemory({
    clock,
    headSeq: () => head,
    heldBytes: () => held << 20,
    release: () => {
      released++
      held = 32
    },
  })
  idle.start()
  await clock.advance(120_000)
  held = 53
  await clock.advance(120_000)
  expect(released).toBe(0)
  held = 62
  for (let seconds = 0; seconds < 90; seconds++) {
    head++
    idle.noteWork()
    await clock.advance(1000)
  }
  expect(released).toBe(0)
  await clock.advance(60_000)
  expect(released).toBe(1)
  held = 55
  await clock.advance(600_000)
  expect(released).toBe(1)
  held = 56
  await clock.advance(60_000)
  expect(released).toBe(2)
  idle.stop()
})
