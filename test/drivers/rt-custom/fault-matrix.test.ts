import { expect, test } from 'vitest'
import { drawCases, midnightOf, runCases } from '../../contracts/printer-faults.ts'
import { customMatrix, openCustomBench } from './bench.ts'

/** A sample of the matrix; scripts/rt-fault-matrix.ts runs all of it. */
test('each fault at each frame of each operation: printed once or told that not', async () => {
  const cases = drawCases(customMatrix, 90, 20_261_120)
  expect(await runCases(cases, { open: () => openCustomBench('tcp'), parallel: 12 })).toEqual([])
})

test('and where the printer closes its day by itself in between', async () => {
  const cases = drawCases(midnightOf(customMatrix), 16, 20_261_120)
  expect(await runCases(cases, { open: () => openCustomBench('tcp'), parallel: 16 })).toEqual([])
})
