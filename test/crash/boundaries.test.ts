import { describe, expect, test } from 'vitest'
import { BOUNDARIES } from './boundaries.ts'
import { BoundaryRun } from './boundary-run.ts'

/** Each life has its own limit. */
const RUN_LIMIT_MS = 1_200_000

const coverage = new Map<string, number>()

describe.concurrent('killed at a step of a request, the agent answers each key once and the device signed each act once', () => {
  test.each(BOUNDARIES.map((boundary) => [boundary.name, boundary] as const))(
    '%s',
    async (name, boundary) => {
      const run = new BoundaryRun(boundary)
      await run.run()
      coverage.set(name, run.kills)
      expect(run.broken).toEqual([])
    },
    RUN_LIMIT_MS,
  )
})

test('no boundary is without a kill', () => {
  const bare = BOUNDARIES.filter(({ name }) => (coverage.get(name) ?? 0) === 0)
  expect(bare.map(({ name }) => name)).toEqual([])
})
