import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/clock.ts'
import { slowness } from '../scripts/tests/slowness.ts'

const STEPS_LEAST = 20
const STEPS_MOST = 200
const STEP_MS = 5
const SHORT_MS = 20
const EXACT_MS = 3
const SLOWNESS = slowness()

/**
 * A deadline comes in steps of some milliseconds, each of a turn of the event loop: on a busy machine it stretches with
 * the work that it waits for, so that a test of a short deadline fails for no other reason.
 */
export function afterPatiently(delayMs: number, act: () => void): () => void {
  if (delayMs < SHORT_MS) return systemClock.after(delayMs, act)
  const steps = Math.min(STEPS_MOST, Math.max(STEPS_LEAST, Math.floor(delayMs / STEP_MS)))
  const stepMs = delayMs / steps
  let remaining = steps
  let dueMs = performance.now() + stepMs
  const step = (): void => {
    remaining -= 1
    if (remaining === 0) return void act()
    const lateMs = performance.now() - dueMs
    // How exact timers are is made up for; how busy the machine is is not.
    const nextMs = lateMs < EXACT_MS ? Math.max(0, stepMs - lateMs) : stepMs
    dueMs = performance.now() + nextMs
    cancel = systemClock.after(nextMs, step)
  }
  let cancel = systemClock.after(stepMs, step)
  return () => cancel()
}

/** The system's time, with patient deadlines. */
export const patientClock: Clock = { ...systemClock, after: afterPatiently }

/** For what another process does, which a slow machine delays without delaying the turns of this one. */
export const patientWithProcesses: Clock = {
  ...systemClock,
  after: (delayMs, act) => afterPatiently(delayMs * SLOWNESS, act),
}
