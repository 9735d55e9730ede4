import { systemClock } from '../../../base/clock.ts'
import { describeDep7 } from '../../../verify/rksv/dep7-findings.ts'
import type { Dep7Report, VerifyDep7Options } from '../../../verify/rksv/verify-dep7.ts'
import { latestAustrianTime } from '../../../verify/rksv/verify-time.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings } from '../../journal/books/findings.ts'

/** What an Austrian file or code is checked with beside itself. */
export type RksvBeside = Omit<VerifyDep7Options, 'partial'>

/** The current time, and what the file has that was given with --material. */
export async function rksvBeside(material: string | undefined): Promise<RksvBeside> {
  const { readMaterial } = await import('./rksv-material.ts')
  const now = latestAustrianTime(systemClock.now())
  return { ...(material === undefined ? {} : await readMaterial(material)), now }
}

/**
 * The findings of a report in words; undefined is a text that has not the elements of a code. `isCoded`: with those codes
 * that a comparison with the journal has too.
 */
export function rksvFindings(report: Dep7Report | undefined, isCoded = false): readonly string[] {
  if (!report) return ['13 elements behind the first _ were expected']
  return describeDep7(report, isCoded)
}

/** Those of a DEP7 that have a code which stays the same. */
export function rksvCodes({ cashBoxId = '', findings }: Dep7Report): readonly BookFinding[] {
  const found = new BookFindings()
  for (const { number, unit } of findings)
    if (unit !== undefined) found.add(unit.code, 0, { register: cashBoxId, number, serial: unit.serial })
  return found.all()
}
