import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/clock.ts'

/** How long to retry, and the pause between two tries. */
export type Patience = { readonly limitMs: number; readonly everyMs: number }

/**
 * Runs an act that may fail for a passing cause, again and again while `patienceWith` returns a limit for the error.
 * Returns undefined if `signal` aborts a pause; throws the error of the last try.
 */
export async function tryPatiently<T>(
  act: () => Promise<T>,
  patienceWith: (error: unknown) => Patience | undefined,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<T | undefined> {
  const begun = clock.mono()
  while (!signal.aborted) {
    try {
      return await act()
    } catch (error) {
      const patience = patienceWith(error)
      if (patience === undefined || Number(clock.mono() - begun) / 1e6 >= patience.limitMs) throw error
      await pause(clock, patience.everyMs, signal)
    }
  }
  return undefined
}
