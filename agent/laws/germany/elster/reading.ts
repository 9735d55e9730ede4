/** Reads in parts, after each of which its caller may let tills run. */
export type Reading<Result> = Generator<undefined, Result>
