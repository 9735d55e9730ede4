import type { Clock } from './clock.ts'
import { pause } from './clock.ts'

/** How long to retry, and the pause between two tries. */
export type RetryLimit = { readonly limitMs: number; readonly everyMs: number }

/**
 * Runs an act that may fail for a passing cause, again and again while `limitFor` returns a limit for the error.
 * Returns undefined if `signal` aborts a pause; throws the error of the last try.
 */
export async function retry<T>(
  act: () => Promise<T>,
  limitFor: (error: unknown) => RetryLimit | undefined,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<T | undefined> {
  const startNs = clock.mono()
  while (signal?.aborted !== true) {
    try {
      return await act()
    } catch (error) {
      const limit = limitFor(error)
      if (limit === undefined || Number(clock.mono() - startNs) / 1e6 >= limit.limitMs) throw error
      await pause(clock, limit.everyMs, signal)
    }
  }
  return undefined
}
