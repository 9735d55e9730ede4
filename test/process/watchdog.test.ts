import { expect, test } from 'vitest'
import { Watchdog } from '../../agent/process/watchdog.ts'
import { openLog } from '../../base/log.ts'
import { ManualClock } from '../manual-clock.ts'

const EVERY_MS = 10_000

function watched(probeCommit: () => Promise<void>) {
  const clock = new ManualClock()
  const lines: string[] = []
  const log = openLog('info', { write: (line) => lines.push(line) })
  let signs = 0
  const ping = async () => {
    signs++
    return true
  }
  const watchdog = new Watchdog({ clock, everyMs: EVERY_MS, probeCommit, ping, log })
  watchdog.start()
  return { clock, watchdog, signs: () => signs, said: () => lines.join('') }
}

test('a watchdog ping is sent each time while the journal takes commits', async () => {
  const { clock, watchdog, signs } = watched(async () => undefined)
  await clock.advance(3 * EVERY_MS)
  expect(signs()).toBe(3)
  watchdog.stop()
  await clock.advance(5 * EVERY_MS)
  expect(signs()).toBe(3)
})

test('a journal that can no longer be written gets no watchdog ping, and the log says why', async () => {
  const { clock, signs, said } = watched(() => Promise.reject(new Error('disk gone')))
  await clock.advance(3 * EVERY_MS)
  expect(signs()).toBe(0)
  expect(said()).toContain('disk gone')
})

test('a journal that does not answer gets none, and is asked again', async () => {
  let asked = 0
  const { clock, signs } = watched(() => (++asked === 1 ? new Promise(() => undefined) : Promise.resolve()))
  await clock.advance(2 * EVERY_MS)
  expect([asked, signs()]).toEqual([1, 0])
  await clock.advance(EVERY_MS)
  expect([asked, signs()]).toEqual([2, 1])
})

test('an event loop that is late gets none', async () => {
  const clock = new ManualClock()
  let late = 0n
  // The timer fires in time by its own clock, but the loop came to it late.
  const slow = { now: () => clock.now(), mono: () => clock.mono() + late, after: clock.after.bind(clock) }
  let signs = 0
  const ping = async () => ++signs > 0
  const log = openLog('silent', { write: () => undefined })
  const watchdog = new Watchdog({ clock: slow, everyMs: EVERY_MS, probeCommit: async () => undefined, ping, log })
  watchdog.start()
  late = 1_500_000_000n
  await clock.advance(EVERY_MS)
  expect(signs).toBe(0)
  await clock.advance(EVERY_MS)
  expect(signs).toBe(1)
  watchdog.stop()
})
