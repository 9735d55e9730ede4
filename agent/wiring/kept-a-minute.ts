import type { Clock } from '../../base/clock.ts'

const KEPT_NS = 60_000_000_000n

/** Files and the documents of registers are not read at every look or request. */
export function keptAMinute<T>(clock: Clock, read: () => T): () => T {
  let latest: { value: T; at: bigint } | undefined
  return () => {
    const now = clock.mono()
    if (latest === undefined || now - latest.at > KEPT_NS) latest = { value: read(), at: now }
    return latest.value
  }
}
