// @module-tag heavy
import { expect, test } from 'vitest'
import { drawCases, runCases } from '../../contracts/printer-faults.ts'
import { epsonMatrix, openEpsonBench } from './bench.ts'

/** A sample of the matrix; scripts/rt-fault-matrix.ts runs all of it. */
const SEED = 20_261_129

test('each fault at each request of each operation: printed once or reported as not printed', async () => {
  expect(await runCases(drawCases(epsonMatrix, 240, SEED), { open: () => openEpsonBench(), parallel: 12 })).toEqual([])
})
