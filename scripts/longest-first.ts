import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Those that take more than 15 s. */
const LONGEST = [
  'crash/boundaries',
  'e2e/vendor-tse',
  'crash/kill-loop',
  'package/evening',
  'drivers/tse-diebold/contract',
  'regimes/dsfinvk/random-days',
  'crash/austrian-kills',
  'cli/demo',
  'drivers/tse-faults',
  'cli/mends',
  'backup/kill',
  'backup/tail',
  'crash/lifecycle',
  'e2e/rt-outage',
  'simulation/simulation',
]

/** What takes longest begins first, so that in the end nobody waits for one file; a fresh clone has no times of its own. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return index < 0 ? LONGEST.length : index
    }
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}
