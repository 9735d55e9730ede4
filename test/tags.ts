/** Options of one test: vitest writes into them, so each test has its own. */
type Options = { tags: string[] }

/** A test that takes more than 0.3 s of computing: one of ten slices in each run, all of them in `test:long`. */
export function heavy(): Options {
  return { tags: ['heavy'] }
}

/** The one heavy test of a mechanism that every run has. */
export function smoke(): Options {
  return { tags: ['heavy', 'smoke'] }
}
