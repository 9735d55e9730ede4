import { pause, systemClock } from '../../../base/clock.ts'
import { DemoError } from '../../laws/demo-shift.ts'

const LOOK_MS = 100
/** A slow machine plays the same shift. */
const LOOKS = 1200

/** What is there at last. Throws a DemoError that says what is not. */
export async function until<Found>(look: () => Promise<Found | undefined>, missing: string): Promise<Found> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const found = await look()
    if (found !== undefined) return found
    await pause(systemClock, LOOK_MS)
  }
  throw new DemoError(missing)
}
