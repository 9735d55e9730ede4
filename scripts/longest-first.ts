import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Those that take more than 10 s; what computes stands beside what waits. */
const LONGEST = [
  'crash/boundaries',
  'e2e/germany/vendor-tse',
  'drivers/tse-diebold/contract',
  'drivers/tse-faults',
  'crash/kill-loop',
  'systemd/renewed-files',
  'systemd/unit-waits',
  'drivers/tse-cryptovision/contract',
  'e2e/germany/tse-memory',
  'package/evening',
  'drivers/tse-swissbit/contract',
  'laws/germany/dsfinvk/random-days',
  'backup/tail',
  'crash/austrian-kills',
  'e2e/italy/outage',
  'cli/demo',
  'backup/kill',
  'cli/remedies',
  'crash/lifecycle',
  'simulation/simulation',
  'crash/italian-kills',
  'crash/replayed-kills',
  'crash/adoption-kills',
  'cli/commands',
  'crash/large-documents',
  'drivers/rt-rch/page/page',
  'e2e/austria/kill',
  'e2e/germany/unknown-outcome',
  'simulation/disk-calls',
  'repository/readme',
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
