import type { Clock } from '../../base/clock.ts'

const KEPT_NS = 60_000_000_000n

/** What is read from files and from the documents of registers: not at every look, and not at every request. */
export function keptAMinute<T>(clock: Clock, read: () => T): () => T {
  let latest: { value: T; at: bigint } | undefined
  return () => {
    const now = clock.mono()
    if (latest === undefined || now - latest.at > KEPT_NS) latest = { value: read(), at: now }
    return latest.value
  }
}
