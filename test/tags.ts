/** A test that takes more than 0.3 s of computing: one of seven slices in each run, all of them in `test:long`. */
export const HEAVY = { tags: 'heavy' } as const

/** The one heavy test of a mechanism that every run has. */
export const SMOKE: { tags: string[] } = { tags: ['heavy', 'smoke'] }
