import { describe, expect, test } from 'vitest'
import { Deadline } from '../../../drivers/links/deadline.ts'
import { ManualClock } from '../../manual-clock.ts'

/** Counts the timers that are made. */
class CountingClock extends ManualClock {
  made = 0
  override after(delayMs: number, act: () => void): () => void {
    this.made += 1
    return super.after(delayMs, act)
  }
}

function open() {
  const clock = new CountingClock()
  const ended: number[] = []
  const deadline = new Deadline(clock, () => ended.push(Number(clock.mono() / 1_000_000n)))
  return { clock, deadline, ended }
}

describe('the end of a wait', () => {
  test('fires at its time, once', async () => {
    const { clock, deadline, ended } = open()
    deadline.set(100)
    await clock.advance(500)
    expect(ended).toEqual([100])
  })

  test('needs no separate timer while an earlier one runs, and still fires at its own time', async () => {
    const { clock, deadline, ended } = open()
    for (let wait = 0; wait < 50; wait += 1) {
      deadline.set(1000)
      await clock.advance(10)
      deadline.clear()
    }
    expect(clock.made).toBe(1)
    deadline.set(1000)
    await clock.advance(2000)
    expect(ended).toEqual([1500])
  })

  test('may come earlier than that of the wait before', async () => {
    const { clock, deadline, ended } = open()
    deadline.set(1000)
    deadline.clear()
    deadline.set(50)
    await clock.advance(2000)
    expect(ended).toEqual([50])
  })

  test('never fires for a wait that ended or was closed', async () => {
    const { clock, deadline, ended } = open()
    deadline.set(100)
    deadline.clear()
    await clock.advance(200)
    deadline.set(100)
    deadline.close()
    await clock.advance(200)
    expect(ended).toEqual([])
  })
})
