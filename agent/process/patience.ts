import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/clock.ts'

/** For how long something is tried again, and after which pauses. */
export type Patience = { readonly limitMs: number; readonly everyMs: number }

/**
 * Does what may fail for a cause that goes by itself, again and again while `patienceWith` has any with what was thrown.
 * Undefined once `signal` has aborted a pause; throws what the last try threw.
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
