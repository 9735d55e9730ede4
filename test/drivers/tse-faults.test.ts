// @module-tag heavy
import { expect, test } from 'vitest'
import { allTseCases, drawTseCases, runTseCases } from '../contracts/tse-faults.ts'
import { vendorTses } from '../contracts/vendor-tses.ts'

/** All of them: node scripts/tse-fault-matrix.ts */
test.concurrent.each(Object.keys(vendorTses))(
  'after any failure at any command of a %s: no start twice, none forgotten, every log explained',
  async (driver) => {
    expect(await runTseCases(drawTseCases(allTseCases([driver]), 12, 20_261_120))).toEqual([])
  },
)
