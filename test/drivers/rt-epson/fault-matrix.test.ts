// @module-tag heavy
import { expect, test } from 'vitest'
import { allCases, runCases } from '../../contracts/printer-faults.ts'
import { epsonMatrix, openEpsonBench } from './bench.ts'

test('each fault at each request of each operation: printed once or reported as not printed', async () => {
  expect(await runCases(allCases(epsonMatrix), { open: openEpsonBench, parallel: 12 })).toEqual([])
})
