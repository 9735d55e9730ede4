/** Milliseconds of computing of this process so far: unlike the time of day, a busy machine does not stretch them. */
export function computedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
