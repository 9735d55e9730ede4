import { delay } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'

/** Throws `aborted` unknown when given up. */
export const pause = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  await delay(clock, ms, signal)
  if (signal.aborted) throw new DeviceError('aborted', 'unknown', 'given up while waiting')
}
