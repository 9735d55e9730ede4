import { expect, test } from 'vitest'
import { drawCases, midnightOf, runCases } from '../../contracts/printer-faults.ts'
import { heavy } from '../../tags.ts'
import { customMatrix, EARLY, earlyMatrix, openCustomBench } from './bench.ts'

/** A sample of the matrix; scripts/rt-fault-matrix.ts runs all of it. */
test('each fault at each frame of each operation: printed once or reported as not printed', heavy(), async () => {
  const cases = drawCases(customMatrix, 90, 20_261_120)
  expect(await runCases(cases, { open: () => openCustomBench('tcp'), parallel: 12 })).toEqual([])
})

test('and on a model with fewer enquiries, whose aborted documents have numbers', heavy(), async () => {
  const cases = drawCases(earlyMatrix, 30, 20_261_129)
  expect(await runCases(cases, { open: () => openCustomBench('tcp', [], EARLY), parallel: 12 })).toEqual([])
})

test('and if the printer closes its day automatically in between', async () => {
  const cases = drawCases(midnightOf(customMatrix), 16, 20_261_120)
  expect(await runCases(cases, { open: () => openCustomBench('tcp'), parallel: 16 })).toEqual([])
})
