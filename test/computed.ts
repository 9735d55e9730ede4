import { slowness } from '../scripts/tests/slowness.ts'

const SLOWNESS = slowness()

/**
 * Milliseconds of computing of this process so far: unlike the time of day, a busy machine does not stretch them. On a
 * slow machine they are those of an ordinary one.
 */
export function computedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 / SLOWNESS
}
