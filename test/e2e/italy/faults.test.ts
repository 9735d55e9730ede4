// @module-tag heavy
import { expect, test } from 'vitest'
import { drawCases, runCases } from './faults.ts'
import type { FamilyName } from './printer-beside.ts'

const FAMILIES: readonly (readonly [FamilyName, number])[] = [
  ['rch', 40],
  ['custom', 24],
  ['epson', 12],
]

/** A sample of the matrix through HTTP, agent and journal; scripts/rt-agent-matrix.ts runs all of it. */
test.each(FAMILIES)(
  '%s: each fault at each frame of each document: one document each, and the journal records which',
  async (family, count) => {
    expect(await runCases(drawCases(family, count, 20_261_120), 4)).toEqual([])
  },
)
