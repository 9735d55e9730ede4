/** Calls `act` the first time only: all callers get the same promise. */
export function once<T>(act: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined
  return () => {
    promise ??= act()
    return promise
  }
}
