import { systemClock } from '../agent/clock.ts'
import type { Clock } from '../drivers/ports/clock.ts'

const STEPS = 20
const SHORT_MS = 20

/**
 * A deadline comes in twenty steps, each of a turn of the event loop: on a machine that is full of other work it stretches
 * with what it waits for, so that a test of a short deadline fails for no other reason.
 */
export function afterPatiently(delayMs: number, act: () => void): () => void {
  if (delayMs < SHORT_MS) return systemClock.after(delayMs, act)
  let left = STEPS
  const step = (): void => {
    left -= 1
    if (left === 0) act()
    else cancel = systemClock.after(delayMs / STEPS, step)
  }
  let cancel = systemClock.after(delayMs / STEPS, step)
  return () => cancel()
}

/** The system's time, with patient deadlines. */
export const patientClock: Clock = { ...systemClock, after: afterPatiently }
