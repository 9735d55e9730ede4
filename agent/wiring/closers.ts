/** Closes the parts of the agent: pushed in the order in which the parts are built, called in reverse. */
export type Closers = (() => void | Promise<void>)[]

/** Calls all of them, even after an error. Then throws the first error. */
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
