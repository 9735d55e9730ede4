/** Reads in parts, after each of which its caller may let tills run. */
export type Reading<Result> = Generator<undefined, Result>

/** The result at once. */
export function resultOf<Result>(reading: Reading<Result>): Result {
  for (;;) {
    const step = reading.next()
    if (step.done === true) return step.value
  }
}
