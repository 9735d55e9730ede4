/** What must be closed: pushed in the order in which it is built, and closed in reverse. */
export type Closers = (() => void | Promise<void>)[]

/** What cannot be closed keeps nothing else open. Throws the first error, at the end. */
export async function closeAll(closers: Closers): Promise<void> {
  const errors: unknown[] = []
  for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
    try {
      await closer()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}
