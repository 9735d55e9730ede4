// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { GermanMonths } from './months.ts'

/** Over the night in which the clocks change. */
const BEGIN = '2026-03-25'

test('days of seeded trade on three registers and two TSEs are one package that verifies', async () => {
  await using months = await GermanMonths.open(1, BEGIN)
  await months.trade(8)
  await inDirectory(async (directory) => {
    const report = await verifyDsfinvk(await months.package(directory))
    expect(report).toMatchObject({ valid: true, findings: [] })
    expect(report.closings).toBe(23)
    expect(report.signatures).toBeGreaterThan(report.unsigned)
  })
})
