const LEAST = 1
const MOST = 5

/** By how much limits of time are longer on this machine: `TEST_SLOWNESS`, 1 to 5; 1 if it is absent. */
export function slowness(environment: NodeJS.ProcessEnv = process.env): number {
  const factor = Number(environment['TEST_SLOWNESS'] ?? LEAST)
  if (factor >= LEAST && factor <= MOST) return factor
  throw new Error(`TEST_SLOWNESS is a number from ${LEAST} to ${MOST}, not ${environment['TEST_SLOWNESS']}`)
}
