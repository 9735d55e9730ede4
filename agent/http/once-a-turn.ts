/**
 * Makes a value once for all who ask in one turn of the event loop: what is told of this moment is the same for a thousand
 * of them, and a till waits for all that is made between its turns.
 */
export function onceATurn<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    if (made === undefined) {
      made = { value: make() }
      setImmediate(() => {
        made = undefined
      })
    }
    return made.value
  }
}
