/** Calls `act` until it has given a value, or a promise: all callers get the same one. */
export function once<T>(act: () => T): () => T {
  let value: T | undefined
  return () => {
    value ??= act()
    return value
  }
}
