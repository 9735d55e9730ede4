// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { BOUNDARIES } from './boundaries.ts'
import { BoundaryRun } from './boundary-run.ts'

describe.concurrent('killed at a step of a request, the agent answers each key once and the device signed each act once', () => {
  test.each(BOUNDARIES.map((boundary) => [boundary.name, boundary] as const))('%s', async (_name, boundary) => {
    const run = new BoundaryRun(boundary)
    await run.run()
    expect(run.broken).toEqual([])
    // No boundary is without a kill.
    expect(run.kills).toBeGreaterThan(0)
  })
})
