/** The part of all time that makes may take, and what they may take at once. */
const SHARE = 0.1
const AT_ONCE_MS = 250

/**
 * Makes a value once for all callers in the same iteration of the event loop: a thousand requests of one moment get the
 * same value, and sales do not wait until it was made for each. If makes take more than a tenth of the time, callers get
 * the last value in between: strangers may ask from many addresses. `nowMs` is monotonic.
 */
export function oncePerIteration<T>(make: () => T, nowMs: () => number = () => performance.now()): () => T {
  let cached: { value: T } | undefined
  let isFresh = false
  let [spentMs, atMs] = [0, nowMs()]
  return () => {
    if (cached !== undefined && isFresh) return cached.value
    const beganMs = nowMs()
    spentMs = Math.max(0, spentMs - (beganMs - atMs) * SHARE)
    atMs = beganMs
    if (cached === undefined || spentMs < AT_ONCE_MS) {
      cached = { value: make() }
      spentMs += nowMs() - beganMs
    }
    isFresh = true
    setImmediate(() => {
      isFresh = false
    })
    return cached.value
  }
}
