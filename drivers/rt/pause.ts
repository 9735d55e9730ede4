import { DeviceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'

/** Throws `aborted` unknown when given up. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const givenUp = () => reject(new DeviceError('aborted', 'unknown', 'given up while waiting'))
    if (signal.aborted) {
      givenUp()
      return
    }
    const onAbort = () => {
      cancel()
      givenUp()
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
