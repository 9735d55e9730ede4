/**
 * Makes a value once for all callers in the same iteration of the event loop: a thousand requests of one moment get the
 * same value, and sales do not wait until it was made for each.
 */
export function oncePerIteration<T>(make: () => T): () => T {
  let cached: { value: T } | undefined
  return () => {
    if (cached === undefined) {
      cached = { value: make() }
      setImmediate(() => {
        cached = undefined
      })
    }
    return cached.value
  }
}
