import { DeviceError } from './errors.ts'
import type { Clock } from './ports/clock.ts'

/** Resolves after `delayMs`, at once when `signal` aborts or there is nothing to wait for. */
export const delay = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> => {
  if (delayMs <= 0 || signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(delayMs, end)
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** The same within an act that is given up with it: throws `aborted` unknown. */
export const pause = async (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> => {
  await delay(clock, delayMs, signal)
  if (signal.aborted) throw new DeviceError('aborted', 'unknown', 'given up while waiting')
}

/** No answer ever: throws `timeout` unknown when `ended` aborts, at the deadline or because the device is switched off. */
export const silence = (ended: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = () => reject(new DeviceError('timeout', 'unknown', 'no answer'))
    if (ended.aborted) end()
    else ended.addEventListener('abort', end, { once: true })
  })
