import { expect, test } from 'vitest'
import { drawCases, runCases } from './rt-faults.ts'

/** A sample of the matrix through HTTP, agent and journal; scripts/rt-agent-matrix.ts runs all of it. */
test('each fault at each frame of sale, reso, annullo, Z and slips: one document each, and the journal says which', async () => {
  expect(await runCases(drawCases(40, 20_261_120), 4)).toEqual([])
}, 600_000)
