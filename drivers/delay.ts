import type { Clock } from '../base/clock.ts'
import { pause as wait } from '../base/clock.ts'
import { DeviceError } from './errors.ts'
import { endOf } from './links/read-until.ts'

/** A timer is later than this only if the process was blocked. */
const LATE_NS = 20_000_000n

/**
 * Runs `act` if an answer has not arrived in time; the returned function cancels it. After the process was blocked, for
 * example by an fsync of a slow disk, timers fire before I/O, so received bytes are read first.
 */
export function atDeadline(clock: Clock, delayMs: number, act: () => void): () => void {
  const end = endOf(clock, delayMs)
  let isOver = false
  const cancel = clock.after(delayMs, () => {
    if (clock.mono() - end < LATE_NS) return act()
    setImmediate(() => {
      if (!isOver) act()
    })
  })
  return () => {
    isOver = true
    cancel()
  }
}

/** Resolves after `delayMs`; at once if `signal` aborts or the delay is not positive. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return delayMs <= 0 ? Promise.resolve() : wait(clock, delayMs, signal)
}

/** The same within an act that ends with it: throws `aborted` unknown. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  await delay(clock, delayMs, signal)
  if (signal.aborted) throw new DeviceError('aborted', 'unknown', 'cancelled while waiting')
}

/**
 * Never answers: throws `timeout` unknown when `ended` aborts, at the deadline or because the device is switched off.
 */
export function silence(ended: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(new DeviceError('timeout', 'unknown', 'no answer'))
    if (ended.aborted) end()
    else ended.addEventListener('abort', end, { once: true })
  })
}
