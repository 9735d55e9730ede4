import { pause, systemClock } from '../../../base/clock.ts'
import { DemoError } from '../../laws/demo-shift.ts'

const LOOK_MS = 100
/** Enough for a slow machine. */
const LOOKS = 1200

/** Polls until `look` returns a value. Throws DemoError with the message `missing` after 2 minutes, and the reason of `stop`. */
export async function until<Found>(
  look: () => Promise<Found | undefined>,
  missing: string,
  stop?: AbortSignal,
): Promise<Found> {
  for (let looks = 0; looks < LOOKS; looks++) {
    stop?.throwIfAborted()
    const result = await look()
    if (result !== undefined) return result
    await pause(systemClock, LOOK_MS, stop)
  }
  throw new DemoError(missing)
}
